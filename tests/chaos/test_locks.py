"""Documents that many jobs share: whoever counts their uses locks them in the same order."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections import Counter
from datetime import UTC, datetime

import asyncpg

from ix.config import Settings
from ix.database import Database
from ix.database.jobs import Jobs
from ix.job import DocumentRef, Request, Submission
from tests.rows import Row, Size

DOCUMENTS = [b"document %d" % number for number in range(12)]
CALLERS = 12
WRONG = """
    SELECT count(*) FROM documents WHERE uses <> (
        SELECT count(*) FROM jobs
        WHERE jsonb_path_exists(request, '$.documents[*].sha256 ? (@ == $sha)',
            jsonb_build_object('sha', encode(documents.sha256, 'hex'))))"""
AGE = """
    UPDATE jobs SET status = 'cancelled', finished_at = clock_timestamp() - interval '2 days'
    WHERE ix_id = ANY ($1)"""


def sharing(dice: random.Random) -> Submission:
    """A submission of six of the documents."""
    chosen = {hashlib.sha256(data).hexdigest(): data for data in dice.sample(DOCUMENTS, 6)}
    refs = tuple(DocumentRef(sha256=sha, size=len(data)) for sha, data in chosen.items())
    return Submission(
        client_id="acme",
        request_id=f"{dice.random()}",
        use_case="drill",
        request=Request(documents=refs, options={}),
        run_at=datetime(2100, 1, 1, tzinfo=UTC),
        blobs=chosen,
    )


async def caller(number: int, jobs: Jobs, rounds: int, ids: list[str], done: Counter[str]) -> None:
    dice = random.Random(number)
    for _ in range(rounds):
        deed = dice.choice(["submit", "submit", "erase", "erase", "prune"])
        try:
            if deed == "submit":
                ids += [made.job.ix_id for made in await jobs.insert_many([sharing(dice) for _ in range(3)])]
            elif deed == "erase" and ids:
                await jobs.erase(ids.pop(dice.randrange(len(ids))))
            elif deed == "prune" and ids:
                old = [ids.pop() for _ in range(min(3, len(ids)))]
                await jobs._fetch(AGE, old)
                await jobs.prune(1)
            done[deed] += 1
        except asyncpg.DeadlockDetectedError:
            done["deadlocks"] += 1


async def test_shared_documents(database_url: str, size: Size, row: Row) -> None:
    rounds, done, ids = size(10_000, 240), Counter[str](), list[str]()
    row.did(f"submissions, erasures and retention that share {len(DOCUMENTS)} documents", f"{rounds:,} rounds")
    database = await Database.open(Settings(postgres_url=database_url, pool_size=CALLERS, statement_timeout=60))
    jobs = database.jobs
    await asyncio.gather(*(caller(n, jobs, rounds // CALLERS, ids, done) for n in range(CALLERS)))
    wrong = await database.pool.fetchval(WRONG)
    for ix_id in ids:
        await jobs.erase(ix_id)
    await jobs._fetch(AGE, [row["ix_id"] for row in await database.pool.fetch("SELECT ix_id FROM jobs")])
    while await jobs.prune(1):
        pass
    left = await database.pool.fetchval("SELECT count(*) FROM documents")
    await database.close()
    row.found(f"{done['deadlocks']} deadlocks", f"{wrong} wrong counts", f"{left} documents left in the end")
    assert (done["deadlocks"], wrong, left) == (0, 0, 0)
