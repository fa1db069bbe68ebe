"""Stacks: jobs whose documents are several, each of which becomes a job of its own, a part."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from pydantic_core import to_json

from ix import untrusted
from ix.config import MIB
from ix.database.jobs import NewPart
from ix.errors import DocumentError
from ix.extraction.page import Document
from ix.job import Claim, DocumentRef, PartPages, Request
from ix.use_cases import ReadingOptions, UseCase

MOST_PARTS = 200
"""Parts of one job. They come beyond the client's IX_MAX_PENDING, which one small file must not multiply without
end."""

MOST_BYTES = 16 * MIB
"""Bytes of the options of all parts: each has the parent's."""


class Stack(Exception):
    """A job's documents are several: its `parts`, and the bytes of what was fetched for it, by SHA-256 in hex."""

    def __init__(self, parts: Sequence[NewPart], blobs: Mapping[str, bytes]) -> None:
        super().__init__(f"{len(parts)} parts")
        self.parts = parts
        self.blobs = blobs


def is_to_split(claim: Claim, use_cases: Mapping[str, UseCase]) -> bool:
    """Whether its client wants the job split; a part never is."""
    use_case = use_cases.get(claim.use_case)
    return bool(
        claim.parent is None
        and claim.request
        and claim.request.options.get("split") is True
        and use_case
        and issubclass(use_case.request, ReadingOptions)
    )


def risk_of(claim: Claim, use_cases: Mapping[str, UseCase]) -> float | None:
    """The share of wrong values that its client takes into account, where it says one and the use case knows of it."""
    use_case = use_cases.get(claim.use_case)
    risk = claim.request.options.get("risk") if claim.request else None
    return float(risk) if risk and use_case and issubclass(use_case.request, ReadingOptions) else None


async def stack_of(claim: Claim, documents: Sequence[Document], found: Sequence[Mapping[str, Any]]) -> Stack:
    """The stack in which these parts were found, as `ix.extraction.sorting` writes them. Raises `DocumentError`
    `too_many_parts`."""
    if len(found) > MOST_PARTS:
        message = f"the documents of the job are {len(found)}, more than the {MOST_PARTS} that one job is split into"
        raise DocumentError(f"{message}: submit fewer pages at once", code="too_many_parts")
    assert claim.request is not None
    refs, blobs = await _stored(claim.request.documents, documents)
    # a part is one document, and not to be split again
    options = {name: value for name, value in claim.request.options.items() if name != "split"}
    if len(found) * len(to_json(options)) > MOST_BYTES:
        message = f"the documents of the job are {len(found)}, and its options too large to be given to each"
        raise DocumentError(f"{message}: submit fewer pages at once", code="too_many_parts")
    return Stack([_part(refs, options, one) for one in found], blobs)


async def _stored(
    refs: Sequence[DocumentRef], documents: Sequence[Document]
) -> tuple[list[DocumentRef], dict[str, bytes]]:
    """The documents as parts name them, by their digests: an address might give something else by then."""
    named, blobs = [], {}
    for ref, document in zip(refs, documents, strict=True):
        # stored already, unlike what was fetched from an address
        if ref.sha256:
            named.append(ref)
            continue
        # a large document would hold up the event loop
        digest = (await asyncio.to_thread(hashlib.sha256, document.data)).hexdigest()
        blobs[digest] = document.data
        named.append(ref.model_copy(update={"url": None, "sha256": digest, "size": len(document.data)}))
    return named, blobs


def _part(refs: Sequence[DocumentRef], options: Mapping[str, Any], found: Mapping[str, Any]) -> NewPart:
    pages = [PartPages.model_validate(one) for one in found["documents"]]
    documents = tuple(refs[one.document].model_copy(update={"pages": ranges(one.pages)}) for one in pages)
    return NewPart(Request(documents=documents, options=dict(options)), pages, untrusted.clean(found["reason"]))


def ranges(numbers: Sequence[int]) -> str:
    """Page numbers as a submission names them: `1-3,5`."""
    # numbers that follow each other are as far ahead of their places
    runs = [
        [number for _, number in run] for _, run in groupby(enumerate(numbers), lambda placed: placed[1] - placed[0])
    ]
    return ",".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
