"""Messages of Protocol Buffers taken apart and put together again, as far as it takes to change a few fields of a
model: all else passes through as it came (https://protobuf.dev/programming-guides/encoding)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
"""Wire types: how a field's value is written."""


class Field(NamedTuple):
    """A field of a message: its number, its wire type, and its value, a number for `VARINT`, else bytes."""

    number: int
    kind: int
    value: int | bytes | memoryview

    @property
    def content(self) -> memoryview:
        """The value of a field of bytes; a message's, a string's or an array's."""
        assert not isinstance(self.value, int)
        return memoryview(self.value)


def fields(message: bytes | memoryview) -> Iterator[Field]:
    """The fields of a message in order; their values are views of it. Raises `ValueError` for what is no message."""
    view, at = memoryview(message), 0
    while at < len(view):
        tag, at = _varint(view, at)
        number, kind = tag >> 3, tag & 7
        if kind == VARINT:
            value, at = _varint(view, at)
            yield Field(number, kind, value)
            continue
        if kind not in (FIXED64, BYTES, FIXED32):
            raise ValueError(f"no wire type: {kind}")
        length, at = _varint(view, at) if kind == BYTES else ({FIXED64: 8, FIXED32: 4}[kind], at)
        if at + length > len(view):
            raise ValueError("the message ends within a field")
        yield Field(number, kind, view[at : at + length])
        at += length


def message(parts: Iterable[Field]) -> bytes:
    """The message that has these fields."""
    return b"".join(piece for part in parts for piece in _written(part))


def _written(field: Field) -> Iterator[bytes | memoryview]:
    yield _as_varint(field.number << 3 | field.kind)
    if isinstance(field.value, int):
        yield _as_varint(field.value)
        return
    if field.kind == BYTES:
        yield _as_varint(len(field.value))
    yield field.value


def _varint(view: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(view):
        byte = view[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
    raise ValueError("the message ends within a number")


def _as_varint(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)
