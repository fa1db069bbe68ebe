"""From a request body, JSON or multipart, to a validated `Submission`."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, WithJsonSchema, model_validator
from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from ix import tracing, wire
from ix.api.problems import Problem, invalid, invalid_fields
from ix.api.routing import field
from ix.config import Settings
from ix.errors import InvalidInput
from ix.job import DocumentRef, Json, Key, Moment, Submission
from ix.job import Request as JobRequest
from ix.keys import EVERYBODY, Caller
from ix.outbound import check_address
from ix.use_cases import UseCase

JSON = "application/json"
MULTIPART = "multipart/form-data"
MAX_FORM_FIELDS = 50
MAX_TAIL = 256
"""End of a form in which its closing boundary must be, bytes: a boundary has at most 70 (RFC 2046, 5.1.1)."""


class DocumentIn(BaseModel):
    """A document as submitted: exactly one of `data` (base64), `text` and `url`."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(default="", max_length=255, description="Its file name, for people")
    media_type: str = Field(default="", max_length=100, description="What it is said to be; its bytes decide")
    data: str | None = Field(default=None, description="Its bytes, base64")
    text: str | None = Field(default=None, description="Plain text")
    url: str | None = Field(default=None, max_length=2000, description="Where the engine fetches it: a public http or https address")

    @model_validator(mode="after")
    def _one_source(self) -> DocumentIn:
        if sum(source is not None for source in (self.data, self.text, self.url)) != 1:
            raise ValueError("give exactly one of data (base64), text and url")
        return self

    def content(self) -> bytes | None:
        """The inline bytes. Raises `InvalidInput` where `data` is not base64."""
        if self.text is not None:
            return self.text.encode()
        if self.data is None:
            return None
        try:
            return base64.b64decode(self.data, validate=True)
        except (binascii.Error, ValueError):
            raise InvalidInput("data", "is not base64") from None


class _Fields(BaseModel):
    # where a key tells the client it is filled in before the model sees it, so that callers need not say it
    model_config = ConfigDict(extra="forbid", json_schema_extra=lambda schema: schema["required"].remove("client_id"))

    client_id: Key = Field(description="Who submits; needed only where no key tells it")
    request_id: Key = Field(description="The client's own id of this request: what a repetition is known by")
    use_case: Key = Field(description="One of `GET /use-cases`")
    options: dict[str, Json] = Field(default_factory=dict, description="What the use case takes, see `GET /use-cases/{name}`")
    callback_url: str | None = Field(default=None, max_length=2000, description="Told when the job has ended")
    priority: int = Field(default=0, ge=-100, le=100, description="Higher ones of the same client run first")
    run_at: Moment | None = Field(default=None, description="Not before this moment (RFC 3339)")


class SubmissionIn(_Fields):
    """The body of `POST /jobs`."""

    documents: list[DocumentIn] = Field(default_factory=list, description="What the use case reads, in this order")


class SubmissionBatch(BaseModel):
    """The body of `POST /jobs/batch`."""

    model_config = ConfigDict(extra="forbid")

    jobs: list[SubmissionIn] = Field(description="At most `IX_MAX_BATCH`, each judged for itself")


class _Payloads(BaseModel):
    """The same before its jobs are judged."""

    model_config = ConfigDict(extra="forbid")

    jobs: list[Json]


class SubmissionForm(_Fields):
    """The same as a form, with the documents as files. What a form says is read into the fields of `SubmissionIn`."""

    documents: list[Annotated[bytes, WithJsonSchema({"type": "string", "format": "binary"})]] = Field(
        default=[], description="What the use case reads, in this order; the field may be repeated"
    )


async def read(request: Request, settings: Settings, use_cases: Mapping[str, UseCase], caller: Caller = EVERYBODY) -> Submission:
    """The submission in a request. Raises `Problem`: 400, 403, 413, 415 or 422."""
    declared = _media_type(request)
    if declared == JSON:
        payload, files = await _from_json(request, settings), list[tuple[DocumentRef, bytes]]()
    elif declared == MULTIPART:
        payload, files = await _from_form(request, settings)
    else:
        raise Problem(415, f"content-type: send {JSON} or {MULTIPART}", headers={"accept": f"{JSON}, {MULTIPART}"})
    _check_client(payload, caller)
    return _submission(payload, files, settings, use_cases)


