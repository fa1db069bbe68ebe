"""What stands around the bytes that a client means: compression, base64 with line ends, `data:` addresses, MIME's
encodings of a part. Decoded sizes are limited while they are decoded."""

from __future__ import annotations

import binascii
import re
import zlib
from urllib.parse import unquote_to_bytes

from ix.errors import InvalidInput

GZIP = frozenset({"gzip", "x-gzip"})
"""Content codings that are undone (RFC 9110, 8.4.1.3)."""
MAX_MEMBERS = 10
"""Gzip streams in one body (RFC 1952, 2.2): each further one copies what is left."""
MAX_PREFIX = 1_000
"""Characters of a `data:` address before its comma."""
_WITH_GZIP_HEAD = 16 + zlib.MAX_WBITS
_DATA_URL = re.compile(r"data:([^,]*?)(;\s*base64)?,", re.IGNORECASE)
_WHITE = b" \t\r\n"
_URL_SAFE = bytes.maketrans(b"-_", b"+/")


class TooLarge(Exception):
    """What is decoded is larger than it may be."""


def unpacked(data: bytes, most: int) -> bytes:
    """The bytes that were compressed with gzip. Raises `TooLarge` beyond `most` of them, having made no more, and
    `InvalidInput`."""
    pieces, left = [], most
    for _ in range(MAX_MEMBERS):
        stream = zlib.decompressobj(_WITH_GZIP_HEAD)
        try:
            # a limit of 0 would be none
            pieces.append(stream.decompress(data, left + 1))
        except zlib.error:
            raise InvalidInput("", "is not what its Content-Encoding says: gzip") from None
        left -= len(pieces[-1])
        if left < 0:
            raise TooLarge
        if not stream.eof:
            raise InvalidInput("", "ends before its gzip stream does")
        data = stream.unused_data
        if not data:
            return b"".join(pieces)
    raise InvalidInput("", f"has more than {MAX_MEMBERS} gzip streams")


def document_bytes(text: str) -> tuple[bytes, str]:
    """The bytes that a document's `data` says, and the media type if it names one: base64, or an address `data:`
    (RFC 2397). Raises `InvalidInput`."""
    if text[:5].lower() != "data:":
        return base64_bytes(text), ""
    found = _DATA_URL.match(text, 0, MAX_PREFIX)
    if not found:
        raise InvalidInput("data", "is no data: address: it has no comma")
    content = text[found.end() :]
    if found[2]:
        # an address may escape what base64 has of its own: + / =
        return base64_bytes(_unescaped(content) if "%" in content else content), found[1].strip()
    return unquote_to_bytes(content), found[1].strip()


def base64_bytes(text: str) -> bytes:
    """The bytes of base64 (RFC 4648), in lines or not, in the alphabet of addresses or not. Raises `InvalidInput`."""
    try:
        # as it mostly comes
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        return _lenient(text)


def _lenient(text: str) -> bytes:
    try:
        data = text.encode("ascii").translate(None, _WHITE)
        # one alphabet or the other: who mixes them has lost something
        if (b"-" in data or b"_" in data) and b"+" not in data and b"/" not in data:
            # what writes for addresses often leaves the padding out
            data = data.translate(_URL_SAFE) + b"=" * (-len(data) % 4)
        # without `strict_mode` Python passes over whatever is no base64, and decodes the rest
        return binascii.a2b_base64(data, strict_mode=True)
    except ValueError:
        raise InvalidInput("data", "is not base64") from None


def part_bytes(data: bytes, encoding: str) -> bytes:
    """The bytes of a form's part, after its Content-Transfer-Encoding. Raises `InvalidInput`."""
    if encoding in ("", "7bit", "8bit", "binary"):
        return data
    if encoding == "base64":
        return base64_bytes(data.decode("latin-1"))
    if encoding == "quoted-printable":
        return binascii.a2b_qp(data)
    raise InvalidInput("", "has a Content-Transfer-Encoding that is not known; send the bytes as they are")


def _unescaped(text: str) -> str:
    return unquote_to_bytes(text).decode("latin-1")
