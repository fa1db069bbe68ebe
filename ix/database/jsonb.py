"""How JSON travels: jsonb columns leave the database as Python values, and take Python values or JSON in bytes."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from pydantic_core import from_json, to_json

_JSONB_VERSION = b"\x01"
"""The byte ahead of jsonb's text in the binary protocol (jsonb_recv in PostgreSQL's jsonb.c)."""
_LARGE = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|-?[0-9.]+e\+[0-9]+')
"""A string, in which nothing is looked for, or a number as `to_json` writes it from 1e16 on."""


async def prepare(connection: Any) -> None:
    """Gives a new connection the codec. For asyncpg's `init`."""
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=_encode, decoder=_decode, format="binary")


def _encode(value: Any) -> bytes:
    text = value if isinstance(value, bytes) else to_json(value)
    return _JSONB_VERSION + (_LARGE.sub(_in_digits, text) if b"e+" in text else text)


def _in_digits(found: re.Match[bytes]) -> bytes:
    """A large number with a point, which jsonb keeps: without one, it would come back as an integer that many readers
    cannot hold."""
    return found[0] if found[0].startswith(b'"') else f"{Decimal(found[0].decode()):f}.0".encode()


def _decode(value: bytes) -> Any:
    return from_json(value[1:])


def read(text: bytes) -> Any:
    """The value of a jsonb column that a statement gave as JSON in bytes."""
    return from_json(text)


def written(value: Any) -> bytes:
    """A value as the codec writes it, so that it finds nothing left to do: for processes that make JSON which others
    store."""
    return _LARGE.sub(_without_plus, text) if b"e+" in (text := to_json(value)) else text


def _without_plus(found: re.Match[bytes]) -> bytes:
    # escaped in strings: the codec looks for these two signs first, and for what they mean only where it sees them
    return _in_digits(found).replace(b"e+", rb"e\u002b")
