"""What clients call their jobs by: tags, and the batch that a job belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema

MOST_TAGS: Final = 16
LONGEST_TAG_KEY: Final = 64
LONGEST_TAG_VALUE: Final = 256
"""Both in characters."""
_APART: Final = ":="
"""What stands between a key and its value in filters and on command lines."""

BatchId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._~-]{0,99}$")]
"""A client's own name for a batch: what a path may hold unescaped (RFC 3986, 2.3)."""


def _checked(tags: Mapping[str, str]) -> Mapping[str, str]:
    if len(tags) > MOST_TAGS:
        raise ValueError(f"are more than {MOST_TAGS}")
    for key, value in tags.items():
        if not (1 <= len(key) <= LONGEST_TAG_KEY and key.isprintable() and " " not in key) or set(key) & set(_APART):
            raise ValueError(
                f"have a key that is not of 1 to {LONGEST_TAG_KEY} printable characters without spaces, : and ="
            )
        if len(value) > LONGEST_TAG_VALUE or not value.isprintable():
            raise ValueError(f"the value of {key} is not of up to {LONGEST_TAG_VALUE} printable characters")
    return tags


Tags = Annotated[
    dict[str, str],
    AfterValidator(_checked),
    WithJsonSchema(
        {
            "type": "object",
            "maxProperties": MOST_TAGS,
            "propertyNames": {"minLength": 1, "maxLength": LONGEST_TAG_KEY, "pattern": r"^[!-9;<>-~]+$"},
            "additionalProperties": {"type": "string", "maxLength": LONGEST_TAG_VALUE, "pattern": r"^[ -~]*$"},
        }
    ),
]
"""A client's own words for a job. The schema says less than is allowed: any printable character is."""


class Tag(NamedTuple):
    """One of a job's tags."""

    key: str
    value: str

    @classmethod
    def read(cls, text: str) -> Tag:
        """It as filters write it, `key:value`. Raises `ValueError` where it is none."""
        key, separator, value = text.partition(":")
        if not separator:
            raise ValueError("is not written key:value")
        _checked({key: value})
        return cls(key, value)


class BatchStatus(StrEnum):
    """Where a batch is in its life: it takes jobs; it takes none, and some of those it has have not ended; all have."""

    OPEN = "open"
    CLOSED = "closed"
    ENDED = "ended"


class BatchJobs(BaseModel):
    """How many jobs a batch has, parts of those that were split among them."""

    model_config = ConfigDict(frozen=True)

    total: int
    status: Mapping[str, int] = Field(description="By state; those that there are none of are left out")
    at_least: bool = Field(description="Whether there are more, which were not counted")


class Batch(BaseModel):
    """Jobs of one client that it wants to hear of once, when all have ended."""

    model_config = ConfigDict(frozen=True)

    client_id: str
    batch_id: str = Field(description="The client's own name for it")
    status: BatchStatus
    callback_url: str | None
    callback_status: str | None = Field(description="`pending`, `delivered` or `failed`; null before it is owed")
    created_at: datetime
    closed_at: datetime | None = Field(description="When the client said that no more jobs come")
    ended_at: datetime | None = Field(description="When all of its jobs had ended; stays, should one be run again")
    jobs: BatchJobs
