"""What a mail says and carries, whichever way it is stored: MIME (RFC 5322, 2045) or Outlook's .msg (MS-OXMSG)."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from ix.errors import DocumentError
from ix.extraction.documents.encodings import cleaned
from ix.extraction.documents.textkinds import HEAD, is_mail

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""First bytes of a compound file (MS-CFB 2.2): .msg, and Office's files of before 2007."""
MSG_STREAM = "__properties_version1.0".encode("utf-16-le")
"""A stream that every .msg has (MS-OXMSG 2.4), as the file's directory writes it."""
PROPERTIES = "__properties_version1.0"
EMBEDDED = "__substg1.0_3701000D"
"""The storage of a mail that is attached to another one (MS-OXMSG 2.2.2.1)."""
CONTENT_ID = 0x3712
"""The property by which HTML names a picture (MS-OXPROPS 2.585)."""
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM")
FIELDS = ("From", "To", "Cc", "Date", "Subject")
MAX_FIELD = 2_000
"""Characters of a field of the header that are read."""
MAX_NAME = 100
"""Characters of a file's name that are told."""
DECORATION = 20_000
"""Bytes below which a picture that belongs to the HTML of a body is a logo or a signature's, and no document."""
FEW_WORDS = 10
"""Words below which a plain body says at most where to read the mail; where there is HTML, that is read."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a mail, its name as it may be told. `embedded` is the storage of a mail of Outlook that is
    no file of its own."""

    name: str
    data: bytes
    embedded: Any = None


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


def is_mime(data: bytes) -> bool:
    """Whether these are the bytes of a mail as it was sent."""
    return is_mail(data[:HEAD].decode("latin-1").replace("\r\n", "\n"))


def from_mime(data: bytes) -> Letter:
    """The mail in these bytes. Raises `DocumentError`."""
    # imported with the first mail: its library has many parts
    from ix.extraction.documents import _mime

    return _mime.letter_of(data)


def from_msg(data: bytes) -> Letter:
    """The mail in this .msg. Raises `DocumentError`."""
    import oxmsg

    return _outlook(lambda: oxmsg.Message.load(io.BytesIO(data)))


def letter_in(file: Attachment) -> Letter | None:
    """The mail that an attachment is, None where it is none. Raises `DocumentError`."""
    import oxmsg

    if file.embedded is not None:
        return _outlook(lambda: oxmsg.Message(file.embedded))
    if is_msg(file.data):
        return from_msg(file.data)
    return from_mime(file.data) if is_mime(file.data) else None


def _outlook(load: Callable[[], Any]) -> Letter:
    # the library has no class for damaged files: it raises what its readers of structures do
    try:
        message = load()
        to = ", ".join(f"{one.name or ''} <{one.email_address or ''}>" for one in message.recipients)
        sent = message.sent_date
        date = f"{sent:%Y-%m-%d %H:%M}" if sent else ""
        fields = {"From": message.sender or "", "To": to, "Date": date, "Subject": message.subject}
        letter = Letter({name: tidy(text[:MAX_FIELD]) for name, text in fields.items() if text})
        letter.plain, letter.html = cleaned(message.body or ""), cleaned(message.html_body or "")
        for found in message.attachments:
            _add_outlook_file(letter, found)
    except MemoryError:
        raise
    except Exception as error:
        raise DocumentError(f"the mail is damaged ({type(error).__name__})") from None
    return letter


def _add_outlook_file(letter: Letter, found: Any) -> None:
    data, name = found.file_bytes or b"", found.file_name or ""
    inner = next((one for one in found._storage.storages if one.name == EMBEDDED), None)
    if inner is not None:
        letter.attachments.append(Attachment(told(name or "mail"), data, _like_a_whole_one(inner)))
    elif found.properties.str_prop_value(CONTENT_ID) and len(data) < DECORATION and data.startswith(PICTURES):
        letter.decorations += 1
    else:
        letter.attachments.append(Attachment(told(name), data))


def _like_a_whole_one(storage: Any) -> Any:
    """The storage of a mail within another with the header of a file of its own, which is what the library knows: 32
    bytes before entries of 16, and not 24 (MS-OXMSG 2.4.1.1, 2.4.1.2)."""
    # some programs write the long one here too; the length tells
    streams = (
        replace(one, bytes_=one.bytes_[:24] + bytes(8) + one.bytes_[24:])
        if one.name == PROPERTIES and len(one.bytes_) % 16
        else one
        for one in storage.streams
    )
    return replace(storage, streams=tuple(streams))


def told(name: str) -> str:
    """A file's name as it may be told: of one line and not long."""
    return " ".join(cleaned(name).split())[:MAX_NAME] or "without a name"


def tidy(text: str) -> str:
    """The text in one line, without what cannot be stored."""
    return " ".join(cleaned(text).split())
