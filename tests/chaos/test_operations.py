"""Actions on many jobs, and a use case that stands still, while the engines that do it are killed."""

from __future__ import annotations

import random

from ix.database import Database
from ix.database.actions import Action, Kind, Wanted
from tests.chaos.fleet import fleet, patiently
from tests.chaos.jobs import Table
from tests.factories import submission
from tests.rows import Row, Size

QUICK = {"IX_STATEMENT_TIMEOUT": "1", "IX_ACQUIRE_TIMEOUT": "0.5", "IX_SWEEP_INTERVAL": "0.2"}
"""An action is another engine's 1.5 s after its own was killed."""


def test_sigkill_during_an_action(database_url: str, table: Table, size: Size, row: Row) -> None:
    number, kills, dice = size(100_000, 1000), size(30, 1), random.Random(4)
    row.did(f"SIGKILL of the engine that retries jobs of a paused use case x {kills}, two engines", f"{number:,} jobs")
    database = Database(table.pool)
    table.insert([submission(options={"action": "succeed"}) for _ in range(number)])
    table.do(database.pauses.pause("drill", ""))
    # claimed by nobody: no engine lives yet
    table.value("UPDATE jobs SET status = 'cancelled', finished_at = now() RETURNING 1")
    with fleet(database_url, 2, **QUICK) as engines:
        wanted = Wanted(Kind.RETRY, number, "f" * 16, filters={"status": "cancelled"})
        action = table.do(database.actions.ask(wanted))
        assert action is not None
        for kill in range(kills):
            progressed(table, database, action, number * (kill + 1) // (kills + 2))
            engines.kill(dice.randrange(2))
            engines.replace_the_dead()
        done = progressed(table, database, action, number + 1)
    waiting = table.value("SELECT count(*) FROM jobs WHERE status = 'pending'")
    row.found(
        f"{number - done.done} left out",
        f"{done.failed} seen to twice",
        f"{number - waiting} began although their use case stands still",
    )
    assert (done.done, done.failed, waiting) == (number, 0, number)


def progressed(table: Table, database: Database, action: Action, number: int) -> Action:
    """The action once it has come to so many jobs, or is done."""
    for _ in patiently(120):
        found = table.do(database.actions.find(action.id))
        assert found is not None
        if found.state == "done" or found.done + found.failed >= number:
            return found
    raise AssertionError
