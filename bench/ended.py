"""`python -m bench.ended`: whether what is done all day stays as quick when very many jobs have ended, and how quickly
retention erases.

Two databases on one server, one with few ended jobs and one with many, are asked in turns, statement by statement, so
that whatever else the machine does meets both alike. Printed are medians, milliseconds, the median of the rounds'
ratios and its 95 % interval (see `bench.trees`)."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench import filling
from bench.ended_rows import CLIENTS, FILTERS, ROWS
from bench.trees import interval
from ix.config import Settings
from ix.database import Database
from ix.database.engines import Engines
from ix.database.jobs import Listing, Summary
from ix.database.retention import Rule
from ix.job import Claim, Response
from tests.factories import submission

FEW = 20_000
CLAIMED = 20
WARM_UP = 5
"""Rounds that fill caches."""
ERASED = 100
"""Jobs of one batch of retention here: 500 in a service, of which few databases have enough."""
BATCHES = 40
BEYOND = 1.1
"""The ratio from which on an act is marked."""
ANSWER = Response(result={"total": "20.21"}, usage={"pages": 2}).model_dump_json().encode()
Act = Callable[[], Awaitable[Any]]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.ended", description=__doc__.partition("\n")[0])
    parser.add_argument("--jobs", type=int, default=10_000_000, help="ended jobs of the large database")
    parser.add_argument("--few", type=int, default=FEW, help="ended jobs of the small one")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--only", default="", help="acts whose names begin so")
    parser.add_argument("--keep", type=Path, help="folder where the databases stay, and are found the next time")
    parsed = parser.parse_args()
    with filling.server(parsed.keep) as local:
        filling.restart(local, filling.LOADING)
        urls = [filling.filled(local, f"ended_{jobs}", ROWS, jobs) for jobs in (parsed.few, parsed.jobs)]
        filling.restart(local, filling.SERVING)
        asyncio.run(compare(urls, (parsed.few, parsed.jobs), parsed.rounds, parsed.only))


async def compare(urls: list[str], jobs: tuple[int, int], rounds: int, only: str) -> None:
    """Every act of a day in both, in turns; then retention."""
    both = [await Database.open(Settings(postgres_url=url, statement_timeout=60)) for url in urls]
    try:
        acts = [dict(chosen(await acts_of(database), only)) for database in both]
        print(f"| act | {jobs[0]:,}, ms | {jobs[1]:,}, ms | ratio | 95 % | |\n|---|---|---|---|---|---|")
        await _in_turns(acts, rounds)
        if not only:
            await _in_turns([retention(database) for database in both], BATCHES - WARM_UP)
            for what, rule in RULES.items():
                print(f"\nretention by use case, {what}: {await passed_by(both[1], rule):,.0f} ended jobs/s")
        for database, number in zip(both, jobs, strict=True):
            print(f"\n{number:,} jobs:")
            await tell_sizes(database)
    finally:
        for database in both:
            await database.close()


def chosen(acts: Mapping[str, Act], only: str) -> Iterator[tuple[str, Act]]:
    """The acts whose names begin so; those of a job's life belong together."""
    return ((name, act) for name, act in acts.items() if name.startswith(only))


