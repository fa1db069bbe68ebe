"""The jobs table: one method, one statement, one transaction, the SQL just above it.

A job's whole life is here, a part in each file: insert → claim → finish, release or rescue; beside it what clients do
(`manage`), what is read, and what streams follow. Every write after a claim names the job *and* its token, so that a
stale worker's write changes nothing, and may be repeated after an ambiguous commit without doing harm."""

from __future__ import annotations

from ix.database.jobs.claim import ClaimJobs
from ix.database.jobs.finish import Finish, FinishJobs
from ix.database.jobs.follow import FollowJobs, ProgressNews
from ix.database.jobs.insert import Inserted, InsertJobs, Outcome
from ix.database.jobs.manage import ManageJobs
from ix.database.jobs.read import Listing, ReadJobs
from ix.database.jobs.sweep import Orphan, Sweep, SweepJobs

__all__ = ["Finish", "Inserted", "Jobs", "Listing", "Orphan", "Outcome", "ProgressNews", "Sweep"]


class Jobs(InsertJobs, ReadJobs, ClaimJobs, FinishJobs, SweepJobs, ManageJobs, FollowJobs):
    """Everything that is done to jobs. Raises `Overloaded` when no connection is free in time, and asyncpg's errors as
    they are."""
