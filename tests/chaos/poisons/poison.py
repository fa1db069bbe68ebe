"""`poison`: does to its process what `options.kind` says, in each attempt."""

from __future__ import annotations

import os
import signal
from typing import Literal

from pydantic import BaseModel

from ix.job import Request, Response
from ix.use_cases import Context


class PoisonOptions(BaseModel):
    kind: Literal["exit", "segfault", "memory", "loop"]


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
        while True:
            pass


USE_CASE = Poison()
