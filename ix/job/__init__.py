"""A job: what a client submits, what stands in the table, what a run answers.

Its life, held by the CHECK `jobs_life` of the table:

    scheduled ──promote──▶ pending ──claim──▶ running ──finish──▶ done | error
        ▲                     ▲                  │ │                ▲
        │                     └──release, rescue─┤ └─split──▶────────┘ gather: its parts have ended
        └─────────────────────────────postpone───┘     after an error that may pass, with an attempt spent

    split spends an attempt, too. cancel ends what has not ended; retry takes what has back to pending.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import operator
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple, TypeAlias, TypeVar
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    SecretStr,
    StringConstraints,
)

from ix.job.findings import Finding as Finding
from ix.job.findings import Point as Point
from ix.job.findings import PointKind as PointKind
from ix.job.findings import Scalar as Scalar
from ix.job.model import Model as _Model

Key = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Json: TypeAlias = Any
"""A JSON value that came through `ix.untrusted` or out of the database: there is nothing left to check in it."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
"""JSON that is the same for the same content. Fingerprints are stored: it must not change."""


def _rfc3339(moment: object) -> object:
    # pydantic would take a bare number for seconds or milliseconds since 1970, whichever looks likelier
    if isinstance(moment, datetime) or (isinstance(moment, str) and _DAY.match(moment)):
        return moment
    raise ValueError("is no moment as RFC 3339 writes it, such as 2026-11-02T09:30:00Z")


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("is outside the years 1 to 9999 in UTC") from None


Moment = Annotated[AwareDatetime, BeforeValidator(_rfc3339), AfterValidator(_utc)]
"""A moment with its offset, as RFC 3339 writes it; in UTC, so that the same moment is the same content."""


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


M = TypeVar("M", bound=BaseModel)
# past what pydantic does for whoever sets a member
_set = object.__setattr__


def assembled(model: type[M], members: dict[str, Any]) -> M:
    """A model of members that are right already, all of them given: what `model_construct` does, in a fifth of the
    time."""
    made = model.__new__(model)
    _set(made, "__dict__", members)
    _set(made, "__pydantic_fields_set__", set(members))
    _set(made, "__pydantic_extra__", None)
    _set(made, "__pydantic_private__", None)
    return made


class DocumentRef(_Model):
    """A document of a request: its name and declared media type, and either the SHA-256 of stored bytes or an address
    to fetch. `pages` are those that are read, as `ix.extraction.ranges` writes them; a password stands elsewhere."""

    name: str = ""
    media_type: str = ""
    sha256: str | None = None
    size: int | None = None
    url: str | None = None
    # both are left out where they are empty: fingerprints that are stored, engines and clients of the version before
    # know no such members
    pages: str = Field(default="", exclude_if=operator.not_, description="Those that are read; left out for all")
    with_password: bool = Field(
        default=False, exclude_if=operator.not_, description="Whether a password came with it; left out where none did"
    )

    def members(self) -> dict[str, Json]:
        """It as JSON, in a third of the time that pydantic takes."""
        members = dict(vars(self))
        for name in ("pages", "with_password"):
            if not members[name]:
                del members[name]
        return members


class Request(_Model):
    """What the use case is given. Document bytes live apart, by their SHA-256."""

    documents: tuple[DocumentRef, ...] = ()
    options: dict[str, Json] = Field(default_factory=dict)


class Written(NamedTuple):
    """A request as JSON, made where it was validated, and the content digest of its submission."""

    request: bytes
    digest: bytes


class Submission(NamedTuple):
    """A validated submission: no model, since nothing is left to check in it. `blobs` holds inline documents' bytes by
    SHA-256 (hex); the fingerprint covers the hashes instead. `trace` is the trace that the job belongs to, see
    `ix.telemetry.traceparent`; the same submission in another trace is the same. `precedes`: the priority counts before
    other clients' jobs, too. `passwords` are those of documents, by index; they stand nowhere else. Where another
    process has validated it, `request` stands empty and `written` says it."""

    client_id: str
    request_id: str
    use_case: str
    request: Request
    callback_url: str | None = None
    max_attempts: int = 3
    priority: int = 0
    run_at: datetime | None = None
    trace: str | None = None
    precedes: bool = False
    blobs: Mapping[str, bytes] = MappingProxyType({})
    written: Written | None = None
    passwords: Mapping[int, SecretStr] = MappingProxyType({})

    def size(self) -> int:
        """Bytes of its documents, and of what was written of it."""
        return sum(map(len, self.blobs.values())) + len(self.written.request if self.written else b"")

    def request_json(self) -> bytes:
        """The request as it is stored."""
        return self.written.request if self.written else self.request.model_dump_json().encode()

    @property
    def precedence(self) -> int:
        """Before which other clients' jobs it goes: its priority, where it may."""
        return self.priority if self.precedes else 0

    def fingerprint(self, key: bytes = b"") -> bytes:
        """SHA-256 over everything that makes two submissions the same content; where there are passwords HMAC-SHA256
        with a secret `key`, or whoever has the digest could try them. Raises `ValueError` where the key is missing."""
        if not self.passwords:
            return self.content_digest()
        if not key:
            raise ValueError("passwords are digested with a key")
        secrets = [[at, secret.get_secret_value()] for at, secret in sorted(self.passwords.items())]
        return hmac.digest(key, self.content_digest() + _canonical(secrets).encode(), "sha256")

    def content_digest(self) -> bytes:
        """SHA-256 over all of that but the passwords."""
        if self.written:
            return self.written.digest
        # options are JSON, and so are the members of a document: nothing in them needs to be made so
        documents = [document.members() for document in self.request.documents]
        request = {"documents": documents, "options": self.request.options}
        content: list[Any] = [self.use_case, request, self.callback_url]
        if self.priority or self.run_at:
            content += [self.priority, self.run_at.isoformat() if self.run_at else None]
        return hashlib.sha256(_canonical(content).encode()).digest()


class Problem(_Model):
    """Why a job ended in error. `code` is stable, see `ix.errors`."""

    code: str
    message: str


class PartPages(_Model):
    """Pages of one document, both counted as evidence counts them: documents from 0, pages from 1."""

    document: int
    pages: tuple[int, ...]


class Part(_Model):
    """A document that was found in a job's documents, and became a job of its own: the part."""

    ix_id: str
    request_id: str
    documents: tuple[PartPages, ...] = Field(description="Its pages in the documents of this job")
    reason: str = Field(description="Why it begins where it does")
    status: Status | None = Field(description="What the part came to; null where it was erased")
    code: str | None = Field(default=None, description="The code of its error")


class Response(_Model):
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


class JobHead(_Model):
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


class Progress(_Model):
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