async def read_many(request: Request, settings: Settings) -> list[Json]:
    """What a request says of each of its jobs, not judged yet. Raises `Problem`: 400, 413, 415 or 422."""
    if _media_type(request) != JSON:
        raise Problem(415, f"content-type: send {JSON}", headers={"accept": JSON})
    try:
        payloads = _Payloads.model_validate(wire.load(await _body(request))).jobs
    except InvalidInput as error:
        raise invalid(error, 400) from None
    except ValidationError as error:
        raise invalid_fields(error) from None
    if len(payloads) > settings.max_batch:
        raise invalid(InvalidInput("jobs", f"are more than {settings.max_batch} (IX_MAX_BATCH)"))
    return payloads


def judged(payload: Json, settings: Settings, use_cases: Mapping[str, UseCase], caller: Caller = EVERYBODY) -> Submission:
    """The submission in one of them. Raises `Problem`: 403, 413 or 422."""
    try:
        wire.check(payload)
    except InvalidInput as error:
        raise invalid(error) from None
    _check_client(payload, caller)
    return _submission(payload, [], settings, use_cases)


def _media_type(request: Request) -> str:
    return (field(request.scope, b"content-type") or b"").decode("latin-1").partition(";")[0].strip().lower()


def _check_client(payload: Any, caller: Caller) -> None:
    """A key decides the client; a submission need not repeat it, and may not contradict it."""
    if caller.client_id is None or not isinstance(payload, dict):
        return
    if payload.setdefault("client_id", caller.client_id) != caller.client_id:
        raise invalid(InvalidInput("client_id", "is not the one of this key; leave it out"), 403)


async def _from_json(request: Request, settings: Settings) -> Any:
    body = await _body(request)
    try:
        return wire.parse(body)
    except InvalidInput as error:
        raise invalid(error, 400 if not error.field and "valid JSON" in error.message else 422) from None


async def _body(request: Request) -> bytes:
    # not request.body(), which would keep a copy for as long as the answer is held
    pieces, more = [], True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        pieces.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(pieces)


async def _from_form(request: Request, settings: Settings) -> tuple[Any, list[tuple[DocumentRef, bytes]]]:
    whole = Request(request.scope, _whole(request))
    try:
        form = await whole.form(max_files=settings.max_documents, max_fields=MAX_FORM_FIELDS, max_part_size=settings.max_document_bytes)
    except HTTPException as error:
        field = "documents" if error.detail.startswith("Too many files") else ""
        raise invalid(InvalidInput(field, error.detail), 422 if field else 400) from None
    except ValueError:
        # codecs that Python has and that read no text, such as undefined
        raise invalid(InvalidInput("", "is in no character set that can be read; leave it out or say UTF-8"), 400) from None
    try:
        return _fields(form), await _files(form)
    finally:
        await form.close()


def _whole(request: Request) -> Any:
    """The request's receive, which refuses to pass an end without the closing boundary (RFC 2046): the parser would take a form that
    was cut off for one with fewer parts."""
    boundary = parse_options_header(request.headers["content-type"])[1].get(b"boundary", b"")
    tail = b""

    async def receive() -> Any:
        nonlocal tail
        message = await request.receive()
        tail = (tail + message.get("body", b"")[-MAX_TAIL:])[-MAX_TAIL:]
        if message["type"] == "http.request" and not message.get("more_body") and not tail.rstrip().endswith(b"--" + boundary + b"--"):
            raise invalid(InvalidInput("", "ends before the form's closing boundary"), 400)
        return message

    return receive


def _fields(form: FormData) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            if name in fields:
                raise invalid(InvalidInput(name, "is given twice"))
            fields[name] = _options(value) if name == "options" else value
    for name, value in fields.items():
        _check_text(name, value)
    return fields


