"""What to do with documents of kinds that are known and not read: told by their bytes, for whoever sent them."""

from __future__ import annotations

import re

from ix.extraction.documents.encodings import decoded
from ix.extraction.documents.letters import OLE
from ix.extraction.documents.packages import LOCAL_HEADER, directory, opendocument

ADVICE = (
    (re.compile(rb"ppt/presentation"), "a presentation (.pptx): export it as PDF"),
    (re.compile(rb"xl/workbook\.bin"), "a binary workbook (.xlsb): save it as .xlsx or PDF"),
    (re.compile(rb"visio/document"), "a drawing (.vsdx): export it as PDF"),
    (re.compile(rb"META-INF/container\.xml"), "a book (EPUB): convert it to PDF"),
    (re.compile(rb"FixedDocSeq|FixedDocumentSequence|FDSEQ"), "an XPS document: convert it to PDF"),
    (re.compile(rb"Index/Document\.iwa"), "a document of Pages, Numbers or Keynote: export it as PDF"),
)
"""What the directory of a package holds, and what to do with it."""
OFFICE = (
    ("EncryptedPackage", "an Office document behind a password: save it without"),
    ("WordDocument", "a Word document of before 2007 (.doc): save it as .docx or PDF"),
    ("PowerPoint Document", "a presentation of before 2007 (.ppt): export it as PDF"),
    ("__nameid_version1.0", "a damaged mail of Outlook (.msg): save it again, or as .eml"),
)
"""Streams of compound files (MS-CFB), and what to do with what they hold."""
MAGIC = (
    (LOCAL_HEADER, "a ZIP archive, whole or in part: unpack it and send the documents in it"),
    (b"PK\x05\x06", "an empty ZIP archive: send the documents themselves"),
    (b"\x1f\x8b", "packed with gzip: unpack it"),
    (b"BZh", "packed with bzip2: unpack it"),
    (b"\xfd7zXZ", "packed with xz: unpack it"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd: unpack it"),
    (b"7z\xbc\xaf", "a 7z archive: unpack it and send the documents in it"),
    (b"Rar!\x1a", "a RAR archive: unpack it and send the documents in it"),
    (b"{\\rtf", "rich text (.rtf): save it as .docx or PDF"),
    (b"%!PS", "PostScript: convert it to PDF"),
    (b"\xc5\xd0\xd3\xc6", "encapsulated PostScript: convert it to PDF"),
    (b"AT&TFORM", "a DjVu document: convert it to PDF"),
    (b"\x78\x9f\x3e\x22", "a mail's winmail.dat (TNEF): have it sent without Outlook's own format"),
    (b"\x30\x80\x06\x09", "signed or encrypted (.p7m): send what it holds"),
    (b"\x30\x82", "signed or encrypted (.p7m), or a certificate: send what it holds"),
)
"""First bytes, and what to do with what has them."""


def advice(data: bytes) -> str:
    """What the document is and what to convert it to; empty where nobody knows."""
    names = directory(data)
    if kind := opendocument(data):
        return f"an OpenDocument {kind.decode('ascii', 'replace')[:30]}: export it as PDF"
    for pattern, told in ADVICE:
        if pattern.search(names):
            return told
    if data.startswith(OLE):
        streams = (told for name, told in OFFICE if name.encode("utf-16-le") in data)
        return next(streams, "an Office file of before 2007: save it in today's format or as PDF")
    known = next((told for magic, told in MAGIC if data.startswith(magic)), "")
    return known or ("XML of no kind that is known: send it as PDF, HTML or text" if _is_xml(data) else "")


def is_locked(data: bytes) -> bool:
    """Whether it is an Office document that a password encrypts (MS-OFFCRYPTO 2.3.2)."""
    return data.startswith(OLE) and "EncryptedPackage".encode("utf-16-le") in data


def _is_xml(data: bytes) -> bool:
    if not data.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<"):
        return False
    text = decoded(data)
    return text is not None and re.match(r"\s*<[?!a-z]", text.text, re.IGNORECASE) is not None
