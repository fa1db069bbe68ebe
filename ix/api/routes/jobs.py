"""`POST /jobs`, `GET /jobs/{id}`, `GET /jobs?client_id=&request_id=`."""

from __future__ import annotations

import re
from contextlib import suppress
from urllib.parse import urlencode

from pydantic import ValidationError
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ix.api import submissions
from ix.api.auth import caller
from ix.api.limits import held
from ix.api.lookup import ix_id, known_job, no_such_job
from ix.api.problems import Problem, invalid, invalid_fields
from ix.api.services import services
from ix.api.waiters import ENDED
from ix.control import Listing
from ix.errors import InvalidInput
from ix.events import Event, say
from ix.job import Job, Status
from ix.repo import Inserted, Outcome

_PREFER_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d+(?:\.\d+)?)")


async def submit(request: Request) -> Response:
    """201 with the new job; 200 with the same job where it was submitted before; 422 where its key carries other content."""
    seconds = _seconds(request)
    outcome, job = await _submitted(request)
    if outcome is Outcome.CLASH:
        raise invalid(InvalidInput("request_id", f"of this client_id is already taken by job {job.ix_id}, which has other content"))
    if outcome is Outcome.INSERTED:
        say(Event.JOB_ACCEPTED, ix_id=job.ix_id, use_case=job.use_case, client=job.client_id)
        services(request).hub.accepted(job)
    # where too many wait already, the job is made all the same
    with suppress(Problem):
        job = await _awaited(request, job, seconds)
    return _envelope(job, 201 if outcome is Outcome.INSERTED else 200)


async def show(request: Request) -> Response:
    """The job, or 404."""
    seconds = _seconds(request)
    return _envelope(await _awaited(request, await known_job(request), seconds), 200)


async def find(request: Request) -> Response:
    """With `request_id`, the job that a client submitted under it, or 404; else a list of jobs, newest first."""
    return await (_correlated if "request_id" in request.query_params else _listed)(request)


async def cancel(request: Request) -> Response:
    """The job, cancelled; 409 where it has ended otherwise. With `?erase=true` it is removed for good instead: 204."""
    control = services(request).control
    if request.query_params.get("erase") == "true":
        if not await control.erase(ix_id(request), caller(request).client_id):
            raise no_such_job()
        return Response(status_code=204)
    job = await control.cancel(ix_id(request), caller(request).client_id) or await known_job(request)
    if job.status is not Status.CANCELLED:
        raise Problem(409, f"the job has ended already ({job.status}); it cannot be cancelled any more")
    return _envelope(job, 200)


async def retry(request: Request) -> Response:
    """The job, pending again with all its attempts before it; 409 where it has not ended."""
    job = await services(request).control.retry(ix_id(request), caller(request).client_id)
    if job is None:
        raise Problem(409, f"the job is {(await known_job(request)).status}; only one that has ended can be tried again")
    return _envelope(job, 202)


async def _submitted(request: Request) -> Inserted:
    # a function of its own, so that the documents are not kept while the answer is held
    parts = services(request)
    submission = await submissions.read(request, parts.settings, parts.use_cases, caller(request))
    return await parts.quota.submit(submission, parts.submit)


async def _awaited(request: Request, job: Job, seconds: float) -> Job:
    if seconds <= 0 or job.status in ENDED:
        return job
    with held(request):
        return await services(request).waiters.wait(job, seconds)


async def _listed(request: Request) -> Response:
    parts, query = services(request), dict(request.query_params)
    try:
        asked = Listing.model_validate(query)
    except ValidationError as error:
        raise invalid_fields(error) from None
    if any("\x00" in value for value in query.values()):
        raise invalid(InvalidInput("query", "holds a NUL"))
    own = caller(request).client_id
    others = own is not None and asked.client_id not in (None, own)
    jobs = [] if others else await parts.control.page(asked.model_copy(update={"client_id": own or asked.client_id}))
    more = f"/jobs?{urlencode({**query, 'before': jobs[-1].ix_id})}" if len(jobs) == asked.limit else None
    return Response(to_json({"jobs": jobs, "next": more}), 200, media_type="application/json")


async def _correlated(request: Request) -> Response:
    own = caller(request).client_id
    client_id = own if own and "client_id" not in request.query_params else _required(request, "client_id")
    job = await services(request).repo.get_by_correlation(client_id, _required(request, "request_id"))
    if job is None or own not in (None, job.client_id):
        raise no_such_job()
    return _envelope(job, 200)


def _envelope(job: Job, status: int) -> Response:
    return Response(job.model_dump_json(), status, {"location": f"/jobs/{job.ix_id}"}, "application/json")


def _seconds(request: Request) -> float:
    """How long the answer may be held: `?wait=`, else `Prefer: wait=` (RFC 7240), at most `max_wait`; 0 where neither is given."""
    asked = request.query_params.get("wait")
    if asked is None:
        preferred = _PREFER_WAIT.search(request.headers.get("prefer", ""))
        asked = preferred[1] if preferred else "0"
    if not re.fullmatch(r"\d{1,6}(\.\d{1,6})?", asked):
        raise invalid(InvalidInput("wait", "is not a number of seconds"))
    return min(float(asked), services(request).settings.max_wait)


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
