"""What a client submits: documents and options, under a key of its own."""

from __future__ import annotations

import hashlib
import hmac
import json
import operator
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple, TypeAlias, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
)

from ix.job.ordered import stamped

Key = Annotated[str, StringConstraints(min_length=1, max_length=200)]
LONGEST_NAME = 200
"""Characters of a document's name that lists show."""
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


class Model(BaseModel):
    """The base of what a job is made of: it never changes."""

    # no member is left out of what is written, so the schema of what goes out requires them all
    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_serialization_defaults_required=True)


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


class DocumentRef(Model):
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


class Configured(Model):
    """The saved configuration that a submission named, as it was resolved when the job was made."""

    name: str
    version: int
    shared: bool = Field(
        default=False, exclude_if=operator.not_, description="Whether it is everybody's; left out of a client's own"
    )


class Request(Model):
    """What the use case is given. Document bytes live apart, by their SHA-256."""

    documents: tuple[DocumentRef, ...] = ()
    options: dict[str, Json] = Field(default_factory=dict)

    def stored(self) -> Request:
        """It as it is stored: a schema among its options says the order of its properties."""
        if "schema" not in self.options:
            return self
        return assembled(Request, {"documents": self.documents, "options": stamped(self.options)})


def first_name(documents: Sequence[DocumentRef]) -> str | None:
    """The name of the first document, as a list shows it; of one without, the end of its address."""
    if not documents:
        return None
    first = documents[0]
    # without the query, which may be somebody's pass
    return (first.name or urlsplit(first.url or "").path.rpartition("/")[2])[:LONGEST_NAME] or None


class Written(NamedTuple):
    """A request as JSON, made where it was validated, and the content digest of its submission."""

    request: bytes
    digest: bytes
    document: str | None = None
    documents: int = 0


class Stored(NamedTuple):
    """Where the bytes of a document are that were stored before its row: the `key` of an object, None where a document
    of the same content has one already; `size` in bytes."""

    key: str | None
    size: int


class Submission(NamedTuple):
    """A validated submission: no model, since nothing is left to check in it. `blobs` holds inline documents' bytes by
    SHA-256 (hex); the fingerprint covers the hashes instead. `trace` is the trace that the job belongs to, see
    `ix.telemetry.traceparent`; the same submission in another trace is the same. `precedes`: the priority counts before
    other clients' jobs, too. `passwords` are those of documents, by index; they stand nowhere else. Where another
    process has validated it, `request` stands empty and `written` says it. `objects` are documents, by SHA-256, whose
    bytes are not among the blobs any more. `tags` and `batch_id` are what the client calls it by; `counted`: it has a
    cap on the jobs of a day. `configuration` is the saved one that it named; `digest` then covers what was sent, which
    says the same whatever the newest version is. With a `refusal` it makes no job, and is answered only where it was
    submitted before."""

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
    objects: Mapping[str, Stored] = MappingProxyType({})
    tags: Mapping[str, str] | None = None
    batch_id: str | None = None
    counted: bool = False
    configuration: Configured | None = None
    digest: bytes | None = None
    refusal: Exception | None = None

    def size(self) -> int:
        """Bytes of its documents, and of what was written of it."""
        return sum(map(len, self.blobs.values())) + len(self.written.request if self.written else b"")

    def request_json(self) -> bytes:
        """The request as it is stored."""
        return self.written.request if self.written else self.request.stored().model_dump_json().encode()

    @property
    def is_labelled(self) -> bool:
        """Whether it has tags, belongs to a batch, or names a configuration."""
        return bool(self.tags or self.batch_id or self.configuration)

    @property
    def is_plain(self) -> bool:
        """Whether it brings neither documents' bytes nor labels."""
        return not (self.blobs or self.objects or self.is_labelled)

    def document(self) -> tuple[str | None, int]:
        """The name of its first document, as a list shows it, and how many documents it has."""
        if self.written:
            return self.written.document, self.written.documents
        return first_name(self.request.documents), len(self.request.documents)

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
        if self.digest:
            return self.digest
        if self.written:
            return self.written.digest
        # options are JSON, and so are the members of a document: nothing in them needs to be made so
        documents = [document.members() for document in self.request.documents]
        request = {"documents": documents, "options": self.request.options}
        content: list[Any] = [self.use_case, request, self.callback_url]
        if self.priority or self.run_at:
            content += [self.priority, self.run_at.isoformat() if self.run_at else None]
        if self.is_labelled:
            # a repetition with other tags would be answered with a job that has not these
            content.append({"tags": dict(self.tags or {}), "batch_id": self.batch_id})
        return hashlib.sha256(_canonical(content).encode()).digest()
