"""From the bytes of a request to a payload, as JSON has it, and the files that came beside it.

Nothing is believed here: JSON is parsed by `ix.untrusted`, a form has a limit for each of its dimensions, and one that
was cut off is refused. What the payload means is decided by `ix.api.submission.validate`."""

from __future__ import annotations

import hashlib
from typing import Any, TypeAlias

from pydantic import ValidationError
from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive

from ix import untrusted
from ix.api.problems import Problem, invalid, invalid_fields
from ix.api.routing import header
from ix.api.submission.models import RawBatch
from ix.config import Settings
from ix.errors import InvalidInput
from ix.job import DocumentRef, Json

JSON = "application/json"
MULTIPART = "multipart/form-data"
MAX_FORM_FIELDS = 50
"""Fields of a form that are no files. A submission has seven; options come as JSON in one of them."""
MAX_TAIL = 256
"""End of a form in which its closing boundary must be, bytes: a boundary has at most 70 (RFC 2046, 5.1.1)."""

Document: TypeAlias = tuple[DocumentRef, bytes]
"""A document and its bytes, which are empty where the engine fetches it."""


async def read(request: Request, settings: Settings) -> tuple[Any, list[Document]]:
    """What a request submits: its payload, checked to be harmless JSON and no more, and its files. Raises `Problem`:
    400, 413, 415 or 422."""
    declared = _media_type(request)
    if declared == JSON:
        return _parsed(await _bytes(request)), []
    if declared == MULTIPART:
        return await _read_form(request, settings)
    # `accept` tells what would have been taken (RFC 9110, 15.5.16)
    raise Problem(415, f"content-type: send {JSON} or {MULTIPART}", headers={"accept": f"{JSON}, {MULTIPART}"})


async def read_batch(request: Request, settings: Settings) -> list[Json]:
    """What a request says of each of its jobs, none of it checked yet. Raises `Problem`: 400, 413, 415 or 422."""
    if _media_type(request) != JSON:
        raise Problem(415, f"content-type: send {JSON}", headers={"accept": JSON})
    try:
        payloads = RawBatch.model_validate(untrusted.load(await _bytes(request))).jobs
    except InvalidInput as error:
        raise invalid(error, 400) from None
    except ValidationError as error:
        raise invalid_fields(error) from None
    if len(payloads) > settings.max_batch:
        raise invalid(InvalidInput("jobs", f"are more than {settings.max_batch} (IX_MAX_BATCH)"))
    return payloads


def stored_document(data: bytes, name: str, media_type: str) -> Document:
    """A document whose bytes ix stores, under their SHA-256. Name and media type are cut to the lengths that
    `DocumentIn` allows."""
    ref = DocumentRef(
        name=name[:255], media_type=media_type[:100], sha256=hashlib.sha256(data).hexdigest(), size=len(data)
    )
    return ref, data


def _media_type(request: Request) -> str:
    return (header(request.scope, b"content-type") or b"").decode("latin-1").partition(";")[0].strip().lower()


def _parsed(body: bytes) -> Any:
    try:
        return untrusted.parse(body)
    except InvalidInput as error:
        # no JSON at all is 400; JSON that says what cannot be accepted is 422 (RFC 9110, 15.5.21)
        raise invalid(error, 400 if not error.field and "valid JSON" in error.message else 422) from None


async def _bytes(request: Request) -> bytes:
    # not request.body(), which would keep a copy for as long as the answer is held
    pieces, more = [], True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        pieces.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(pieces)


async def _read_form(request: Request, settings: Settings) -> tuple[dict[str, Any], list[Document]]:
    form = await _parsed_form(Request(request.scope, _receive_whole(request)), settings)
    try:
        return _fields(form), await _files(form)
    finally:
        # removes the files in which Starlette keeps parts of more than 1 MiB
        await form.close()


async def _parsed_form(request: Request, settings: Settings) -> FormData:
    try:
        # `max_part_size` bounds fields alone; files are bounded by the body as a whole, and by `_check_sizes`
        return await request.form(
            max_files=settings.max_documents, max_fields=MAX_FORM_FIELDS, max_part_size=settings.max_document_bytes
        )
    except HTTPException as error:
        # Starlette tells what went wrong in words only
        field = "documents" if error.detail.startswith("Too many files") else ""
        raise invalid(InvalidInput(field, error.detail), 422 if field else 400) from None
    except ValueError:
        # codecs that Python has and that read no text, such as undefined
        message = "is in no character set that can be read; leave it out or say UTF-8"
        raise invalid(InvalidInput("", message), 400) from None


def _receive_whole(request: Request) -> Receive:
    """The request's receive, which refuses to pass on an end without the closing boundary (RFC 2046): the parser would
    take a form that was cut off for one with fewer parts."""
    boundary = parse_options_header(request.headers["content-type"])[1].get(b"boundary", b"")
    tail = b""

    async def receive() -> Message:
        nonlocal tail
        message = await request.receive()
        # the boundary may come in several pieces
        tail = (tail + message.get("body", b"")[-MAX_TAIL:])[-MAX_TAIL:]
        is_last = message["type"] == "http.request" and not message.get("more_body")
        if is_last and not tail.rstrip().endswith(b"--" + boundary + b"--"):
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
        return untrusted.parse(text)
    except InvalidInput as error:
        raise invalid(InvalidInput(f"options.{error.field}" if error.field else "options", error.message)) from None


def _check_text(name: str, value: Any) -> None:
    try:
        untrusted.check(name)
        untrusted.check(value, name)
    except InvalidInput as error:
        raise invalid(error) from None


async def _files(form: FormData) -> list[Document]:
    files = [(name, value) for name, value in form.multi_items() if isinstance(value, UploadFile)]
    if stray := next((name for name, _ in files if name != "documents"), None):
        raise invalid(InvalidInput(stray, "is a file; files go into fields called documents"))
    return [
        stored_document(await upload.read(), untrusted.clean(upload.filename or ""), upload.content_type or "")
        for _, upload in files
    ]
