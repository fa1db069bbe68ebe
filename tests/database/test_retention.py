"""Terms by use case: what goes when, what waits for it, and that nothing of it is left in any table or store."""

from __future__ import annotations

import json
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
from ix.database.keys import EVERYBODY
from ix.database.retained import Retained
from ix.database.retention import Rule, Terms, in_force, rules
from ix.engine.maintenance.retention import Retention
from ix.job import CallbackStatus, Finding, Job, Point, Problem, Response
from tests.api.conftest import client_of
from tests.database.test_jobs import generic_plan
from tests.database.test_lists import filled
from tests.factories import submission

SECRET = "4711.08"
"""A value that stands in the answer, and in all that is made of it."""
SCAN = b"the scan"


@pytest.fixture
def database(pool: Pool) -> Database:
    return Database(pool)


@pytest.fixture
async def client(settings: Settings, pool: Pool) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(create_app(settings=settings, pool=pool, probes={})) as client:
        yield client


async def ended(database: Database, days: float, use_case: str = "drill", **fields: str) -> str:
    """A job that ended so many days ago, of whose answer people and engines have made all that can be."""
    given = submission(document=SCAN + use_case.encode(), use_case=use_case, **fields)
    job = (await database.jobs.insert_pending(given)).job
    [claim] = await database.jobs.claim(uuid4(), 1)
    answer = Response(
        result={"total": SECRET},
        evidence={"total": {"quote": SECRET}},
        warnings=(Finding(code="sum", message=SECRET),),
        points=(Point(code="sum", message=SECRET, kind="check"),),
        usage={"pages": 1, "because": SECRET},
        timings={"read": 1.0},
    )
    await database.jobs.mark_done(claim, answer)
    for sql in (
        "UPDATE jobs SET finished_at = finished_at - $3::interval, headline = $2 WHERE ix_id = $1",
        "INSERT INTO pages (ix_id, document, page, sha256, reader, width, height, rotation, source, warnings, words) "
        "SELECT $1, 0, 1, sha256($2::bytea), 'r', 1, 1, 0, 'text', '[]', $2::bytea WHERE $3::interval IS NOT NULL",
        "INSERT INTO pdfs (ix_id, kind, version, ordered_by, file) "
        "SELECT $1, 'annotated', '1', 'acme', $2::bytea WHERE $3::interval IS NOT NULL",
        "INSERT INTO reviews (ix_id, client_id, use_case, version, note) "
        "SELECT $1, 'acme', 'drill', 1, $2 WHERE $3::interval IS NOT NULL",
        "INSERT INTO corrections (ix_id, version, path, op, value, made_by) "
        "SELECT $1, 1, 'total', 'set', to_jsonb($2::text), 'Anna' WHERE $3::interval IS NOT NULL",
    ):
        value = SECRET.encode() if "bytea" in sql else SECRET
        await database.pool.execute(sql, job.ix_id, value, timedelta(days=days))
    return job.ix_id


async def look(database: Database, **settings: object) -> None:
    await Retention(Settings.model_validate(settings), database).look()


async def known(database: Database, ix_id: str) -> Job:
    job = await database.jobs.get(ix_id)
    assert job is not None
    return job


