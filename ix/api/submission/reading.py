"""From a whole body to the submissions in it: what is computed, and may grow with what a client sends.

Nothing is awaited here, so that it runs on web's event loop for small bodies and in a child process for large ones (see
`ix.api.submission.large`). Nothing is believed either: JSON is counted, then parsed by `ix.untrusted`; a form has a
limit for each of its dimensions, and one that was cut off is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from pydantic import ValidationError

from ix import untrusted
from ix.api.problems import Problem, invalid, invalid_fields
from ix.api.submission import encodings, forms
from ix.api.submission.configured import NOTHING, Known, require
from ix.api.submission.forms import DOCUMENTS, PAGES, SECRET, Part
from ix.api.submission.models import RawBatch, password, ranges
from ix.api.submission.validate import Document, stored_document, validated, validated_raw
from ix.config import Settings
from ix.database import jsonb
from ix.database.keys import Caller
from ix.errors import InvalidInput
from ix.job import Json, Submission
from ix.use_cases import SchemaBudget, UseCase

JSON = "application/json"
MULTIPART = "multipart/form-data"
MAX_VALUES = 200_000
"""Values and names in the JSON of one job."""
MAX_BATCH_VALUES = 1_000_000
"""In that of a batch."""
MOST_GROWTH = 60
"""How many times as long JSON may be as it is stored: `1e308` has 309 digits and a fraction."""
OF_EACH = (PAGES, SECRET)
OF_JSON = ("options", "tags")
"""Fields of a form that are written in JSON."""
"""Fields of a form that are said of each file."""
BOM = b"\xef\xbb\xbf"
"""What some editors and libraries put before UTF-8; JSON may ignore it (RFC 8259, 8.1)."""

Read: TypeAlias = Submission | Problem
"""What a submission is, or why it is none."""
Places: TypeAlias = dict[str, tuple[int, int]]
"""Where in a body the bytes of documents stand as they are, by their SHA-256."""


class Body(NamedTuple):
    """A body as it came. `encoding` is its content coding, empty for none; `many` means a batch."""

    content: bytes
    content_type: str
    encoding: str = ""
    many: bool = False

    @property
    def is_form(self) -> bool:
        """Whether it is a form and no JSON."""
        return self.content_type != JSON and media_type(self.content_type) == MULTIPART


def media_type(content_type: str) -> str:
    """The media type without its parameters."""
    return content_type.partition(";")[0].strip().lower()


def submissions(
    body: Body,
    settings: Settings,
    use_cases: Mapping[str, UseCase],
    caller: Caller,
    places: Places,
    known: Known = NOTHING,
) -> Iterator[Read]:
    """The submissions in a body: one, or each of a batch, which is judged for itself. Fills in `places` where it can.
    Raises `Problem` for a body that is none: 400, 413 or 422; and `Unresolved` where it names configurations that are
    not `known`, before it gives any."""
    if not body.many:
        yield single(body, settings, use_cases, caller, places, known)
        return
    body = decoded(body, settings.max_body_bytes)
    payloads, budget = _payloads(body.content, settings), SchemaBudget()
    require(payloads, caller, known)
    for payload in payloads:
        try:
            _check_options(payload, body, settings)
            yield validated_raw(payload, settings, use_cases, caller, budget, known)
        except Problem as refusal:
            yield refusal


def single(
    body: Body,
    settings: Settings,
    use_cases: Mapping[str, UseCase],
    caller: Caller,
    places: Places,
    known: Known = NOTHING,
) -> Submission:
    """The submission in a body that holds one. Raises `Problem` and `Unresolved` as `submissions` does."""
    body = decoded(body, settings.max_body_bytes)
    payload, files = _form(body, settings, places) if body.is_form else (_parsed(body.content), [])
    require((payload,), caller, known)
    _check_options(payload, body, settings)
    return validated(payload, files, settings, use_cases, caller, known=known)


def decoded(body: Body, most: int) -> Body:
    """The body without its content coding. Raises `Problem`: 413 for one of more than `most` bytes, or 400."""
    if not body.encoding:
        return body
    try:
        return body._replace(content=encodings.unpacked(body.content, most), encoding="")
    except encodings.TooLarge:
        raise Problem(413, f"the body is larger than {most} bytes when it is unpacked (IX_MAX_BODY_BYTES)") from None
    except InvalidInput as error:
        raise invalid(error, 400) from None


def _parsed(content: bytes) -> Any:
    try:
        text = content.removeprefix(BOM)
        untrusted.bound(text, MAX_VALUES)
        return untrusted.parse(text)
    except InvalidInput as error:
        raise invalid(error, _status(error)) from None


def _status(error: InvalidInput) -> int:
    # no JSON at all is 400; JSON that says what cannot be accepted is 422 (RFC 9110, 15.5.21)
    return 400 if not error.field and "valid JSON" in error.message else 422


def _payloads(content: bytes, settings: Settings) -> list[Json]:
    """What a batch says of each of its jobs, none of it checked yet."""
    text = content.removeprefix(BOM)
    try:
        untrusted.bound(text, MAX_BATCH_VALUES)
    except InvalidInput as error:
        raise invalid(error, _status(error)) from None
    try:
        payloads = RawBatch.model_validate(untrusted.load(text)).jobs
    except InvalidInput as error:
        raise invalid(error, 400) from None
    except ValidationError as error:
        raise invalid_fields(error) from None
    if len(payloads) > settings.max_batch:
        raise invalid(InvalidInput("jobs", f"are more than {settings.max_batch} (IX_MAX_BATCH)"))
    return payloads


def _check_options(payload: Any, body: Body, settings: Settings) -> None:
    """Raises `Problem` 413 for options that are too large as they are stored, before anything else is made of them."""
    if len(body.content) * MOST_GROWTH <= settings.max_options_bytes or not isinstance(payload, dict):
        return
    if len(jsonb.written(payload.get("options"))) > settings.max_options_bytes:
        message = f"are larger than {settings.max_options_bytes} bytes (IX_MAX_OPTIONS_BYTES)"
        raise invalid(InvalidInput("options", message), 413)


def _form(body: Body, settings: Settings, places: Places) -> tuple[dict[str, Any], list[Document]]:
    try:
        found = forms.parts(body.content, body.content_type, settings.max_documents)
    except InvalidInput as error:
        raise invalid(error, 422 if error.field else 400) from None
    # these may come as files of JSON
    fields = [part for part in found if part.file is None or part.name in OF_JSON]
    files = _files([part for part in found if part not in fields], body.content, places)
    texts = [part for part in fields if part.name not in OF_EACH]
    pages, passwords = (_of_each(name, fields, body.content, len(files)) for name in OF_EACH)
    return _fields(texts, body.content), [
        _described(at, *each) if any(each[1:]) else each[0]
        for at, each in enumerate(zip(files, pages, passwords, strict=True))
    ]


def _fields(parts: Sequence[Part], content: bytes) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for part in parts:
        text = part.text(content)
        # what people leave empty in a form is sent all the same
        if not text:
            continue
        if part.name in fields:
            raise invalid(InvalidInput(part.name, "is given twice"))
        fields[part.name] = _json(part.name, text) if part.name in OF_JSON else text
    for name, value in fields.items():
        _check_text(name, value)
    return fields


def _of_each(name: str, parts: Sequence[Part], content: bytes, files: int) -> list[str]:
    """What the fields of this name say of each file, in their order; empty texts at the end where some are missing."""
    texts = [part.text(content) for part in parts if part.name == name]
    # a browser leaves out a file that was not chosen, and not what was said of it
    if len(texts) > files and any(texts):
        raise invalid(InvalidInput(name, "is given more often than there are files"))
    return [*texts, *[""] * files][:files]


def _described(index: int, document: Document, pages: str, secret: str) -> Document:
    """The document with what was said of it."""
    try:
        field = PAGES
        read = ranges(pages) if pages else ""
        field = SECRET
        opens = password(secret) if secret else None
    except InvalidInput as error:
        raise invalid(InvalidInput(f"{field}.{index}", error.message)) from None
    ref = document.ref.model_copy(update={"pages": read, "with_password": opens is not None})
    return document._replace(ref=ref, password=opens)


def _json(name: str, text: str) -> Any:
    try:
        untrusted.bound(text.encode(), MAX_VALUES)
        return untrusted.parse(text.removeprefix("\ufeff"))
    except InvalidInput as error:
        raise invalid(InvalidInput(f"{name}.{error.field}" if error.field else name, error.message)) from None


def _check_text(name: str, value: Any) -> None:
    try:
        untrusted.check(name)
        untrusted.check(value, name)
    except InvalidInput as error:
        raise invalid(error) from None


def _files(parts: Sequence[Part], content: bytes, places: Places) -> list[Document]:
    if stray := next((part.name for part in parts if part.name != DOCUMENTS), None):
        raise invalid(InvalidInput(stray, f"is a file; files go into fields called {DOCUMENTS}"))
    return [_file(index, part, content, places) for index, part in enumerate(parts)]


def _file(index: int, part: Part, content: bytes, places: Places) -> Document:
    as_sent = content[part.start : part.end]
    try:
        data = encodings.part_bytes(as_sent, part.transfer)
    except InvalidInput as error:
        raise invalid(InvalidInput(f"{DOCUMENTS}.{index}", error.message)) from None
    document = stored_document(data, untrusted.clean(part.file or ""), untrusted.clean(part.media_type))
    if data is as_sent and document.ref.sha256:
        places[document.ref.sha256] = part.start, part.end
    return document
