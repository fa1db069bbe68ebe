"""`POST /jobs`, `GET /jobs/{id}`, `GET /jobs?client_id=&request_id=`."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ix.api import submissions
from ix.api.problems import Problem, invalid
from ix.api.services import services
from ix.errors import InvalidInput
from ix.job import Job
from ix.repo import Outcome

_IX_ID = re.compile(r"[0-9a-f]{16}")
_PREFER_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d+(?:\.\d+)?)")


async def submit(request: Request) -> Response:
    """201 with the new job; 200 with the same job where it was submitted before; 422 where its key carries other content."""
    parts = services(request)
    seconds = _seconds(request)
    submission = await submissions.read(request, parts.settings, parts.use_cases)
    outcome, job = await parts.submit(submission)
    if outcome is Outcome.CLASH:
        raise invalid(InvalidInput("request_id", f"of this client_id is already taken by job {job.ix_id}, which has other content"))
    job = await parts.waiters.wait(job, seconds)
    return _envelope(job, 201 if outcome is Outcome.INSERTED else 200)


async def show(request: Request) -> Response:
    """The job, or 404."""
    parts = services(request)
    seconds = _seconds(request)
    ix_id = request.path_params["ix_id"]
    job = await parts.repo.get(ix_id) if _IX_ID.fullmatch(ix_id) else None
    if job is None:
        raise Problem(404, "there is no such job")
    return _envelope(await parts.waiters.wait(job, seconds), 200)


async def find(request: Request) -> Response:
    """The job that a client submitted under its own request id, or 404."""
    client_id, request_id = _required(request, "client_id"), _required(request, "request_id")
    job = await services(request).repo.get_by_correlation(client_id, request_id)
    if job is None:
        raise Problem(404, "there is no such job")
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
]
