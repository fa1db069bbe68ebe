"""Forms (RFC 7578): from the bytes of a body to its parts, which say where in it their own bytes are.

The bytes of the parts are passed over by a search for the next boundary, whatever they are, and every count has a
limit. Read generously where clients differ: names as PHP writes lists (`documents[]`, `documents[0]`), file names after
RFC 5987, fields that were left empty."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from ix.errors import InvalidInput

MAX_FIELDS = 50
"""Fields of a form that are no files. A submission has seven; options come as JSON in one of them."""
MAX_HEAD = 16 * 1024
"""Head of one part, bytes."""
MAX_BOUNDARY = 70
"""Bytes of a boundary (RFC 2046, 5.1.1)."""
MAX_PADDING = 256
"""White space after a boundary, bytes."""
DOCUMENTS = "documents"
PAGES, SECRET = "pages", "password"
"""What is said of each file, in their order: which pages are read, and what opens it."""

_PARAMETER = re.compile(r";\s*([^\s=;\"]{1,100})\s*=\s*(\"(?:[^\"\\]|\\.)*\"|[^;\"]*)")
_ESCAPED = re.compile(r"\\([\"\\])")
_FOLD = re.compile(rb"\r\n[ \t]+")
_LISTS = {"pages[]": PAGES, "password[]": SECRET}
"""Lists in PHP's writing; with numbers they could name other files than those that they stand at."""
_LIST_NAME = re.compile(r"documents\[\d{0,4}\]")
_TEXT_CODEC = re.compile(r"utf-(?:8|16|32)(?:-[lb]e)?|ascii|iso8859-\d+|cp125\d|koi8-[ru]|gbk|gb18030|big5|shift_jis")
"""Character sets that are read: others of Python's codecs read no text, or take time that grows with its square."""


class Part(NamedTuple):
    """A part of a form. Its bytes stand in the body from `start` to `end`; `file` is None for what is no file."""

    name: str
    file: str | None
    media_type: str
    charset: str
    transfer: str
    start: int
    end: int

    def text(self, body: bytes) -> str:
        """What a field says, in its character set or, where it lies about that, as Latin-1."""
        data = body[self.start : self.end]
        try:
            return data.decode(self.charset)
        except ValueError:
            return data.decode("latin-1")


def parameters(value: str) -> dict[str, str]:
    """The parameters of a header field by their names in small letters; the first of a name counts."""
    found: dict[str, str] = {}
    for name, text in _PARAMETER.findall(value):
        plain = _ESCAPED.sub(r"\1", text[1:-1]) if text.startswith('"') else text.strip()
        found.setdefault(name.lower(), plain)
    return found


def parts(body: bytes, content_type: str, max_files: int) -> list[Part]:
    """The parts of a whole form, without files that were not chosen. Raises `InvalidInput`: with an empty field for
    what is no form."""
    given = parameters(content_type)
    boundary, charset = given.get("boundary", ""), _codec(given.get("charset", ""), "utf-8")
    if not 0 < len(boundary) <= MAX_BOUNDARY:
        raise InvalidInput("", "is a form whose Content-Type names no boundary, or one that is too long")
    found: list[Part] = []
    files = 0
    for head, start, end in _split(body, b"--" + boundary.encode("latin-1", "replace")):
        part = _part(head, start, end, charset)
        files += part.file is not None
        if files > max_files:
            raise InvalidInput(DOCUMENTS, f"Too many files. Maximum number of files is {max_files}.")
        if len(found) - files >= MAX_FIELDS:
            raise InvalidInput("", f"Too many fields. Maximum number of fields is {MAX_FIELDS}.")
        # what browsers send of a file that nobody chose
        if part.file == "" and start == end:
            files -= 1
            continue
        found.append(part)
    return found


def _split(body: bytes, mark: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The head of each part, and where its bytes begin and end. A form that was cut off has no closing boundary."""
    at = _next(body, mark, 0)
    while at >= 0 and body[at : at + 2] != b"--":
        line = body.find(b"\r\n", at, at + MAX_PADDING)
        head = body.find(b"\r\n\r\n", line, line + MAX_HEAD) if line >= 0 else -1
        if head < 0 or body[at:line].strip():
            raise InvalidInput("", "has a part without a head, or with one that is too long")
        start = head + 4
        # a part without bytes may share the end of its head with the boundary
        at = _next(body, mark, start - 2)
        if at >= 0:
            yield body[line + 2 : head], start, max(start, at - len(mark) - 2)
    if at < 0:
        raise InvalidInput("", "ends before the form's closing boundary")


def _next(body: bytes, mark: bytes, start: int) -> int:
    """Where the next boundary ends; -1 if there is none. It begins a line, and nothing else stands in that."""
    at = 0 if start == 0 and body.startswith(mark) else _line(body, mark, start)
    while at >= 0:
        end = at + len(mark)
        after = body[end : end + 2]
        if after == b"--" or after[:1] in (b"\r", b" ", b"\t"):
            return end
        at = _line(body, mark, end)
    return -1


def _line(body: bytes, mark: bytes, start: int) -> int:
    found = body.find(b"\r\n" + mark, start)
    return found if found < 0 else found + 2


def _part(head: bytes, start: int, end: int, charset: str) -> Part:
    fields: dict[bytes, bytes] = {}
    # a field may go on in the next line, as mail writes it
    for line in _FOLD.sub(b" ", head).split(b"\r\n"):
        field, colon, value = line.partition(b":")
        if not colon:
            raise InvalidInput("", "has a part with a line in its head that is no field")
        fields.setdefault(field.strip().lower(), value.strip())
    given = parameters(_decoded(fields.get(b"content-disposition", b""), charset))
    if "name" not in given:
        raise InvalidInput("", 'has a part whose Content-Disposition has no "name"')
    media_type = fields.get(b"content-type", b"").decode("latin-1")
    name = _LISTS.get(given["name"], DOCUMENTS if _LIST_NAME.fullmatch(given["name"]) else given["name"])
    own = parameters(media_type).get("charset", "")
    transfer = fields.get(b"content-transfer-encoding", b"").decode("latin-1").lower()
    return Part(name, _file_name(given), media_type, _codec(own, charset), transfer, start, end)


def _file_name(given: dict[str, str]) -> str | None:
    """The name of a file: `filename*` (RFC 5987, 3.2) where it can be read, else `filename`."""
    charset, quoted, text = given.get("filename*", "").partition("'")
    if quoted:
        try:
            return unquote_to_bytes(text.partition("'")[2]).decode(_codec(charset, "utf-8"))
        except ValueError:
            return given.get("filename", "")
    name = given.get("filename", "" if "filename*" in given else None)
    # a browser of old sends the whole path
    return name.rpartition("\\")[2] if name and (name[1:3] == ":\\" or name.startswith("\\\\")) else name


def _decoded(value: bytes, charset: str) -> str:
    try:
        return value.decode(charset)
    except ValueError:
        return value.decode("latin-1")


def _codec(name: str, otherwise: str) -> str:
    try:
        found = codecs.lookup(name).name if name else otherwise
    except (LookupError, ValueError):
        return otherwise
    return found if _TEXT_CODEC.fullmatch(found) else otherwise