async def holding(pool: Pool, text: str) -> set[str]:
    """The tables in a row of which the text stands, in whatever column."""
    names = [row[0] for row in await pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    shown = text.encode().hex()
    return {
        name
        for name in names
        if await pool.fetchval(
            f"SELECT EXISTS (SELECT FROM {name} WHERE {name}::text LIKE '%' || $1 || '%' "
            f"OR {name}::text LIKE '%' || $2 || '%')",
            text,
            shown,
        )
    }


async def test_the_result_goes_and_the_job_stays(database: Database, client: httpx.AsyncClient) -> None:
    old = await ended(database, 8)
    everywhere = {"jobs", "pages", "pdfs", "reviews", "corrections"}
    assert await holding(database.pool, SECRET) == everywhere
    assert await database.retention.set("drill", Terms(results=7))
    await look(database)
    assert await holding(database.pool, SECRET) == set()
    told = (await client.get(f"/jobs/{old}")).json()
    assert (told["status"], told["pages"], told["headline"], told["review"]) == ("done", 1, None, None)
    assert told["results_erased"] > told["finished_at"]
    answer = told["response"]
    assert (answer["result"], answer["evidence"], answer["error"], answer["usage"]) == (None, None, None, {})
    assert [one["code"] for one in answer["warnings"]] == ["result_erased"]
    # the scan stays, unless somebody wants it to go
    assert await database.pool.fetchval("SELECT count(*) FROM documents") == 1
    young = (await client.get(f"/jobs/{await ended(database, 6)}")).json()
    assert ("results_erased" in young, young["response"]["result"]) == (False, {"total": SECRET})


async def test_what_needs_the_result_says_that_it_is_erased(database: Database, client: httpx.AsyncClient) -> None:
    old = await ended(database, 8, callback_url="https://example.com/")
    await database.jobs.update_callback_status(old, CallbackStatus.DELIVERED)
    await database.retention.set("*", Terms(results=7))
    await look(database)
    for path in ("text", "annotated.pdf", "searchable.pdf", "pages/0/1/words", "review"):
        refused = await client.get(f"/jobs/{old}/{path}")
        assert (refused.status_code, refused.json()["code"]) == (410, "result_erased"), path
    assert (await client.post(f"/jobs/{old}/deliveries")).status_code == 410
    corrected = await client.patch(f"/jobs/{old}/review", json={"changes": []}, headers={"if-match": '"v1"'})
    assert corrected.status_code == 410
    exported = await client.get("/exports", params={"what": "results", "format": "jsonl", "use_case": "drill"})
    assert (exported.status_code, SECRET in exported.text, old in exported.text) == (200, False, True)
    # its document is still there: it can be read once more
    assert (await client.post(f"/jobs/{old}/retry")).status_code == 202
    assert "results_erased" not in (await client.get(f"/jobs/{old}")).json()


async def test_an_error_and_a_cancelled_job_keep_how_they_ended(database: Database) -> None:
    for _ in range(2):
        await database.jobs.insert_pending(submission())
    [claim] = await database.jobs.claim(uuid4(), 1)
    await database.jobs.mark_error(claim, "ocr_failed", "no OCR")
    [other] = await database.jobs.claim(uuid4(), 1)
    await database.jobs.cancel(other.ix_id)
    await database.pool.execute("UPDATE jobs SET finished_at = finished_at - interval '8 days'")
    await database.retention.set("*", Terms(results=7))
    await look(database)
    failed, cancelled = [await known(database, one.ix_id) for one in (claim, other)]
    assert (failed.error_code, failed.response and failed.response.error) == (
        "ocr_failed",
        Problem(code="ocr_failed", message="no OCR"),
    )
    assert (cancelled.response, bool(cancelled.results_erased)) == (None, True)


async def test_each_use_case_loses_each_thing_at_its_own_time(database: Database) -> None:
    jobs = {(name, days): await ended(database, days, name) for name in ("drill", "invoice") for days in (2, 20, 200)}
    await database.retention.set("invoice", Terms(documents=10, jobs=100))
    await database.retention.set("*", Terms(results=10))
    await look(database, document_days=[Term("drill", 100)])
    heads = {key: await database.jobs.head(ix_id) for key, ix_id in jobs.items()}
    assert [key for key, head in heads.items() if head is None] == [("invoice", 200)]
    documents = {key for key, head in heads.items() if head and head.documents_erased}
    assert documents == {("drill", 200), ("invoice", 20)}
    assert {key for key, head in heads.items() if head and head.results_erased} == {
        ("drill", 20),
        ("drill", 200),
        ("invoice", 20),
    }


async def test_a_job_is_told_of_before_anything_of_its_result_goes(database: Database) -> None:
    told, owed = [await ended(database, 8, callback_url="https://example.com/") for _ in range(2)]
    await database.jobs.update_callback_status(told, CallbackStatus.DELIVERED)
    for kind in ("results", "jobs"):
        await database.retention.set("*", Terms(**{kind: 7}))
        await look(database)
        assert not (await known(database, owed)).results_erased
    assert await database.jobs.head(told) is None
    await database.pool.execute("UPDATE retained_later SET due_at = clock_timestamp()")
    await look(database)
    assert await database.jobs.head(owed) is not None, "it is still owed"
    await database.jobs.update_callback_status(owed, CallbackStatus.FAILED)
    await database.pool.execute("UPDATE retained_later SET due_at = clock_timestamp()")
    await database.retention.set("invoice", Terms(jobs=1))
    await look(database)
    assert await database.jobs.head(owed) is None
    assert await database.pool.fetchval("SELECT count(*) FROM retained_later") == 0


async def test_one_that_had_to_wait_and_runs_again_is_met_at_its_new_end(database: Database) -> None:
    ix_id = await ended(database, 8, callback_url="https://example.com/")
    await database.retention.set("*", Terms(results=7))
    await look(database)
    assert await database.pool.fetchval("SELECT count(*) FROM retained_later") == 1
    assert await database.jobs.retry(ix_id, discard_review=True)
    await database.pool.execute("UPDATE retained_later SET due_at = clock_timestamp()")
    await look(database)
    assert await database.pool.fetchval("SELECT count(*) FROM retained_later") == 0
    assert not (await known(database, ix_id)).results_erased


async def test_each_is_looked_at_once_in_batches_and_ties_are_not_lost(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 3)
    ids = [await ended(database, 9) for _ in range(8)]
    # of one moment, and more than a batch is
    await database.pool.execute(
        "UPDATE jobs SET finished_at = now() - interval '9 days' WHERE ix_id = ANY ($1)", ids[:4]
    )
    rule = Rule("results", 7, [], others=True)
    assert await database.retained.erase(rule) >= 7
    assert await database.retained.erase(rule) == 0


async def test_a_use_case_that_loses_its_own_term_is_looked_for_again(database: Database) -> None:
    ix_id = await ended(database, 50, "invoice")
    await ended(database, 5)
    await database.retention.set("invoice", Terms(results=0))
    await database.retention.set("*", Terms(results=10))
    await look(database)
    assert not (await known(database, ix_id)).results_erased, "0 keeps it"
    await database.retention.drop("invoice")
    await look(database)
    assert (await known(database, ix_id)).results_erased


async def test_two_engines_erase_each_thing_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    for _ in range(6):
        await ended(database, 9)
    rule = Rule("jobs", 7, ["drill"], others=False)
    async with database.pool.acquire() as other, other.transaction():
        await database.retained.erase(Rule("jobs", 7, ["invoice"], others=False))
        await other.execute("INSERT INTO retained (rule) VALUES ('jobs drill')")
        await other.fetch("SELECT FROM retained WHERE rule = 'jobs drill' FOR UPDATE")
    async with database.pool.acquire() as other, other.transaction():
        await other.fetch("SELECT FROM retained WHERE rule = 'jobs drill' FOR UPDATE")
        # another engine is at it: nobody waits
        assert await database.retained.erase(rule) == 0
    assert await database.retained.erase(rule) == 6
    assert await database.pool.fetchval("SELECT count(*) FROM documents") == 0


async def test_a_look_goes_along_the_index_of_ends(database: Database) -> None:
    await filled(database.pool, 3000)
    await database.pool.execute("VACUUM ANALYZE")
    for sql in (Retained._STEP, Retained._STEP_LATER):
        plan = await generic_plan(database.pool, sql)
        assert "Seq Scan on jobs" not in plan, plan
        assert "Sort Key: jobs.finished_at" not in plan, plan
    assert " jobs_ended on jobs" in await generic_plan(database.pool, Retained._STEP)


class TestAudit:
    async def test_entries_past_their_term_go_the_oldest_first(self, database: Database) -> None:
        for number in range(700):
            await database.audit.note("session.start", EVERYBODY, detail={"n": number})
        await database.pool.execute("UPDATE audit SET at = at - interval '40 days' WHERE number <= 600")
        await look(database)
        assert await database.pool.fetchval("SELECT count(*) FROM audit") == 700, "no term, nothing goes"
        await database.retention.set_audit(30)
        await look(database)
        assert await database.pool.fetchval("SELECT count(*) FROM audit") == 100
        await database.retention.set_audit(None)
        assert await database.retention.audit_days() is None

    async def test_who_set_it_is_in_the_log_itself(self, database: Database) -> None:
        await database.retention.set_audit(400, EVERYBODY)
        assert await database.retention.audit_days() == 400
        [row] = await database.pool.fetch("SELECT what, detail FROM audit")
        assert (row["what"], row["detail"]) == ("retention.audit", {"days": 400})


def test_the_nearest_that_says_something_holds() -> None:
    settings = Settings(document_days=(Term("invoice", 30), Term("*", 90)), retention_days=365)
    assert in_force({}, settings) == {"*": Terms(90, 0, 365), "invoice": Terms(30, 0, 365)}
    said = {"invoice": Terms(results=5), "receipt": Terms(documents=1, jobs=0), "*": Terms(60, 7, None)}
    found = in_force(said, settings)
    assert found == {"*": Terms(60, 7, 365), "invoice": Terms(30, 5, 365), "receipt": Terms(1, 7, 0)}
    assert rules(found) == [
        Rule("documents", 30, ["invoice"], others=False),
        Rule("documents", 1, ["receipt"], others=False),
        Rule("documents", 60, ["invoice", "receipt"], others=True),
        Rule("results", 5, ["invoice"], others=False),
        Rule("results", 7, ["invoice"], others=True),
        Rule("jobs", 365, ["receipt"], others=True),
    ]
    assert [rule.is_of_all_jobs for rule in rules(in_force({}, settings))] == [False, False, True]


class TestOverHttp:
    async def test_terms_are_set_seen_and_dropped(self, client: httpx.AsyncClient) -> None:
        put = await client.put("/retention?use_case=drill", json={"documents": 30, "results": 0.5})
        expected = {"use_case": "drill", "documents": 30.0, "results": 0.5, "jobs": 0.0, "is_set": True}
        assert (put.status_code, put.json()) == (200, expected)
        others = {"use_case": "*", "documents": 0.0, "results": 0.0, "jobs": 0.0, "is_set": False}
        assert (await client.get("/retention")).json() == {"terms": [others, expected], "audit": None}
        assert (await client.delete("/retention?use_case=drill")).status_code == 204
        assert (await client.get("/retention")).json()["terms"] == [others]
        noted = (await client.get("/audit")).json()["entries"]
        assert [one["what"] for one in noted] == ["retention.drop", "retention.set"]
        assert noted[1]["detail"] == {"use_case": "drill", "documents": 30, "results": 0.5, "jobs": None}

    @pytest.mark.parametrize("body", ['{"documents": -1}', '{"jobs": NaN}', '{"results": 1e9}', '{"audit": 5}', "[]"])
    async def test_what_is_no_term_is_refused(self, client: httpx.AsyncClient, body: str) -> None:
        refusal = await client.put("/retention?use_case=*", content=body, headers={"content-type": "application/json"})
        assert refusal.status_code in (400, 422), refusal.text
        assert json.loads(refusal.text)["status"] == refusal.status_code

    async def test_a_term_is_of_a_use_case_that_is_there(self, client: httpx.AsyncClient) -> None:
        assert (await client.put("/retention?use_case=nothing", json={"jobs": 1})).status_code == 404
        assert (await client.put("/retention", json={"jobs": 1})).status_code == 422
