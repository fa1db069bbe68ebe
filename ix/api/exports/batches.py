"""Jobs with their answers as they go to a child: what is small in JSON, what may be large in bytes beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ix.api.exports.tables import HEAD, LABELS
from ix.database.exports import StoredAnswer
from ix.job import JobHead


class Batch(NamedTuple):
    """A few jobs: what is said of each, and first their answers in the same order, then what people did to some."""

    heads: list[dict[str, Any]]
    blobs: list[bytes]


def batch_of(heads: list[dict[str, Any]], answers: Sequence[StoredAnswer]) -> Batch:
    """These jobs, whose heads are told where in the blobs their corrections are."""
    blobs = [one.answer for one in answers]
    for head, one in zip(heads, answers, strict=True):
        # a job that nobody has touched has none, and is not looked into for any
        for name in ("corrections", "schema"):
            if (more := getattr(one, name)) is not None:
                head[name] = len(blobs)
                blobs.append(more)
    return Batch(heads, blobs)


def head_of(job: JobHead, found: StoredAnswer) -> dict[str, Any]:
    """What of a job stands in its row, and what its answer is made with."""
    said = job.model_dump(mode="json", include={*HEAD, *LABELS})
    if named := job.configuration:
        said["configuration"] = f"{named.name}@{named.version}"
    own = ("document", "sha256", "answered_by", "approved_by")
    moment = found.approved_at.isoformat() if found.approved_at else None
    return {**said, **{name: getattr(found, name) for name in own}, "approved_at": moment}
