"""What may happen to a job, each as one transaction of its own, and a table with one job in a given state."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from ix.config import Limit
from ix.database.connect import Connection, Pool
from ix.database.engines import Engines
from ix.database.jobs import Jobs
from ix.database.jobs.split import NewPart
from ix.database.limits import Limits
from ix.job import Claim, Request
from tests.factories import answer, submission

LIVE, GONE = UUID(int=1), UUID(int=2)
STATES = ("pending", "running", "orphan", "due", "ended")
ROWS = """
    SELECT jobs.status, attempts, quarantined, engine_id, claim_token IS NULL, queue, callback_status,
        response IS NULL, last_error,
        (SELECT array_agg(status) FROM deliveries WHERE deliveries.ix_id = jobs.ix_id),
        (SELECT sum(uses) FROM documents),
        (SELECT count(*) FROM queue_slots WHERE queue_slots.ix_id = jobs.ix_id), (SELECT count(*) FROM queues)
    FROM jobs ORDER BY parent IS NOT NULL, ix_id"""


class Hand(NamedTuple):
    """The repositories over one pool, and a connection beside it for the test's own statements."""

    connection: Connection
    jobs: Jobs
    limits: Limits

    @classmethod
    def over(cls, pool: Pool, connection: Connection) -> Hand:
        return cls(connection, Jobs(pool), Limits(pool))


def same() -> Any:
    return submission(client="acme", request_id="it", document=b"letter", callback_url="https://example.com/")


async def insert(hand: Hand, claim: Claim) -> Any:
    return (await hand.jobs.insert_pending(same())).outcome.value


async def insert_another(hand: Hand, claim: Claim) -> Any:
    made = await hand.jobs.insert_pending(submission(client="acme", document=b"letter", use_case="custom"))
    await hand.connection.execute("DELETE FROM jobs WHERE ix_id = $1", made.job.ix_id)
    return made.outcome.value


async def claim_one(hand: Hand, claim: Claim) -> Any:
    return [(c.attempts, c.quarantined) for c in await hand.jobs.claim(LIVE, 1, True)]


async def claim_alone(hand: Hand, claim: Claim) -> Any:
    return [(c.attempts, c.quarantined) for c in await hand.jobs.claim_quarantined(LIVE)]


async def stand_still(hand: Hand, claim: Claim) -> Any:
    return await hand.jobs.stand_still(LIVE, 60)


async def go_on(hand: Hand, claim: Claim) -> Any:
    await hand.jobs.go_on(LIVE)


async def send_back(hand: Hand, claim: Claim) -> Any:
    return await hand.jobs.send_back(claim)


async def finish(hand: Hand, claim: Claim) -> Any:
    return (await hand.jobs.mark_done(claim, answer())).value


async def release(hand: Hand, claim: Claim) -> Any:
    return len(await hand.jobs.release([claim]))


async def release_unheld(hand: Hand, claim: Claim) -> Any:
    return len(await hand.jobs.release_unheld(LIVE, []))


async def postpone(hand: Hand, claim: Claim) -> Any:
    return await hand.jobs.postpone(claim, "cause", 0)


async def sweep(hand: Hand, claim: Claim) -> Any:
    return len(await hand.jobs.sweep_orphans(60, 60))


async def promote(hand: Hand, claim: Claim) -> Any:
    return await hand.jobs.promote()


async def cancel(hand: Hand, claim: Claim) -> Any:
    return (await hand.jobs.cancel(claim.ix_id)) is not None


async def retry(hand: Hand, claim: Claim) -> Any:
    return (await hand.jobs.retry(claim.ix_id)) is not None


async def erase(hand: Hand, claim: Claim) -> Any:
    return await hand.jobs.erase(claim.ix_id)


async def prune(hand: Hand, claim: Claim) -> Any:
    return await hand.jobs.prune(0)


async def split(hand: Hand, claim: Claim) -> Any:
    part = NewPart(Request(), [], "it begins there")
    return (await hand.jobs.split(claim, [part, part], {})).value


async def gather(hand: Hand, claim: Claim) -> Any:
    return len(await hand.jobs.gather())


async def set_limits(hand: Hand, claim: Claim) -> Any:
    await hand.limits.set([Limit(("drill",), 1)])


Deed = Callable[[Hand, Claim], Awaitable[Any]]
DEEDS: Mapping[str, Deed] = {
    deed.__name__: deed
    for deed in (
        *(insert, insert_another, claim_one, claim_alone, finish, release, release_unheld, postpone),
        *(sweep, promote, cancel, retry, erase, prune, set_limits, stand_still, go_on, send_back, split, gather),
    )
}


class Stage:
    """A hand that sets scenes: one job in a given state, and what the table shows afterwards."""

    def __init__(self, hand: Hand) -> None:
        self.hand = hand

    async def prepare(self, state: str) -> Claim:
        """A claim of the only job; of a job that none has claimed, one that does not hold."""
        execute = self.hand.connection.execute
        await execute("DELETE FROM jobs; DELETE FROM documents; DELETE FROM queues; DELETE FROM queue_slots")
        await execute("DELETE FROM quarantine_strikes")
        for engine in (LIVE, GONE):
            await Engines.heartbeat(self.hand.connection, engine, None, "test", {})
        await execute(
            "UPDATE engines SET heartbeat_at = clock_timestamp() - interval '1 hour' WHERE engine_id = $1", GONE
        )
        job = (await self.hand.jobs.insert_pending(same())).job
        claim = Claim(job.ix_id, uuid4(), "drill", 0, Request(), None)
        return claim if state == "pending" else await self._advance(state)

    async def _advance(self, state: str) -> Claim:
        claim = (await self.hand.jobs.claim(GONE if state == "orphan" else LIVE, 1))[0]
        if state == "due":
            await self.hand.jobs.postpone(claim, "cause", 0)
        if state == "ended":
            await self.hand.jobs.mark_done(claim, answer())
            for sql in (
                "UPDATE jobs SET callback_status = 'failed'",
                "UPDATE deliveries SET status = 'failed', ended_at = now()",
            ):
                await self.hand.connection.execute(sql)
        return claim

    async def outcome(self, *answers: Any) -> str:
        """The answers that were given, and the rows."""
        rows = await self.hand.connection.fetch(ROWS)
        return json.dumps([answers, [list(row.values()) for row in rows]], default=str)
