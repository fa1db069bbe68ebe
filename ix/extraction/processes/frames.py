"""How a process and its child talk: frames over a pipe.

    frame   4 bytes   length of the head, big-endian
            head      JSON {"body": {…}, "sizes": [bytes of each blob], "seconds": processor time of the call}
            blobs     raw bytes, one after another

JSON and raw bytes, never pickle: a child that a hostile document took over can send nothing that runs in its parent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from struct import Struct
from typing import Any, BinaryIO, NamedTuple, TypeAlias

Body: TypeAlias = "dict[str, Any]"
Frame: TypeAlias = tuple[Body, list[bytes]]

LENGTH = Struct(">I")
"""The length of the head."""


class Call(NamedTuple):
    """What the parent asks: `seconds` is the processor time that it may take."""

    body: Body
    blobs: list[bytes]
    seconds: float


def encode(body: Mapping[str, Any], blobs: Sequence[bytes] = (), seconds: float = 0.0) -> list[bytes]:
    """The chunks of one frame, in order; blobs are not copied. An answer has no `seconds`."""
    head = json.dumps({"body": body, "sizes": [len(blob) for blob in blobs], "seconds": seconds}).encode()
    return [LENGTH.pack(len(head)), head, *blobs]


def write(stream: BinaryIO, body: Mapping[str, Any], blobs: Sequence[bytes] = ()) -> None:
    """Writes one frame and flushes."""
    stream.writelines(encode(body, blobs))
    stream.flush()


def read(stream: BinaryIO) -> Call | None:
    """Reads one frame from a trusted peer, the parent; None at the end of the stream. What a child wrote is read by
    `children.Child`, which believes none of its lengths."""
    start = stream.read(LENGTH.size)
    if len(start) < LENGTH.size:
        return None
    head = json.loads(stream.read(*LENGTH.unpack(start)))
    return Call(head["body"], [stream.read(size) for size in head["sizes"]], head["seconds"])
