"""What is read of a job is kept for its next attempt: which reads only what is missing, and never what is another's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from ix.config import Settings
from ix.database.connect import Pool
from ix.database.jobs import Jobs
from ix.database.pages import Pages
from ix.engine.keeping import JobPages, PageKeeper
from ix.extraction.page import Document, ReadPage
from ix.extraction.processes.frames import Frame
from ix.extraction.ranges import Ranges
from ix.extraction.reader import Reader
from ix.job import Claim
from tests.factories import answer, submission
from tests.logs import Log

SCAN = Document(b"scan")
TEXT = Document(b"hello")
BOTH = Document(b"a letter with a picture")
WORD = b'[["TOTAL", 0.1, 0.1, 0.3, 0.2, 0.9]]'


class CountingReader(Reader):
    """Reads no document really: one that is no text has three pages for OCR, one of both one."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.model_copy(update={"ocr": "tesseract"}))
        self.read: list[int] = []

    async def _call_documents(self, body: Mapping[str, Any], document: Document) -> Frame:
        if body["do"] in ("image", "rest"):
            return {"page": body["page"], "warnings": []}, [b"", b"[]"]
        head = {"width": 100, "height": 200.5, "rotation": 90, "warnings": ["torn"], "hidden": 0, "count": 1}
        head |= {"invoice": False, "laid_out": False, "unverified": []}
        head |= {"unread": document not in (TEXT, BOTH), "area": [0, 0, 1, 1] if document is BOTH else None}
        numbers = Ranges.parse(document.pages).of(3 if head["unread"] else 1)
        return {"pages": [{**head, "number": number} for number in numbers]}, [WORD] * len(numbers)

    async def _in_child(self, body: Mapping[str, Any], blobs: Sequence[bytes]) -> Frame:
        return {"warnings": []}, [blobs[0][:-1] + b", " + WORD[1:]]

    async def _recognise(self, body: Mapping[str, Any], blobs: Sequence[bytes] = ()) -> Frame:
        self.read.append(body["page"] + 1)
        return {"rotation": 90, "confidence": 0.9}, [WORD if body["page"] else b"[]"]


class Desk(NamedTuple):
    """A reader, and what it keeps."""

    reader: CountingReader
    keeper: PageKeeper

    async def read(self, claim: Claim, *documents: Document) -> tuple[list[ReadPage], list[int]]:
        """The pages, and which of them OCR read."""
        self.reader.read.clear()
        pages = await self.reader.pages(documents, keeper=JobPages(self.keeper, claim))
        await self.keeper._read.drain()
        return pages, sorted(self.reader.read)


@pytest.fixture
async def desk(settings: Settings, pool: Pool) -> Desk:
    return Desk(CountingReader(settings), PageKeeper(Pages(pool), 7.0))


async def begun(jobs: Jobs) -> Claim:
    """A job that an engine has begun."""
    await jobs.insert_pending(submission(use_case="receipt"))
    [claim] = await jobs.claim(uuid4(), 1)
    return claim


async def begun_anew(jobs: Jobs, claim: Claim) -> Claim:
    """The job after its attempt came to nothing, as an engine that stops gives it back."""
    assert await jobs.release([claim]) == [claim.ix_id]
    [again] = await jobs.claim(uuid4(), 1)
    return again


async def test_the_next_attempt_reads_only_what_is_missing(desk: Desk, jobs: Jobs, pool: Pool) -> None:
    first = await begun(jobs)
    pages, read = await desk.read(first, SCAN, TEXT)
    assert read == [1, 2, 3]
    assert [(page.source, page.document, page.number) for page in pages] == [
        *(("ocr", 0, number) for number in (1, 2, 3)),
        ("text", 1, 1),
    ]
    second = await begun_anew(jobs, first)
    assert await desk.read(second, SCAN, TEXT) == (pages, [])
    await pool.execute("DELETE FROM pages WHERE page = 2")
    assert await desk.read(second, SCAN, TEXT) == (pages, [2])
    # an address may give another document the next time, and an engine may be set up otherwise
    other = Document(b"another scan")
    assert (await desk.read(second, other, TEXT))[1] == [1, 2, 3]
    desk.reader._name += ", another"
    assert (await desk.read(second, other, TEXT))[1] == [1, 2, 3]
    assert (await desk.read(second, other, TEXT))[1] == []


