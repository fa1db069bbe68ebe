"""Patroni: the leader is killed under load, and one of the others takes over by itself."""

from __future__ import annotations

import asyncio
import time

import asyncpg
import pytest

from tests import processes
from tests.chaos.clients import submitting
from tests.chaos.fleet import patiently
from tests.chaos.patroni import BOOT_SECONDS, Cluster
from tests.chaos.test_failover import states
from tests.databases import with_database
from tests.rows import Row, Size

RATE = 30


@pytest.mark.long
def test_a_leader_is_killed_and_another_takes_over(size: Size, row: Row) -> None:
    seconds = size(10, 3)
    row.did(
        "Patroni's leader SIGKILLed with its Patroni, three nodes", f"{RATE} submits/s, {seconds} s before and after"
    )
    with Cluster.running() as cluster:
        asyncio.run(create(with_database(cluster.url, "postgres")))
        processes.run_ix(cluster.url, "migrate")
        with processes.engine(cluster.url) as engine, processes.web(cluster.url) as web:
            engine.fall_silent()
            with submitting(web, RATE, action="sleep", seconds=0.5) as client:
                time.sleep(seconds)
                lost, accepted, began = cluster.leader(), len(client.accepted), time.monotonic()
                lost.lose()
                for _ in patiently(BOOT_SECONDS, pause=0.05):
                    if len(client.accepted) > accepted + RATE:
                        break
                away = time.monotonic() - began
                time.sleep(seconds)
                lost.start()
                for _ in patiently(BOOT_SECONDS, pause=0.1):
                    if lost.is_("replica"):
                        break
            for _ in patiently(60, pause=0.1):
                done, stored, crossed = asyncio.run(states(cluster.url, client.accepted))
                if done == stored:
                    break
    row.found(
        f"{len(client.accepted) - stored} of {len(client.accepted):,} accepted jobs lost",
        ", ".join(f"{count:,} x {answer}" for answer, count in sorted(client.answers.items())),
        f"accepted again {away:.1f} s after the kill; the lost node came back as a standby",
        f"{stored - done} not done, {crossed} with another attempt's answer",
    )
    assert (stored, done, crossed) == (len(client.accepted), len(client.accepted), 0)
    assert not client.unexpected


async def create(url: str) -> None:
    """The database `ix`, on the node that leads."""
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE DATABASE ix")
    await connection.close()
