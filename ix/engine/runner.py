"""Runs one claimed job: a use case under its time limit, whatever it does. It comes to a `Response`, or to
`TryAgain`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from pydantic_core import to_json

from ix import untrusted
from ix.background.eventloop import start_eagerly
from ix.config import Settings
from ix.errors import InvalidInput, JobError, TimeLimitExceeded, UseCaseFailed
from ix.job import Claim, Problem, Request, Response
from ix.telemetry.log import Event, log
from ix.use_cases import Context, UseCase

STUBBORN_SECONDS = 1.0
"""How long a use case that is over its time may take to notice; one that swallows the cancellation is left behind."""
_WRITER = Response.__pydantic_serializer__
_DIGITS_ALIKE = bytes(ord("9") if byte in b"0123456789" else ord(" ") for byte in range(256))
_LONG_NUMBER = b"9" * 19
"""A number that may not fit into 64 bits, once all digits are alike."""


class TryAgain(Exception):
    """The attempt failed in a way that may pass, in `after` seconds at the earliest, and the job has attempts left."""

    def __init__(self, problem: Problem, after: float = 0.0) -> None:
        super().__init__(problem.code)
        self.problem = problem
        self.after = after


class Answer(NamedTuple):
    """What a job ends with: its response as JSON that PostgreSQL can store, and the code of the error in it."""

    response: bytes
    error: str | None = None

    @classmethod
    def failed(cls, problem: Problem) -> Answer:
        """The answer of a job that ends in error."""
        return cls(to_json(Response(error=problem)), problem.code)


async def run(claim: Claim, use_cases: Mapping[str, UseCase], context: Context, settings: Settings) -> Answer:
    """The answer of the job's use case, or one whose error says what happened. Raises only `TryAgain` and
    `CancelledError`."""
    try:
        use_case = use_cases.get(claim.use_case)
        if use_case is None:
            raise UseCaseFailed(f"this engine knows no use case {claim.use_case}", code="unknown_use_case")
        if claim.request is None:
            raise UseCaseFailed("this engine cannot read the request that is stored", code="request_unreadable")
        response = await _in_time(use_case, claim, claim.request, context, settings.job_timeout)
        return Answer(storable(response), response.error.code if response.error else None)
    except JobError as error:
        problem = Problem(code=error.code, message=untrusted.clean(error.message))
        if error.retryable and claim.attempts + 1 < claim.max_attempts:
            raise TryAgain(problem, error.after) from None
        return Answer.failed(problem)


async def _in_time(
    use_case: UseCase, claim: Claim, request: Request, context: Context, default_timeout: float
) -> Response:
    limit = use_case.timeout or default_timeout
    task = start_eagerly(_answer(use_case, claim, request, context))
    try:
        if not task.done():
            await _ended(task, limit)
        if task.done():
            return task.result()
        raise TimeLimitExceeded(f"the job took longer than {limit:g} s")
    finally:
        await _end(task)


async def _ended(task: asyncio.Task[Response], seconds: float) -> None:
    """Returns when the task has ended, or the time is up: what `asyncio.wait` does, at a third of its cost."""
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()
    timer = loop.call_later(seconds, _set, over)
    task.add_done_callback(partial(_set, over))
    try:
        await over
    finally:
        timer.cancel()


def _set(future: asyncio.Future[None], *_: object) -> None:
    if not future.done():
        future.set_result(None)


async def _answer(use_case: UseCase, claim: Claim, request: Request, context: Context) -> Response:
    try:
        response = await use_case.run(request, context)
    except JobError:
        raise
    except (Exception, SystemExit, asyncio.CancelledError) as error:
        if isinstance(error, asyncio.CancelledError) and _is_asked_to_end():
            raise
        log(
            Event.JOB_RAISED,
            ix_id=claim.ix_id,
            use_case=claim.use_case,
            raised=type(error).__name__,
            where=_where(error),
        )
        raise UseCaseFailed(f"the use case raised {type(error).__name__}") from None
    if not isinstance(response, Response):
        raise UseCaseFailed(f"the use case gave a {type(response).__name__}, not a Response")
    return response


def _is_asked_to_end() -> bool:
    """Whether the runner cancelled this task; a cancellation that the use case raised by itself is a failure like any
    other."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _end(task: asyncio.Task[Response]) -> None:
    if not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=STUBBORN_SECONDS)
    if task.done() and not task.cancelled():
        # read once, or asyncio would log it as never retrieved
        task.exception()


def storable(response: Response) -> bytes:
    """The response as JSON, with text that PostgreSQL cannot store (NUL, lone surrogates) replaced.

    Raises `UseCaseFailed` for numbers that JSON cannot hold and for anything that is no JSON."""
    try:
        written = _WRITER.to_json(response, warnings="error")
    except (ValueError, TypeError, RecursionError):
        return to_json(_mended(response))
    return written if _is_plain(written) else to_json(_mended(response))


def _is_plain(written: bytes) -> bool:
    # byte by byte in C: a regular expression took longer than all that pydantic does with the response
    return (
        rb"\u0000" not in written
        and b"NaN" not in written
        and b"Infinity" not in written
        and _LONG_NUMBER not in written.translate(_DIGITS_ALIKE)
        and written.count(b"[") + written.count(b"{") <= untrusted.MAX_DEPTH
    )


def _mended(response: Response) -> Response:
    """The same, looked through value by value."""
    try:
        plain = _cleaned(response.model_dump(mode="python", warnings="error"))
        untrusted.check(plain)
        return Response.model_validate(plain)
    except InvalidInput as error:
        reason = str(error)
    except (ValueError, TypeError, RecursionError) as error:
        reason = type(error).__name__
    raise UseCaseFailed(f"the use case's response cannot be stored: {reason}", code="response_unstorable")


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return untrusted.clean(value)
    if isinstance(value, dict):
        return {untrusted.clean(key): _cleaned(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_cleaned(item) for item in value]
    return value


def _where(error: BaseException) -> str | None:
    """File and line where a use case raised: enough to find it, and nothing of the document."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else None
