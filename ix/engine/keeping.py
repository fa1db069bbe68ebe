"""What is read of jobs is kept, page by page, so that a job's next attempt reads only what is missing.

    reader ──page──▶ JobPages.keep ──▶ PageKeeper, many with one commit ──▶ the table of pages
    reader ◀──pages── JobPages.kept ◀──────────────────────────────────────────┘   when OCR is about to begin

Nothing waits for a page to be stored, and none that cannot be is an error of its job: it would be read once more."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple, cast
from uuid import UUID

import asyncpg
from pydantic_core import to_json

from ix import untrusted
from ix.background.group_commit import GroupCommit
from ix.config import MIB
from ix.database.connect import DATABASE_ERRORS
from ix.database.pages import Pages, StoredPage
from ix.extraction.attempted import KeptPage
from ix.extraction.page import ReadPage, Source
from ix.extraction.processes.waiting import waiting
from ix.job import Claim
from ix.telemetry.log import Event, log

MOST_PAGES = 200
"""Most pages of one statement."""
BATCH_BYTES = 4 * MIB
"""Most bytes of words in one statement, before they are packed."""
MOST_BYTES = 64 * MIB
"""Bytes of words on their way beyond which none are kept: the database is slower than the reading."""
READ_SECONDS = 2.0
"""How long a job waits to hear what has been read of it, before it reads all."""
STOP_SECONDS = 0.5
"""How long an engine that stops waits for what is on its way."""


class _Read(NamedTuple):
    claim: Claim
    kept: KeptPage


class PageKeeper:
    """Stores pages in the background. `keeps_text` says whether pages with a text layer are worth it, which nobody has
    to read again: they are for people to look at."""

    def __init__(self, pages: Pages, keep_words: float) -> None:
        self.keeps_text = keep_words > 0
        self._pages = pages
        self._bytes = 0
        self._read: GroupCommit[_Read] = GroupCommit(
            self._store, limit=MOST_PAGES, weigh=lambda one: len(one.kept.page.words), weight_limit=BATCH_BYTES
        )

    def add(self, claim: Claim, pages: Sequence[KeptPage]) -> None:
        """Stores what was read of a claimed job, soon."""
        size = sum(len(kept.page.words) for kept in pages)
        if self._bytes + size > MOST_BYTES:
            log(Event.PAGES_NOT_KEPT, ix_id=claim.ix_id, count=len(pages))
            return
        self._bytes += size
        for kept in pages:
            self._read.add(_Read(claim, kept))

    async def of_job(self, ix_id: str) -> list[KeptPage]:
        """What has been read of a job; nothing where the database does not say so in time."""
        try:
            async with asyncio.timeout(READ_SECONDS):
                rows = await self._pages.of_job(ix_id)
            # in a thread, as all whose time grows with the documents; it holds the interpreter for no long
            return await asyncio.to_thread(unpacked, rows) if rows else []
        except zlib.error as error:
            log(Event.PAGES_UNREADABLE, ix_id=ix_id, error=error)
        except DATABASE_ERRORS as error:
            log(Event.PAGES_UNREADABLE, ix_id=ix_id, error=error)
        return []

    async def stored(self) -> None:
        """Waits a moment for what is on its way."""
        with suppress(TimeoutError):
            async with asyncio.timeout(READ_SECONDS):
                await self._read.drain()

    async def stop(self) -> None:
        """Waits a moment for what is on its way, and drops the rest."""
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._read.drain()
        except TimeoutError:
            self._read.stop()

    async def _store(self, batch: Sequence[_Read]) -> None:
        try:
            await self._pages.store(await asyncio.to_thread(_packed, batch))
        except DATABASE_ERRORS as error:
            # one that PostgreSQL minds must not take the others along
            if len(batch) > 1 and isinstance(error, asyncpg.DataError):
                self._bytes += sum(len(one.kept.page.words) for one in batch)
                for one in batch:
                    await self._store([one])
            else:
                log(Event.PAGES_NOT_KEPT, ix_id=batch[0].claim.ix_id, count=len(batch), error=error)
        self._bytes -= sum(len(one.kept.page.words) for one in batch)


class JobPages:
    """The pages of one claimed job, as its reader keeps and finds them."""

    def __init__(self, keeper: PageKeeper, claim: Claim) -> None:
        self._keeper, self._claim = keeper, claim

    async def kept(self) -> Sequence[KeptPage]:
        """What earlier attempts of the job have read."""
        with waiting():
            return await self._keeper.of_job(self._claim.ix_id)

    async def stored(self) -> None:
        """Waits a moment until what this attempt read is stored."""
        with waiting():
            await self._keeper.stored()

    def keep(self, pages: Sequence[KeptPage]) -> None:
        """Keeps what this attempt read."""
        if worth := [kept for kept in pages if self._keeper.keeps_text or kept.page.source != "text"]:
            self._keeper.add(self._claim, worth)


def _packed(batch: Sequence[_Read]) -> list[tuple[str, UUID, StoredPage]]:
    return [(claim.ix_id, claim.token, _row(kept)) for claim, kept in batch]


def _row(kept: KeptPage) -> StoredPage:
    page = kept.page
    return StoredPage(
        page.document,
        page.number,
        bytes.fromhex(kept.sha256),
        kept.reader,
        page.width,
        page.height,
        page.rotation,
        page.source,
        to_json([untrusted.clean(warning) for warning in page.warnings]),
        page.hidden,
        kept.confidence,
        # the quickest: three times the time would save another tenth
        zlib.compress(page.words, 1),
    )


def unpacked(rows: Sequence[StoredPage]) -> list[KeptPage]:
    """Stored pages as they were read. Raises `zlib.error` for what is no page of ix's."""
    return [
        KeptPage(
            ReadPage(
                row.page,
                row.width,
                row.height,
                zlib.decompress(row.words),
                cast(Source, row.source),
                row.document,
                tuple(map(str, row.warnings)),
                row.rotation,
                row.hidden,
            ),
            row.sha256.hex(),
            row.reader,
            row.confidence,
        )
        for row in rows
    ]
