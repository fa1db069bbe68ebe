"""Rows that this ix cannot make sense of, such as another version may leave: they end in a named error and stand in
nobody's way."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from ix.api.app import create_app
from ix.config import Settings
from ix.database.connect import Pool
from ix.database.engines import Engines
from ix.database.jobs import Jobs, Outcome
from ix.engine.engine import Engine
from ix.job import Submission
from tests import logs
from tests.api.conftest import client_of
from tests.chaos.deeds import GONE
from tests.chaos.test_wakeups import all_ended
from tests.factories import submission
from tests.receiver import receiver
from tests.rows import Row, Size

BATCH = 200
"""Orphans that one sweep takes."""


class Spoilt(NamedTuple):
    """What is changed in a job's row, and the error that it must end in."""

    request: str
    code: str
    use_case: str = "drill"


SPOILT: Sequence[Spoilt] = (
    Spoilt('{"colour": "red"}', "request_unreadable"),
    Spoilt("[1]", "request_unreadable"),
    Spoilt('{"documents": 5}', "request_unreadable"),
    Spoilt('{"documents": [5]}', "request_unreadable"),
    Spoilt('{"options": 5}', "request_unreadable"),
    Spoilt('{"options": {"colour": "red"}}', "use_case_failed"),
    Spoilt('{"documents": [{"sha256": "zz"}]}', "use_case_failed", "receipt"),
    Spoilt("{}", "unknown_use_case", "nobody"),
)
SPOIL = "UPDATE jobs SET request = $2::text::jsonb, use_case = $3 WHERE ix_id = ANY ($1::text[])"
ENDS = """
    SELECT ix_id, status, attempts, response -> 'error' ->> 'code' AS code, callback_status,
        (SELECT array_agg(status) FROM deliveries WHERE deliveries.ix_id = jobs.ix_id) AS deliveries
    FROM jobs"""


async def orphans(pool: Pool, submissions: Sequence[Submission]) -> list[str]:
    """The ids of jobs that an engine took and left."""
    jobs = Jobs(pool)
    inserted = [
        one for at in range(0, len(submissions), BATCH) for one in await jobs.insert_many(submissions[at : at + BATCH])
    ]
    async with pool.acquire() as connection:
        await Engines.heartbeat(connection, GONE, None, "gone", {})
    while await jobs.claim(GONE, BATCH):
        pass
    await pool.execute("UPDATE engines SET heartbeat_at = clock_timestamp() - interval '1 hour'")
    return [one.job.ix_id for one in inserted]


async def spoil(pool: Pool, ids: Sequence[str]) -> dict[str, Spoilt]:
    kinds = dict(zip(ids, itertools.cycle(SPOILT)))
    for kind in SPOILT:
        await pool.execute(SPOIL, [ix_id for ix_id in ids if kinds[ix_id] is kind], kind.request, kind.use_case)
    return kinds


async def test_rows_that_nobody_can_read(settings: Settings, pool: Pool, size: Size, row: Row) -> None:
    number, good = size(1000, 24), size(200, 8)
    row.did(
        f"rows that cannot be decoded, in {len(SPOILT)} ways, orphans all; the sweep's batch is {BATCH}",
        f"{number:,}, before {good}",
    )
    with receiver() as there:
        quick = settings.model_copy(update={"allow_hosts": (there.host,), "sweep_interval": 0.1})
        first = [submission(callback_url=there.url if n % 3 == 0 else None) for n in range(number)]
        ids = await orphans(pool, first)
        after = await orphans(pool, [submission(callback_url=there.url) for _ in range(good)])
        kinds = await spoil(pool, ids)
        engine = Engine(quick)
        with logs.heard() as log:
            await engine.start()
            try:
                await all_ended(pool, number + good, 120)
                await all_told(pool)
            finally:
                await engine.stop()
    ends = {end["ix_id"]: end for end in await pool.fetch(ENDS)}
    async with client_of(create_app(settings=settings, pool=pool)) as client:
        answers = Counter([(await client.get(f"/jobs/{ix_id}")).status_code for ix_id in ids[: len(SPOILT)]])
        listed = len((await client.get("/jobs", params={"limit": 200})).json()["jobs"])
    again = [one.outcome for one in await Jobs(pool).insert_many([*first[: len(SPOILT)], submission()])]
    failed = [line for line in log.lines if "loop failed" in line]
    pruned = await Jobs(pool).prune(0, number + good)
    attempts = {end["attempts"] for end in ends.values()}
    codes = Counter(ends[ix_id]["code"] for ix_id in ids)
    row.found(
        ", ".join(f"{count} x {code}" for code, count in codes.items()),
        f"{sum(ends[ix_id]['status'] == 'done' for ix_id in after)} later orphans done, attempts {max(attempts)}",
        f"{len(failed)} loops failed; GET answers {dict(answers)}; "
        f"keys come again: {dict(Counter(map(str, again)))}; {pruned:,} pruned",
    )
    assert {ix_id: ends[ix_id]["code"] for ix_id in ids} == {ix_id: kind.code for ix_id, kind in kinds.items()}
    assert all(ends[ix_id]["status"] == "done" for ix_id in after)
    assert attempts == {2}
    assert {end["callback_status"] for end in ends.values()} == {None, "delivered"}
    assert not failed
    assert set(answers) == {200}
    assert again == [*[Outcome.SAME] * len(SPOILT), Outcome.INSERTED]
    assert listed == min(number + good, 200)
    assert pruned == number + good


async def all_told(pool: Pool, seconds: float = 30) -> None:
    """Returns when no callback is owed."""
    async with asyncio.timeout(seconds):
        while await pool.fetchval("SELECT count(*) FROM deliveries WHERE status = 'pending'"):
            await asyncio.sleep(0.02)
