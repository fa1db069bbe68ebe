"""What stands in the place of an OCR process and fails as `SICKNESS` in its environment says."""

from __future__ import annotations

import os
import sys
import threading

from ix.errors import OcrError
from ix.extraction.processes.frames import Body, Frame

HEAD = b'{"body":{"answer":{"words":[]'


def handle(body: Body, blobs: list[bytes]) -> Frame:
    """Fails."""
    match os.environ["SICKNESS"]:
        case "hang":
            threading.Event().wait()
        case "fails":
            raise OcrError("the engine failed")
        case "half an answer":
            forge(len(HEAD + b"}}").to_bytes(4, "big") + HEAD)
        case "huge answer":
            forge(b"\xff\xff\xff\xff" + bytes(1 << 20))
        case "no JSON":
            forge(b"\0\0\0\4junk")
        case "dies":
            os.abort()
    raise AssertionError


def forge(data: bytes) -> None:
    """Writes bytes of its own into every pipe that there is, and ends."""
    for number in range(3, 20):
        try:
            os.write(number, data)
        except OSError:
            continue
    sys.stdout.flush()
    os._exit(0)
