"""What is said of an answer beside its values: findings of the checks, and points that need a person's eyes."""

from __future__ import annotations

import operator
from typing import Literal, TypeAlias

from pydantic import Field

from ix.job.submitted import Model

Scalar: TypeAlias = str | int | float | bool | None
"""A JSON value that is neither a list nor an object."""
PointKind = Literal["check", "not_on_page", "missing", "doubt", "lines", "document"]
"""Why a person should look: `ix.extraction.review.points` says when each is."""


class Finding(Model):
    """What a check found; `path` is the dotted path in the result, empty for the whole. A check reports, it never
    removes a value."""

    code: str
    message: str
    path: str = ""
    # left out where there are none, as whoever wrote findings before left them out
    params: dict[str, Scalar] = Field(
        default_factory=dict,
        exclude_if=operator.not_,
        description="What the message is made of, so that it can be said in another language; `case` tells sentences "
        "of one code apart",
    )


class Point(Finding):
    """What of an answer needs a person's eyes: at most one for a field, and one for a table. A document without points
    goes straight through."""

    kind: PointKind
