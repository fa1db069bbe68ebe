"""Jobs that are alike: one whose documents its client has submitted before, for the same use case, under another
request id; and, where that is asked for, an invoice that was read before, of other bytes.

What tells a job from others is written down when it is done, and looked for then: two that end in the same moment may
not see each other, and one that fails is no original. The earliest is named, unless that names this one: what is tried
again is no duplicate of its own duplicate."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, TypeAlias
from uuid import UUID

from pydantic_core import to_json

from ix.database.repository import Repository
from ix.job import Claim, Finding

LOOKS = 20
"""Jobs that are alike and are looked at: those before the first that is done run again just now."""
Mark: TypeAlias = "str | None"
"""A digest that tells a job from others, as a UUID; None where there is nothing to be told by."""


def mark_of(*said: Any) -> str:
    """The mark of what is said, JSON values."""
    # half of a digest is enough to find a job by, and an index of halves is small
    return str(UUID(bytes=hashlib.sha256(to_json(said)).digest()[:16]))


def content_of(claim: Claim, digests: Sequence[str]) -> Mark:
    """What tells a job's documents from others, given the SHA-256 of each in hex: the same bytes, and the same of
    their pages, in whatever order and under whatever names, of the same client and for the same use case."""
    documents = claim.request.documents if claim.request else ()
    if not documents:
        return None
    known = sorted([digest, ref.pages] for digest, ref in zip(digests, documents, strict=True))
    return mark_of(claim.client_id, claim.use_case, known)


class AlikeJobs(Repository):
    """Looks for jobs that are like those about to end."""

    # For each of those given the earliest other one that is done: a few looks into the index, however many are alike.
    # The client is looked at all the same: no job of another's is ever told of.
    _ALIKE = """
        SELECT n, found.ix_id FROM unnest($1::text[], $2::text[], $3::uuid[])
            WITH ORDINALITY AS given (ix_id, client_id, mark, n)
        CROSS JOIN LATERAL (
            SELECT earliest.* FROM (
                SELECT jobs.ix_id, jobs.client_id, status, response FROM jobs
                WHERE jobs.{column} = given.mark AND jobs.ix_id <> given.ix_id
                ORDER BY jobs.{column}, jobs.ix_id LIMIT {looks}
            ) AS earliest
            WHERE status = 'done' AND earliest.client_id = given.client_id ORDER BY ix_id LIMIT 1
        ) AS found
        WHERE NOT coalesce(found.response -> 'warnings'
              @> jsonb_build_array(jsonb_build_object('code', $4::text, 'params',
                  jsonb_build_object('ix_id', given.ix_id))), false)"""
    _SAME_CONTENT = _ALIKE.format(column="content", looks=LOOKS)
    _SAME_PAPER = _ALIKE.format(column="paper", looks=LOOKS)

    async def alike(self, given: Sequence[tuple[Claim, Mark, Mark]]) -> list[Finding | None]:
        """For each job that is about to end, with its `content` and its `paper`, the finding that there was one like
        it; None for those that are like no other. Asks nothing where there is nothing to be told by."""
        findings: list[Finding | None] = [None] * len(given)
        papers = [(at, claim, paper) for at, (claim, _, paper) in enumerate(given) if paper]
        for at, ix_id in await self._earliest(self._SAME_PAPER, "same_invoice", papers):
            findings[at] = _same_invoice(ix_id)
        # the more that is the same, the better: of the two this one is told
        contents = [(at, claim, content) for at, (claim, content, _) in enumerate(given) if content]
        for at, ix_id in await self._earliest(self._SAME_CONTENT, "duplicate_of", contents):
            findings[at] = _duplicate(ix_id)
        return findings

    async def _earliest(
        self, sql: str, code: str, asked: Sequence[tuple[int, Claim, str]]
    ) -> Sequence[tuple[int, str]]:
        if not asked:
            return ()
        columns = [claim.ix_id for _, claim, _ in asked], [claim.client_id for _, claim, _ in asked]
        rows = await self._fetch_in_order(sql, *columns, [mark for _, _, mark in asked], code)
        return [(asked[n - 1][0], ix_id) for n, ix_id in rows]


def _duplicate(ix_id: str) -> Finding:
    message = f"the same documents were submitted before, as job {ix_id}"
    return Finding(code="duplicate_of", message=message, params={"ix_id": ix_id})


def _same_invoice(ix_id: str) -> Finding:
    message = f"job {ix_id} read an invoice with the same seller, number and total"
    return Finding(code="same_invoice", message=message, params={"ix_id": ix_id})
