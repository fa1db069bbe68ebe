"""Documents that are erased before their jobs: whose, when, and what stays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from ix.api.app import create_app
from ix.config import Settings
from ix.config.limits import Term
from ix.database import Database
from ix.database import retained as module
from ix.database.connect import Pool
from ix.database.jobs import Outcome
from ix.database.retention import Rule
from ix.engine.maintenance.retention import Retention
from ix.errors import ConfigError
from ix.job import Claim
from tests.api.conftest import client_of
from tests.api.test_operations import waited_for
from tests.factories import answer, submission

SCAN = b"a scan of a letter"
OTHERS = Rule("documents", 7, [], others=True)
KEPT = "SELECT sha256, uses FROM documents ORDER BY uses"


@pytest.fixture
def database(pool: Pool) -> Database:
    return Database(pool)


@pytest.fixture
async def client(settings: Settings, pool: Pool) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(create_app(settings=settings, pool=pool, probes={})) as client:
        yield client


async def ended(database: Database, days: float, document: bytes = SCAN, use_case: str = "drill", **fields: str) -> str:
    """A job with a document that ended so many days ago."""
    job = (await database.jobs.insert_pending(submission(document=document, use_case=use_case, **fields))).job
    [claim] = await database.jobs.claim(uuid4(), 1)
    await page_of(database, claim)
    await database.jobs.mark_done(claim, answer(total=3.7))
    moved = "UPDATE jobs SET finished_at = finished_at - $2::interval WHERE ix_id = $1"
    await database.pool.execute(moved, job.ix_id, timedelta(days=days))
    return job.ix_id


async def page_of(database: Database, claim: Claim) -> None:
    await database.pool.execute(
        "INSERT INTO pages (ix_id, document, page, sha256, reader, width, height, rotation, source, warnings, words) "
        "VALUES ($1, 0, 1, sha256($2), 'r', 1, 1, 0, 'text', '[]', $2)",
        claim.ix_id,
        SCAN,
    )


async def look(database: Database, **terms: float) -> None:
    given = tuple(Term("*" if name == "others" else name, days) for name, days in terms.items())
    await Retention(Settings(document_days=given), database).look()


async def test_the_scan_goes_and_the_result_stays(database: Database, client: httpx.AsyncClient) -> None:
    old, young = await ended(database, 8), await ended(database, 6, b"another")
    await look(database, others=7)
    told = (await client.get(f"/jobs/{old}")).json()
    assert told["documents_erased"]
    assert (told["status"], told["response"]["result"]) == ("done", {"total": 3.7})
    assert (told["document"], told["request"]["documents"][0]["sha256"]) == ("a.txt", None)
    assert "documents_erased" not in (await client.get(f"/jobs/{young}")).json()
    assert [row["uses"] for row in await database.pool.fetch(KEPT)] == [1]
    assert await database.pages.heads(old) == []
    assert len(await database.pages.heads(young)) == 1


async def test_each_use_case_has_its_own_term(database: Database) -> None:
    jobs = {
        name: await ended(database, days, name.encode(), name.partition("-")[0])
        for name, days in {"receipt-2": 2, "receipt-4": 4, "drill-4": 4, "drill-9": 9, "letter-9": 9}.items()
    }
    await look(database, receipt=3, letter=100, others=7)
    heads = {name: await database.jobs.head(ix_id) for name, ix_id in jobs.items()}
    assert {name for name, head in heads.items() if head and head.documents_erased} == {"receipt-4", "drill-9"}


async def test_a_document_that_another_job_names_stays_whatever_goes_first(database: Database) -> None:
    first, second = await ended(database, 8), await ended(database, 1)
    await look(database, others=7)
    assert [row["uses"] for row in await database.pool.fetch(KEPT)] == [1]
    # erased in the end, the job that has given it back does not do so once more
    assert await database.jobs.erase(first)
    assert [row["uses"] for row in await database.pool.fetch(KEPT)] == [1]
    assert await database.jobs.erase(second)
    assert await database.pool.fetch(KEPT) == []


async def test_many_are_erased_and_each_is_looked_at_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    jobs = [await ended(database, 9 - n / 10, str(n).encode()) for n in range(5)]
    await look(database, others=7)
    assert await database.pool.fetchval("SELECT count(documents_erased) FROM jobs") == len(jobs)
    assert await database.retained.erase(OTHERS) == 0
    # who comes to the term later is found later
    late = await ended(database, 6.99999)
    await database.pool.execute("UPDATE retained SET until = until - interval '1 day'")
    earlier = "UPDATE jobs SET finished_at = finished_at - interval '1 minute' WHERE ix_id = $1"
    await database.pool.execute(earlier, late)
    assert await database.retained.erase(OTHERS) == 1


async def test_it_is_not_tried_again_by_itself_or_among_many(database: Database, client: httpx.AsyncClient) -> None:
    old = await ended(database, 8)
    await look(database, others=7)
    refused = await client.post(f"/jobs/{old}/retry")
    assert (refused.status_code, "documents were erased" in refused.json()["detail"]) == (409, True)
    assert await database.jobs.retry(old) is None
    asked = await client.post("/jobs/actions", json={"action": "retry", "ids": [old]})
    done = await waited_for(client, database, asked)
    assert (done["done"], done["reasons"]) == (0, {"documents_erased": 1})
    assert (await client.get(f"/jobs/{old}")).json()["response"]["result"] == {"total": 3.7}


async def test_what_shows_its_pages_says_so(database: Database, client: httpx.AsyncClient) -> None:
    old = await ended(database, 8)
    await look(database, others=7)
    for path in ("text", "annotated.pdf", "searchable.pdf", "pages/0/1/words", "pages/0/1/picture"):
        refused = await client.get(f"/jobs/{old}/{path}")
        assert refused.status_code == 404
        assert "were erased on" in refused.json()["detail"]
    assert (await client.get(f"/jobs/{old}/pages")).json()["pages"] == []
    exported = await client.get("/exports", params={"what": "results", "format": "jsonl", "use_case": "drill"})
    assert exported.status_code == 200
    assert old in exported.text


async def test_callbacks_reviews_and_repeated_submissions_are_as_before(database: Database) -> None:
    given = submission(document=SCAN, callback_url="https://example.com/")
    await database.jobs.insert_pending(given)
    [claim] = await database.jobs.claim(uuid4(), 1)
    await database.jobs.mark_done(claim, answer())
    reviewed = "INSERT INTO reviews (ix_id, client_id, use_case, version) VALUES ($1, 'acme', 'drill', 1)"
    await database.pool.execute(reviewed, claim.ix_id)
    await database.pool.execute("UPDATE jobs SET finished_at = finished_at - interval '8 days'")
    await look(database, others=7)
    assert await database.pool.fetchval("SELECT count(*) FROM deliveries WHERE status = 'pending'") == 1
    assert await database.pool.fetchval("SELECT count(*) FROM reviews") == 1
    again = await database.jobs.insert_pending(given)
    assert (again.outcome, again.job.ix_id) == (Outcome.SAME, claim.ix_id)
    # the bytes that came once more are nobody's, and go
    assert await database.pool.fetch(KEPT) == []


async def test_a_job_that_has_not_ended_keeps_its_documents(database: Database) -> None:
    job = (await database.jobs.insert_pending(submission(document=SCAN))).job
    assert await database.pool.fetchval("SELECT erase_documents($1::text[])", [job.ix_id]) == 0
    assert [row["uses"] for row in await database.pool.fetch(KEPT)] == [1]


def test_the_setting_is_read_and_refused() -> None:
    read = Settings.from_env({"IX_DOCUMENT_DAYS": "invoice=30, *=0.5"}).document_days
    assert read == (Term("invoice", 30.0), Term("*", 0.5))
    assert [str(term) for term in read] == ["invoice=30", "*=0.5"]
    for wrong in ("invoice", "invoice=0", "invoice=-1", "=3", "invoice=x", "invoice=nan", "a=1,a=2", "a=1e9"):
        with pytest.raises(ConfigError, match="IX_DOCUMENT_DAYS"):
            Settings.from_env({"IX_DOCUMENT_DAYS": wrong})
