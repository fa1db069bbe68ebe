"""What the parts of the repository share: the pool, the channels that the SQL names, the lock space."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import asyncpg

from ix.db import Pool, acquire

JOBS_CHANNEL = "ix_jobs"
"""Named in the SQL of this room. Tells engines that there may be work. A hint, never the truth."""
SCHEDULED_CHANNEL = "ix_scheduled"
"""Named in the SQL of this room. Tells engines that a job waits for its time."""
ENDED_CHANNEL = "ix_ended"
"""Named in the SQL of this room. Tells waiters which jobs have ended: ix_ids separated by spaces."""
LOCK_SPACE = 26936
"""Named in the SQL of this room. First key of every advisory lock of ix: the letters "ix" as a 16-bit number."""


class Seam:
    """Runs statements, each in its own transaction."""

    def __init__(self, pool: Pool, acquire_timeout: float = 5.0) -> None:
        self._pool = pool
        self._acquire_timeout = acquire_timeout

    async def _fetch(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        async with acquire(self._pool, self._acquire_timeout) as connection:
            rows: list[asyncpg.Record] = await connection.fetch(sql, *arguments)
            return rows


def interval(seconds: float) -> timedelta:
    """What the database takes for a time span."""
    return timedelta(seconds=seconds)
