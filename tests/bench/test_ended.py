"""What `bench.ended` measures on is what a service leaves."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from bench import filling
from bench.ended import ANSWER, acts_of
from bench.ended_rows import ROWS, SMALL_JOBS
from ix.config import Settings
from ix.database import Database
from ix.database.jobs import Summary
from tests.factories import submission

JOBS = 2_000
MADE = """
    SELECT 'index' AS kind, pg_get_indexdef(indexrelid) AS made FROM pg_index WHERE indrelid = 'jobs'::regclass
    UNION ALL
    SELECT 'constraint', conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
    WHERE 'jobs'::regclass IN (conrelid, confrelid)
    UNION ALL
    SELECT 'option', relname || ' ' || array_to_string(reloptions, ' ') FROM pg_class WHERE relname ~ '^jobs'
    UNION ALL
    SELECT 'trigger', pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 'jobs'::regclass AND NOT tgisinternal
    ORDER BY 1, 2"""
# columns that are filled, and the members of what they hold
SHAPE = """
    SELECT to_jsonb(array_remove(ARRAY(
        SELECT key FROM jsonb_each(to_jsonb(jobs)) WHERE value <> 'null' ORDER BY key), NULL)) AS columns,
        ARRAY(SELECT jsonb_object_keys(request)) AS request,
        ARRAY(SELECT jsonb_object_keys(request #> '{documents,0}')) AS document,
        ARRAY(SELECT jsonb_object_keys(response)) AS response,
        ARRAY[position = 0, documents_erased > finished_at, started_at > created_at] AS moments
    FROM jobs WHERE status = $1 AND review IS NOT DISTINCT FROM $2 ORDER BY ix_id DESC LIMIT 1"""


@pytest.fixture
async def filled(database_url: str) -> str:
    await filling.fill(database_url, ROWS, 1, JOBS)
    return database_url


async def rows_of(url: str, sql: str, *arguments: object) -> list[dict[str, Any]]:
    connection = await asyncpg.connect(url)
    found = [dict(row) for row in await connection.fetch(sql, *arguments)]
    await connection.close()
    return found


async def test_indexes_constraints_and_triggers_are_those_that_were_there(database_url: str) -> None:
    before = await rows_of(database_url, MADE)
    await filling.fill(database_url, ROWS, 1, JOBS)
    assert await rows_of(database_url, MADE) == before
    assert len([one for one in before if one["kind"] == "index"]) > 10
    [kept] = await rows_of(database_url, "SELECT count(*) FROM jobs")
    assert kept["count"] == JOBS


async def test_a_row_is_as_a_service_leaves_it(filled: str) -> None:
    [made] = await rows_of(filled, SHAPE, "done", "straight")
    database = await Database.open(Settings(postgres_url=filled))
    await database.jobs.insert_many([submission(client="big", use_case="invoice", document=b"a", options={})])
    [claim] = await database.jobs.claim(uuid4(), 1)
    await database.jobs.finish_many([(claim, ANSWER, Summary(2, "Harbour Lane Grocers", "straight"))])
    await database.pool.execute("SELECT erase_documents(ARRAY[$1])", claim.ix_id)
    await database.close()
    [left] = await rows_of(filled, SHAPE, "done", "straight")
    own = {key: sorted(value) if key != "moments" else value for key, value in left.items() if key != "columns"}
    assert {key: sorted(made[key]) if key != "moments" else made[key] for key in own} == own
    assert made["columns"] == left["columns"]


async def test_each_reader_finds_what_is_meant_for_it(filled: str) -> None:
    database = await Database.open(Settings(postgres_url=filled))
    acts = await acts_of(database)
    assert len((await acts["list, no filter, a client with 20"]()).jobs) == SMALL_JOBS
    assert len((await acts["list, search, one name, everybody"]()).jobs) == SMALL_JOBS
    assert (await acts["list, search, nothing, everybody"]()).jobs == []
    assert (await acts["one old job"]()) is not None
    for name in [one for one in acts if one.startswith(("submit", "claim", "finish"))]:
        await acts[name]()
    assert (await acts["metrics"]())["pending"] == 0
    assert (await database.metrics.read())["done_24h"] > JOBS * 0.9
    await database.close()
