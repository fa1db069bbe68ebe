"""A job: what a client submits, what stands in the table, what a run answers.

Its life, held by the CHECK `jobs_life` of the table:

    scheduled ──promote──▶ pending ──claim──▶ running ──finish──▶ done | error
        ▲                     ▲                  │ │                ▲
        │                     └──release, rescue─┤ └─split──▶────────┘ gather: its parts have ended
        └─────────────────────────────postpone───┘     after an error that may pass, with an attempt spent

    split spends an attempt, too. cancel ends what has not ended; retry takes what has back to pending.
"""

from __future__ import annotations

import operator
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from pydantic import ConfigDict, Field, JsonValue

from ix.job.findings import Finding, Point, PointKind, Scalar
from ix.job.labels import Batch, BatchId, BatchJobs, BatchStatus, Tag, Tags
from ix.job.submitted import (
    Configured,
    DocumentRef,
    Json,
    Key,
    Model,
    Moment,
    Request,
    Stored,
    Submission,
    Written,
    assembled,
)

__all__ = [
    "Batch",
    "BatchId",
    "BatchJobs",
    "BatchStatus",
    "CallbackStatus",
    "Claim",
    "Configured",
    "DocumentRef",
    "Doing",
    "Finding",
    "Job",
    "JobHead",
    "Json",
    "Key",
    "LargeJob",
    "Moment",
    "Part",
    "PartPages",
    "Point",
    "PointKind",
    "Problem",
    "Progress",
    "Request",
    "Response",
    "Scalar",
    "Status",
    "Stored",
    "Submission",
    "Tag",
    "Tags",
    "Written",
    "assembled",
]


class Status(StrEnum):
    """Where a job is in its life."""

    SCHEDULED = "scheduled"
    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    ERROR = "error"
    CANCELLED = "cancelled"


class CallbackStatus(StrEnum):
    """Where the callback of an ended job is. It never changes the job's status."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class Problem(Model):
    """Why a job ended in error. `code` is stable, see `ix.errors`."""

    code: str
    message: str


class PartPages(Model):
    """Pages of one document, both counted as evidence counts them: documents from 0, pages from 1."""

    document: int
    pages: tuple[int, ...]


class Part(Model):
    """A document that was found in a job's documents, and became a job of its own: the part."""

    ix_id: str
    request_id: str
    documents: tuple[PartPages, ...] = Field(description="Its pages in the documents of this job")
    reason: str = Field(description="Why it begins where it does")
    status: Status | None = Field(description="What the part came to; null where it was erased")
    code: str | None = Field(default=None, description="The code of its error")


class Response(Model):
    """What a use case answers. A job is `done` exactly when `error` is None. `evidence` mirrors `result`, see
    `ix.extraction.evidence`."""

    # infinity and NaN, which JSON does not have, are written as such and so noticed; pydantic's default makes them null
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")

    result: JsonValue = Field(default=None, description="The values, in the shape that the use case gives")
    evidence: JsonValue = Field(
        default=None, description="Beside each value of the result: match, page, quote, boxes, confidence"
    )
    error: Problem | None = None
    warnings: tuple[Finding, ...] = Field(default=(), description="What the checks found")
    timings: dict[str, float] = Field(
        default_factory=dict, description="Seconds of work by step, and of `waiting` for a place, where the job had to"
    )
    usage: dict[str, JsonValue] = Field(
        default_factory=dict,
        description="Model, tokens, pages; `read` says of each page its source (`text`, `ocr`, `both`) and confidence; "
        "after `auto` the `use_case` that answered, and `because` of what",
    )
    points: tuple[Point, ...] = Field(
        default=(),
        exclude_if=operator.not_,
        description="What of it needs a person's eyes; left out where nothing does",
    )
    parts: tuple[Part, ...] | None = Field(
        default=None, exclude_if=operator.not_, description="Of a job that was split: its parts; its result is null"
    )


class Doing(Model):
    """The step that a running job is in, and how much of it is done, see `Progress`."""

    step: str | None
    done: int | None = None
    of: int | None = None


