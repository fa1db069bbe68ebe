"""The database goes away under load, in every way, and comes back."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from tests import processes
from tests.chaos.clients import submitting
from tests.chaos.fleet import patiently
from tests.chaos.servers import Server
from tests.processes import Process
from tests.rows import Row, Size

RATE = 50
UNFINISHED = "SELECT count(*) FROM jobs WHERE finished_at IS NULL"


def restart(mode: str) -> Callable[[Server, random.Random], None]:
    def strike(server: Server, dice: random.Random) -> None:
        server.stop(mode)
        time.sleep(dice.uniform(0, 2))
        server.start()

    return strike


def kill_a_backend(server: Server, dice: random.Random) -> None:
    server.kill_a_backend("ix")


def test_postgres_goes_away(server: Server, hurt_url: str, size: Size, row: Row) -> None:
    restarts, kills, dice, heard = size(10, 1), size(5, 1), random.Random(8), []
    row.did(
        f"PostgreSQL restarts, fast and immediate, x {restarts} each, down 0 to 2 s; a backend SIGKILLed x {kills}",
        f"{RATE} submits/s",
    )
    strikes = [restart("fast")] * restarts + [restart("immediate")] * restarts + [kill_a_backend] * kills
    with processes.engine(hurt_url, IX_LOG_LEVEL="INFO") as engine, processes.web(hurt_url, IX_LOG_LEVEL="INFO") as web:
        with submitting(web, RATE, action="sleep", seconds=0.05) as client:
            for strike in dice.sample(strikes, len(strikes)):
                time.sleep(dice.uniform(0.3, 0.8))
                strike(server, dice)
                heard.append(seconds_until_heard(engine))
        drained = seconds_until_drained(server)
    stored = server.sql("SELECT count(*) FROM jobs WHERE ix_id = ANY ($1)", client.accepted) or 0
    unfinished = server.sql("SELECT count(*) FROM jobs WHERE status <> 'done'")
    row.found(
        f"{len(client.accepted) - stored} of {len(client.accepted):,} accepted jobs lost",
        ", ".join(f"{count:,} x {answer}" for answer, count in sorted(client.answers.items())),
        f"LISTEN back after {max(heard):.2f} s at most",
        f"all done {drained:.1f} s after the last submit",
    )
    assert stored == len(client.accepted)
    assert not client.unexpected
    assert unfinished == 0
    assert max(heard) < 5


def seconds_until_heard(engine: Process) -> float:
    """From the server's return until the engine's listener is connected again."""
    began = time.monotonic()
    engine.until("listener lost its connection", 10)
    engine.until("listener connected", 30)
    return time.monotonic() - began


def seconds_until_drained(server: Server) -> float:
    began = time.monotonic()
    for _ in patiently(30):
        if server.sql(UNFINISHED) == 0:
            break
    return time.monotonic() - began
