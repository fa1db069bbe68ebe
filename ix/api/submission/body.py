"""TODO."""

from __future__ import annotations

import hashlib
from typing import Any

from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from ix import untrusted
from ix.api.problems import invalid
from ix.api.routing import field
from ix.config import Settings
from ix.errors import InvalidInput
from ix.job import DocumentRef

JSON = "application/json"


MULTIPART = "multipart/form-data"


MAX_FORM_FIELDS = 50


MAX_TAIL = 256
"""End of a form in which its closing boundary must be, bytes: a boundary has at most 70 (RFC 2046, 5.1.1)."""


def _media_type(request: Request) -> str:
    return (field(request.scope, b"content-type") or b"").decode("latin-1").partition(";")[0].strip().lower()


async def _from_json(request: Request, settings: Settings) -> Any:
    body = await _body(request)
    try:
        return untrusted.parse(body)
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
        form = await whole.form(
            max_files=settings.max_documents, max_fields=MAX_FORM_FIELDS, max_part_size=settings.max_document_bytes
        )
    except HTTPException as error:
        field = "documents" if error.detail.startswith("Too many files") else ""
        raise invalid(InvalidInput(field, error.detail), 422 if field else 400) from None
    except ValueError:
        # codecs that Python has and that read no text, such as undefined
        raise invalid(
            InvalidInput("", "is in no character set that can be read; leave it out or say UTF-8"), 400
        ) from None
    try:
        return _fields(form), await _files(form)
    finally:
        await form.close()


def _whole(request: Request) -> Any:
    """The request's receive, which refuses to pass an end without the closing boundary (RFC 2046): the parser would
    take a form that was cut off for one with fewer parts."""
    boundary = parse_options_header(request.headers["content-type"])[1].get(b"boundary", b"")
    tail = b""

    async def receive() -> Any:
        nonlocal tail
        message = await request.receive()
        tail = (tail + message.get("body", b"")[-MAX_TAIL:])[-MAX_TAIL:]
        if (
            message["type"] == "http.request"
            and not message.get("more_body")
            and not tail.rstrip().endswith(b"--" + boundary + b"--")
        ):
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


async def _files(form: FormData) -> list[tuple[DocumentRef, bytes]]:
    named = [(name, value) for name, value in form.multi_items() if isinstance(value, UploadFile)]
    if stray := next((name for name, _ in named if name != "documents"), None):
        raise invalid(InvalidInput(stray, "is a file; files go into fields called documents"))
    uploads = [upload for _, upload in named]
    return [
        _stored(await upload.read(), untrusted.clean(upload.filename or ""), upload.content_type or "")
        for upload in uploads
    ]


def _stored(data: bytes, name: str, media_type: str) -> tuple[DocumentRef, bytes]:
    ref = DocumentRef(
        name=name[:255], media_type=media_type[:100], sha256=hashlib.sha256(data).hexdigest(), size=len(data)
    )
    return ref, data
