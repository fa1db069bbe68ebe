"""`drill`: a use case for tests and demonstrations that obeys its input, up to ending the engine; so it is there only
where `IX_DRILL` asks for it."""

from __future__ import annotations

import asyncio
import os
import time
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from ix.errors import JobError
from ix.job import Request, Response
from ix.use_cases import Context

EXIT_CODE = 70
"""Exit code of a process that a drill ended: EX_SOFTWARE of sysexits.h."""


class DrillOptions(BaseModel):
    """What to do. `attempts` limits it to the first attempts; later ones succeed."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["succeed", "fail", "transient", "raise", "sleep", "hang", "exit"] = "succeed"
    seconds: float = Field(default=0.0, ge=0, le=3600, description="Pause before the action, or the sleep itself")
    attempts: int | None = Field(default=None, ge=1, description="Do it in the first N attempts only")
    result: dict[str, JsonValue] = Field(default_factory=dict, description="Returned as the result")


class DrillResult(BaseModel):
    """Echoes what was asked for, the attempt that answered, and when it began (monotonic clock of the engine's machine,
    nanoseconds)."""

    model_config = ConfigDict(extra="allow")

    attempt: int
    began_ns: int


class Drill:
    """Succeeds, fails (for good, or in a way that may pass), raises, sleeps, hangs or ends the process, as told."""

    name = "drill"
    description = "Obeys its options; for tests and demonstrations"
    request = DrillOptions
    result = DrillResult
    max_attempts: int | None = None
    timeout: float | None = None

    async def run(self, request: Request, context: Context) -> Response:
        """Does what the options say."""
        began = time.monotonic_ns()
        options = DrillOptions.model_validate(request.options)
        context.progress("pausing")
        if options.seconds:
            await asyncio.sleep(options.seconds)
        context.progress(options.action)
        if options.attempts is None or context.attempt <= options.attempts:
            await _act(options.action)
        return Response(result={"attempt": context.attempt, "began_ns": began, **options.result})


async def _act(action: str) -> None:
    match action:
        case "fail":
            raise JobError("the drill was told to fail", code="drill_failed")
        case "transient":
            raise JobError("the drill was told to fail in a way that may pass", code="drill_transient", retryable=True)
        case "raise":
            raise RuntimeError("the drill was told to raise")
        case "hang":
            await asyncio.Event().wait()
        case "exit":
            # sys.exit would be a use case that raises, and its engine would go on
            os._exit(EXIT_CODE)
        case _:
            pass


USE_CASE = Drill()
