"""`POST /jobs/batch`: many jobs, each judged for itself; the new ones share commits."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from ix.api.middleware.auth import caller_of
from ix.api.openapi import examples
from ix.api.openapi.operation import JSON, Answer, Body, operation
from ix.api.openapi.shared import UNPROCESSABLE, problem
from ix.api.problems import Problem, ProblemDocument
from ix.api.routing import Route
from ix.api.services import Services, services_of
from ix.api.submission.accept import accept
from ix.api.submission.body import read_batch
from ix.api.submission.models import SubmissionBatch
from ix.api.submission.validate import validated_raw
from ix.database.keys import Caller
from ix.job import Job, Json

YIELD_EVERY = 32
"""Submissions that are validated before the event loop may serve other requests."""


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
    problem(415, "The body is not JSON", "content-type: send application/json"),
    UNPROCESSABLE,
    bodies=[Body(JSON, SubmissionBatch, examples.BATCHES)],
)
async def submit_many(request: Request) -> Response:
    """Up to `IX_MAX_BATCH` submissions, each as for `POST /jobs` and judged for itself: one that is refused does not
    touch the others. All that were answered with 201 are on disk. A call that failed on its way can be repeated."""
    services, caller = services_of(request), caller_of(request)
    outcomes: list[asyncio.Task[str]] = []
    for payload in await read_batch(request, services.settings):
        outcomes.append(asyncio.create_task(_outcome(services, payload, caller)))
        if len(outcomes) % YIELD_EVERY == 0:
            await asyncio.sleep(0)
    # joined as text: each is JSON already
    return Response(f'{{"jobs":[{",".join(await asyncio.gather(*outcomes))}]}}', media_type=JSON)


async def _outcome(services: Services, payload: Json, caller: Caller) -> str:
    """A `BatchJob` or `BatchProblem` as JSON."""
    try:
        submission = validated_raw(payload, services.settings, services.use_cases, caller)
        status, job = await accept(services, submission)
    except Problem as refusal:
        return f'{{"status":{refusal.status},"problem":{refusal.document().model_dump_json(exclude_defaults=True)}}}'
    return f'{{"status":{status},"job":{job.model_dump_json()}}}'


ROUTES = [Route("/jobs/batch", submit_many, methods=["POST"])]
