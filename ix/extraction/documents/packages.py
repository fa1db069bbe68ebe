"""Office documents that are ZIP packages of XML (ECMA-376, ODF): entries no larger than allowed, parsed without
entities.

What a package holds is told by its directory, without unpacking anything. An entry says how large it is before it is
unpacked, and no more than that is ever unpacked of it."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ix.errors import DocumentError

MAX_XML = 24 << 20
"""Bytes of an entry that is parsed whole (24 MiB). A book of a thousand pages has 10."""
MAX_STREAM = 128 << 20
"""Bytes of an entry that is read piece by piece (128 MiB)."""
MAX_ENTRIES = 10_000
"""Files of a package. A report with a thousand pictures has some 2,000."""
LOCAL_HEADER, END = b"PK\x03\x04", b"PK\x05\x06"
"""First bytes of a package, and of the record at its end (APPNOTE 4.3.7, 4.3.16)."""
END_WITHIN = 22 + 65_535
"""Bytes from the end within which that record begins."""
MEMORY = 96 << 20
"""What opening one may take, bytes (96 MiB): the library for XML, and a tree of the largest entry that is common."""
ENCRYPTED = 1
"""The bit of an entry that says that it takes a password (APPNOTE 4.4.4)."""


def directory(data: bytes) -> bytes:
    """The directory of a ZIP file, in which the names of its entries stand as they are; empty where it is none."""
    at = data.rfind(END, max(len(data) - END_WITHIN, 0)) if data.startswith(LOCAL_HEADER) else -1
    if at < 0 or len(data) < at + 22:
        return b""
    size, start = struct.unpack_from("<II", data, at + 12)
    return data[start : start + size]


def opendocument(data: bytes) -> bytes:
    """The kind of an OpenDocument package, such as `text`: its first entry says so (ODF 1.3 part 2, 3.3)."""
    start = b"mimetypeapplication/vnd.oasis.opendocument."
    found = data[30:150]
    return found.removeprefix(start).split(b"P")[0] if data[:4] == LOCAL_HEADER and found.startswith(start) else b""


class Package:
    """A package within its limits. Its methods raise `DocumentError`s."""

    def __init__(self, data: bytes) -> None:
        with readable():
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        self._entries = {entry.filename: entry for entry in self._zip.infolist()}
        if len(self._entries) > MAX_ENTRIES:
            message = f"the document has more than {MAX_ENTRIES} files in it"
            raise DocumentError(message, code="document_too_large")

    @property
    def names(self) -> list[str]:
        """The names of all entries, as they stand in it."""
        return list(self._entries)

    def xml(self, name: str) -> Any:
        """The root of an entry of XML, None where there is no such entry."""
        from lxml import etree

        if name not in self._entries:
            return None
        # the parser's own limits hold too: depth 256, 10 MB of one text
        parser = etree.XMLParser(**SAFE)
        with readable(), self._open(name, MAX_XML) as stream:
            tree = etree.parse(stream, parser)
        if tree.docinfo.doctype:
            raise DocumentError("the document declares a type of XML of its own, which office programs never do")
        return tree.getroot()

    def elements(self, name: str, tags: tuple[str, ...]) -> Iterator[Any]:
        """The elements of these names, each when it is complete, of an entry that is never whole in memory."""
        from lxml import etree

        with readable(), self._open(name, MAX_STREAM) as stream:
            for _, element in etree.iterparse(stream, tag=tags, **SAFE):
                if element.getroottree().docinfo.doctype:
                    raise DocumentError("the document declares a type of XML of its own, which no office program does")
                yield element
                element.clear()
                # what came before it would stay in memory as empty elements
                while element.getprevious() is not None:
                    del element.getparent()[0]

    @contextmanager
    def _open(self, name: str, most: int) -> Iterator[Any]:
        entry = self._entries[name]
        if entry.flag_bits & ENCRYPTED:
            raise DocumentError("the document is protected by a password", code="document_encrypted")
        if entry.file_size > most:
            raise DocumentError(
                f"a part of the document has {entry.file_size} bytes, more than the {most} allowed",
                code="document_too_large",
            )
        # a reader of an entry stops at the size that the entry declares, whatever is packed in it
        with self._zip.open(entry) as stream:
            yield stream


SAFE: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "attribute_defaults": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}
"""Options of lxml's parsers with which nothing is fetched, expanded or filled in."""


@contextmanager
def readable() -> Iterator[None]:
    """Raises `DocumentError` for what broken packages and broken XML raise. Its message names the class alone, because
    a parser's own may quote the document."""
    from lxml import etree

    try:
        yield
    except (
        etree.LxmlError,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        KeyError,
        NotImplementedError,
        RuntimeError,
        struct.error,
    ) as error:
        raise DocumentError(f"the document is damaged ({type(error).__name__})") from None
