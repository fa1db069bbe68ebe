"""The job that a path names, or 404."""

from __future__ import annotations

import re

from starlette.requests import Request

from ix.api.middleware.auth import caller_of
from ix.api.problems import Problem
from ix.api.services import services_of
from ix.job import Job, JobHead

_IX_ID = re.compile(r"[0-9a-f]{16}")


def ix_id_of(request: Request) -> str:
    """The id in the path. Raises `Problem` 404 for what cannot be one."""
    ix_id: str = request.path_params["ix_id"]
    # what cannot be an id may hold a NUL, and that would be an error of the database
    if not _IX_ID.fullmatch(ix_id):
        raise no_such_job()
    return ix_id


async def job_or_404(request: Request) -> Job:
    """The job that the path names, if it is one of the caller's. Raises `Problem` 404."""
    job = await services_of(request).database.jobs.get(ix_id_of(request), caller_of(request).client_id)
    if job is None:
        raise no_such_job()
    return job


async def head_or_404(request: Request) -> JobHead:
    """The job that the path names without what was asked and answered, which may be large. Raises `Problem` 404."""
    head = await services_of(request).database.jobs.head(ix_id_of(request), caller_of(request).client_id)
    if head is None:
        raise no_such_job()
    return head


def no_such_job() -> Problem:
    """404 for a job that is unknown or another client's, which the caller cannot tell apart."""
    return Problem(404, "there is no such job")
