"""Jobs of a batch: taken while it is open, each as any other; a repetition of one that was taken, always."""

from __future__ import annotations

import asyncpg

from ix.api.problems import invalid
from ix.api.submission.quota import Insert
from ix.database import Database
from ix.database.batches import NO_BATCH
from ix.database.jobs import Inserted
from ix.errors import InvalidInput
from ix.job import Submission

UNKNOWN = "is unknown; declare it first: POST /batches"
CLOSED = "is closed: it takes no more jobs"


class IntoBatches:
    """Inserts as `insert` does, what names a batch only where that is open."""

    def __init__(self, database: Database, insert: Insert) -> None:
        self._database = database
        self._insert = insert

    async def __call__(self, submission: Submission) -> Inserted:
        """The job, or the one that has its key. Raises `Problem` 422 where its batch takes none."""
        if submission.batch_id is None:
            return await self._insert(submission)
        # asked first: a statement that is refused takes the others of its commit back
        is_open = await self._is_open(submission)
        if is_open:
            try:
                return await self._insert(submission)
            except asyncpg.PostgresError as error:
                # it was closed, or erased, in this moment
                if error.sqlstate != NO_BATCH:
                    raise
            is_open = await self._is_open(submission)
        if known := await self._database.jobs.known(submission):
            return known
        raise invalid(InvalidInput("batch_id", UNKNOWN if is_open is None else CLOSED))

    async def _is_open(self, submission: Submission) -> bool | None:
        return await self._database.batches.is_open(submission.client_id, submission.batch_id or "")
