"""Office documents that are ZIP packages of XML (ECMA-376, ODF): entries no larger than allowed, parsed without
entities.

What a package holds is told by its directory, without unpacking anything. An entry says how large it is before it is
unpacked, and no more than that is ever unpacked of it."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ix.errors import DocumentError

MAX_XML = 12 << 20
"""Bytes of an entry that is parsed whole (12 MiB). A page of print has 20 to 50 kB."""
MAX_TREE = 32 << 20
"""Bytes that its tree may take (32 MiB), as `TAG` and `ATTRIBUTE` estimate it: the parser must never run out of memory,
since it tells that again with every byte that follows."""
TAG, ATTRIBUTE = 120, 220
"""Bytes of an element or a text, and of an attribute with its value, in libxml2's tree on 64 bits."""
MAX_STREAM = 48 << 20
"""Bytes of an entry that is read piece by piece (48 MiB). A sheet of six thousand rows of fifty cells has 12."""
CHUNK = 1 << 16
"""Bytes of such an entry that are parsed at once."""
MAX_ELEMENT = 1 << 20
"""Bytes within which one of its elements has to end (1 MiB): a row of sixteen thousand cells has as many."""
MAX_ENTRIES = 10_000
"""Files of a package. A report with a thousand pictures has some 2,000."""
LOCAL_HEADER, END = b"PK\x03\x04", b"PK\x05\x06"
"""First bytes of a package, and of the record at its end (APPNOTE 4.3.7, 4.3.16)."""
END_WITHIN = 22 + 65_535
"""Bytes from the end within which that record begins."""
MEMORY = 96 << 20
"""What opening one may take, bytes (96 MiB): the library for XML, the largest entry and its tree."""
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
        # not before a package is opened, as the library for XML below
        import zipfile

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
        with readable():
            with self._open(name, MAX_XML) as stream:
                # piece by piece: asked for all at once, it would unpack more than it has declared before it sees that
                data = b"".join(iter(lambda: stream.read(CHUNK), b""))
            if data.count(b"<") * TAG + data.count(b"=") * ATTRIBUTE > MAX_TREE:
                raise DocumentError("the document has too many elements", code="document_too_large")
            return _declared_nothing(etree.fromstring(data, parser))

    def elements(self, name: str, tags: tuple[str, ...]) -> Iterator[Any]:
        """The elements of these names, each when it is complete, of an entry that is never whole in memory."""
        from lxml import etree

        parser, waiting = etree.XMLPullParser(("end",), tag=tags, **SAFE), 0
        with readable(), self._open(name, MAX_STREAM) as stream:
            while chunk := stream.read(CHUNK):
                parser.feed(chunk)
                waiting += len(chunk)
                for _, element in parser.read_events():
                    waiting = 0
                    yield _declared_nothing(element)
                    _forget(element)
                if waiting > MAX_ELEMENT:
                    raise DocumentError("a row of the document is too long", code="document_too_large")
            parser.close()

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


def _declared_nothing(element: Any) -> Any:
    """The element, if its document has no declaration, in which entities would be."""
    if element.getroottree().docinfo.doctype:
        raise DocumentError("the document declares a type of XML of its own, which office programs never do")
    return element


def _forget(element: Any) -> None:
    """Gives back what an element holds, and the empty ones before it."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


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
    import zipfile

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
