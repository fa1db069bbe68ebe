"""Lists and counts of jobs where very many have ended: every filter, for who sees all jobs and for one client.

`python -m bench.lists 10000000` fills an embedded PostgreSQL of its own and prints a table. What a filter matches lies
where it is hardest to find: a few jobs among the oldest, behind millions of others. The statements are the service's
own, planned as its connections plan them; blocks are those that `EXPLAIN (ANALYZE, BUFFERS)` counts, of 8 kB each."""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import asyncpg

from bench import filling
from ix.config import Settings
from ix.database.jobs import Jobs, Listing
from ix.database.pool import close_pool, open_pool

REPEATS = 5
NEWEST_AT = datetime(2026, 11, 30, tzinfo=UTC)
FEW = 20
ALL, BIG, SMALL = "everybody's", "a client with 9 of 10", "a client with 1 of 10,000"
CLIENTS = {ALL: None, BIG: "big", SMALL: "small"}
# Numbers from $1, the oldest, to $2. One in ten is another client's, one in ten thousand the small one's; one in a
# hundred failed; the first FEW of every hundred among the oldest 2000 are what is rare in each way.
ROWS = f"""
    INSERT INTO jobs (client_id, request_id, use_case, fingerprint, max_attempts, attempts, status, created_at,
        started_at, finished_at, claim_token, request, response, error_code, review, points, document_name,
        document_count, page_count, headline)
    SELECT CASE WHEN n % 10000 = 7 THEN 'small' WHEN n % 10 = 3 THEN 'other' ELSE 'big' END,
        CASE WHEN rare THEN 'seldom-' ELSE 'r-' END || n, CASE WHEN rare THEN 'seldom' WHEN n % 5 = 0 THEN 'receipt'
        ELSE 'invoice' END, sha256(n::text::bytea), 3, 1, CASE WHEN fails THEN 'error' ELSE 'done' END, at, at, at,
        gen_random_uuid(), '{{"documents": [], "options": {{}}}}',
        CASE WHEN fails THEN '{{"result": null, "evidence": null, "error": {{"code": "c", "message": "m"}},
            "warnings": [], "timings": {{}}, "usage": {{}}}}'::jsonb
        ELSE '{{"result": {{"total": 20.21}}, "evidence": null, "error": null, "warnings": [], "timings": {{}},
            "usage": {{}}}}'::jsonb END,
        CASE WHEN fails AND rare THEN 'seldom' WHEN fails THEN 'document_unreadable' END,
        CASE WHEN fails THEN NULL WHEN rare AND n % 2 = 0 THEN 'rejected' WHEN rare THEN 'needed'
            WHEN n % 40 = 1 THEN 'approved' ELSE 'straight' END,
        0, CASE WHEN rare THEN 'zebra' ELSE 'invoice' END || ' ' || n || '.pdf', 1, 2, 'Harbour Lane Grocers'
    FROM generate_series($1::int, $2::int) AS n, LATERAL (SELECT n % 100 = 99 OR n % 400 = 5 AS fails,
        n < 2000 AND n % 100 < {FEW} AS rare, $3::timestamptz - ($2 - n) * interval '3 s' AS at) AS each"""
FILTERS: dict[str, dict[str, Any]] = {
    "no filter": {},
    "done": {"status": ("done",)},
    "in error": {"status": ("error",)},
    "cancelled (none)": {"status": ("cancelled",)},
    "waiting or running (none)": {"status": ("pending", "running")},
    "use case, common": {"use_case": "invoice"},
    "use case, rare": {"use_case": "seldom"},
    "error, common": {"error_code": "document_unreadable"},
    "error, rare": {"error_code": "seldom"},
    "straight": {"review": "straight"},
    "to check, rare": {"review": "needed"},
    "rejected, rare": {"review": "rejected"},
    "use case and in error": {"use_case": "receipt", "status": ("error",)},
    "use case, rare, and in error": {"use_case": "seldom", "status": ("error",)},
    "use case and to check": {"use_case": "seldom", "review": "needed"},
    "search, a common word": {"q": "invoice"},
    "search, a rare name": {"q": "zebra"},
    "search, a rare request": {"q": "seldom-10"},
    "search, nothing": {"q": "no such thing"},
    "search among errors": {"q": "zebra", "status": ("error",)},
    "an hour of the oldest day": {"oldest_hours": (2, 3)},
    "the oldest day, in error": {"oldest_hours": (0, 24), "status": ("error",)},
}


class Statement(NamedTuple):
    """What was asked of the database; `in_order`: by `_fetch_in_order`."""

    sql: str
    arguments: Sequence[Any]
    in_order: bool


