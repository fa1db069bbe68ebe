"""Lists and counts: what each filter finds against a look at every row, and by which indexes."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from ix.database.connect import Pool
from ix.database.jobs import Counts, Jobs, Listing, counts, lists
from ix.database.repository import IN_ORDER
from ix.job import JobHead, Status

ROWS = """
    INSERT INTO jobs (client_id, request_id, use_case, request, fingerprint, max_attempts, status, attempts, created_at,
        run_at, started_at, finished_at, claim_token, engine_id, parts, response, document_name, error_code, review,
        tags, batch_id)
    SELECT 'c' || n % 3, CASE WHEN n % 7 = 0 THEN 'order-' ELSE 'r-' END || n,
        (ARRAY['invoice', 'receipt', 'custom'])[1 + n % 5 % 3], '{}', sha256(n::text::bytea), 3, status, 1,
        now() - make_interval(mins => $1 - n),
        CASE WHEN status = 'scheduled' THEN now() END, CASE WHEN NOT waits THEN now() END,
        CASE WHEN ended THEN now() END,
        CASE WHEN NOT waits THEN gen_random_uuid() END, CASE WHEN status = 'running' THEN gen_random_uuid() END,
        CASE WHEN status = 'split' THEN 2 END,
        CASE status WHEN 'done' THEN jsonb '{"error": null}' WHEN 'error' THEN '{"error": {"code": "x"}}' END,
        CASE WHEN n % 2 = 0 THEN 'Scan_' || n % 4 || ' Köln.PDF' WHEN n % 5 = 0 THEN E'a\\b''s order' END,
        CASE WHEN status = 'error' AND n % 4 > 0 THEN (ARRAY['one', 'two', 'three'])[n % 4] END,
        CASE WHEN status = 'done' THEN (ARRAY['straight', 'needed', 'approved'])[n % 4] END,
        CASE WHEN n % 2 = 0 THEN jsonb_build_object('place', (n % 3)::text, 'x', 'a:b') END,
        CASE WHEN n % 4 > 1 THEN 'b' || n % 4 END
    FROM generate_series(1, $1) AS n,
        LATERAL (SELECT (ARRAY['done', 'error', 'cancelled', 'pending', 'scheduled', 'running', 'split'])
            [1 + n % 11 % 7]) AS known (status),
        LATERAL (SELECT status IN ('done', 'error', 'cancelled'), status IN ('pending', 'scheduled'))
            AS two (ended, waits)
    ORDER BY n"""
BATCHES = """
    INSERT INTO batches (client_id, batch_id) SELECT 'c' || c, 'b' || b FROM generate_series(0, 2) AS c,
        generate_series(2, 3) AS b"""
NUMBER = 150


async def filled(pool: Pool, number: int) -> None:
    await pool.execute(BATCHES)
    await pool.execute(ROWS, number)


@pytest.fixture
async def rows(pool: Pool) -> None:
    await filled(pool, NUMBER)


Check = Callable[[JobHead], bool]


def words(name: str | None) -> list[str]:
    return re.split(r"[\s!-/:-@\[-`{-~]+", (name or "").lower())


def found_by(q: str) -> Check:
    def check(job: JobHead) -> bool:
        asked = [word for word in words(q) if word]
        named = bool(asked) and all(any(word.startswith(one) for word in words(job.document)) for one in asked)
        return job.ix_id.startswith(q) or job.request_id.startswith(q) or named

    return check


FILTERS: dict[str, tuple[dict[str, Any], Check]] = {
    "client": ({"client_id": "c1"}, lambda job: job.client_id == "c1"),
    "use case": ({"use_case": "custom"}, lambda job: job.use_case == "custom"),
    "code": ({"error_code": "two"}, lambda job: job.error_code == "two"),
    "review": ({"review": "needed"}, lambda job: job.review == "needed"),
    "tag": ({"tag": "place:1"}, lambda job: (job.tags or {}).get("place") == "1"),
    "colons": ({"tag": "x:a:b"}, lambda job: (job.tags or {}).get("x") == "a:b"),
    "batch": ({"batch_id": "b2"}, lambda job: job.batch_id == "b2"),
    "request": ({"q": "order-1"}, found_by("order-1")),
    "word": ({"q": "köl"}, found_by("köl")),
    "words": ({"q": "pdf 2"}, found_by("pdf 2")),
    "quotes": ({"q": "a\\b'S"}, found_by("a\\b'S")),
    "id": ({"q": "0"}, found_by("0")),
}
STATES: list[tuple[Status, ...]] = [
    (),
    *[(status,) for status in Status],
    (Status.ERROR, Status.CANCELLED),
    (Status.DONE, Status.PENDING, Status.RUNNING),
]
# one tag is asked for
PAIRS = [pair for pair in itertools.combinations(FILTERS, 2) if set(pair) != {"tag", "colons"}]


def asked_for(names: Iterable[str], **more: Any) -> tuple[Listing, Check]:
    given = [FILTERS[name] for name in names]
    listing = Listing(**{name: value for each, _ in given for name, value in each.items()}, **more)
    return listing, lambda job: all(check(job) for _, check in given)


async def every(jobs: Jobs, listing: Listing, only: list[str] | None = None) -> list[JobHead]:
    """All pages of a list, as a client follows them."""
    found: list[JobHead] = []
    while True:
        part = await jobs.part_of_list(listing, only)
        found += part.jobs
        if part.before is None:
            return found
        listing = listing.model_copy(update={"before": part.before})


def of(heads: Iterable[JobHead]) -> list[str]:
    return [head.ix_id for head in heads]


@pytest.mark.usefixtures("rows")
class TestAgainstEveryRow:
    @pytest.mark.parametrize(("first", "walk"), [(1_000, 20_000), (7, 7), (3, 50)])
    async def test_lists_find_what_a_look_at_every_row_finds(
        self, jobs: Jobs, monkeypatch: pytest.MonkeyPatch, first: int, walk: int
    ) -> None:
        monkeypatch.setattr(lists, "FIRST_WALK", first)
        monkeypatch.setattr(lists, "WALK", walk)
        known = await every(jobs, Listing(limit=200))
        assert len(known) == NUMBER
        assert of(known) == sorted(of(known), reverse=True)
        for names in [(), *[(name,) for name in FILTERS], *PAIRS]:
            if sum("q" in FILTERS[name][0] for name in names) > 1:
                continue
            for states in STATES if len(names) < 2 else STATES[:3]:
                listing, check = asked_for(names, status=states, limit=40)
                right = [job for job in known if check(job) and (not states or job.status in states)]
                assert of(await every(jobs, listing)) == of(right), (names, states)

    async def test_a_key_of_some_use_cases_sees_these_alone(self, jobs: Jobs) -> None:
        known = [job for job in await every(jobs, Listing(limit=200)) if job.use_case != "invoice"]
        for name in FILTERS:
            listing, check = asked_for([name], limit=20)
            assert of(await every(jobs, listing, ["receipt", "custom"])) == of(filter(check, known)), name
        assert of(await every(jobs, Listing(status=(Status.DONE,)), [])) == []

    async def test_moments(self, jobs: Jobs) -> None:
        known = await every(jobs, Listing(limit=200))
        first, last = known[120].created_at, known[20].created_at
        listing = Listing(created_after=first, created_before=last, limit=7)
        assert of(await every(jobs, listing)) == of(known[21:121])
        assert await every(jobs, Listing(created_after=known[0].created_at + timedelta(hours=1))) == []
        counted = await jobs.counts_of(listing)
        assert sum(counted.status.values()) == 100

    async def test_counts_are_what_lists_have(self, jobs: Jobs) -> None:
        known = await every(jobs, Listing(limit=200))
        for names in [(), *[(name,) for name in FILTERS], *PAIRS]:
            if sum("q" in FILTERS[name][0] for name in names) > 1:
                continue
            listing, check = asked_for(names)
            assert await jobs.counts_of(listing) == counted(filter(check, known)), names
        mine = [job for job in known if job.use_case == "custom"]
        assert await jobs.counts_of(Listing(), ["custom"]) == counted(mine)

    async def test_counts_stop_at_their_cap(self, jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(counts, "CAP", 5)
        found = await jobs.counts_of(Listing())
        assert max(found.status.values()) == max(found.errors.values()) == max(found.review.values()) == 5
        assert found.at_least


def counted(found: Iterable[JobHead]) -> Counts:
    all_of = list(found)
    return Counts(
        status={one.value: sum(job.status is one for job in all_of) for one in Status},
        errors=dict(Counter(job.error_code for job in all_of if job.error_code)),
        review=dict(Counter(job.review for job in all_of if job.review)),
    )


class Explained(Jobs):
    """The real ones, which keep the plan of every statement."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)
        self.plans: list[str] = []

    async def _fetch(self, sql: str, *arguments: Any, seconds: float | None = None) -> list[asyncpg.Record]:
        await self._explain(sql, arguments)
        return await super()._fetch(sql, *arguments, seconds=seconds)

    async def _fetch_in_order(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        await self._explain(sql, arguments, IN_ORDER)
        return await super()._fetch_in_order(sql, *arguments)

    async def _explain(self, sql: str, arguments: Sequence[Any], first: str = "SELECT 1") -> None:
        values = ", ".join("NULL" for _ in arguments)
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(first)
            # a prepared one is planned as it is in service: whatever its values
            await connection.execute(f"PREPARE asked AS {sql}")
            plan = await connection.fetch(f"EXPLAIN EXECUTE asked{f'({values})' if values else ''}")
            await connection.execute("DEALLOCATE asked")
        self.plans.append("\n".join(row[0] for row in plan))


INDEXES = {
    "": "jobs_pkey",
    "client_id=c1": "jobs_resting_of_client jobs_by_engine",
    "use_case=custom": "jobs_ended_of_use_case",
    "error_code=two": "jobs_failures",
    "status=error": "jobs_failures",
    "status=error&client_id=c1": "jobs_failures_of_client",
    "status=cancelled": "jobs_failures",
    "status=running": "jobs_by_engine",
    "status=pending": "jobs_pending",
    "status=pending&client_id=c1": "jobs_pending_of_client",
    "status=scheduled": "jobs_scheduled",
    "status=done&client_id=c1": "jobs_resting_of_client",
    "client_id=c1&tag=place=1": "job_tags_pkey",
    "client_id=c1&tag=place=1&status=error": "job_tags_pkey",
    "client_id=c1&batch_id=b2": "jobs_of_batch",
    "client_id=c1&batch_id=b2&tag=place=1&status=running": "jobs_of_batch",
    "review=needed": "jobs_in_review",
    "review=needed&use_case=custom&client_id=c1": "jobs_in_review_of_client",
    "q=order": "jobs_by_request jobs_by_name",
    "q=order&client_id=c1": "jobs_resting_of_client",
}


ALLIN_ORDER = re.compile(r"using jobs_pkey on jobs[^\n]*\n\s+Index Cond: \(+ix_id\)::text [<>]")


@pytest.mark.parametrize("asked", INDEXES)
async def test_no_list_reads_all_jobs(pool: Pool, asked: str) -> None:
    await filled(pool, 3000)
    await pool.execute("ANALYZE jobs")
    explained = Explained(pool)
    given = dict(pair.split("=", 1) for pair in asked.split("&") if pair)
    listing = Listing.model_validate({name: value.replace("=", ":") for name, value in given.items()})
    await explained.page(listing)
    for index in INDEXES[asked].split():
        assert index in explained.plans[-1]
    await explained.counts_of(listing)
    plans = "\n".join(explained.plans)
    assert "Seq Scan on jobs" not in plans
    # which has all jobs of a client, in an order of its own
    assert "jobs_correlation" not in plans
    # the order of all jobs is for what is about all of them
    if asked and "q=" not in asked:
        assert not ALLIN_ORDER.search(plans)


@pytest.mark.parametrize("client", [None, "c1"])
async def test_failures_are_counted_by_their_index_alone(pool: Pool, client: str | None) -> None:
    # one in fifty jobs fails: each would be a look into a page of its own
    await filled(pool, 3000)
    await pool.execute("VACUUM ANALYZE jobs")
    explained = Explained(pool)
    await explained.counts_of(Listing(client_id=client))
    plans = "\n".join(explained.plans)
    assert re.search(r"Index Only Scan( Backward)? using jobs_failures", plans)
    assert not re.search(r"Index Scan( Backward)? using jobs_failures", plans)


@pytest.mark.parametrize("asked", [{}, {"client_id": "c1"}, {"use_case": "custom"}, {"q": "order"}])
async def test_no_statement_starts_further_processes(pool: Pool, asked: dict[str, str]) -> None:
    await filled(pool, 3000)
    await pool.execute("VACUUM ANALYZE jobs")
    # as costs stand where millions of jobs have ended
    cheap = (
        "parallel_setup_cost",
        "parallel_tuple_cost",
        "min_parallel_table_scan_size",
        "min_parallel_index_scan_size",
    )
    name = await pool.fetchval("SELECT current_database()")
    for setting in cheap:
        await pool.execute(f'ALTER DATABASE "{name}" SET {setting} = 0')
    await pool.expire_connections()
    explained, listing = Explained(pool), Listing.model_validate(asked)
    await explained.counts_of(listing)
    await explained.page(listing)
    assert "Parallel" not in "\n".join(explained.plans)
