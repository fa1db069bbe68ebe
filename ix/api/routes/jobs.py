"""`/jobs` and `/jobs/{id}`: submit, look at, find, list, cancel, erase and retry jobs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import urlencode

from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from ix.api.answers import JsonAnswer
from ix.api.listing import flag, listing_of, within
from ix.api.live.waiters import ENDED
from ix.api.lookup import head_or_404, job_or_404, no_such_job, visible_ix_id
from ix.api.middleware.admission import while_held
from ix.api.middleware.auth import caller_of, while_authorized
from ix.api.middleware.proxies import root_of
from ix.api.openapi import examples
from ix.api.openapi.operation import FORM, JSON, Answer, Body, Parameter, operation
from ix.api.openapi.shared import IX_ID, LOCATION, NOT_FOUND, PREFER, UNPROCESSABLE, WAIT, Wait, problem
from ix.api.problems import Problem, invalid
from ix.api.routes.expiry import ERASE_AFTER, asked_seconds
from ix.api.routing import Route, headers
from ix.api.services import services_of
from ix.api.submission import body
from ix.api.submission.accept import accept
from ix.api.submission.again import FORGOTTEN, matched, read_retry
from ix.api.submission.models import Retry, SubmissionForm, SubmissionIn
from ix.database.jobs import AsOf, Listing, Page
from ix.errors import InvalidInput
from ix.job import Job, JobHead, Key, Status

# one preference of several, whose value may stand in quotes (RFC 7240, section 2)
_PREFER_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d+(?:\.\d+)?)", re.IGNORECASE)

REVIEWED = 'a person has reviewed the answer, or is about to: {"discard_review": true} forgets that, too'

ERASED = "its documents were erased (`ix retention list`), so that it cannot be tried again; its answer stays"

_WAIT = TypeAdapter[float](Wait)


class JobList(BaseModel):
    """A page of jobs, newest first. `next` is the address of the next page; null on the last one."""

    jobs: Sequence[JobHead]
    next: str | None
    as_of: AsOf = None


@operation(
    "Submit a job",
    "jobs",
    Answer(201, "A new job", Job, example=examples.PENDING, headers=[LOCATION], next=["jobs_show", "jobs_cancel"]),
    Answer(200, "The job that was submitted before", Job, example=examples.DONE, headers=[LOCATION]),
    problem(
        400,
        "The body is no JSON, or no whole form",
        "body: is not valid JSON: EOF while parsing a value at line 1 column 0",
        ("body", "is not valid JSON"),
    ),
    problem(415, "Neither JSON nor a form", "content-type: send application/json or multipart/form-data"),
    UNPROCESSABLE,
    parameters=[WAIT, PREFER, ERASE_AFTER],
    bodies=[
        Body(JSON, SubmissionIn, examples.SUBMISSIONS),
        Body(FORM, SubmissionForm, examples.FORMS, {"options": JSON, "tags": JSON}),
    ],
)
async def submit(request: Request) -> Response:
    """The job is on disk before the answer says so. The same `(client_id, request_id)` with the same content gives the
    same job again (200), so a call that failed on its way can be repeated; with other content it is refused (422). Send
    JSON, or files as a form."""
    # first: a wait that cannot be read refuses the submission, and nothing is stored
    seconds, erase_after = _seconds(request), asked_seconds(request)
    status, job = await _submitted(request)
    if erase_after is not None:
        # where this fails the call is repeated: the same job again, and its expiry
        await services_of(request).database.expiries.set(job.ix_id, erase_after)
    # where too many wait already, the job is made all the same
    with suppress(Problem):
        job = await _awaited(request, job, seconds)
    return _envelope(job, status)


@operation(
    "Look at a job",
    "jobs",
    Answer(200, "The job", Job, example=examples.DONE, headers=[LOCATION]),
    NOT_FOUND,
    UNPROCESSABLE,
    parameters=[IX_ID, WAIT, PREFER],
)
async def show(request: Request) -> Response:
    """The envelope: what was asked, how far the job is, and once it has ended its `response`."""
    seconds = _seconds(request)
    return _envelope(await _awaited(request, await job_or_404(request), seconds), 200)


@operation(
    "Find one job, or list jobs",
    "jobs",
    Answer(
        200,
        "The job, or a page of jobs",
        Job | JobList,
        example=JobList(jobs=[examples.HEAD], next=f"/jobs?limit=1&before={examples.IX_ID}"),
    ),
    NOT_FOUND,
    UNPROCESSABLE,
    parameters=[
        Parameter(
            "request_id",
            "query",
            Key,
            "With `client_id` alone: the one job that the client submitted under this id",
            example="r-1",
        )
    ],
    query=Listing,
)
async def find(request: Request) -> Response:
    """With `request_id`, the one job that a client submitted under it, or 404. Else a list, newest first, without
    requests and responses, such as `/jobs?client_id=me&status=done&limit=20`; `next` is the address of the next page.
    Where jobs that are asked for are rare among very many, a page may have fewer than `limit`, or none, and a `next`
    all the same."""
    return await (_correlated if "request_id" in request.query_params else _listed)(request)


@operation(
    "Cancel or erase a job",
    "jobs",
    Answer(200, "The job, cancelled", Job, example=examples.CANCELLED, headers=[LOCATION]),
    Answer(204, "The job was erased"),
    NOT_FOUND,
    problem(409, "The job has ended already", "the job has ended already (done); it cannot be cancelled any more"),
    UNPROCESSABLE,
    parameters=[
        IX_ID,
        Parameter("erase", "query", bool, "`true` removes the job for good, and the documents that no other job names"),
    ],
)
async def cancel(request: Request) -> Response:
    """A running use case is interrupted. With `?erase=true` the job is removed for good instead, whatever its state."""
    jobs, caller = services_of(request).database.jobs, caller_of(request)
    if flag(request, "erase"):
        if not await jobs.erase(await visible_ix_id(request), caller.client_id, caller):
            raise no_such_job()
        return Response(status_code=204)
    job = await jobs.cancel(await visible_ix_id(request), caller.client_id, caller) or await job_or_404(request)
    # one that was cancelled before is what was asked for: a call that failed on its way can be repeated
    if job.status is not Status.CANCELLED:
        raise Problem(409, f"the job has ended already ({job.status}); it cannot be cancelled any more")
    return _envelope(job, 200)


@operation(
    "Run a job again",
    "jobs",
    Answer(202, "The job, pending again", Job, example=examples.PENDING, headers=[LOCATION]),
    NOT_FOUND,
    problem(
        409,
        "The job has not ended, or a person has reviewed its answer",
        "the job is running; only one that has ended can be tried again",
    ),
    problem(
        422, "The passwords that it came with are needed again", f"passwords: {FORGOTTEN}", ("passwords", FORGOTTEN)
    ),
    parameters=[IX_ID],
    bodies=[Body(JSON, Retry, examples.RETRIES, required=False)],
)
async def retry(request: Request) -> Response:
    """An ended job is pending again, with all its attempts before it and its answer forgotten. It counts towards
    `IX_MAX_PENDING` like a new one: 429. It is no new one of its day; where the day's pages are used up: 429, too.
    Passwords were forgotten too: a job that came with some needs them again."""
    services, caller = services_of(request), caller_of(request)
    # first, for its client, and since a job that has not ended costs its client nothing
    ended = await head_or_404(request)
    given = await read_retry(request)
    job = None
    if ended.documents_erased:
        raise Problem(409, ERASED)
    if ended.status in ENDED:
        jobs = services.database.jobs
        passwords = matched(given.passwords, await jobs.protected(ended.ix_id))
        if not given.discard_review and await services.database.reviews.is_reviewed(ended.ix_id):
            raise Problem(409, REVIEWED)
        await services.caps.ensure_reading(ended.client_id)
        job = await services.quota.again(
            ended.client_id, lambda: jobs.retry(ended.ix_id, caller.client_id, passwords, caller, given.discard_review)
        )
    if job is None:
        raise Problem(
            409, f"the job is {(await head_or_404(request)).status}; only one that has ended can be tried again"
        )
    return _envelope(job, 202)


async def _submitted(request: Request) -> tuple[int, Job]:
    # a function of its own, so that the documents are not kept while the answer is held
    services = services_of(request)
    return await accept(services, await body.read(request, services))


async def _awaited(request: Request, job: Job, seconds: float) -> Job:
    if seconds <= 0 or job.status in ENDED:
        return job
    with while_held(request, job.client_id):
        async with while_authorized(request.scope):
            return await services_of(request).waiters.wait(job, seconds)


async def _listed(request: Request) -> Response:
    listing, services = listing_of(request), services_of(request)
    found = Page((), None)
    if (wanted := within(request, listing)) is not None:
        found = await services.reads.part_of_list(wanted, caller_of(request).use_cases)
    given = [(name, value) for name, value in request.query_params.multi_items() if name != "before"]
    path = f"{root_of(request.scope)}/jobs"
    # a full page may be the last one: the page behind it is empty then
    more = f"{path}?{urlencode([*given, ('before', found.before)])}" if found.before else None
    jobs = [services.broadcast.steps.beside(job) for job in found.jobs]
    return Response(
        JobList(jobs=jobs, next=more, as_of=found.as_of).model_dump_json(), 200, media_type="application/json"
    )


async def _correlated(request: Request) -> Response:
    caller = caller_of(request)
    own = caller.client_id
    client_id = own if own and "client_id" not in request.query_params else _required(request, "client_id")
    job = await services_of(request).database.jobs.get_by_correlation(client_id, _required(request, "request_id"))
    if job is None or own not in (None, job.client_id) or not caller.knows(job.use_case):
        raise no_such_job()
    return _envelope(job, 200)


def _envelope(job: Job, status: int) -> Response:
    """A job, and where it is."""
    return JsonAnswer([job.envelope()], status, [(b"location", f"/jobs/{job.ix_id}".encode())])


def _seconds(request: Request) -> float:
    """How long the answer may be held: `?wait=`, else `Prefer: wait=` (RFC 7240), at most `max_wait`; 0 where neither
    is given."""
    # most requests have no query: Starlette would parse it all the same
    asked = request.query_params.get("wait") if request.scope["query_string"] else None
    if asked is None:
        # the field may be repeated (RFC 7240, 2)
        fields = headers(request.scope, b"prefer")
        preferred = _PREFER_WAIT.search(b",".join(fields).decode("latin-1")) if fields else None
        if preferred is None:
            return 0.0
        asked = preferred[1]
    try:
        return min(_WAIT.validate_strings(asked), services_of(request).settings.max_wait)
    except ValidationError:
        raise invalid(InvalidInput("wait", "is not a number of seconds")) from None


def _required(request: Request, name: str) -> str:
    value = request.query_params.get(name, "")
    if not value:
        raise invalid(InvalidInput(name, "is missing; give client_id and request_id"))
    if "\x00" in value:
        raise invalid(InvalidInput(name, "holds a NUL"))
    return value


ROUTES = [
    Route("/jobs", submit, methods=["POST"]),
    Route("/jobs", find, methods=["GET"]),
    Route("/jobs/{ix_id}", show, methods=["GET"]),
    Route("/jobs/{ix_id}", cancel, methods=["DELETE"]),
    Route("/jobs/{ix_id}/retry", retry, methods=["POST"]),
]
