"""Large documents go to the object store before the job that names them is inserted, each request's by itself: a commit
that many share waits for no upload."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import asyncpg

from ix.api.problems import NOTHING_LOST, RETRY_AFTER_SECONDS, Problem
from ix.database.documents import NOT_STORED, Documents
from ix.database.jobs import Inserted
from ix.errors import StoreUnavailable
from ix.job import Submission
from ix.telemetry.log import Event, log


class Uploading:
    """Inserts as `insert` does, what goes to the store having been stored."""

    def __init__(self, documents: Documents, insert: Callable[[Submission], Awaitable[Inserted]]) -> None:
        self._documents = documents
        self._insert = insert

    async def __call__(self, submission: Submission) -> Inserted:
        """The job, or the one that has its key. Raises `Problem` 503 where the store does not answer."""
        large = {sha for sha, data in submission.blobs.items() if self._documents.goes_to_store(data)}
        if not large:
            return await self._insert(submission)
        try:
            return await self._insert(await self._uploaded(submission, large))
        except asyncpg.PostgresError as error:
            # what was known was erased meanwhile, or a key was held for longer than its grace
            if error.sqlstate != NOT_STORED:
                raise
        return await self._insert(await self._uploaded(submission, large, anew=True))

    async def _uploaded(self, submission: Submission, large: set[str], anew: bool = False) -> Submission:
        blobs = {sha: submission.blobs[sha] for sha in large}
        try:
            objects = await self._documents.upload(blobs, anew)
        except StoreUnavailable as error:
            log(Event.STORE_UNAVAILABLE, who="web", error=error)
            raise Problem(
                503, f"{error.code}: {error.message}; {NOTHING_LOST}", headers={"retry-after": RETRY_AFTER_SECONDS}
            ) from None
        left = {sha: data for sha, data in submission.blobs.items() if sha not in large}
        return submission._replace(blobs=left, objects=objects)
