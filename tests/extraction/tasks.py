"""What the children of `test_children` do, well and badly."""

from __future__ import annotations

import os
import re
import resource
import sys
import threading
import time
from pathlib import Path
from typing import Any

from ix.errors import DocumentError, WorkTooMuch
from ix.extraction.processes.frames import Body, Frame


def handle(body: Body, blobs: list[bytes]) -> Frame:
    """Does what the call names and answers with the blobs it was given."""
    return {"answer": DEEDS[body["do"]](body)} if body["do"] != "echo" else body, blobs


def refuse(body: Body) -> None:
    raise DocumentError(body["message"], code="document_encrypted")


def fail(body: Body) -> None:
    raise ValueError("secret words of a document")


def die(body: Body) -> None:
    os.abort()


def hang(body: Body) -> None:
    """Never answers; first writes its process id to the pipe that `tell` names."""
    if "tell" in body:
        Path(body["tell"]).write_text(str(os.getpid()))
    threading.Event().wait()


def spin(body: Body) -> None:
    """Takes the processor, in C code that runs no handler of a signal."""
    re.match(r"(a+)+$", "a" * 40 + "!")


def hoard(body: Body) -> None:
    kept = []
    while True:
        kept.append(bytearray(1 << 20))


def overload(body: Body) -> None:
    raise WorkTooMuch(body["message"], retryable=True, after=2.0)


def eat(body: Body) -> int:
    return len(bytearray(body["bytes"]))


def babble(body: Body) -> None:
    print("not a frame", flush=True)
    os.write(1, b"nor is this")


def forge(body: Body) -> None:
    """Writes bytes of its own into the pipe, as a child that a document took over could."""
    for number in range(3, 20):
        try:
            os.write(number, bytes.fromhex(body["hex"]))
        except OSError:
            continue
    hang(body)


def look(body: Body) -> dict[str, Any]:
    return {
        "pid": os.getpid(),
        "environment": dict(os.environ),
        "processor": resource.getrlimit(resource.RLIMIT_CPU)[0] - time.process_time(),
        "core": resource.getrlimit(resource.RLIMIT_CORE),
        "modules": sorted(sys.modules),
    }


DEEDS = {
    "refuse": refuse,
    "fail": fail,
    "die": die,
    "hang": hang,
    "spin": spin,
    "hoard": hoard,
    "overload": overload,
    "eat": eat,
    "babble": babble,
    "forge": forge,
    "look": look,
}