async def _in_turns(acts: list[dict[str, Act]], rounds: int) -> None:
    seconds: dict[str, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
    for at in range(rounds + WARM_UP):
        for name in acts[0]:
            for side in (0, 1) if at % 2 else (1, 0):
                began = time.perf_counter()
                await acts[side][name]()
                if at >= WARM_UP:
                    seconds[name][side].append(time.perf_counter() - began)
    for name, (few, many) in seconds.items():
        ratios = [b / a for a, b in zip(few, many, strict=True)]
        low, high = interval(ratios)
        small, large = (1000 * statistics.median(side) for side in (few, many))
        mark = "beyond" if low > BEYOND else ""
        print(
            f"| {name} | {small:.2f} | {large:.2f} | {statistics.median(ratios):.2f} | {low:.2f}–{high:.2f} | {mark} |"
        )


async def acts_of(database: Database) -> dict[str, Act]:
    """What is measured, by name."""
    ends = "SELECT ix_id, client_id, request_id FROM jobs ORDER BY ix_id"
    oldest, newest = [await database.pool.fetchrow(f"{ends} {way} LIMIT 1") for way in ("", "DESC")]
    behind = await database.pool.fetchval(f"{ends} OFFSET $1 LIMIT 1", FEW // 2)
    jobs, metrics = database.jobs, database.metrics
    return {
        **await life_of(database),
        "one job": lambda: jobs.get(newest["ix_id"]),
        "one old job": lambda: jobs.get(oldest["ix_id"]),
        "one job by correlation": lambda: jobs.get_by_correlation(oldest["client_id"], oldest["request_id"]),
        "list, far behind": lambda: jobs.part_of_list(Listing(before=behind)),
        **lists_of(database),
        "export, a page": lambda: exported(database),
        "metrics": metrics.read,
        "minutes": lambda: metrics.minutes(60),
        "minutes, a client": lambda: metrics.minutes(60, client_id="big"),
        "queue": metrics.queue,
        "bar of reviews": lambda: database.reviews.bar("invoice"),
    }


async def life_of(database: Database) -> dict[str, Act]:
    """Jobs come, are claimed and end."""
    jobs, engine = database.jobs, uuid4()
    claims: list[Claim] = []
    async with database.pool.acquire() as connection:
        await Engines.heartbeat(connection, engine, None, "bench", {})

    async def submit(prefix: str) -> None:
        ids = [f"{prefix}{uuid4()}" for _ in range(CLAIMED)]
        await jobs.insert_many([submission(client="big", request_id=one) for one in ids])

    async def claim() -> None:
        claims[:] = await jobs.claim(engine, 2 * CLAIMED)

    async def finish() -> None:
        summary = Summary(2, "Harbour Lane Grocers, 20.21 EUR", "straight")
        await jobs.finish_many([(one, ANSWER, summary) for one in claims])

    return {
        # of a page of the unique index each, and of a few pages together, as numbers and UUIDs of version 7 are
        f"submit {CLAIMED}, random ids": partial(submit, ""),
        f"submit {CLAIMED}, ids that ascend": lambda: submit(f"order {time.time_ns()}-"),
        f"claim {2 * CLAIMED}": claim,
        f"finish {2 * CLAIMED}": finish,
    }


def lists_of(database: Database) -> dict[str, Act]:
    """The first page and the counts of each filter, for each kind of reader."""
    now = datetime.now(UTC)
    day = {"created_after": now - timedelta(hours=2), "created_before": now - timedelta(hours=1)}
    acts: dict[str, Act] = {}
    for name, given in {**FILTERS, "an hour": day}.items():
        for whose, client in CLIENTS.items():
            asked = Listing(client_id=client, **given)
            acts[f"list, {name}, {whose}"] = partial(database.jobs.part_of_list, asked)
            acts[f"counts, {name}, {whose}"] = partial(database.jobs.counts_of, asked)
    return acts


async def exported(database: Database) -> None:
    """What an export reads for a page of jobs."""
    ids = [job.ix_id for job in await database.jobs.page(Listing(use_case="invoice", limit=200))]
    await database.exports.sizes(ids)
    await database.exports.answers(ids, False)


def retention(database: Database) -> dict[str, Act]:
    """The oldest go."""
    return {f"retention, {ERASED} jobs": lambda: database.jobs.prune(0.01, ERASED)}


async def tell_sizes(database: Database) -> None:
    """Bytes by job, of the table and of its larger indexes."""
    sizes = """
        SELECT c.relname, pg_relation_size(c.oid) / (SELECT count(*) FROM jobs)::float8 AS bytes
        FROM pg_class c WHERE c.oid = 'jobs'::regclass
            OR c.oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = 'jobs'::regclass) ORDER BY 2 DESC"""
    rows = await database.pool.fetch(sizes)
    print(", ".join(f"{row['relname']} {row['bytes']:.0f}" for row in rows if row["bytes"] >= 1), "bytes a job")


RULES = {
    "which has none": Rule("results", 1.0, ["receipts"], others=False),
    "results of one": Rule("results", 1.0, ["receipt"], others=False),
    "jobs of one": Rule("jobs", 1.0, ["letter"], others=False),
}
RULE_SECONDS = 10.0
"""After which a rule is broken off."""


async def passed_by(database: Database, rule: Rule) -> float:
    """Ended jobs that a rule gets through in a second, whatever it erases."""
    began = time.perf_counter()
    with suppress(TimeoutError):
        async with asyncio.timeout(RULE_SECONDS):
            await database.retained.erase(rule)
    seconds = time.perf_counter() - began
    passed = "SELECT count(*) FROM jobs WHERE finished_at < (SELECT until FROM retained WHERE rule = $1)"
    return float(await database.pool.fetchval(passed, rule.name)) / seconds


if __name__ == "__main__":
    main()
