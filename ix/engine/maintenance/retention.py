"""Retention: jobs that ended long ago are erased, those with an expiry when it comes, before them their documents,
their results and the words of their pages; of pictures and PDFs those that nobody has seen for longest make room; and
engines that are gone and owe nothing are forgotten, like actions that ended long ago, and entries of the audit log past
their term. Objects that no document names any more leave their store. What has ended is counted before."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from ix.background.actor import jittered
from ix.background.periodic import PeriodicActor
from ix.config import Settings
from ix.database import Database
from ix.database.connect import DATABASE_ERRORS
from ix.database.retention import Kind, Rule, in_force, rules
from ix.errors import StoreUnavailable
from ix.telemetry.log import Event, log

INTERVAL_SECONDS = 60.0
"""Time between looks for engines to forget and jobs to erase, jittered."""


_ERASED: Mapping[Kind, Event] = {
    "documents": Event.DOCUMENTS_ERASED,
    "results": Event.RESULTS_ERASED,
    "jobs": Event.JOBS_PRUNED,
}


class Retention(PeriodicActor):
    """Once a minute, in every engine: whoever comes first finds what there is."""

    who = "retention"
    unreachable = DATABASE_ERRORS
    looks_at_once = True

    def __init__(self, settings: Settings, database: Database) -> None:
        super().__init__()
        self._settings = settings
        self._keep_words = settings.keep_words
        self._liveness_limit = settings.liveness_limit
        self._picture_bytes = settings.picture_bytes
        self._pdf_bytes = settings.pdf_bytes
        self._database = database

    async def pause(self) -> None:
        await asyncio.sleep(jittered(INTERVAL_SECONDS))

    async def look(self) -> None:
        """Counts what ended, forgets engines, erases jobs whose moment has come, drops the words of jobs that ended
        long ago and actions that did, and erases documents, results, jobs and entries of the audit log whose term is
        over."""
        # before anything is erased
        while await self._database.tallies.count():
            pass
        while await self._database.caps.add_up():
            pass
        await self._database.engines.forget_gone(self._liveness_limit)
        await self._erase_expired()
        await self._erase_by_rule()
        await self._erase_audit()
        await self._drop_words()
        await self._database.pictures.prune(self._picture_bytes)
        await self._database.actions.prune()
        await self._database.pdfs.prune(self._pdf_bytes)
        await self._delete_objects()

    async def _erase_expired(self) -> None:
        """One after the other, as clients erase them: whoever waits for one hears of it."""
        erased = 0
        while due := await self._database.expiries.due():
            for ix_id in due:
                erased += await self._database.jobs.erase(ix_id)
        if erased:
            log(Event.JOBS_EXPIRED, count=erased)

    async def _erase_by_rule(self) -> None:
        """As the terms of this moment have it: administrators may change them."""
        terms = in_force(await self._database.retention.all(), self._settings)
        for rule in rules(terms):
            erased = await (self._prune(rule) if rule.is_of_all_jobs else self._database.retained.erase(rule))
            if erased:
                log(_ERASED[rule.kind], count=erased, rule=rule.name)

    async def _prune(self, rule: Rule) -> int:
        """In small batches, so that no lock is held for long. The oldest ones are the first of an index: nobody has to
        note how far this has come."""
        erased = 0
        while found := await self._database.jobs.prune(rule.days):
            erased += found
        await self._database.batches.prune(rule.days)
        return erased

    async def _erase_audit(self) -> None:
        erased = 0
        while found := await self._database.retention.erase_audit():
            erased += found
        if erased:
            log(Event.AUDIT_ERASED, count=erased)

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
