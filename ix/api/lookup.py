"""The job that a path names, or 404."""

from __future__ import annotations

import re
from datetime import datetime

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
    caller = caller_of(request)
    job = await services_of(request).database.jobs.get(ix_id_of(request), caller.client_id)
    if job is None or not caller.knows(job.use_case):
        raise no_such_job()
    return job


async def head_or_404(request: Request) -> JobHead:
    """The job that the path names without what was asked and answered, which may be large. Raises `Problem` 404."""
    caller = caller_of(request)
    head = await services_of(request).database.jobs.head(ix_id_of(request), caller.client_id)
    if head is None or not caller.knows(head.use_case):
        raise no_such_job()
    return head


async def read_or_404(request: Request) -> JobHead:
    """`head_or_404` for what needs the job's pages. Raises `Problem` where they were erased before the job: 404 with
    its documents, 410 with its result."""
    head = await head_or_404(request)
    if head.results_erased is not None:
        raise result_erased(head.results_erased)
    if head.documents_erased is not None:
        raise Problem(
            404, f"the documents of the job were erased on {head.documents_erased:%Y-%m-%d}; its answer stays"
        )
    return head


async def visible_ix_id(request: Request) -> str:
    """The id in the path, for what acts on the job without reading it. Raises `Problem` 404 where the job is of a use
    case that is not there for the caller; whose it is, the statement that acts looks at itself."""
    # a key that knows all use cases need not read the job, whose use case never changes
    return ix_id_of(request) if caller_of(request).use_cases is None else (await head_or_404(request)).ix_id


def result_erased(moment: datetime) -> Problem:
    """410 for what a job's result is needed for that retention has erased."""
    return Problem(
        410,
        f"the result of the job was erased on {moment:%Y-%m-%d}, and all that was made of it; the job stays",
        code="result_erased",
    )


def no_such_job() -> Problem:
    """404 for a job that is unknown, another client's, or of a use case that the key may not ask for: the caller cannot
    tell them apart."""
    return Problem(404, "there is no such job")
