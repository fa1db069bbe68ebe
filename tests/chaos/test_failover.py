"""The primary is lost under load, its standby takes over, and the lost one comes back; twice, there and back."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter

import asyncpg
import pytest

from ix.database.address import servers
from tests import processes
from tests.chaos.clients import Submitter, submitting
from tests.chaos.fleet import patiently
from tests.chaos.standby import Pair
from tests.processes import Process
from tests.rows import Row, Size

RATE = 30
AWAY_SECONDS = 1.0
STATES = """
    SELECT count(*) FILTER (WHERE status = 'done'), count(*),
        count(*) FILTER (WHERE (response -> 'result' ->> 'attempt')::int <> attempts)
    FROM jobs WHERE ix_id = ANY ($1)"""


@pytest.mark.long
def test_a_standby_is_promoted_and_the_lost_primary_rejoins(size: Size, row: Row) -> None:
    seconds, backs = size(10, 2), list[float]()
    load = f"{RATE} submits/s, {seconds} s before and after each"
    row.did("primary SIGKILLed, standby promoted, the lost one rewound; there and back; synchronous", load)
    with Pair.running() as pair:
        processes.run_ix(pair.url, "migrate")
        quick = {"IX_LOG_LEVEL": "INFO"}
        with processes.engine(pair.url, **quick) as engine, processes.web(pair.url, **quick) as web:
            with submitting(web, RATE, action="sleep", seconds=0.5) as client:
                for _ in range(2):
                    time.sleep(seconds)
                    backs.append(fail_over(pair, client, engine))
                    time.sleep(seconds)
                    pair.rejoin()
            for _ in patiently(30):
                done, stored, crossed = asyncio.run(states(pair.url, client.accepted))
                if done == stored:
                    break
        assert "applied" in processes.run_ix(pair.url, "migrate", "status").lower()
        processes.run_ix(pair.url, "keys", "list")
    finished = Counter(found[1] for line in engine.lines if (found := re.search(r"job finished ix_id=(\w+)", line)))
    twice = [ix_id for ix_id, times in finished.items() if times > 1]
    row.found(
        f"{len(client.accepted) - stored} of {len(client.accepted):,} accepted jobs lost",
        ", ".join(f"{count:,} x {answer}" for answer, count in sorted(client.answers.items())),
        f"accepted again {max(backs):.2f} s after a promotion began at most",
        f"{stored - done} not done, {len(twice)} finished twice, {crossed} with another attempt's answer",
    )
    assert (stored, done, twice, crossed) == (len(client.accepted), len(client.accepted), [], 0)
    assert not client.unexpected
    assert max(backs) < 5


def fail_over(pair: Pair, client: Submitter, engine: Process) -> float:
    """Seconds from the promotion of the standby to the next accepted job."""
    pair.lose_primary()
    time.sleep(AWAY_SECONDS)
    began, accepted = time.monotonic(), len(client.accepted)
    pair.promote()
    for _ in patiently(20, pause=0.01):
        if len(client.accepted) > accepted:
            break
    back = time.monotonic() - began
    engine.until("listener connected", 10)
    return back


async def states(url: str, ix_ids: list[str]) -> tuple[int, int, int]:
    for address in servers(url):
        try:
            connection = await asyncpg.connect(address)
        except (OSError, asyncpg.PostgresError, asyncpg.InternalClientError):
            continue
        done, stored, crossed = await connection.fetchrow(STATES, ix_ids)
        await connection.close()
        return done, stored, crossed
    raise AssertionError("neither server answers")
