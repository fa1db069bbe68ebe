"""The watchdog, in a process that it may end."""

from __future__ import annotations

import subprocess
import sys

from ix.engine.watchdog import EXIT_CODE

PROGRAM = """
import asyncio, time
from ix.engine.watchdog import Watchdog

async def main():
    watchdog = Watchdog(0.2)
    await watchdog.start()
    await asyncio.sleep(0.5)
    {then}

asyncio.run(main())
"""


def exit_code(then: str) -> int:
    return subprocess.run([sys.executable, "-c", PROGRAM.format(then=then)], timeout=30, check=False).returncode


def test_a_loop_that_stands_still_ends_the_process() -> None:
    assert exit_code("time.sleep(20)") == EXIT_CODE


def test_a_loop_that_turns_ends_nothing_and_nor_does_a_watchdog_that_was_stopped() -> None:
    assert exit_code("await watchdog.stop(); time.sleep(0.6)") == 0