def _options(text: str) -> Any:
    try:
        return wire.parse(text)
    except InvalidInput as error:
        raise invalid(InvalidInput(f"options.{error.field}" if error.field else "options", error.message)) from None


def _check_text(name: str, value: Any) -> None:
    try:
        wire.check(name)
        wire.check(value, name)
    except InvalidInput as error:
        raise invalid(error) from None


async def _files(form: FormData) -> list[tuple[DocumentRef, bytes]]:
    named = [(name, value) for name, value in form.multi_items() if isinstance(value, UploadFile)]
    if stray := next((name for name, _ in named if name != "documents"), None):
        raise invalid(InvalidInput(stray, "is a file; files go into fields called documents"))
    uploads = [upload for _, upload in named]
    return [_stored(await upload.read(), wire.clean(upload.filename or ""), upload.content_type or "") for upload in uploads]


def _submission(payload: Any, files: list[tuple[DocumentRef, bytes]], settings: Settings, use_cases: Mapping[str, UseCase]) -> Submission:
    try:
        given = SubmissionIn.model_validate(payload)
    except ValidationError as error:
        raise invalid_fields(error) from None
    use_case = _use_case(given, use_cases)
    documents = [_document(index, document, settings) for index, document in enumerate(given.documents)] + files
    if len(documents) > settings.max_documents:
        raise invalid(InvalidInput("documents", f"are more than {settings.max_documents} (IX_MAX_DOCUMENTS)"))
    _check_sizes(documents, settings)
    _check_callback(given.callback_url, settings)
    return Submission(
        client_id=given.client_id,
        request_id=given.request_id,
        use_case=given.use_case,
        request=JobRequest(documents=tuple(ref for ref, _ in documents), options=given.options),
        callback_url=given.callback_url,
        priority=given.priority,
        run_at=given.run_at,
        max_attempts=use_case.max_attempts or settings.max_attempts,
        trace=trace.line() if (trace := tracing.current()) else None,
        blobs={ref.sha256: data for ref, data in documents if ref.sha256 is not None},
    )


def _use_case(given: SubmissionIn, use_cases: Mapping[str, UseCase]) -> UseCase:
    use_case = use_cases.get(given.use_case)
    if use_case is None:
        raise invalid(InvalidInput("use_case", f"is unknown; choose one of {', '.join(sorted(use_cases))}"))
    try:
        use_case.request.model_validate(given.options)
    except ValidationError as error:
        raise invalid_fields(error, "options") from None
    return use_case


def _document(index: int, given: DocumentIn, settings: Settings) -> tuple[DocumentRef, bytes]:
    field = f"documents.{index}"
    try:
        data = given.content()
        if data is None:
            check_address(given.url or "", settings)
            return DocumentRef(name=given.name, media_type=given.media_type, url=given.url), b""
    except InvalidInput as error:
        raise invalid(InvalidInput(f"{field}.{error.field or 'url'}", error.message)) from None
    return _stored(data, given.name, given.media_type or ("text/plain" if given.text is not None else ""))


def _stored(data: bytes, name: str, media_type: str) -> tuple[DocumentRef, bytes]:
    ref = DocumentRef(name=name[:255], media_type=media_type[:100], sha256=hashlib.sha256(data).hexdigest(), size=len(data))
    return ref, data


def _check_sizes(documents: list[tuple[DocumentRef, bytes]], settings: Settings) -> None:
    for index, (ref, data) in enumerate(documents):
        if ref.sha256 is not None and not data:
            raise invalid(InvalidInput(f"documents.{index}", "is empty"))
        if len(data) > settings.max_document_bytes:
            raise Problem(413, f"documents.{index}: is larger than {settings.max_document_bytes} bytes (IX_MAX_DOCUMENT_BYTES)")


def _check_callback(url: str | None, settings: Settings) -> None:
    if url is not None:
        try:
            check_address(url, settings)
        except InvalidInput as error:
            raise invalid(InvalidInput("callback_url", error.message)) from None
