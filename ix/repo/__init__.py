"""JobsRepo: one method, one statement, one transaction, the SQL just above it.

The jobs' whole life is here, a part in each file: insert → claim → finish, release or rescue. Every write after a claim names the job *and*
its token, so that a stale worker's write changes nothing, and may be repeated after an ambiguous commit without doing harm.
"""

from __future__ import annotations

from ix.repo.claiming import Claiming
from ix.repo.finishing import Finish, Finishing
from ix.repo.shared import ENDED_CHANNEL, JOBS_CHANNEL, LOCK_SPACE, SCHEDULED_CHANNEL
from ix.repo.submitting import Inserted, Outcome, Submitting
from ix.repo.tending import Orphan, Tending

__all__ = ["ENDED_CHANNEL", "JOBS_CHANNEL", "LOCK_SPACE", "SCHEDULED_CHANNEL", "Finish", "Inserted", "JobsRepo", "Orphan", "Outcome"]


class JobsRepo(Submitting, Claiming, Finishing, Tending):
    """The one seam to the jobs table. Raises `Overloaded` when no connection is free in time, and asyncpg's errors as they are."""
