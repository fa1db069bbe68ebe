"""Several bodies as one: what goes to a server and comes back in a job's round passes through the engine, which cuts it
apart by lengths and looks into none of it.

    [head, body, body]   ──packed──▶   4 bytes of length, head, 4 bytes of length, body, …"""

from __future__ import annotations

from collections.abc import Iterable

_LENGTH = 4


def packed(parts: Iterable[bytes]) -> bytes:
    """All parts as one, in their order."""
    return b"".join(piece for part in parts for piece in (len(part).to_bytes(_LENGTH, "big"), part))


def unpacked(whole: bytes) -> list[bytes]:
    """The parts that `packed` joined."""
    parts, at = list[bytes](), 0
    while at < len(whole):
        end = at + _LENGTH + int.from_bytes(whole[at : at + _LENGTH], "big")
        parts.append(whole[at + _LENGTH : end])
        at = end
    return parts
