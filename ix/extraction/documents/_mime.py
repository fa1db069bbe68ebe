"""Mail as it was sent, MIME (RFC 5322, 2045), read by the standard library's parser."""

from __future__ import annotations

import base64
import email
import re
from collections.abc import Iterator
from email.header import decode_header, make_header
from email.message import Message
from email.policy import default

from ix.errors import DocumentError
from ix.extraction.documents.encodings import decoded, in_charset
from ix.extraction.documents.letters import DECORATION, FIELDS, MAX_FIELD, Attachment, Letter, tidy, told

MAX_PARTS = 1_000
"""Parts of a mail of MIME, texts and containers too."""
BEYOND_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
SIGNATURES = {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
"""Attachments that sign the mail, which nobody reads (RFC 8551, 3156)."""
MAX_CONTAINERS = 200
"""Parts that hold parts: the library's time grows by their number times the lines in them."""


def letter_of(data: bytes) -> Letter:
    """The mail in these bytes. Raises `DocumentError`."""
    if data.count(b"boundary=") > MAX_CONTAINERS:
        told_of = f"the mail has more than {MAX_CONTAINERS} parts with parts of their own"
        raise DocumentError(told_of, code="document_too_large")
    letter = Letter()
    # the library's parsers of structures raise what they please over what no mail program writes, RecursionError too
    try:
        message = email.message_from_bytes(re.sub(rb"\AFrom .*\n", b"", data), policy=default)
        letter.fields = {name: text for name in FIELDS if (text := _field(message, name))}
        for count, part in enumerate(_parts(message)):
            if count > MAX_PARTS:
                raise DocumentError(f"the mail has more than {MAX_PARTS} parts", code="document_too_large")
            _add(letter, part)
    except (DocumentError, MemoryError):
        raise
    except Exception as error:
        raise DocumentError(f"the mail is damaged ({type(error).__name__})") from None
    return letter


def _field(message: Message, name: str) -> str:
    """A field of the header, its encoded words (RFC 2047) decoded."""
    raw = next((str(value) for key, value in message.raw_items() if key.lower() == name.lower()), "")[:MAX_FIELD]
    if not raw.isascii():
        # bytes beyond ASCII, against the rules, as the parser hands them over
        found = decoded(raw.encode("ascii", "surrogateescape"))
        return tidy(found.text) if found else ""
    try:
        return tidy(str(make_header(decode_header(raw))))
    except (LookupError, ValueError):
        return tidy(raw)


def _parts(message: Message) -> Iterator[Message]:
    """The leaves of the mail in order; mails in it are leaves too."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            waiting += reversed(_alternatives(part))
        else:
            yield part


def _alternatives(part: Message) -> list[Message]:
    return [one for one in part.get_payload() if isinstance(one, Message)]


def _add(letter: Letter, part: Message) -> None:
    """Adds a leaf to what it belongs to: the body, its decorations, or the files."""
    kind, attached = part.get_content_type(), _is_attached(part)
    data = _data(part)
    if kind == "text/plain" and not attached:
        letter.plain = f"{letter.plain}\n{_text(part, data)}".strip("\n")
    elif kind == "text/html" and not attached:
        letter.html += _text(part, data)
    elif kind in SIGNATURES:
        return
    elif _is_decoration(part, data):
        letter.decorations += 1
    elif data.strip():
        letter.attachments.append(Attachment(told(_file_name(part)), data))


def _is_attached(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(_file_name(part))


def _is_decoration(part: Message, data: bytes) -> bool:
    belongs = part["Content-ID"] is not None and part.get_content_disposition() != "attachment"
    return belongs and part.get_content_maintype() == "image" and len(data) < DECORATION


def _file_name(part: Message) -> str:
    try:
        return part.get_filename() or ("mail" if part.get_content_type() == "message/rfc822" else "")
    except (LookupError, ValueError):
        return ""


def _data(part: Message) -> bytes:
    """The bytes of a leaf, those of a mail as they came."""
    if part.is_multipart():
        inner = _alternatives(part)
        return inner[0].as_bytes(policy=default.clone(cte_type="8bit")) if inner else b""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return b""
    letters = (
        BEYOND_BASE64.sub(b"", payload) if str(part["Content-Transfer-Encoding"]).strip().lower() == "base64" else b""
    )
    # of a mail cut off after the first letter of four the library gives what it was given
    is_left = len(letters) % 4 == 1 and payload.split() == str(part.get_payload()).encode(errors="replace").split()
    return base64.b64decode(letters[:-1]) if is_left else payload


def _text(part: Message, data: bytes) -> str:
    """A text in the encoding that the mail names; in the likeliest where it names none or a wrong one."""
    named = part.get_content_charset()
    found = (in_charset(data, named) if named else None) or decoded(data)
    return found.text if found else ""
