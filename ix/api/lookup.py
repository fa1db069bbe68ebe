"""The job that a path names."""

from __future__ import annotations

import re

from starlette.requests import Request

from ix.api.middleware.auth import caller
from ix.api.problems import Problem
from ix.api.services import services
from ix.job import Job

_IX_ID = re.compile(r"[0-9a-f]{16}")


def ix_id(request: Request) -> str:
    """The id in the path. Raises `Problem` 404 for what cannot be one."""
    named: str = request.path_params["ix_id"]
    if not _IX_ID.fullmatch(named):
        raise no_such_job()
    return named


async def job_or_404(request: Request) -> Job:
    """The job, if it is one of the caller's. Raises `Problem` 404."""
    job = await services(request).database.jobs.get(ix_id(request), caller(request).client_id)
    if job is None:
        raise no_such_job()
    return job


def no_such_job() -> Problem:
    """What an unknown job is answered with, and another client's."""
    return Problem(404, "there is no such job")
