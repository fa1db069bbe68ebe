"""From a validated submission to a job on disk, and what is told of it: the answer's status, a log line, an event."""

from __future__ import annotations

from ix.api.problems import invalid
from ix.api.services import Services
from ix.database.jobs import Inserted, Outcome
from ix.errors import InvalidInput
from ix.job import Job, Submission
from ix.telemetry.log import Event, log


async def accept(services: Services, submission: Submission) -> tuple[int, Job]:
    """Status and job: 201 with a new one, 200 with one that was submitted before.

    Raises `Problem`: the submission's refusal where it is new, 422 where its key carries other content, 429 where its
    client has too many jobs waiting, or had as many as it may have in a day."""
    if submission.refusal:
        outcome, job = await _known(services, submission)
    else:
        outcome, job = await services.caps.submit(submission, lambda one: services.quota.submit(one, services.submit))
    if outcome is Outcome.CLASH:
        message = f"of this client_id is already taken by job {job.ix_id}, which has other content"
        raise invalid(InvalidInput("request_id", message))
    if outcome is Outcome.SAME:
        return 200, job
    log(Event.JOB_ACCEPTED, ix_id=job.ix_id, use_case=job.use_case, client=job.client_id)
    services.broadcast.accepted(job)
    return 201, job


async def _known(services: Services, submission: Submission) -> Inserted:
    """The job of a submission that is refused today. Raises its refusal where there is none."""
    found = await services.database.jobs.known(submission)
    if found is None or found.outcome is not Outcome.SAME:
        assert submission.refusal is not None
        raise submission.refusal
    return found
