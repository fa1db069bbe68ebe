"""Stacks in an engine: a PDF of several documents becomes a job for each, and its own job ends with the last."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest

from ix import use_cases
from ix.config import Settings
from ix.database.connect import Pool
from ix.database.jobs import Jobs, Listing, NewPart, Split
from ix.engine import stacks
from ix.engine.engine import Engine
from ix.engine.stacks import Stack, is_to_split, ranges, stack_of
from ix.errors import DocumentError
from ix.extraction.page import Document
from ix.job import Claim, DocumentRef, Job, Request, Status, Submission
from tests.engine.conftest import Ended
from tests.extraction.pdfs import Sheet, lines, pdf
from tests.logs import Log
from tests.receiver import receiver


def receipt(shop: str, day: int, total: str) -> Sheet:
    rows = (f"{shop} LTD", "12 High Street", "London", f"Date: {day:02}/03/2024", f"Tea {total}", f"TOTAL {total}")
    return Sheet(lines(*rows, "CASH 50.00", "Thank you for shopping"), size=(250, 800))


INVOICE = [
    lines("Blue Kettle Ltd", "Invoice INV-17", "Invoice date: 2024-03-05", "Bill to: Red Teapot Inc", "Page 1 of 2"),
    lines("Invoice INV-17", "Net total 100.00", "VAT 20.00", "Grand total 120.00 GBP", "Page 2 of 2"),
]
STACK = pdf(receipt("CORNER SHOP", 5, "3.70"), *map(Sheet, INVOICE), receipt("GREEN GROCER", 7, "8.15"))
SHA = hashlib.sha256(STACK).hexdigest()


def submitted(use_case: str = "receipt", data: bytes = STACK, **fields: Any) -> Submission:
    sha = hashlib.sha256(data).hexdigest()
    options = fields.pop("options", {"split": True})
    ref = DocumentRef(name="stack.pdf", sha256=sha, size=len(data))
    return Submission(
        "acme", "stack", use_case, Request(documents=(ref,), options=options), blobs={sha: data}, **fields
    )


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"allow_hosts": ("127.0.0.1",), "reader_workers": 1, "answer_workers": 1})


@asynccontextmanager
async def running(settings: Settings, log: Log) -> AsyncIterator[Engine]:
    engine = Engine(settings, cases=use_cases.load(drill=True))
    await engine.start()
    try:
        await log.until('listener connected who="ix engine"')
        yield engine
    finally:
        await engine.stop()


async def parts_of(jobs: Jobs, job: Job) -> list[Job]:
    assert job.response is not None
    assert job.response.parts is not None
    found = [await jobs.get(part.ix_id) for part in job.response.parts]
    return [part for part in found if part is not None]


async def test_each_document_is_answered_and_the_parents_callback_goes_once(
    settings: Settings, jobs: Jobs, pool: Pool, log: Log, ended: Ended
) -> None:
    with receiver() as there:
        hosts = settings.model_copy(update={"allow_hosts": (there.host,)})
        async with running(hosts, log):
            made = await jobs.insert_pending(submitted("auto", callback_url=there.url))
            [job] = await ended(made.job.ix_id)
            assert await asyncio.to_thread(there.until, 1)
    assert (job.status, job.attempts) == (Status.DONE, 1)
    assert job.response is not None
    assert job.response.parts is not None
    assert [(part.documents[0].pages, part.status) for part in job.response.parts] == [
        ((1,), Status.DONE),
        ((2, 3), Status.DONE),
        ((4,), Status.DONE),
    ]
    assert all(part.reason for part in job.response.parts)
    answers = [part.response for part in await parts_of(jobs, job)]
    assert [answer.usage["use_case"] for answer in answers if answer] == ["receipt", "invoice", "receipt"]
    totals = [answer.result for answer in answers if answer and isinstance(answer.result, dict)]
    assert [each.get("total") or each.get("grand_total") for each in totals] == [3.7, 120.0, 8.15]
    assert await pool.fetchval("SELECT count(*) FROM deliveries") == 1
    assert await pool.fetchval("SELECT uses FROM documents WHERE sha256 = $1", bytes.fromhex(SHA)) == 4


async def test_one_document_is_answered_as_ever_and_several_that_nobody_asked_to_split_are_told_of(
    settings: Settings, jobs: Jobs, log: Log, ended: Ended
) -> None:
    async with running(settings, log):
        invoice = await jobs.insert_pending(submitted("invoice", pdf(*map(Sheet, INVOICE))))
        stack = await jobs.insert_pending(submitted(options={})._replace(request_id="other"))
        one, several = await ended(invoice.job.ix_id, stack.job.ix_id)
    assert len(await jobs.page(Listing())) == 2
    assert one.response is not None
    assert one.response.parts is None
    assert isinstance(one.response.result, dict)
    assert one.response.result["grand_total"] == 120.0
    assert several.response is not None
    [finding] = [each for each in several.response.warnings if each.code == "looks_like_several"]
    assert "3 documents, which begin on pages 1, 2, 4" in finding.message


class Claimed:
    """A claim of a stack, and what is found in it."""

    def __init__(self, count: int = 2, **options: Any) -> None:
        documents = (DocumentRef(url="https://example.com/a.pdf"),)
        request = Request(documents=documents, options={"split": True, **options})
        self.claim = Claim("0" * 16, uuid4(), "custom", 0, request, None)
        self.found = [
            {"documents": [{"document": 0, "pages": [n]}], "reason": "\x00 its number"} for n in range(1, count + 1)
        ]

    async def stack(self) -> Stack:
        return await stack_of(self.claim, [Document(b"fetched")], self.found)


async def test_what_was_fetched_is_stored_for_its_parts() -> None:
    stack = await Claimed(schema={"type": "object"}).stack()
    digest = hashlib.sha256(b"fetched").hexdigest()
    assert stack.blobs == {digest: b"fetched"}
    [ref] = stack.parts[1].request.documents
    assert (ref.url, ref.sha256, ref.size, ref.pages) == (None, digest, 7, "2")
    assert stack.parts[1].request.options == {"schema": {"type": "object"}}
    assert "\x00" not in stack.parts[0].reason


async def test_a_stack_of_very_many_is_refused_and_says_so() -> None:
    assert len((await Claimed(stacks.MOST_PARTS).stack()).parts) == stacks.MOST_PARTS
    with pytest.raises(DocumentError, match="201, more than the 200") as refused:
        await Claimed(stacks.MOST_PARTS + 1).stack()
    assert refused.value.code == "too_many_parts"


async def test_large_options_are_not_multiplied_without_end() -> None:
    with pytest.raises(DocumentError, match="too large to be given to each") as refused:
        await Claimed(stacks.MOST_PARTS, schema={"title": "x" * 100_000}).stack()
    assert refused.value.code == "too_many_parts"


@pytest.mark.parametrize(
    ("change", "splits"),
    [
        ({}, True),
        ({"parent": "1" * 16}, False),
        ({"use_case": "drill"}, False),
        ({"use_case": "gone"}, False),
        ({"request": None}, False),
        ({"request": Request(options={"split": "yes"})}, False),
    ],
)
def test_only_who_asked_for_it_is_split_and_no_part_is(change: dict[str, Any], splits: bool) -> None:
    assert is_to_split(Claimed().claim._replace(**change), use_cases.load(drill=True)) is splits


@pytest.mark.parametrize(("numbers", "written"), [([3], "3"), ([1, 2, 3], "1-3"), ([1, 3, 4, 9], "1,3-4,9")])
def test_pages_are_named_as_in_a_submission(numbers: Sequence[int], written: str) -> None:
    assert ranges(numbers) == written


async def test_neither_a_lost_answer_nor_an_engine_that_died_before_makes_a_second_set(
    settings: Settings, jobs: Jobs, pool: Pool, log: Log, monkeypatch: pytest.MonkeyPatch, ended: Ended
) -> None:
    split, said = Jobs.split, list[Split]()

    async def losing(self: Jobs, claim: Claim, parts: Sequence[NewPart], blobs: Any) -> Split:
        said.append(await split(self, claim, parts, blobs))
        if len(said) == 1:
            raise OSError("the connection broke")
        return said[-1]

    made = await jobs.insert_pending(submitted())
    [dead] = await jobs.claim(uuid4(), 1)
    assert len(await jobs.sweep_orphans(15, 1)) == 1
    monkeypatch.setattr(Jobs, "split", losing)
    async with running(settings, log):
        [job] = await ended(made.job.ix_id)
    assert said == [Split.MADE, Split.REPEATED]
    assert (job.status, job.attempts) == (Status.DONE, 2)
    assert await split(jobs, dead, [], {}) is Split.STALE
    assert await pool.fetchval("SELECT count(*) FROM jobs") == 4