class Watched(Jobs):
    """Jobs that remember what they asked."""

    asked: list[Statement]

    async def _fetch(self, sql: str, *arguments: Any, seconds: float | None = None) -> list[asyncpg.Record]:
        self.asked.append(Statement(sql, arguments, False))
        return await super()._fetch(sql, *arguments, seconds=seconds)

    async def _fetch_in_order(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        self.asked.append(Statement(sql, arguments, True))
        return await super()._fetch_in_order(sql, *arguments)


def listing(given: dict[str, Any], client: str | None, oldest: datetime) -> Listing:
    """The filter for a client; hours are counted from the oldest job."""
    members = dict(given)
    if hours := members.pop("oldest_hours", None):
        members["created_after"], members["created_before"] = (oldest + timedelta(hours=one) for one in hours)
    return Listing(client_id=client, limit=100, **members)


async def explained(jobs: Watched, statements: Sequence[Statement]) -> tuple[float, int]:
    """Milliseconds of the slowest of the statements, and the blocks that all of them read."""
    slowest, blocks = 0.0, 0
    async with jobs._pool.acquire() as connection:
        for sql, arguments, in_order in statements:
            for name in ("enable_sort", "enable_incremental_sort"):
                await connection.execute(f"SET {name} = {'off' if in_order else 'on'}")
            values = ", ".join(map(_literal, arguments))
            # a prepared one is planned as the service's own are: whatever its values
            await connection.execute(f"PREPARE asked AS {sql}")
            run = f"EXECUTE asked{f'({values})' if values else ''}"
            plan = json.loads(await connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {run}"))[0]
            await connection.execute("DEALLOCATE asked")
            slowest = max(slowest, plan["Execution Time"])
            blocks += plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
    return slowest, blocks


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, list | tuple):
        value = "{" + ",".join(json.dumps(str(one)) for one in value) + "}"
    elif isinstance(value, datetime):
        value = value.isoformat()
    return "'" + str(value).replace("'", "''") + "'"


async def page(jobs: Jobs, asked: Listing) -> str:
    """How many jobs the first page has, and whether more may follow."""
    found = await jobs.part_of_list(asked)
    return f"{len(found.jobs)}{'…' if found.before else ''}"


async def counts(jobs: Jobs, asked: Listing) -> str:
    """How many jobs are counted."""
    return f"{sum((await jobs.counts_of(asked)).status.values()):,}"


async def measured(jobs: Watched, asked: Listing, counted: bool) -> str:
    """A list's first page, or its counts: cells of the table."""
    took = []
    for _ in range(REPEATS):
        jobs.asked = []
        since = perf_counter()
        number = await (counts(jobs, asked) if counted else page(jobs, asked))
        took.append(1000 * (perf_counter() - since))
    slowest, blocks = await explained(jobs, jobs.asked)
    middle = statistics.median(took)
    return f"{number} | {middle:.1f} | {max(took):.1f} | {len(jobs.asked)} | {slowest:.1f} | {blocks:,}"


async def table(url: str, jobs_made: int) -> None:
    """Prints a row for each filter and each reader."""
    pool = await open_pool(Settings(postgres_url=url, drill=True))
    jobs, oldest = Watched(pool, 30.0), NEWEST_AT - timedelta(seconds=3 * (jobs_made - 1))
    print("| filter | whose | of | jobs | median ms | worst ms | statements | slowest ms | blocks |")
    print("|---|---|---|---|---|---|---|---|---|")
    try:
        for name, given in FILTERS.items():
            for whose, client in CLIENTS.items():
                asked = listing(given, client, oldest)
                for counted in (False, True):
                    cells = await measured(jobs, asked, counted)
                    print(f"| {name} | {whose} | {'counts' if counted else 'list'} | {cells} |", flush=True)
    finally:
        await close_pool(pool)


def main() -> None:
    """Fills a database and prints the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.lists", description=__doc__.partition("\n")[0])
    parser.add_argument("jobs", type=int, help="how many jobs have ended")
    parser.add_argument("--keep", type=Path, help="folder where the database stays, and is found the next time")
    parsed = parser.parse_args()
    with filling.server(parsed.keep) as local:
        filling.restart(local, filling.LOADING)
        url = filling.filled(local, f"lists_{parsed.jobs}", ROWS, parsed.jobs, NEWEST_AT)
        filling.restart(local, filling.SERVING)
        asyncio.run(table(url, parsed.jobs))


if __name__ == "__main__":
    main()
