"""From a validated submission to a job on disk, and who is told of it."""

from __future__ import annotations

from ix.api.problems import invalid
from ix.api.services import Services
from ix.database.jobs import Outcome
from ix.errors import InvalidInput
from ix.job import Job, Submission
from ix.telemetry.log import Event, log


async def accept(parts: Services, submission: Submission) -> tuple[int, Job]:
    """The job and the status that tells of it: 201 for a new one, 200 for one that was submitted before.

    Raises `Problem`: 422 where its key carries other content, 429 where its client has no room."""
    outcome, job = await parts.quota.submit(submission, parts.submit)
    if outcome is Outcome.CLASH:
        raise invalid(
            InvalidInput(
                "request_id", f"of this client_id is already taken by job {job.ix_id}, which has other content"
            )
        )
    if outcome is Outcome.SAME:
        return 200, job
    log(Event.JOB_ACCEPTED, ix_id=job.ix_id, use_case=job.use_case, client=job.client_id)
    parts.broadcast.accepted(job)
    return 201, job
