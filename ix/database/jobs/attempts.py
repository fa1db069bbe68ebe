"""The attempts of a job: those that ended without an answer stand beside it, the last one is in its row itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ix.database.repository import Repository

Outcome = Literal["running", "done", "error", "cancelled", "postponed", "lost"]


class Attempt(BaseModel):
    """One attempt. The engine's name is known while it runs, and of those that ended without an answer."""

    model_config = ConfigDict(frozen=True)

    n: int = Field(description="Which it is, from 1")
    engine: str | None = Field(description="Name of the engine")
    started_at: datetime
    ended_at: datetime | None
    outcome: Outcome = Field(
        description="`postponed` to a later attempt, or `lost` with its engine; else what became of the job"
    )
    cause: str | None = Field(description="Why it failed, code first")


class ReadAttempts(Repository):
    """The attempts that a job has had so far."""

    # A job that was cancelled before it began again has no moment at which its last attempt began.
    _ATTEMPTS = """
        SELECT lost_attempts, started_at, finished_at,
            CASE status WHEN 'split' THEN 'running' ELSE status END AS status,
            CASE WHEN finished_at IS NOT NULL AND status <> 'cancelled' OR status = 'split'
                THEN attempts ELSE attempts + 1 END AS n,
            (SELECT name FROM engines WHERE engines.engine_id = jobs.engine_id) AS engine,
            CASE WHEN status = 'error' THEN concat_ws(': ', response #>> '{error,code}', response #>> '{error,message}')
            END AS cause
        FROM jobs WHERE ix_id = $1"""

    async def attempts_of(self, ix_id: str) -> Sequence[Attempt]:
        """The attempts of a job, the first one first; none of a job that is not there."""
        found = []
        for row in await self._fetch(self._ATTEMPTS, ix_id):
            found = [Attempt.model_validate(lost) for lost in row["lost_attempts"] or ()]
            if row["started_at"] is not None:
                named = {name: row[name] for name in ("n", "engine", "started_at", "cause")}
                found.append(Attempt(**named, ended_at=row["finished_at"], outcome=row["status"]))
        return found
