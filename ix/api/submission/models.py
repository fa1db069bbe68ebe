"""What a client may submit, as pydantic models: one job as JSON or as a form, and many jobs at once.

Their fields, limits and descriptions are also what the OpenAPI document says of a submission."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from ix.api.submission.encodings import document_bytes
from ix.database.configurations import NAME
from ix.errors import InvalidInput
from ix.job import BatchId, Json, Key, Moment, Tags


def ranges(text: str) -> str:
    """Ranges of pages, written in one way. Raises `InvalidInput` without a field."""
    # with the first ranges: a web process that gets none loads nothing of the extraction
    from ix.extraction.ranges import Ranges

    return str(Ranges.parse(text))


def _normalised(pages: str) -> str:
    try:
        return ranges(pages)
    except InvalidInput as error:
        raise ValueError(error.message) from None


Pages = Annotated[str, AfterValidator(_normalised)]
"""Ranges of pages, written in one way."""


MAX_PASSWORD = 127
"""Bytes of a password: what PDF 2.0 reads of one (ISO 32000-2, 7.6.4.3.3)."""


def password(text: str) -> SecretStr:
    """A password as documents have them. Raises `InvalidInput` without a field."""
    if not 1 <= len(text.encode()) <= MAX_PASSWORD:
        raise InvalidInput("", f"is not of 1 to {MAX_PASSWORD} bytes in UTF-8")
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise InvalidInput("", "has a control character")
    return SecretStr(text)


def _usable(secret: SecretStr) -> SecretStr:
    try:
        return password(secret.get_secret_value())
    except InvalidInput as error:
        raise ValueError(error.message) from None


Password = Annotated[SecretStr, AfterValidator(_usable)]
"""A document's password."""


class DocumentIn(BaseModel):
    """A document as submitted: exactly one of `data` (base64), `text` and `url`."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(default="", max_length=255, description="Its file name, for people")
    media_type: str = Field(default="", max_length=100, description="What it is said to be; its bytes decide")
    data: str | None = Field(default=None, description="Its bytes, base64 in lines or not, or a `data:` address")
    text: str | None = Field(default=None, description="Plain text")
    url: str | None = Field(
        default=None, max_length=2000, description="Where the engine fetches it: a public http or https address"
    )
    pages: Pages = Field(default="", description="The only pages to read, such as `1-3,5` or `2-`; all if left out")
    password: Password | None = Field(
        default=None, description="What opens a PDF; kept apart, and forgotten when the job ends"
    )

    @model_validator(mode="after")
    def _one_source(self) -> DocumentIn:
        if sum(source is not None for source in (self.data, self.text, self.url)) != 1:
            raise ValueError("give exactly one of data (base64), text and url")
        return self

    def content(self) -> tuple[bytes | None, str]:
        """The inline bytes, None for a document that is fetched; and the media type that goes with them, if any. Raises
        `InvalidInput` where `data` is not base64."""
        if self.text is not None:
            return self.text.encode(), self.media_type or "text/plain"
        if self.data is None:
            return None, self.media_type
        data, said = document_bytes(self.data)
        return data, self.media_type or said


Configuration = Annotated[str, StringConstraints(pattern=f"^{NAME}(@[1-9][0-9]{{0,8}})?$")]
"""What names a saved configuration."""


class _Fields(BaseModel):
    # where a key tells the client it is filled in before the model sees it, so that callers need not say it
    model_config = ConfigDict(extra="forbid", json_schema_extra=lambda schema: schema["required"].remove("client_id"))

    client_id: Key = Field(description="Who submits; needed only where no key tells it")
    request_id: Key = Field(description="The client's own id of this request: what a repetition is known by")
    configuration: Configuration | None = Field(
        default=None,
        description="A saved one of `GET /configurations`: `name`, or `name@version` where the newest version is not "
        "meant. What is said here counts before what is saved",
    )
    use_case: Key | SkipJsonSchema[None] = Field(
        default=None,
        validate_default=True,
        description="One of `GET /use-cases`; may be left out where a configuration says it",
    )
    options: dict[str, Json] = Field(
        default_factory=dict, description="What the use case takes, see `GET /use-cases/{name}`"
    )
    callback_url: str | None = Field(default=None, max_length=2000, description="Told when the job has ended")
    priority: int = Field(default=0, ge=-100, le=100, description="Higher ones of the same client run first")
    run_at: Moment | None = Field(default=None, description="Not before this moment (RFC 3339)")
    tags: Tags = Field(default_factory=dict, description="Your own words for the job, which lists find it by")
    batch_id: BatchId | None = Field(default=None, description="The batch that it belongs to, see `POST /batches`")

    @field_validator("use_case")
    @classmethod
    def _said(cls, use_case: str | None, others: ValidationInfo) -> str | None:
        # a configuration that is none is what to tell of
        if use_case is None and others.data.get("configuration", "") is None:
            raise PydanticCustomError("missing", "Field required")
        return use_case


class SubmissionIn(_Fields):
    """The body of `POST /jobs`."""

    documents: list[DocumentIn] = Field(default_factory=list, description="What the use case reads, in this order")


class SubmissionForm(_Fields):
    """The body of `POST /jobs` as a form, with the documents as files. What a form says is read into the fields of
    `SubmissionIn`."""

    documents: list[Annotated[bytes, WithJsonSchema({"type": "string", "format": "binary"})]] = Field(
        default=[], description="What the use case reads, in this order; the field may be repeated"
    )
    pages: list[Pages] = Field(
        default=[],
        description="The only pages to read of the first file, of the second, and so on; empty for all",
    )
    password: list[Password] = Field(
        default=[], description="What opens the first file, the second, and so on; empty for none"
    )


class ConfigurationIn(BaseModel):
    """The body of `PUT /configurations/{name}`."""

    model_config = ConfigDict(extra="forbid")

    use_case: Key = Field(description="One of `GET /use-cases`")
    options: dict[str, Json] = Field(default_factory=dict, description="All that the use case needs")
    callback_url: str | None = Field(default=None, max_length=2000, description="Told when a job has ended")
    priority: int = Field(default=0, ge=-100, le=100, description="That of jobs that say none")


class SubmissionBatch(BaseModel):
    """The body of `POST /jobs/batch`."""

    model_config = ConfigDict(extra="forbid")

    jobs: list[SubmissionIn] = Field(description="At most `IX_MAX_BATCH`, each judged for itself")


class Retry(BaseModel):
    """The body of `POST /jobs/{ix_id}/retry`, where there is one."""

    model_config = ConfigDict(extra="forbid")

    passwords: list[Password | None] = Field(
        default_factory=list,
        description="Those of the job's documents, in their order, null for one that came without; they were forgotten",
    )
    discard_review: bool = Field(default=False, description="Whether what people made of the answer may be forgotten")


class RawBatch(BaseModel):
    """The body of `POST /jobs/batch` before its jobs are validated, each for itself."""

    model_config = ConfigDict(extra="forbid")

    jobs: list[Json]
