"""What the tools of `ix mcp` give back: jobs as an agent needs them, values beside their evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field, JsonValue

from ix.cli.show import Row, rows
from ix.client.operations import ENDED
from ix.job import Job, JobHead, Response, Status
from ix.use_cases import UseCaseInfo


class Value(BaseModel):
    """A value of an answer and where it stands."""

    path: str = Field(description="Where it stands in the result; rows of lists are numbered from 1")
    value: JsonValue
    quote: str | None = Field(default=None, description="The characters on the page; null where it is not printed")
    document: int | None = Field(default=None, description="Which document, from 0")
    page: int | None = Field(default=None, description="Which page of it, from 1")
    confidence: float | None = Field(default=None, description="How often such a value is right, 0 to 1")


class Doubt(BaseModel):
    """Something that a person should look at before the value is used."""

    path: str = Field(description="The value that it is about; empty for the whole answer")
    code: str
    message: str


class Outcome(BaseModel):
    """A job, and once it has ended what was found."""

    ix_id: str
    use_case: str
    status: Status
    ended: bool = Field(description="False: ask again with wait_for_job")
    result: JsonValue = Field(default=None, description="The values in the shape of the use case")
    values: list[Value] = Field(default=[], description="Each value with its evidence")
    doubts: list[Doubt] = Field(default=[], description="What needs a person's eyes; empty: nothing does")
    error: str | None = Field(default=None, description="Why the job ended without an answer")
    parts: list[str] = Field(default=[], description="Of a stack of documents: the jobs of its parts")


class Listed(BaseModel):
    """A job in a list."""

    ix_id: str
    use_case: str
    status: Status
    document: str | None
    headline: str | None
    created_at: datetime


class Jobs(BaseModel):
    """Some jobs, the newest of them first."""

    jobs: list[Listed]


class Asked(BaseModel):
    """What can be asked for."""

    name: str
    about: str


class UseCases(BaseModel):
    """The use cases of this service."""

    use_cases: list[Asked]


def outcome(job: Job) -> Outcome:
    """A job as an agent needs it: no request, no boxes, no timings."""
    told = Outcome(ix_id=job.ix_id, use_case=job.use_case, status=job.status, ended=job.status in ENDED)
    return told if job.response is None else told.model_copy(update=_answered(job.response))


def _answered(response: Response) -> dict[str, Any]:
    return {
        "result": response.result,
        "values": list(_values(response.result, response.evidence)),
        "doubts": [Doubt(path=one.path, code=one.code, message=one.message) for one in response.points],
        "error": f"{response.error.code}: {response.error.message}" if response.error else None,
        "parts": [part.ix_id for part in response.parts or ()],
    }


def listed(head: JobHead) -> Listed:
    """A row of a list."""
    return Listed.model_validate(head, from_attributes=True)


def asked(info: UseCaseInfo) -> Asked:
    """A use case in a list."""
    return Asked(name=info.name, about=info.description)


def _values(result: JsonValue, evidence: JsonValue) -> Iterator[Value]:
    return (_value(row, row.node or {}) for row in rows(result, evidence) if row.path and row.value is not None)


def _value(row: Row, node: Mapping[str, Any]) -> Value:
    seen = {name: node.get(name) for name in ("document", "page", "confidence")}
    return Value(path=row.path, value=row.value, quote=node.get("quote") if node.get("page") else None, **seen)
