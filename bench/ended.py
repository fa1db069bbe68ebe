"""`python -m bench.ended`: whether what is done all day stays as quick when very many jobs have ended, and how quickly
retention erases.

Two databases on one server, one with few ended jobs and one with many, are asked in turns, statement by statement, so
that whatever else the machine does meets both alike. Printed are medians, milliseconds, and their ratio."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import ExitStack, suppress
from uuid import uuid4

from bench.servers import execute, postgres
from ix.config import Settings
from ix.database import Database
from ix.database.engines import Engines
from ix.database.jobs import Listing
from ix.database.retention import Rule
from ix.job import Response
from tests.factories import submission

FEW = 20_000
CHUNK = 500_000
CLAIMED = 20
FILL = """
    INSERT INTO jobs (client_id, request_id, use_case, fingerprint, max_attempts, attempts, status, created_at,
        started_at, finished_at, claim_token, document_name, document_count, page_count, headline, review, request,
        response)
    SELECT 'client-' || n % 50, n::text, (ARRAY['invoice', 'receipt', 'letter'])[1 + n % 3], sha256(n::text::bytea),
        3, 1, 'done', at, at, at + interval '2 s', gen_random_uuid(), 'Scan ' || n % 1000 || '.pdf', 1, 2,
        'Company ' || n % 500, 'straight', '{"documents": [], "options": {}}',
        '{"result": {"total": 12.5, "number": "2026-1", "date": "2026-01-01"}, "evidence": null, "error": null,
          "warnings": [], "timings": {}, "usage": {}}'
    FROM generate_series($1::int, $2::int) AS n,
        LATERAL (SELECT now() - ($3 - n) * interval '1 s' AS at) AS when_ended"""
INDEXES = """
    SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS made FROM pg_index
    WHERE indrelid = 'jobs'::regclass AND NOT indisunique"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.ended", description=__doc__)
    parser.add_argument("--jobs", type=int, default=10_000_000, help="ended jobs of the large database")
    parser.add_argument("--rounds", type=int, default=100)
    parsed = parser.parse_args()
    with ExitStack() as running:
        server = running.enter_context(postgres())
        few, many = (running.enter_context(server.database(server.template)) for _ in range(2))
        for url, number in ((few, FEW), (many, parsed.jobs)):
            asyncio.run(fill(url, number))
        asyncio.run(compare(few, many, parsed.rounds, parsed.jobs))


async def fill(url: str, number: int) -> None:
    """Ended jobs, a second apart, and the indexes made anew, which takes a tenth of the time."""
    database = await Database.open(Settings(postgres_url=url, statement_timeout=3600))
    began = time.perf_counter()
    indexes = await database.pool.fetch(INDEXES)
    for index in indexes:
        await database.pool.execute(f"DROP INDEX {index['name']}")
    for first in range(1, number + 1, CHUNK):
        await database.pool.execute(FILL, first, min(first + CHUNK - 1, number), number)
        print(f"{first + CHUNK - 1:,} of {number:,} after {time.perf_counter() - began:.0f} s", flush=True)
    for index in indexes:
        await database.pool.execute(index["made"])
    await database.close()
    await execute(url, "VACUUM ANALYZE jobs")
    await execute(url, "CHECKPOINT")
    print(f"{number:,} ended jobs made in {time.perf_counter() - began:.0f} s", flush=True)


async def compare(few: str, many: str, rounds: int, number: int) -> None:
    """Every act of a day in both, in turns; then retention in the large one."""
    both = [await Database.open(Settings(postgres_url=url, statement_timeout=60)) for url in (few, many)]
    acts = [await acts_of(database) for database in both]
    seconds: dict[tuple[str, int], list[float]] = defaultdict(list)
    for at in range(rounds + 5):
        for name in acts[0]:
            for side in (0, 1) if at % 2 else (1, 0):
                began = time.perf_counter()
                await acts[side][name]()
                # the first ones fill caches
                if at >= 5:
                    seconds[name, side].append(time.perf_counter() - began)
    print(f"{'':<24}{FEW:>12,}{number:>14,}   ratio")
    for name in acts[0]:
        small, large = (1000 * statistics.median(seconds[name, side]) for side in (0, 1))
        print(f"{name:<24}{small:>12.2f}{large:>14.2f}{large / small:>8.2f}")
    began, erased = time.perf_counter(), 0
    while time.perf_counter() - began < 10:
        erased += await both[1].jobs.prune(1.0)
    print(f"retention erases {erased / (time.perf_counter() - began):,.0f} jobs/s")
    for what, rule in RULES.items():
        print(f"retention by use case, {what}: {await erased_by(both[1], rule):,.0f} ended jobs/s")
    size = await both[1].pool.fetchval("SELECT pg_size_pretty(pg_total_relation_size('jobs'))")
    print(f"the table and its indexes: {size}")
    for database in both:
        await database.close()


RULES = {
    "which has none": Rule("results", 1.0, ["receipts"], others=False),
    "results of a third": Rule("results", 1.0, ["receipt"], others=False),
    "jobs of a third": Rule("jobs", 1.0, ["letter"], others=False),
}


async def erased_by(database: Database, rule: Rule) -> float:
    """Ended jobs that a rule gets through in a second, whatever it erases; it is broken off after 10."""
    began = time.perf_counter()
    with suppress(TimeoutError):
        async with asyncio.timeout(10):
            await database.retained.erase(rule)
    seconds = time.perf_counter() - began
    passed = "SELECT count(*) FROM jobs WHERE finished_at < (SELECT until FROM retained WHERE rule = $1)"
    return float(await database.pool.fetchval(passed, rule.name)) / seconds


async def acts_of(database: Database) -> dict[str, Callable[[], Awaitable[object]]]:
    """What is measured, by name."""
    jobs, engine = database.jobs, uuid4()
    async with database.pool.acquire() as connection:
        await Engines.heartbeat(connection, engine, None, "bench", {})
    middle = await database.pool.fetchval("SELECT ix_id FROM jobs ORDER BY ix_id OFFSET $1 LIMIT 1", FEW // 2)
    one = await database.pool.fetchval("SELECT max(ix_id) FROM jobs")

    async def submit() -> None:
        await jobs.insert_many([submission(client="now") for _ in range(CLAIMED)])

    async def claim_and_finish() -> None:
        claims = await jobs.claim(engine, CLAIMED)
        await jobs.finish_many([(claim, Response(result={"a": 1}).model_dump_json().encode()) for claim in claims])

    return {
        f"submit {CLAIMED}": submit,
        f"claim, finish {CLAIMED}": claim_and_finish,
        "first page": lambda: jobs.part_of_list(Listing(limit=50)),
        "first page of a client": lambda: jobs.part_of_list(Listing(client_id="client-7", limit=50)),
        "a page far behind": lambda: jobs.part_of_list(Listing(before=middle, limit=50)),
        "pages by a name": lambda: jobs.part_of_list(Listing(q="scan 7", limit=50)),
        "counts of a client": lambda: jobs.counts_of(Listing(client_id="client-7")),
        "one job": lambda: jobs.get(one),
        "by correlation": lambda: jobs.get_by_correlation("client-7", "7"),
    }


if __name__ == "__main__":
    main()
