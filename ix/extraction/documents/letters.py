"""What a mail says and carries, whichever way it is stored: MIME (RFC 5322, 2045) or Outlook's .msg (MS-OXMSG)."""

from __future__ import annotations

import email
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.header import decode_header, make_header
from email.message import Message
from email.policy import default
from typing import Any

from ix.errors import DocumentError
from ix.extraction.documents.encodings import cleaned, decoded, in_charset

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""First bytes of a compound file (MS-CFB 2.2): .msg, and Office's files of before 2007."""
MSG_STREAM = "__properties_version1.0".encode("utf-16-le")
"""A stream that every .msg has (MS-OXMSG 2.4), as the file's directory writes it."""
FIELDS = ("From", "To", "Cc", "Date", "Subject")
MAX_FIELD = 2_000
"""Characters of a field of the header that are read."""
MAX_NAME = 100
"""Characters of a file's name that are told."""
MAX_PARTS = 1_000
"""Parts of a mail of MIME, texts and containers too."""
DECORATION = 20_000
"""Bytes below which a picture that belongs to the HTML of a body is a logo or a signature's, and no document."""
FEW_WORDS = 10
"""Words below which a plain body says at most where to read the mail; where there is HTML, that is read."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a mail, its name as it may be told."""

    name: str
    data: bytes


@dataclass(slots=True)
class Letter:
    """A mail: the fields of its header that a person is shown, its body as plain text or as HTML, and its files.
    `decorations` counts the pictures that belong to the HTML."""

    fields: dict[str, str] = field(default_factory=dict)
    plain: str = ""
    html: str = ""
    attachments: list[Attachment] = field(default_factory=list)
    decorations: int = 0

    @property
    def reads_html(self) -> bool:
        """Whether the body that is read is that in HTML."""
        return bool(self.html) and len(self.plain.split()) < FEW_WORDS


def is_msg(data: bytes) -> bool:
    """Whether these are the bytes of a mail as Outlook saves it."""
    return data.startswith(OLE) and MSG_STREAM in data


def from_mime(data: bytes) -> Letter:
    """The mail in these bytes. Raises `DocumentError`."""
    message = email.message_from_bytes(re.sub(rb"\AFrom .*\n", b"", data), policy=default)
    letter = Letter({name: text for name in FIELDS if (text := _field(message, name))})
    for count, part in enumerate(_parts(message)):
        if count > MAX_PARTS:
            raise DocumentError(f"the mail has more than {MAX_PARTS} parts", code="document_too_large")
        _add(letter, part)
    return letter


def from_msg(data: bytes) -> Letter:
    """The mail in this .msg. Raises `DocumentError`."""
    import oxmsg

    # the library has no class for damaged files: it raises what its readers of structures do
    try:
        message = oxmsg.Message.load(io.BytesIO(data))
        to = ", ".join(filter(None, (f"{one.name or ''} <{one.email_address or ''}>" for one in message.recipients)))
        sent = message.sent_date
        fields = {
            "From": message.sender or "",
            "To": to,
            "Date": f"{sent:%Y-%m-%d %H:%M}" if sent else "",
            "Subject": message.subject,
        }
        letter = Letter(
            {name: _tidy(text) for name, text in fields.items() if text},
            cleaned(message.body or ""),
            cleaned(message.html_body or ""),
        )
        letter.attachments += map(_outlook_file, message.attachments)
    except MemoryError:
        raise
    except Exception as error:
        raise DocumentError(f"the mail is damaged ({type(error).__name__})") from None
    return letter


def _outlook_file(found: Any) -> Attachment:
    return Attachment(told(found.file_name or ""), found.file_bytes or b"")


def told(name: str) -> str:
    """A file's name as it may be told: of one line and not long."""
    return " ".join(cleaned(name).split())[:MAX_NAME] or "without a name"


def _field(message: Message, name: str) -> str:
    """A field of the header, its encoded words (RFC 2047) decoded."""
    raw = next((str(value) for key, value in message.raw_items() if key.lower() == name.lower()), "")[:MAX_FIELD]
    if not raw.isascii():
        # bytes beyond ASCII, against the rules, as the parser hands them over
        found = decoded(raw.encode("ascii", "surrogateescape"))
        return _tidy(found.text) if found else ""
    try:
        return _tidy(str(make_header(decode_header(raw))))
    except (LookupError, ValueError):
        return _tidy(raw)


def _tidy(text: str) -> str:
    return " ".join(cleaned(text).split())


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
    return payload if isinstance(payload, bytes) else b""


def _text(part: Message, data: bytes) -> str:
    """A text in the encoding that the mail names; in the likeliest where it names none or a wrong one."""
    named = part.get_content_charset()
    found = (in_charset(data, named) if named else None) or decoded(data)
    return found.text if found else ""
