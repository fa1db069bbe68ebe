"""`POST /jobs/batch`: many jobs, each judged for itself; the new ones share commits."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from ix.api.answers import JsonAnswer
from ix.api.openapi import examples
from ix.api.openapi.operation import JSON, Answer, Body, operation
from ix.api.openapi.shared import NOT_JSON, UNPROCESSABLE, problem
from ix.api.problems import Problem, ProblemDocument
from ix.api.routing import Route
from ix.api.services import Services, services_of
from ix.api.submission.accept import accept
from ix.api.submission.body import read_batch
from ix.api.submission.models import SubmissionBatch
from ix.api.submission.reading import Read
from ix.config import MIB
from ix.job import Job, Submission

TOGETHER = 16
"""Outcomes that are written at once."""
MAX_ANSWER = 128 * MIB
"""Bytes of the jobs in one answer."""


class BatchJob(BaseModel):
    """What came of a submission that was taken."""

    model_config = ConfigDict(extra="forbid")

    status: Literal[200, 201] = Field(description="201 for a new job, 200 for one that was submitted before")
    job: Job


class BatchProblem(BaseModel):
    """What came of a submission that was not: what `POST /jobs` would have answered."""

    model_config = ConfigDict(extra="forbid")

    status: int = Field(description="The problem's")
    problem: ProblemDocument


class BatchAnswer(BaseModel):
    """What came of each submission, in their order."""

    jobs: Sequence[BatchJob | BatchProblem]


@operation(
    "Submit many jobs",
    "jobs",
    Answer(200, "What came of each", BatchAnswer, example=examples.BATCH_ANSWER),
    problem(
        400,
        "The body is no JSON",
        "body: is not valid JSON: EOF while parsing a value at line 1 column 0",
        ("body", "is not valid JSON"),
    ),
    NOT_JSON,
    UNPROCESSABLE,
    bodies=[Body(JSON, SubmissionBatch, examples.BATCHES)],
)
async def submit_many(request: Request) -> Response:
    """Up to `IX_MAX_BATCH` submissions, each as for `POST /jobs` and judged for itself: one that is refused does not
    touch the others. All that were answered with 201 are on disk. A call that failed on its way can be repeated."""
    services = services_of(request)
    answer = Answered()
    outcomes: list[asyncio.Task[bytes]] = []
    latest: dict[tuple[str, str], asyncio.Task[bytes]] = {}
    # each begins to be stored while the next ones are read; of several with one key the first one first
    async for one in read_batch(request, services):
        key = (one.client_id, one.request_id) if isinstance(one, Submission) else ("", "")
        outcomes.append(asyncio.create_task(_outcome(services, one, answer, latest.get(key))))
        if key[0]:
            latest[key] = outcomes[-1]
    # each is JSON already
    told = await asyncio.gather(*outcomes)
    return JsonAnswer([b'{"jobs":[', *_separated(told), b"]}"])


def _separated(told: Sequence[bytes]) -> Iterator[bytes]:
    """Many small ones together, since each part of an answer is written by itself."""
    for start in range(0, len(told), TOGETHER):
        yield (b"," if start else b"") + b",".join(told[start : start + TOGETHER])


class Answered:
    """How much the jobs of one answer take: some may have been submitted before, and have long answers."""

    def __init__(self) -> None:
        self._left = MAX_ANSWER

    def envelope(self, job: Job) -> bytes:
        """A job as JSON. Raises `Problem` 413 when it is too much with those before it."""
        text = job.envelope()
        self._left -= len(text)
        if self._left < 0:
            raise Problem(413, f"the answer would be larger than {MAX_ANSWER} bytes; the job is at /jobs/{job.ix_id}")
        return text


async def _outcome(services: Services, one: Read, answer: Answered, before: asyncio.Task[bytes] | None) -> bytes:
    """A `BatchJob` or `BatchProblem` as JSON; it is not stored `before` another one is."""
    if before is not None:
        await asyncio.wait([before])
    try:
        if isinstance(one, Problem):
            raise one
        status, job = await accept(services, one)
        return b'{"status":%d,"job":%s}' % (status, answer.envelope(job))
    except Problem as refusal:
        document = refusal.document().model_dump_json(exclude_defaults=True).encode()
        return b'{"status":%d,"problem":%s}' % (refusal.status, document)


ROUTES = [Route("/jobs/batch", submit_many, methods=["POST"])]
