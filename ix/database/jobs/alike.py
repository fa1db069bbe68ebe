"""Duplicates: a job whose documents its client has submitted before, for the same use case, under another request id.

What the documents are is written down when a job is done, and looked for then: two that end in the same moment may not
see each other, and one that fails is no original. The earliest is named, unless that names this one: what is tried
again is no duplicate of its own duplicate."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from uuid import UUID

from pydantic_core import to_json

from ix.database.repository import Repository
from ix.job import Claim, Finding

LOOKS = 20
"""Jobs with the same documents that are looked at: those before the first that is done run again just now."""


def content_of(claim: Claim, digests: Sequence[str]) -> str | None:
    """What tells a job's documents from others, given the SHA-256 of each in hex: the same bytes, and the same of
    their pages, in whatever order and under whatever names, of the same client and for the same use case. None where
    it has no documents."""
    documents = claim.request.documents if claim.request else ()
    if not documents:
        return None
    known = sorted([digest, ref.pages] for digest, ref in zip(digests, documents, strict=True))
    # half of it is enough to find a job by, and an index of halves is small
    return str(UUID(bytes=hashlib.sha256(to_json([claim.client_id, claim.use_case, known])).digest()[:16]))


class AlikeJobs(Repository):
    """Jobs that are alike."""

    # For each of those given the earliest other one that is done: a few looks into the index, however many are alike.
    # The client is looked at all the same: no job of another's is ever told of.
    _ALIKE = f"""
        SELECT n, found.ix_id FROM unnest($1::text[], $2::text[], $3::uuid[])
            WITH ORDINALITY AS given (ix_id, client_id, content, n)
        CROSS JOIN LATERAL (
            SELECT earliest.* FROM (
                SELECT jobs.ix_id, jobs.client_id, status, response FROM jobs
                WHERE jobs.content = given.content AND jobs.ix_id <> given.ix_id
                ORDER BY jobs.content, jobs.ix_id LIMIT {LOOKS}
            ) AS earliest
            WHERE status = 'done' AND earliest.client_id = given.client_id ORDER BY ix_id LIMIT 1
        ) AS found
        WHERE NOT coalesce(found.response -> 'warnings'
              @> jsonb_build_array(jsonb_build_object('code', 'duplicate_of', 'params',
                  jsonb_build_object('ix_id', given.ix_id))), false)"""

    async def duplicates(self, given: Sequence[tuple[Claim, str | None]]) -> list[Finding | None]:
        """For each job that is about to end, with its content, the finding that it is a duplicate; None for those that
        are none. Asks nothing where there is no content."""
        findings: list[Finding | None] = [None] * len(given)
        asked = [(at, claim, content) for at, (claim, content) in enumerate(given) if content]
        if asked:
            columns = [claim.ix_id for _, claim, _ in asked], [claim.client_id for _, claim, _ in asked]
            for n, ix_id in await self._fetch_in_order(self._ALIKE, *columns, [content for _, _, content in asked]):
                findings[asked[n - 1][0]] = _finding(ix_id)
        return findings


def _finding(ix_id: str) -> Finding:
    message = f"the same documents were submitted before, as job {ix_id}"
    return Finding(code="duplicate_of", message=message, params={"ix_id": ix_id})
