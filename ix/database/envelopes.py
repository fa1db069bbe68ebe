"""From a row of the table of jobs to the job, also where another version of ix has written it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from ix.job import Job, JobHead, Problem, Request, Response
from ix.job.ordered import envelope

UNREADABLE: Mapping[str, BaseModel] = {
    "request": Request(),
    "response": Response(
        error=Problem(code="response_unreadable", message="this ix cannot read the answer that is stored")
    ),
}
"""What stands in the place of a member of a row that another version of ix wrote."""
STORED = tuple(name for name in JobHead.model_fields if name != "progress")
"""The members of a head that stand in its row: what a job is doing is told and not stored."""

_REQUIRED = frozenset(name for name, field in Job.model_fields.items() if field.is_required())


def job_of(row: Mapping[str, Any]) -> Job:
    """The job in a row of its table. Where another version of ix wrote a request or an answer that this one cannot
    read, `UNREADABLE` stands in for it, and the rest is given all the same."""
    # what a row does not say of a job is not known of it
    stored = {name: row[name] for name in (*STORED, *UNREADABLE) if name in _REQUIRED or row.get(name) is not None}
    try:
        return Job.model_validate(envelope(stored))
    except ValidationError as error:
        unread = {
            str(each["loc"][0]) for each in error.errors(include_url=False, include_context=False, include_input=False)
        }
        if not unread <= UNREADABLE.keys():
            raise
        return Job.model_validate(stored | {name: UNREADABLE[name] for name in unread})
