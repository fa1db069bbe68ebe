"""Runs one claimed job: a use case under its time limit, whatever it does. It comes to an `Answer`, to
`TryAgain`, or to a `Stack`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial

from ix import untrusted
from ix.background.eventloop import start_eagerly
from ix.config import Settings
from ix.engine.answer import Answer
from ix.engine.stacks import Stack
from ix.engine.worktime import WorkTime
from ix.errors import JobError, StoreUnavailable, TimeLimitExceeded, UseCaseFailed
from ix.extraction.processes.waiting import JOB
from ix.job import Claim, Problem, Request, Response
from ix.telemetry.log import Event, log
from ix.use_cases import Context, UseCase

STORE_PAUSE_SECONDS = 10.0
"""How long a job waits for the store of its documents before it is tried again, and up to half of it more."""
STUBBORN_SECONDS = 1.0
"""How long a use case that is over its time may take to notice; one that swallows the cancellation is left behind."""


class TryAgain(Exception):
    """The attempt failed in a way that may pass, in `after` seconds at the earliest, and the job has attempts left.
    `spent` is false for what the job waits for as long as it lasts."""

    def __init__(self, problem: Problem, after: float = 0.0, spent: bool = True) -> None:
        super().__init__(problem.code)
        self.problem = problem
        self.after = after
        self.spent = spent


async def run(claim: Claim, use_cases: Mapping[str, UseCase], context: Context, settings: Settings) -> Answer:
    """The answer of the job's use case, or one whose error says what happened. Raises only `TryAgain`, `Stack` and
    `CancelledError`."""
    try:
        use_case = use_cases.get(claim.use_case)
        if use_case is None:
            # one may have been made while drills were on; `retry` runs it once they are again
            hint = "; IX_DRILL=true switches it on" if claim.use_case == "drill" else ""
            raise UseCaseFailed(f"this engine knows no use case {claim.use_case}{hint}", code="unknown_use_case")
        if claim.request is None:
            raise UseCaseFailed("this engine cannot read the request that is stored", code="request_unreadable")
        time = WorkTime(use_case.timeout or settings.job_timeout, (claim.client_id, claim.ix_id))
        return Answer.of(await _respond_in_time(use_case, claim, claim.request, context, time), time.waited)
    except JobError as error:
        # a use case's own words: jsonb refuses a NUL in them, and with it the answer
        problem = Problem(code=error.code, message=untrusted.clean(error.message))
        if isinstance(error, StoreUnavailable):
            raise TryAgain(problem, STORE_PAUSE_SECONDS, spent=False) from None
        if error.retryable and claim.attempts + 1 < claim.max_attempts:
            raise TryAgain(problem, error.after) from None
        return Answer.failed(problem)


async def _respond_in_time(
    use_case: UseCase, claim: Claim, request: Request, context: Context, time: WorkTime
) -> Response:
    # in the context of the slot, which the task copies and the next job sets anew
    JOB.set(time)
    # a job that waits for nothing is done here: no tick of the loop, no timer
    task = start_eagerly(_respond(use_case, claim, request, context))
    try:
        if not task.done():
            await _wait_until_done(task, time)
        if task.done():
            return task.result()
        raise TimeLimitExceeded(f"the job took longer than {time.limit:g} s")
    finally:
        await _cancel(task)


async def _respond(use_case: UseCase, claim: Claim, request: Request, context: Context) -> Response:
    try:
        response = await use_case.run(request, context)
    except (JobError, Stack):
        raise
    # a SystemExit that a task raises goes on through asyncio's loop, and would end the engine with all its jobs
    except (Exception, SystemExit, asyncio.CancelledError) as error:
        if isinstance(error, asyncio.CancelledError) and _is_being_cancelled():
            raise
        log(
            Event.JOB_RAISED,
            ix_id=claim.ix_id,
            use_case=claim.use_case,
            raised=type(error).__name__,
            where=_where(error),
        )
        # neither its message nor its cause: they may carry a document's text
        raise UseCaseFailed(f"the use case raised {type(error).__name__}") from None
    if not isinstance(response, Response):
        raise UseCaseFailed(f"the use case gave a {type(response).__name__}, not a Response")
    return response


def _is_being_cancelled() -> bool:
    """Whether the runner cancelled this task; a cancellation that the use case raised by itself is a failure like any
    other."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _where(error: BaseException) -> str | None:
    """File and line where a use case raised: enough to find it, and nothing of the document."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else None


async def _wait_until_done(task: asyncio.Task[Response], time: WorkTime) -> None:
    """Returns when the task has ended, or its time is up: what `asyncio.wait` does, at a third of its cost."""
    over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    time.resolve_when_over(over)
    task.add_done_callback(partial(_resolve, over))
    try:
        await over
    finally:
        time.stop()


def _resolve(future: asyncio.Future[None], *_: object) -> None:
    if not future.done():
        future.set_result(None)


async def _cancel(task: asyncio.Task[Response]) -> None:
    if not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=STUBBORN_SECONDS)
    if task.done() and not task.cancelled():
        # read once, or asyncio would log it as never retrieved
        task.exception()
