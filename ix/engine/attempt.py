"""A job's attempt, from its claim to what is stored of it.

Attempts   claim ──▶ span ──▶ answer ──▶ finisher: it is stored
                       │         ├─ TryAgain ──▶ finisher: the job is scheduled for its next attempt
                       │         └─ Stack ──▶ finisher: the job is split, and waits for its parts
UseCaseRun             └─▶ context ──▶ the use case, under its time limit (`ix.engine.runner`)
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from ix.config import Settings
from ix.database import Database
from ix.database.jobs.alike import content_of
from ix.engine import runner
from ix.engine.answer import Answer
from ix.engine.context import JobContext
from ix.engine.documents import DocumentMemory, JobDocuments
from ix.engine.finisher import Finisher
from ix.engine.keeping import PageKeeper
from ix.engine.maintenance.progress import ProgressReporter
from ix.engine.papers import paper_of
from ix.engine.runner import TryAgain
from ix.engine.stacks import Stack
from ix.extraction.pipeline import Extractor
from ix.job import Claim, Problem
from ix.outbound import Outbound
from ix.telemetry import tracing
from ix.telemetry.log import Event, bind, log
from ix.telemetry.traceparent import stored
from ix.telemetry.tracing import Attributes, Span
from ix.use_cases import UseCase

Run = Callable[[Claim], Awaitable[Answer]]
"""Gives the answer of a claimed job. May raise `TryAgain` and `Stack`."""


class Attempts:
    """Makes attempts: `run` gives an answer, and the finisher stores it."""

    def __init__(self, run: Run, finisher: Finisher) -> None:
        self._run = run
        self._finisher = finisher

    async def make(self, claim: Claim) -> None:
        """One attempt, in a span of the trace that its client sent. Raises nothing but `CancelledError`."""
        bind(ix_id=claim.ix_id)
        caller = stored(claim.trace) if claim.trace else None
        if not tracing.concerns(caller):
            await self._make(claim, Span())
            return
        with tracing.start_span(f"process {claim.use_case}", "consumer", caller, _about(claim)) as span:
            await self._make(claim, span)

    async def _make(self, claim: Claim, span: Span) -> None:
        log(Event.JOB_STARTED, ix_id=claim.ix_id, use_case=claim.use_case, attempt=claim.attempts + 1)
        span.set(ix__use_case=claim.use_case, ix__attempt=claim.attempts + 1)
        began = asyncio.get_running_loop().time()
        try:
            answer = await self._run(claim)
        except TryAgain as again:
            span.fail(again.problem.code)
            self._finisher.postpone(claim, again.problem, again.after, again.spent)
            return
        except Stack as stack:
            self._finisher.split(claim, stack)
            return
        # one that is passed on ends the slot, and its job stays running: nobody rescues from an engine that lives
        except Exception as error:
            answer = _engine_failed(claim, error)
        if answer.error:
            span.fail(answer.error)
        self._finisher.finish(claim, answer, began)


def _about(claim: Claim) -> Attributes:
    return {
        "messaging.system": "postgresql",
        "messaging.operation.type": "process",
        "messaging.message.id": claim.ix_id,
    }


def _engine_failed(claim: Claim, error: Exception) -> Answer:
    log(Event.JOB_RAISED, ix_id=claim.ix_id, use_case=claim.use_case, error=error)
    return Answer.failed(Problem(code="engine_failed", message="an error inside the engine; its log names it"))


@dataclass(frozen=True, slots=True)
class UseCaseRun:
    """Runs claimed jobs' use cases, with what they see of the engine; event streams are told of their steps."""

    settings: Settings
    use_cases: Mapping[str, UseCase]
    database: Database
    outbound: Outbound
    extractor: Extractor
    progress: ProgressReporter
    memory: DocumentMemory
    keeper: PageKeeper | None = None

    async def __call__(self, claim: Claim) -> Answer:
        """The answer of the job's use case. Raises only `TryAgain`, `Stack` and `CancelledError`."""
        steps = self.progress.begin(claim)
        documents = JobDocuments(self.memory, self.database.documents, self.database.jobs, self.outbound, self.settings)
        try:
            context = JobContext(claim, documents, self.extractor, steps, self.keeper, self.use_cases)
            answer = await runner.run(claim, self.use_cases, context, self.settings)
            digests = None if answer.error else await documents.digests()
            if not digests:
                return answer
            paper = paper_of(claim, answer.response) if self.settings.same_invoices else None
            return answer.marked(content_of(claim, digests), paper)
        finally:
            documents.release()
            self.progress.end(steps)
