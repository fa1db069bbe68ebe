"""The primary is lost under load, and its standby takes over."""

from __future__ import annotations

import asyncio
import time

import asyncpg
import pytest

from ix.database.address import servers
from tests import processes
from tests.chaos.clients import Submitter, submitting
from tests.chaos.fleet import patiently
from tests.chaos.standby import Pair
from tests.rows import Row, Size

RATE = 30
AWAY_SECONDS = 1.0
STATES = "SELECT count(*) FILTER (WHERE status = 'done'), count(*) FROM jobs WHERE ix_id = ANY ($1)"


@pytest.mark.long
def test_a_standby_is_promoted(size: Size, row: Row) -> None:
    seconds = size(10, 2)
    load = f"{RATE} submits/s, {seconds} s before and after"
    row.did("primary lost, standby promoted; synchronous replication", load)
    with Pair.running() as pair:
        processes.run_ix(pair.url, "migrate")
        quick = {"IX_LOG_LEVEL": "INFO"}
        with processes.engine(pair.url, **quick) as engine, processes.web(pair.url, **quick) as web:
            with submitting(web, RATE, action="sleep", seconds=0.5) as client:
                time.sleep(seconds)
                pair.lose_primary()
                time.sleep(AWAY_SECONDS)
                began, accepted = time.monotonic(), len(client.accepted)
                pair.promote()
                wait_until_accepted(client, accepted + 1)
                back = time.monotonic() - began
                engine.until("listener connected", 10)
                time.sleep(seconds)
            for _ in patiently(30):
                done, stored = asyncio.run(states(pair.url, client.accepted))
                if done == stored:
                    break
        processes.run_ix(pair.url, "migrate", "status")
    row.found(
        f"{len(client.accepted) - stored} of {len(client.accepted):,} accepted jobs lost",
        ", ".join(f"{count:,} x {answer}" for answer, count in sorted(client.answers.items())),
        f"accepted again {back:.2f} s after the promotion began",
        f"{stored - done} not done",
    )
    assert (stored, done) == (len(client.accepted), len(client.accepted))
    assert not client.unexpected
    assert back < 5


def wait_until_accepted(client: Submitter, number: int) -> None:
    for _ in patiently(20, pause=0.01):
        if len(client.accepted) >= number:
            break


async def states(url: str, ix_ids: list[str]) -> tuple[int, int]:
    for address in servers(url):
        try:
            connection = await asyncpg.connect(address)
        except (OSError, asyncpg.PostgresError, asyncpg.InternalClientError):
            continue
        done, stored = await connection.fetchrow(STATES, ix_ids)
        await connection.close()
        return done, stored
    raise AssertionError("neither server answers")
