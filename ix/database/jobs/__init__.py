"""The jobs table: one method, one statement, one transaction, the SQL just above it.

    insert    a client submits               sweep     what time does: promote those due, rescue orphans
    claim     an engine takes                manage    what a client does: cancel, retry, erase; and retention
    finish    a run ends                     follow    what event streams read and are told
    split     into parts, and their end      read      one job; lists of them and counts, by filters
    quarantine                               passwords of documents
              one engine stands still        alike     duplicates

Every write after a claim names the job *and* its token, so that a stale worker's write changes nothing, and may be
repeated after an ambiguous commit without doing harm. Where a `client_id` is given, another client's job is as one that
is not there."""

from __future__ import annotations

from ix.database.jobs.attempts import Attempt, ReadAttempts
from ix.database.jobs.claim import ClaimJobs
from ix.database.jobs.counts import CountJobs, Counts
from ix.database.jobs.filters import Listing
from ix.database.jobs.finish import EndedRun, Finish, FinishJobs, Summary
from ix.database.jobs.follow import EVERYBODY, FollowJobs, ProgressNews, ReviewNews
from ix.database.jobs.insert import Inserted, InsertJobs, Outcome
from ix.database.jobs.lists import AsOf, Page
from ix.database.jobs.manage import ManageJobs
from ix.database.jobs.quarantine import QuarantineJobs
from ix.database.jobs.split import NewPart, Split, SplitJobs
from ix.database.jobs.sweep import Orphan, Sweep, SweepJobs

__all__ = [
    "EVERYBODY",
    "AsOf",
    "Attempt",
    "Counts",
    "EndedRun",
    "Finish",
    "Inserted",
    "Jobs",
    "Listing",
    "NewPart",
    "Orphan",
    "Outcome",
    "Page",
    "ProgressNews",
    "ReviewNews",
    "Split",
    "Summary",
    "Sweep",
]


class Jobs(
    InsertJobs,
    ManageJobs,
    CountJobs,
    ClaimJobs,
    QuarantineJobs,
    FinishJobs,
    SweepJobs,
    FollowJobs,
    SplitJobs,
    ReadAttempts,
):
    """Everything that is done to jobs. Raises `Overloaded` when no connection is free in time, and asyncpg's errors as
    they are."""
