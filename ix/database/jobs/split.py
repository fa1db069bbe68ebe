"""A job is split: its parts become jobs, and it ends when they have."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from pydantic_core import to_json

from ix.database.repository import Repository
from ix.job import Claim, PartPages, Request, Submission

LONGEST_KEY = 200
"""Characters of a request id, as `ix.job.Key` has it: a longer one could not be asked for."""

SPLIT_SECONDS = 60.0
"""Time limit of a split: a part's words are copied, and documents that were fetched are written."""


class NewPart(NamedTuple):
    """A part that is to be made: what it is asked, which pages of its parent it is, and why it begins there."""

    request: Request
    documents: Sequence[PartPages]
    reason: str


class Split(StrEnum):
    """What a split did: made the parts; found that it had made them already; or was refused, because the claim is not
    the job's any more."""

    MADE = "split"
    REPEATED = "repeated"
    STALE = "stale"


class SplitJobs(Repository):
    """Parents: how they become parts, and how they end with them."""

    # All that it does stands in the function, whose rights an engine has not.
    _SPLIT = "SELECT split_job($1, $2, $3, $4, $5) AS split"

    async def split(self, claim: Claim, parts: Sequence[NewPart], blobs: Mapping[str, bytes]) -> Split:
        """Makes the parts of a job and lets it wait for them, which spends its attempt. `blobs` are documents, by
        SHA-256 in hex, that the parts name and nothing stored has. May be repeated after an ambiguous commit."""
        given = to_json([_row(claim, number, part) for number, part in enumerate(parts, 1)])
        digests = [bytes.fromhex(sha) for sha in blobs]
        arguments = claim.ix_id, claim.token, given, digests, list(blobs.values())
        rows = await self._fetch(self._SPLIT, *arguments, seconds=SPLIT_SECONDS)
        return Split(rows[0]["split"])

    # 1. ready: parents of which no part is open, passing over those that somebody holds: whoever that is ends them, or
    #    the next look does. A part that was erased is not open.
    # 2. ended: each is done, whatever its parts came to, and lists them. Its attempt was counted when it was split.
    # 3. told: waiters hear of the ends.
    _GATHER = """
        WITH ready AS MATERIALIZED (
            SELECT ix_id FROM jobs
            WHERE status = 'split' AND NOT EXISTS (
                SELECT FROM parts JOIN jobs AS part ON part.ix_id = parts.ix_id
                WHERE parts.parent = jobs.ix_id AND part.finished_at IS NULL)
            ORDER BY ix_id LIMIT 100 FOR UPDATE OF jobs SKIP LOCKED
        ), ended AS (
            UPDATE jobs SET status = 'done', finished_at = clock_timestamp(),
                callback_status = CASE WHEN callback_url IS NOT NULL THEN 'pending' END,
                response = jsonb_build_object('result', NULL, 'evidence', NULL, 'error', NULL, 'warnings', '[]'::jsonb,
                    'timings', '{}'::jsonb, 'usage', jsonb_build_object('parts', jobs.parts), 'parts', (
                        SELECT jsonb_agg(jsonb_build_object('ix_id', parts.ix_id, 'request_id', parts.request_id,
                            'documents', parts.documents, 'reason', parts.reason, 'status', part.status,
                            'code', part.response -> 'error' -> 'code') ORDER BY number)
                        FROM parts LEFT JOIN jobs AS part ON part.ix_id = parts.ix_id
                        WHERE parts.parent = jobs.ix_id))
            WHERE ix_id = ANY (ARRAY(SELECT ix_id FROM ready)) RETURNING ix_id
        ), told AS (
            SELECT pg_notify('ix_ended', string_agg(ix_id, ' ')) FROM ended HAVING $1 AND count(*) > 0
        )
        SELECT ix_id, (SELECT count(*) FROM told) FROM ended"""

    async def gather(self) -> list[str]:
        """Ends up to 100 parents whose parts have all ended; their ids."""
        return [row["ix_id"] for row in await self._fetch_telling(self._GATHER)]


def _row(claim: Claim, number: int, part: NewPart) -> dict[str, object]:
    made = Submission(claim.client_id, "", claim.use_case, part.request)
    return {
        "request_id": part_key(claim.request_id, f"/{number}"),
        # no client can have taken it: it cannot know its job's id before
        "else_request_id": part_key(claim.request_id, f"/{claim.ix_id}/{number}"),
        "fingerprint": made.fingerprint().hex(),
        "request": part.request,
        "documents": part.documents,
        "reason": part.reason,
    }


def part_key(request_id: str, ending: str) -> str:
    """The parent's key with an ending; of one that is too long for both, what its beginning and a digest make."""
    if len(request_id) + len(ending) <= LONGEST_KEY:
        return request_id + ending
    digest = hashlib.sha256(request_id.encode()).hexdigest()[:16]
    return f"{request_id[: LONGEST_KEY - len(ending) - len(digest) - 1]}~{digest}{ending}"
