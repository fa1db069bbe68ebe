"""Retention: jobs that ended long ago are erased, those with an expiry when it comes, before them the words of their
pages; of pictures and PDFs those that nobody has seen for longest make room; and engines that are gone and owe nothing
are forgotten, like actions that ended long ago. Objects that no document names any more leave their store. What has
ended is counted before."""

from __future__ import annotations

import asyncio

from ix.background.actor import jittered
from ix.background.periodic import PeriodicActor
from ix.config import Settings
from ix.config.limits import ALL_OTHERS
from ix.database import Database
from ix.database.connect import DATABASE_ERRORS
from ix.errors import StoreUnavailable
from ix.telemetry.log import Event, log

INTERVAL_SECONDS = 60.0
"""Time between looks for engines to forget and jobs to erase, jittered."""


class Retention(PeriodicActor):
    """Once a minute, in every engine: whoever comes first finds what there is."""

    who = "retention"
    unreachable = DATABASE_ERRORS
    looks_at_once = True

    def __init__(self, settings: Settings, database: Database) -> None:
        super().__init__()
        self._retention_days = settings.retention_days
        self._keep_words = settings.keep_words
        self._document_days = settings.document_days
        self._liveness_limit = settings.liveness_limit
        self._picture_bytes = settings.picture_bytes
        self._pdf_bytes = settings.pdf_bytes
        self._database = database

    async def pause(self) -> None:
        await asyncio.sleep(jittered(INTERVAL_SECONDS))

    async def look(self) -> None:
        """Counts what ended, forgets engines, erases jobs whose moment has come, drops the words of jobs that ended
        long ago and actions that did, and erases jobs where the settings limit how long they are kept."""
        # before anything is erased
        while await self._database.tallies.count():
            pass
        while await self._database.caps.add_up():
            pass
        await self._database.engines.forget_gone(self._liveness_limit)
        await self._erase_expired()
        await self._erase_documents()
        await self._drop_words()
        await self._database.pictures.prune(self._picture_bytes)
        await self._database.actions.prune()
        await self._database.pdfs.prune(self._pdf_bytes)
        if self._retention_days:
            await self._prune()
        await self._delete_objects()

    async def _erase_expired(self) -> None:
        """One after the other, as clients erase them: whoever waits for one hears of it."""
        erased = 0
        while due := await self._database.expiries.due():
            for ix_id in due:
                erased += await self._database.jobs.erase(ix_id)
        if erased:
            log(Event.JOBS_EXPIRED, count=erased)

    async def _erase_documents(self) -> None:
        """Those of each use case with a term of its own, then those of all others."""
        named = [term.use_case for term in self._document_days if term.use_case != ALL_OTHERS]
        erased = 0
        for name, days in self._document_days:
            others = name == ALL_OTHERS
            erased += await self._database.retained.erase_documents(named if others else [name], days, others)
        if erased:
            log(Event.DOCUMENTS_ERASED, jobs=erased)

    async def _drop_words(self) -> None:
        dropped = 0
        # also in small batches; the jobs stay
        while found := await self._database.pages.prune(self._keep_words):
            dropped += found
        if dropped:
            log(Event.PAGES_DROPPED, count=dropped)

    async def _delete_objects(self) -> None:
        deleted = 0
        try:
            while found := await self._database.documents.delete_loose():
                deleted += found
        except StoreUnavailable as error:
            # what is due stays so: the next look tries again
            log(Event.STORE_UNAVAILABLE, who=self.who, error=error)
        if deleted:
            log(Event.OBJECTS_DELETED, count=deleted)

    async def _prune(self) -> None:
        """In small batches, so that no lock is held for long."""
        erased = 0
        while found := await self._database.jobs.prune(self._retention_days):
            erased += found
        if erased:
            log(Event.JOBS_PRUNED, count=erased)
