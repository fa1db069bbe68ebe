"""Duplicates: documents that a client submitted before are told of by the job that ends later, and nobody else's."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest

from ix import use_cases
from ix.api.app import create_app
from ix.api.live.waiters import ENDED
from ix.config import Settings
from ix.database.connect import Pool
from ix.database.jobs import Jobs
from ix.database.jobs.alike import content_of
from ix.database.jobs.finish import Summary
from ix.engine.engine import Engine
from ix.engine.papers import paper_of
from ix.job import Claim, DocumentRef, Job, Request, Response, Status
from tests.api.conftest import client_of
from tests.engine.conftest import Ended
from tests.engine.test_stacks import STACK
from tests.factories import submission
from tests.logs import Log
from tests.receiver import Receiver, receiver, status

TEXT = b"CORNER SHOP LTD\n12 High Street\nDate: 05/03/2024\nTea 3.70\nTOTAL 3.70"


@pytest.fixture
def there() -> Iterator[Receiver]:
    """A server that has the document."""
    with receiver(status(200, TEXT)) as there:
        yield there


@asynccontextmanager
async def running(settings: Settings, log: Log) -> AsyncIterator[Engine]:
    few = {"reader_workers": 1, "answer_workers": 1}
    engine = Engine(settings.model_copy(update=few), cases=use_cases.load(drill=True))
    await engine.start()
    try:
        await log.until('listener connected who="ix engine"')
        yield engine
    finally:
        await engine.stop()


@pytest.fixture
async def engine(settings: Settings, log: Log, there: Receiver) -> AsyncIterator[Engine]:
    async with running(settings.model_copy(update={"allow_hosts": (there.host,)}), log) as engine:
        yield engine


async def ends(ended: Ended, *ix_ids: str) -> list[Job]:
    """The jobs once they have ended, however busy the machine is."""
    async with asyncio.timeout(120):
        found = await ended(*ix_ids)
        while any(job.status not in ENDED for job in found):
            found = await ended(*ix_ids)
    return found


def twins(job: Job, code: str = "duplicate_of") -> list[Any]:
    """The jobs that a job says it is like."""
    assert job.response is not None
    return [one.params["ix_id"] for one in job.response.warnings if one.code == code]


async def test_the_second_of_two_says_so_under_any_name_and_no_other_does(
    engine: Engine, jobs: Jobs, ended: Ended
) -> None:
    async def of(document: bytes = TEXT, **fields: Any) -> Job:
        made = submission(use_case="receipt", options={}, document=document, **fields)
        [job] = await ends(ended, (await jobs.insert_pending(made)).job.ix_id)
        assert job.status is Status.DONE, job.response
        return job

    first = await of()
    assert twins(first) == []
    second, third = await of(), await of()
    assert (twins(second), twins(third)) == ([first.ix_id], [first.ix_id])
    # what the checks found stays, and stays before it
    assert second.response is not None
    assert second.response.warnings[-1].code == "duplicate_of"
    assert twins(await of(client="globex")) == []
    assert twins(await of(TEXT + b"0")) == []
    # what is tried again is no duplicate of its own duplicates, and they stay what they are
    for job, said in ((first, []), (second, [first.ix_id])):
        await jobs.retry(job.ix_id)
        [again] = await ends(ended, job.ix_id)
        assert twins(again) == said
    # erased jobs are forgotten
    await jobs.erase(first.ix_id)
    assert twins(await of()) == [second.ix_id]


async def test_what_an_address_gives_is_known_by_its_bytes(
    engine: Engine, jobs: Jobs, ended: Ended, there: Receiver
) -> None:
    made = submission(use_case="receipt", options={}, document=TEXT)
    [stored] = await ends(ended, (await jobs.insert_pending(made)).job.ix_id)
    ref = DocumentRef(name="b.txt", media_type="text/plain", url=there.url)
    made = submission(use_case="receipt")._replace(request=Request(documents=(ref,)))
    [fetched] = await ends(ended, (await jobs.insert_pending(made)).job.ix_id)
    assert twins(fetched) == [stored.ix_id]


def invoice(number: str = "INV-17", total: str = "120.00", more: str = "") -> bytes:
    lines = ("Blue Kettle Ltd", f"Invoice {number}", "Invoice date: 2024-03-05", "Bill to: Red Teapot Inc", more)
    return "\n".join((*lines, "Net total 100.00", "VAT 20.00", f"Grand total {total} GBP")).encode()


@pytest.mark.parametrize("asked", [True, False])
async def test_an_invoice_in_other_bytes_is_told_of_where_that_is_asked_for(
    settings: Settings, jobs: Jobs, log: Log, ended: Ended, asked: bool
) -> None:
    async with running(settings.model_copy(update={"same_invoices": asked}), log):
        first, again, other, same = [
            (await ends(ended, (await jobs.insert_pending(made)).job.ix_id))[0]
            for made in (
                submission(use_case="invoice", options={}, document=invoice()),
                submission(use_case="invoice", options={}, document=invoice("inv-17", more="Page 1 of 1")),
                submission(use_case="invoice", options={}, document=invoice("INV-18")),
                submission(use_case="invoice", options={}, document=invoice()),
            )
        ]
    told = [twins(job, "same_invoice") for job in (first, again, other, same)]
    assert told == [[], [first.ix_id] if asked else [], [], []]
    # the more that is the same: one finding says it
    assert twins(same) == [first.ix_id]


def test_an_invoice_is_told_by_what_is_read_of_it() -> None:
    read = {"invoice_number": "INV-17", "seller_name": "Blue Kettle Ltd", "grand_total": 120, "currency": "GBP"}

    def of(client: str = "acme", **other: Any) -> str | None:
        response = Response.model_validate({"result": read | other})
        return paper_of(claim_of("0" * 16, client), response.model_dump_json().encode())

    assert of() == of(invoice_number="inv 17", seller_name="BLUE KETTLE, Ltd.", grand_total=120.0)
    assert of(seller_vat_id="GB 1") == of(seller_vat_id="gb1", seller_name="Blue Kettl")
    differing = of(grand_total=121), of(currency="EUR"), of(client="globex"), of(seller_vat_id="GB1"), of()
    assert len(set(differing)) == 5
    incomplete: list[dict[str, Any]] = [{name: None} for name in ("invoice_number", "seller_name", "grand_total")]
    assert [of(**one) for one in [*incomplete, {"grand_total": True}, {"invoice_number": 17}]] == [None] * 5


async def test_parts_of_a_stack_are_told_of_one_by_one(engine: Engine, jobs: Jobs, ended: Ended) -> None:
    async def parts(key: str) -> list[Job]:
        made = submission(use_case="receipt", request_id=key, options={"split": True}, document=STACK)
        [job] = await ends(ended, (await jobs.insert_pending(made)).job.ix_id)
        assert job.response is not None
        assert job.response.parts
        assert twins(job) == []
        return await ends(ended, *(part.ix_id for part in job.response.parts))

    first, second = await parts("one"), await parts("two")
    assert [twins(part) for part in first] == [[]] * len(first)
    done = [part for part in first if part.status is Status.DONE]
    assert len(done) > 1
    assert [twins(part) for part in second] == [[part.ix_id] if part.status is Status.DONE else [] for part in first]


async def test_parts_have_the_configuration_of_their_parent(
    engine: Engine, settings: Settings, jobs: Jobs, ended: Ended
) -> None:
    async with client_of(create_app(settings=settings)) as client:
        saved = {"use_case": "receipt", "options": {"split": True}}
        assert (await client.put("/configurations/stacks?client_id=acme", json=saved)).status_code == 201
        fields = {"client_id": "acme", "request_id": "r-1", "configuration": "stacks"}
        job = (await client.post("/jobs", data=fields, files={"documents": ("stack.pdf", STACK)})).json()
    [whole] = await ends(ended, job["ix_id"])
    assert whole.response is not None
    assert whole.response.parts
    found = await ends(ended, *(part.ix_id for part in whole.response.parts))
    assert {part.configuration and part.configuration.version for part in found} == {1}


def claim_of(ix_id: str, client: str = "acme", documents: Sequence[DocumentRef] = ()) -> Claim:
    return Claim(ix_id, uuid4(), "receipt", 0, Request(documents=tuple(documents)), None, client_id=client)


def test_content_is_bytes_and_pages_in_any_order() -> None:
    digests = [hashlib.sha256(name).hexdigest() for name in (b"a", b"b")]

    def of(*named: tuple[int, str], client: str = "acme") -> str | None:
        refs = [DocumentRef(name=f"{number}.txt", pages=pages) for number, (_, pages) in enumerate(named)]
        return content_of(claim_of("0" * 16, client, refs), [digests[which] for which, _ in named])

    both = of((0, ""), (1, "2"))
    assert both == of((1, "2"), (0, ""))
    assert len({both, of((0, "2"), (1, "")), of((0, "")), of((0, ""), client="globex"), of((0, ""), (0, ""))}) == 5
    assert of() is None


CONTENT = "00000000-0000-0000-0000-00000000000a"


async def test_no_look_goes_through_all_that_are_alike(jobs: Jobs, pool: Pool) -> None:
    made = await jobs.insert_many([submission() for _ in range(60)])
    ids = sorted(one.job.ix_id for one in made)
    done = "status = 'done', finished_at = now(), response = '{\"error\": null}'"
    await pool.execute(f"UPDATE jobs SET content = $1, paper = $1, {done}", CONTENT)
    [found] = await jobs.alike([(claim_of(ids[40]), CONTENT, None)])
    assert found is not None
    assert found.params == {"ix_id": ids[0]}
    # the same digest of another client's, were that ever to be, tells nothing
    assert await jobs.alike([(claim_of(ids[40], "globex"), CONTENT, CONTENT)]) == [None]
    # one that is tried again just now is no original, and the next one is
    await pool.execute("UPDATE jobs SET status = 'cancelled', response = NULL WHERE ix_id = $1", ids[0])
    [found] = await jobs.alike([(claim_of(ids[40]), CONTENT, None)])
    assert found is not None
    assert found.params == {"ix_id": ids[1]}


@pytest.mark.parametrize("warnings", [[], [{"code": "sum_mismatch", "message": "m", "path": ""}]])
async def test_the_finding_comes_behind_the_others(
    jobs: Jobs, pool: Pool, warnings: Sequence[Mapping[str, Any]]
) -> None:
    engine_id = uuid4()
    await pool.execute("INSERT INTO engines (engine_id, lock_key, name) VALUES ($1, 1, 'test')", engine_id)
    await jobs.insert_many([submission() for _ in range(3)])
    told = Response.model_validate({"result": {}, "warnings": warnings})
    ids = []
    for content in (CONTENT, CONTENT, None):
        [claim] = await jobs.claim(engine_id, 1)
        assert await jobs.finish_many([(claim, told, Summary(content=content))]) == ["stored"]
        ids.append(claim.ix_id)
    found = [await jobs.get(ix_id) for ix_id in ids]
    codes = [[one.code for one in job.response.warnings] for job in found if job and job.response]
    known = [one["code"] for one in warnings]
    assert codes == [known, [*known, "duplicate_of"], known]
