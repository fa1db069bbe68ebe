"""The engine: one process that runs jobs. What it is made of, started and stopped as one.

start   put together ──▶ every actor starts ──▶ once notifications are heard and limits hold: the worker claims
stop    the worker drains ──▶ every actor stops ──▶ the engine leaves the table of engines
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from pydantic import BaseModel

from ix import use_cases
from ix.background.actor import Actor
from ix.config import Settings
from ix.database import Database
from ix.database.connect import Pool
from ix.engine.attempt import UseCaseRun
from ix.engine.documents import DocumentMemory
from ix.engine.keeping import PageKeeper
from ix.engine.listener import EngineListener
from ix.engine.maintenance import limits
from ix.engine.maintenance.binder import Binder
from ix.engine.maintenance.completer import Completer
from ix.engine.maintenance.deliverer import Deliverer
from ix.engine.maintenance.gatherer import Gatherer
from ix.engine.maintenance.heartbeat import Heartbeat
from ix.engine.maintenance.limits import LimitsKeeper
from ix.engine.maintenance.operator import Operator
from ix.engine.maintenance.painter import Painter
from ix.engine.maintenance.poller import Poller
from ix.engine.maintenance.progress import ProgressReporter
from ix.engine.maintenance.promoter import Promoter
from ix.engine.maintenance.retention import Retention
from ix.engine.maintenance.sweeper import Sweeper
from ix.engine.maintenance.warm_up import WarmUp
from ix.engine.pulse.actor import Pulse
from ix.engine.worker import Worker
from ix.errors import ConfigError, UseCaseFailed
from ix.extraction import shapes
from ix.extraction.pipeline import Extractor
from ix.outbound import Outbound
from ix.telemetry.log import Event, log
from ix.use_cases import Extraction, UseCase

LEAVE_SECONDS = 1.0
"""How long an engine that stops waits for the database to note that it is gone; others find out by themselves."""


class Engine:
    """Runs jobs until it is stopped. A database that is down delays the start of work, not the start of the engine.

    What is not given is made of the settings: the pool, which is closed at the end then, the use cases and the
    extractor. `health` is the engine's state as its row shows it. `ends_when_stuck`: the process is the engine's own,
    and is ended when its event loop stands still for `liveness_limit`."""

    def __init__(
        self,
        settings: Settings,
        *,
        pool: Pool | None = None,
        cases: Mapping[str, UseCase] | None = None,
        extractor: Extractor | None = None,
        ends_when_stuck: bool = False,
    ) -> None:
        self._settings = settings
        self._ends_when_stuck = ends_when_stuck
        self._pool = pool
        self._cases = cases
        self._extractor = extractor
        self._is_started = False
        self.engine_id = uuid4()
        # not `ok` before the warm-up has looked: the models may still be loading
        self.health: dict[str, Any] = {"ocr": "off" if settings.ocr == "off" else "degraded"}

    async def start(self) -> None:
        """Starts every actor, unless that was done before. Raises `ConfigError` where the settings cannot work."""
        if self._is_started:
            return
        await self._put_together()
        for actor in self._actors:
            await actor.start()
        # not awaited: it waits for the database, and may do so for ever
        self._beginning = asyncio.create_task(self._begin_work(), name="begin work")
        self._is_started = True
        log(
            Event.ENGINE_STARTED,
            engine=self.engine_id,
            slots=self._settings.engine_slots,
            extractor=self._settings.extractor,
        )

    async def stop(self) -> None:
        """Drains within `drain_seconds`: running jobs may end, the rest go back to pending with no attempt spent."""
        if not self._is_started:
            return
        self._is_started = False
        log(Event.ENGINE_DRAINING, engine=self.engine_id)
        # before the drain: it could start the worker that is being drained
        self._beginning.cancel()
        await asyncio.gather(self._beginning, return_exceptions=True)
        await self._worker.drain(self._settings.drain_seconds)
        await self._keeper.stop()
        # the first two stop last: until then heartbeats keep what drains from being swept
        for actor in reversed(self._actors):
            await actor.stop()
        await self._leave()
        log(Event.ENGINE_STOPPED, engine=self.engine_id)

    @property
    def is_connected(self) -> bool:
        """Whether notifications are heard now."""
        return self._is_started and self._listener.connected.is_set()

    # What it is made of

    async def _put_together(self) -> None:
        settings = self._settings
        cases = (
            self._cases
            if self._cases is not None
            else use_cases.load(self._settings.use_case_dir, self._settings.drill)
        )
        limits.check(settings, cases)
        extractor = self._extractor = self._extractor or Extractor.create(settings, _results(cases))
        self._database = await Database.open(settings, self._pool)
        self._outbound = Outbound(settings)
        progress = ProgressReporter(self._database.jobs)
        self._keeper = PageKeeper(self._database.pages, settings.keep_words)
        memory = DocumentMemory(settings)
        run = UseCaseRun(settings, cases, self._database, self._outbound, extractor, progress, memory, self._keeper)
        self._worker = Worker(settings, self.engine_id, self._database.jobs, run)
        self._limits_keeper = LimitsKeeper(settings, self._database.limits, self._worker.claim_among_queues)
        pulse = Pulse(settings, self.engine_id, self._ends_when_stuck)
        hearing = self._hearing(extractor, memory)
        self._actors = [pulse, *hearing, self._limits_keeper, progress, *self._maintenance(extractor)]

    def _hearing(self, extractor: Extractor, memory: DocumentMemory) -> Sequence[Actor]:
        """The listener, and those whom only it wakes."""
        deliverer = Deliverer(self._settings, self._database.deliveries, self._outbound)
        promoter, gatherer = Promoter(self._database.jobs), Gatherer(self._database.jobs)
        painter, binder = (kind(self._database, extractor.reader, memory) for kind in (Painter, Binder))
        operator, completer = Operator(self._settings, self._database), Completer(self._database.batches)
        woken = deliverer, promoter, gatherer, completer, painter, binder, operator
        for actor in woken:
            # the listener wakes them when it hears: a look before that would be one that is made again
            actor.looks_at_once = False

        def draw() -> None:
            painter.wake()
            binder.wake()

        self._listener = EngineListener(
            self._settings,
            self.engine_id,
            self._worker.wake,
            lambda: self.health,
            interrupt=self._worker.interrupt,
            deliver=deliverer.wake,
            promote=promoter.wake,
            gather=gatherer.wake,
            complete=completer.wake,
            draw=draw,
            operate=operator.wake,
            load=lambda: self._worker.load._replace(waits=_waits(extractor)),
            ping=self._database.ping,
        )
        return self._listener, *woken

    def _maintenance(self, extractor: Extractor) -> Sequence[Actor]:
        """Those that look from time to time."""
        settings, database = self._settings, self._database
        return (
            Heartbeat(settings, self._listener, database.pool),
            Poller(settings, self._worker.wake, self._worker.drop_lost),
            Sweeper(settings, database.jobs),
            Retention(settings, database),
            WarmUp(settings, extractor, self.health, lambda: self._worker.is_busy),
        )

    # How it begins and ends

    async def _begin_work(self) -> None:
        # an engine that claims before its row exists would look like an unknown one to the others' sweep
        await self._listener.connected.wait()
        await self._limits_keeper.put_into_force()
        await self._worker.start()

    async def _leave(self) -> None:
        assert self._extractor is not None
        await self._extractor.stop()
        await self._outbound.aclose()
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                await self._database.engines.leave(self.engine_id)
        # whatever it is, the process goes on to its end: others miss the heartbeat
        except Exception as error:
            log(Event.DATABASE_UNREACHABLE, who="engine", error=error)
        if self._pool is None:
            await self._database.close()


def _waits(extractor: Extractor) -> dict[str, dict[str, float]]:
    return {name: queue._asdict() for name, queue in extractor.queues().items()}


def _results(cases: Mapping[str, UseCase]) -> list[type[BaseModel]]:
    """The models that results of extractions are checked by. Raises `ConfigError` where a child process could not
    import one."""
    results = [case.result for case in cases.values() if isinstance(case, Extraction) and case.result]
    for result in results:
        try:
            shapes.reference(result)
        except UseCaseFailed as error:
            raise ConfigError(f"use cases: {error.message}") from None
    return results
