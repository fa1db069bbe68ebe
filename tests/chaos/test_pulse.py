"""Engines whose interpreter is held by what they run, for a while: no task and no thread of theirs runs meanwhile, and
nobody may take them for dead. `tests/engine/test_pulse.py` is its short form; for ever is in `test_engines.py`."""

from __future__ import annotations

import random
import time

import pytest

from tests.chaos.fleet import fleet
from tests.chaos.jobs import Table
from tests.chaos.test_engines import QUICK, drills
from tests.factories import submission
from tests.rows import Row, Size

HELD = 0.8
"""Share of the liveness limit for which the interpreter is held: with the time since the heartbeat before, it would be
over."""


@pytest.mark.long
def test_an_interpreter_that_is_held_for_a_while(database_url: str, table: Table, size: Size, row: Row) -> None:
    jobs, holds = size(100, 10), size(20, 2)
    settings = {**QUICK, "IX_HEARTBEAT_INTERVAL": "2.5", "IX_LIVENESS_LIMIT": "5"}
    seconds = HELD * float(settings["IX_LIVENESS_LIMIT"])
    row.did(f"interpreter held by C code for {seconds:.1f} s x {holds}, two engines", f"{jobs:,} jobs beside")
    work = drills(jobs, random.Random(12), 0.1, 0.5)
    with fleet(database_url, 2, module="tests.chaos.poisons", **settings) as engines:
        # one after the other: two in one engine would hold it for longer than it may be
        for number in range(holds):
            # at any moment between two heartbeats: the one that was due meanwhile comes as soon as it can
            time.sleep(random.uniform(0, 2.5))
            hold = submission(use_case="poison", options={"kind": "hold", "seconds": seconds})
            table.insert([*work[number::holds], hold])
            table.await_final(table.value("SELECT count(*) FROM jobs"))
        rescued = engines.said(r"(orphan rescued)")
        longest = table.value("SELECT max((response -> 'result' ->> 'seconds')::float8)::text FROM jobs")
    fates = table.fates()
    row.found(
        f"held for up to {float(str(longest)):.1f} s",
        f"{len(rescued)} jobs rescued from living engines",
        f"{fates.done} done, attempts at most {fates.most_attempts}",
    )
    assert (fates.done, fates.most_attempts, rescued) == (jobs + holds, 1, [])