async def test_pages_that_are_asked_for_are_kept_under_their_own_numbers(desk: Desk, jobs: Jobs, pool: Pool) -> None:
    first = await begun(jobs)
    parts = replace(SCAN, pages="2-"), replace(SCAN, pages="1,3")
    pages, read = await desk.read(first, *parts)
    assert [(page.document, page.number) for page in pages] == [(0, 2), (0, 3), (1, 1), (1, 3)]
    assert read == [1, 2, 3, 3]
    stored = await pool.fetch("SELECT document, page FROM pages ORDER BY document, page")
    assert [tuple(row) for row in stored] == [(0, 2), (0, 3), (1, 1), (1, 3)]
    assert await desk.read(await begun_anew(jobs, first), *parts) == (pages, [])


async def test_a_page_of_text_and_ocr_is_read_once_too(desk: Desk, jobs: Jobs) -> None:
    first = await begun(jobs)
    pages, read = await desk.read(first, BOTH)
    assert [(page.source, page.confidence, len(page.page().words)) for page in pages] == [("both", 0.9, 2)]
    assert read == [1]
    assert await desk.read(await begun_anew(jobs, first), BOTH) == (pages, [])


async def test_what_a_stale_claim_read_is_not_kept_and_erasing_erases_all(desk: Desk, jobs: Jobs, pool: Pool) -> None:
    stale = await begun(jobs)
    claim = await begun_anew(jobs, stale)
    await desk.read(stale, SCAN)
    assert await pool.fetchval("SELECT count(*) FROM pages") == 0
    await jobs.mark_done(claim, answer())
    # what is on its way when the job ends is kept all the same
    await desk.read(claim, TEXT)
    assert await pool.fetchval("SELECT count(*) FROM pages") == 1
    await jobs.erase(claim.ix_id)
    assert await pool.fetchval("SELECT count(*) FROM pages") == 0


async def test_pages_that_cannot_be_kept_or_found_are_no_error_of_the_job(
    desk: Desk, jobs: Jobs, pool: Pool, log: Log
) -> None:
    claim = await begun(jobs)
    await pool.execute("ALTER TABLE pages RENAME TO pages_of_a_later_ix")
    pages, read = await desk.read(claim, SCAN)
    assert (len(pages), read) == (3, [1, 2, 3])
    assert "UndefinedTableError" in await log.until("pages that were read are not kept")


async def test_words_go_some_days_after_the_end_of_their_job(desk: Desk, jobs: Jobs, pool: Pool) -> None:
    pages = Pages(pool)
    ended, running = await begun(jobs), await begun(jobs)
    for claim in (ended, running):
        await desk.read(claim, TEXT)
    await jobs.mark_done(ended, answer())
    assert await pages.prune(1.0) == 0
    await pool.execute("UPDATE pages SET created_at = created_at - interval '8 days'")
    await pool.execute("UPDATE jobs SET finished_at = finished_at - interval '8 days'")
    assert [await pages.prune(7.0, 1), await pages.prune(7.0, 1)] == [1, 0]
    assert await pool.fetch("SELECT ix_id FROM pages") == [(running.ix_id,)]


async def test_where_no_words_are_to_stay_text_layers_are_not_kept(desk: Desk, jobs: Jobs, pool: Pool) -> None:
    claim = await begun(jobs)
    none_stay = desk._replace(keeper=PageKeeper(Pages(pool), 0.0))
    await none_stay.read(claim, SCAN, TEXT)
    assert await pool.fetch("SELECT DISTINCT source FROM pages") == [("ocr",)]
    assert await Pages(pool).prune(0.0) == 0, "its next attempt needs them"
    await jobs.mark_done(claim, answer())
    assert await Pages(pool).prune(0.0) == 3
