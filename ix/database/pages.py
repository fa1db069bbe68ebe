"""Pages: what has been read of the documents of jobs. Every write names the job's claim, and one that is stale changes
nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from pydantic import BaseModel, Field

from ix.database.repository import Repository


class StoredPage(NamedTuple):
    """A page, in the order of the table's columns; `warnings` is JSON, a list of texts, where it is written, and
    `words` are packed."""

    document: int
    page: int
    sha256: bytes
    reader: str
    width: float
    height: float
    rotation: int
    source: str
    warnings: bytes | list[str]
    hidden: int
    confidence: float | None
    words: bytes


class PageHead(BaseModel):
    """A page without its words. `document` counts from 0, `page` from 1. `width` and `height` are those of the page
    once it is rotated clockwise by `rotation` degrees, in points (1/72 inch) or pixels: only their ratio matters."""

    document: int
    page: int
    width: float
    height: float
    rotation: int
    source: Literal["text", "ocr", "both"] = Field(description="Read by its text layer, by OCR, or by both")
    confidence: float | None = Field(description="How sure OCR is of what it read; null where it read nothing")
    hidden: int = Field(description="Words that a person cannot see")
    warnings: list[str]


class PageKey(NamedTuple):
    """What a page is drawn from."""

    sha256: bytes
    rotation: int
    width: float
    height: float

    def longest(self, width: int) -> int:
        """The longest side of a picture of the page that is so many pixels wide."""
        return max(round(width * max(self.height / self.width, 1)), 1)


class Pages(Repository):
    """The table of pages: stored as they are read, found again by the next attempt, looked at, pruned."""

    # 1. no_fsync: the commit does not wait for the disk, since a page that a crash loses is read again. Joined, or it
    #    would not run.
    # 2. Each page whose job has the token of the given claim is stored, also where the job has just ended. One that is
    #    there already is only replaced where another document or another reader is behind it.
    _STORE = """
        WITH no_fsync AS MATERIALIZED (
            SELECT set_config('synchronous_commit', 'off', true)
        )
        INSERT INTO pages (ix_id, document, page, sha256, reader, width, height, rotation, source, warnings, hidden,
            confidence, words)
        SELECT given.ix_id, document, page, sha256, reader, width, height, rotation, source, warnings, hidden,
            confidence, words
        FROM unnest($1::text[], $2::uuid[], $3::int[], $4::int[], $5::bytea[], $6::text[], $7::float8[], $8::float8[],
            $9::smallint[], $10::text[], $11::jsonb[], $12::int[], $13::float4[], $14::bytea[]) AS given (ix_id, token,
            document, page, sha256, reader, width, height, rotation, source, warnings, hidden, confidence, words)
        JOIN jobs ON jobs.ix_id = given.ix_id AND jobs.claim_token = given.token CROSS JOIN no_fsync
        ORDER BY given.ix_id
        ON CONFLICT (ix_id, document, page) DO UPDATE SET sha256 = excluded.sha256, reader = excluded.reader,
            width = excluded.width, height = excluded.height, rotation = excluded.rotation, source = excluded.source,
            warnings = excluded.warnings, hidden = excluded.hidden, confidence = excluded.confidence,
            words = excluded.words, created_at = excluded.created_at
        WHERE (pages.sha256, pages.reader) IS DISTINCT FROM (excluded.sha256, excluded.reader)"""

    async def store(self, pages: Sequence[tuple[str, UUID, StoredPage]]) -> None:
        """Stores pages of any jobs, each with its job's id and the token of the claim that read it."""
        rows = [(ix_id, token, *page) for ix_id, token, page in pages]
        await self._fetch(self._STORE, *map(list, zip(*rows, strict=True)))

    _OF_JOB = """
        SELECT document, page, sha256, reader, width, height, rotation, source, warnings, hidden, confidence, words
        FROM pages WHERE ix_id = $1 ORDER BY document, page"""

    async def of_job(self, ix_id: str) -> list[StoredPage]:
        """What has been read of the job."""
        return [StoredPage(*row) for row in await self._fetch(self._OF_JOB, ix_id)]

    _HEADS = """
        SELECT document, page, width, height, rotation, source, confidence, hidden, warnings
        FROM pages WHERE ix_id = $1 ORDER BY document, page"""

    async def heads(self, ix_id: str) -> list[PageHead]:
        """The pages of a job without their words."""
        return [PageHead.model_construct(**row) for row in await self._fetch(self._HEADS, ix_id)]

    _WORDS = "SELECT words FROM pages WHERE ix_id = $1 AND document = $2 AND page = $3"

    async def words(self, ix_id: str, document: int, page: int) -> bytes | None:
        """The words of a page, packed; None where there is no such page."""
        found = await self._fetch(self._WORDS, ix_id, document, page)
        return found[0]["words"] if found else None

    _KEY = "SELECT sha256, rotation, width, height FROM pages WHERE ix_id = $1 AND document = $2 AND page = $3"

    async def key(self, ix_id: str, document: int, page: int) -> PageKey | None:
        """What a page is drawn from; None where there is no such page."""
        found = await self._fetch(self._KEY, ix_id, document, page)
        return PageKey(*found[0]) if found else None

    # `created_at` is never later than the job's end by more than a moment, and has an index
    _PRUNE = """
        DELETE FROM pages WHERE ctid = ANY (ARRAY(
            SELECT pages.ctid FROM pages JOIN jobs USING (ix_id)
            WHERE pages.created_at < clock_timestamp() - $1::interval
              AND jobs.finished_at < clock_timestamp() - $1::interval
            LIMIT $2 FOR UPDATE OF pages SKIP LOCKED))
        RETURNING ix_id"""

    async def prune(self, days: float, limit: int = 500) -> int:
        """Removes up to `limit` pages of jobs that ended more than so many days ago; how many they were."""
        return len(await self._fetch(self._PRUNE, timedelta(days=days), limit))