class JobHead(Model):
    """What a list says of a job: the envelope without what was asked and answered."""

    ix_id: str = Field(description="The service's own id, 16 hexadecimal digits")
    client_id: str
    request_id: str = Field(description="The client's own id of this request")
    use_case: str
    status: Status
    attempts: int = Field(description="Attempts that were spent")
    created_at: datetime
    started_at: datetime | None = Field(description="When the last attempt began")
    finished_at: datetime | None = Field(description="When the job ended: done, in error, or cancelled")
    callback_url: str | None
    callback_status: CallbackStatus | None
    priority: int = 0
    run_at: datetime | None = Field(default=None, description="The job does not begin before this moment")
    parent: str | None = Field(default=None, description="Of a part: the id of the job whose documents it is a part of")
    document: str | None = Field(default=None, description="Name of the first document")
    documents: int = Field(default=0, description="How many documents it came with")
    pages: int | None = Field(default=None, description="Pages that were read")
    headline: str | None = Field(default=None, description="The result in one line, for people")
    error_code: str | None = Field(default=None, description="Of a job in error: the code of its error")
    review: str | None = Field(
        default=None,
        description="`straight`, `needed`, `leased`, `approved` or `rejected`; null where none is due",
    )
    points: int = Field(default=0, description="Points of the result that need eyes")
    # left out where they are kept, so that clients of the version before meet nothing new
    documents_erased: datetime | None = Field(
        default=None,
        exclude_if=operator.not_,
        description="When its documents were erased, and what was read on their pages: before the job, as "
        "`IX_DOCUMENT_DAYS` wants it",
    )
    results_erased: datetime | None = Field(
        default=None,
        exclude_if=operator.not_,
        description="When its result was erased, and all that was made of it: before the job, as `ix retention` says",
    )
    # both are left out where there are none, for the same reason
    tags: dict[str, str] | None = Field(
        default=None, exclude_if=operator.not_, description="The client's own words for it"
    )
    batch_id: str | None = Field(default=None, exclude_if=operator.not_, description="The batch that it belongs to")
    configuration: Configured | None = Field(
        default=None,
        exclude_if=operator.not_,
        description="The saved configuration that it was submitted with; left out where it named none",
    )
    progress: Doing | None = Field(default=None, description="Of a running job: what it is doing, as far as is known")


class Job(JobHead):
    """The envelope: everything that a client may know of its job."""

    request: Request
    response: Response | None = Field(description="The answer; null until the job has ended")

    def envelope(self) -> bytes:
        """The job as JSON, as clients get it."""
        # bytes at once: `model_dump_json` gives text that is made of them
        return Job.__pydantic_serializer__.to_json(self)


class LargeJob(Job):
    """A job of which nobody looks into what was asked and answered: both stand empty in it, and their JSON, however
    large, is passed on as it is stored."""

    request: Request = Request()
    response: Response | None = None
    request_json: bytes = Field(exclude=True, repr=False)
    response_json: bytes | None = Field(default=None, exclude=True, repr=False)

    def envelope(self) -> bytes:
        """The job as JSON, without a look at what is large in it."""
        head = self.model_dump_json(exclude={"request", "response"})[:-1].encode()
        return b'%s,"request":%s,"response":%s}' % (head, self.request_json, self.response_json or b"null")


class Progress(Model):
    """What a running job is doing: the step that its use case is in, None where it named none, and how much of it is
    done, `done` of `of` (pages, say), where that is known. A hint, stored nowhere."""

    ix_id: str
    attempt: int
    step: str | None = None
    done: int | None = None
    of: int | None = None


class Claim(NamedTuple):
    """A job that this engine may run. `token` is the fence, one for all that a statement claimed: every write of the
    result names it. `request` is None where this ix cannot read the one that is stored. `quarantined`: nothing else may
    run beside it. `trace`, `client_id` and `request_id` are those of the submission, `parent` the id of a part's."""

    ix_id: str
    token: UUID
    use_case: str
    attempts: int
    request: Request | None
    callback_url: str | None
    max_attempts: int = 1
    position: int = 0
    quarantined: bool = False
    trace: str | None = None
    client_id: str = ""
    parent: str | None = None
    request_id: str = ""
