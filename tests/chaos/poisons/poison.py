"""`poison`: does to its process what `options.kind` says, in each attempt."""

from __future__ import annotations

import os
import re
import signal
import time
from typing import Literal

from pydantic import BaseModel

from ix.job import Request, Response
from ix.use_cases import Context


class PoisonOptions(BaseModel):
    """`seconds`: how long `hold` keeps the interpreter to itself."""

    kind: Literal["exit", "segfault", "memory", "loop", "regex", "hold"]
    seconds: float = 0.0


class Poison:
    name = "poison"
    description = "Ends its process, or tries to"
    request = PoisonOptions
    result: type[BaseModel] | None = None
    max_attempts: int | None = None
    timeout: float | None = None

    async def run(self, request: Request, context: Context) -> Response:
        match request.options["kind"]:
            case "exit":
                os._exit(1)
            case "segfault":
                os.kill(os.getpid(), signal.SIGSEGV)
            case "memory":
                return Response(result={"size": len(bytearray(1 << 40))})
            case "regex":
                re.match("(a+)+b", "a" * 60)
            case "hold":
                return Response(result={"seconds": held(request.options["seconds"])})
        while True:
            pass


def held(seconds: object) -> float:
    """Keeps the event loop from turning for so long, in C code that does not let go of the interpreter; how long it
    was."""
    assert isinstance(seconds, float)
    began = time.monotonic()
    while (passed := time.monotonic() - began) < seconds:
        sum(range(1_000_000))
    return passed


USE_CASE = Poison()
