"""The pulse, beside a process that it beats for, and that it may end."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from uuid import UUID, uuid4

import psutil

from ix.config import Settings
from ix.database.connect import Pool
from ix.engine.pulse.actor import Pulse

LIMIT, SHORT = 1.2, 0.5
"""Seconds: enough for some beats, the first of which imports what it needs, and where none is to be seen."""
HELD = "re.match('(a+)+b', 'a' * 60)"
"""Computes for ages in C code that does not let go of the interpreter."""
PROGRAM = """
import asyncio, re, sys, time
from uuid import UUID
from ix.config import Settings
from ix.engine.pulse.actor import Pulse

async def main():
    settings = Settings(postgres_url=sys.argv[1], liveness_limit={limit}, heartbeat_interval={limit} / 2)
    pulse = Pulse(settings, UUID(sys.argv[2]), ends=True)
    await pulse.start()
    await asyncio.sleep(0.1)
    print("still", flush=True)
    {then}
    await pulse.stop()

asyncio.run(main())
"""


def started(then: str, url: str, engine_id: UUID, limit: float = SHORT) -> subprocess.Popen[str]:
    program = PROGRAM.format(limit=limit, then=then)
    return subprocess.Popen(
        [sys.executable, "-c", program, url, str(engine_id)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


async def until_still(process: subprocess.Popen[str]) -> None:
    """Returns when the program is where it is held."""
    assert process.stdout is not None
    await asyncio.to_thread(process.stdout.readline)


async def test_it_beats_for_a_process_that_is_held_and_ends_it_when_its_time_is_over(
    database_url: str, pool: Pool
) -> None:
    engine_id, beats = uuid4(), set[object]()
    await pool.execute("INSERT INTO engines (engine_id, name, lock_key) VALUES ($1, 'held', 7)", engine_id)
    process = started(HELD, database_url, engine_id, LIMIT)
    await until_still(process)
    still = time.monotonic()
    while process.poll() is None:
        assert time.monotonic() - still < 20 * LIMIT
        heartbeat_at, lock_key = await pool.fetchrow("SELECT heartbeat_at, lock_key FROM engines")
        beats.add(heartbeat_at)
        await asyncio.sleep(0.02)
    said = process.communicate()[1]
    assert (process.returncode, lock_key) == (-signal.SIGKILL, None)
    # the first one is from before; a loaded machine takes its time for each
    assert len(beats) > 3
    assert "it is ended" in said


async def test_a_loop_that_turns_is_left_alone_and_so_is_a_process_that_somebody_stopped(
    database_url: str, pool: Pool
) -> None:
    engine_id = uuid4()
    await pool.execute("INSERT INTO engines (engine_id, name) VALUES ($1, 'frozen')", engine_id)
    process = started("await asyncio.sleep(0.2)", database_url, engine_id)
    await until_still(process)
    process.send_signal(signal.SIGSTOP)
    # as long as the pulse would have needed to end it, and to beat before that
    await asyncio.sleep(1.3 * SHORT)
    process.send_signal(signal.SIGCONT)
    await asyncio.to_thread(process.communicate)
    assert process.returncode == 0
    assert await pool.fetchval("SELECT heartbeat_at = started_at FROM engines")


async def test_a_pulse_that_was_killed_is_replaced(database_url: str) -> None:
    pulse = Pulse(Settings(postgres_url=database_url), uuid4())
    await pulse.start()
    try:
        first = await _child()
        first.kill()
        while (second := await _child()) == first:
            await asyncio.sleep(0.02)
        assert second.is_running()
    finally:
        await pulse.stop()
    assert not second.is_running()


async def _child() -> psutil.Process:
    """The one child process of the tests that runs a pulse."""
    while True:
        for child in psutil.Process().children():
            try:
                if any("pulse" in argument for argument in child.cmdline()) and child.status() != psutil.STATUS_ZOMBIE:
                    return child
            except psutil.NoSuchProcess:
                continue
        await asyncio.sleep(0.02)


def test_a_database_that_is_away_keeps_nothing_from_being_ended() -> None:
    process = started("time.sleep(60)", "postgres://postgres@127.0.0.1:1/nowhere", uuid4())
    process.communicate(timeout=20)
    assert process.returncode == -signal.SIGKILL
