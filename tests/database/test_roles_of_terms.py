"""Caps and retention with the roles of web and engine: what each needs it may, and nobody shortens the audit log."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg
import pytest

from ix.config import Settings
from ix.database import Database
from ix.database.caps import Cap
from ix.database.keys import EVERYBODY
from ix.database.retention import Terms
from ix.engine.maintenance.retention import Retention
from ix.job import Response
from tests.accounts import accounts, connected
from tests.factories import submission

# no more than what is older than its owner wants goes from the audit log, and web erases nothing by function
REFUSED = {
    "ix_web": [
        "INSERT INTO audit_term VALUES (1)",
        "DELETE FROM audit_term",
        "SELECT erase_audit()",
        "SELECT erase_results('{}')",
        "SELECT erase_documents('{}')",
        "UPDATE jobs SET results_erased = now()",
        "UPDATE day_counts SET pages = 0",
        "DELETE FROM day_counts",
        "UPDATE retained SET until = now()",
        "DELETE FROM retained_later",
    ],
    "ix_engine": [
        "INSERT INTO audit_term VALUES (1)",
        "SELECT days FROM audit_term",
        "DELETE FROM audit",
        "UPDATE retention SET jobs = 1",
        "INSERT INTO retention (use_case, jobs) VALUES ('*', 1)",
        "SELECT jobs FROM caps",
        "UPDATE jobs SET results_erased = now()",
        "DELETE FROM corrections",
        "DELETE FROM reviews",
    ],
}


@pytest.fixture
def logins(server_url: str, database_url: str) -> Iterator[Mapping[str, str]]:
    with accounts(server_url, database_url) as found:
        yield found


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = await Database.open(Settings(postgres_url=url, pool_size=2))
    try:
        yield database
    finally:
        await database.close()


async def test_each_role_does_its_part(logins: Mapping[str, str], database_url: str) -> None:
    async with opened(logins["ix_web"]) as web, opened(logins["ix_engine"]) as engine, opened(database_url) as owner:
        assert await web.caps.set("acme", Cap(jobs=5), EVERYBODY)
        await web.jobs.insert_many([submission(document=b"a", counted=True), submission(counted=True)])
        for claim in await engine.jobs.claim(uuid4(), 2):
            await engine.jobs.mark_done(claim, Response(result={"a": 1}, usage={"pages": 3}))
        [acme] = await web.caps.list()
        assert (acme.used_jobs, acme.used_pages) == (2, 6)
        await owner.pool.execute("UPDATE day_counts SET day = day - 1")
        await owner.pool.execute("UPDATE jobs SET finished_at = finished_at - interval '8 days'")
        assert await web.retention.set("drill", Terms(documents=1, results=1), EVERYBODY)
        await owner.retention.set_audit(1)
        await owner.pool.execute("UPDATE audit SET at = at - interval '2 days'")
        await Retention(Settings(), engine).look()
        assert await owner.pool.fetchval("SELECT count(results_erased) + count(documents_erased) FROM jobs") == 4
        assert await owner.pool.fetchval("SELECT count(*) FROM day_counts WHERE shard = 0") == 1
        assert await owner.pool.fetchval("SELECT count(*) FROM audit") == 0
        assert await web.retention.audit_days() == 1
        assert await web.retention.set("drill", Terms(jobs=1), EVERYBODY)
        assert await web.retention.set("invoice", Terms(jobs=2), EVERYBODY)
        await Retention(Settings(), engine).look()
        assert await owner.pool.fetchval("SELECT count(*) FROM jobs") == 0
        assert await web.retention.drop("drill", EVERYBODY)
        assert await web.caps.drop("acme", EVERYBODY)


@pytest.mark.parametrize("role", REFUSED)
async def test_what_a_role_must_not_do_is_refused(logins: Mapping[str, str], role: str) -> None:
    async with connected(logins[role]) as connection:
        for statement in REFUSED[role]:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
