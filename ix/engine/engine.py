"""The engine: the actors of one process that runs jobs, put together, started and stopped as one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from ix import use_cases
from ix.background.actor import Actor
from ix.config import Settings
from ix.database import Database
from ix.database.connect import Pool
from ix.database.pool import close_pool, open_pool
from ix.engine import runner
from ix.engine.context import JobContext
from ix.engine.listener import EngineListener
from ix.engine.maintenance import limits
from ix.engine.maintenance.deliverer import Deliverer
from ix.engine.maintenance.heartbeat import Heartbeat
from ix.engine.maintenance.limits import LimitsKeeper
from ix.engine.maintenance.poller import Poller
from ix.engine.maintenance.progress import ProgressReporter
from ix.engine.maintenance.promoter import Promoter
from ix.engine.maintenance.retention import Retention
from ix.engine.maintenance.sweeper import Sweeper
from ix.engine.maintenance.warm_up import WarmUp
from ix.engine.runner import Answer
from ix.engine.worker import Worker
from ix.extraction.pipeline import Extractor
from ix.job import Claim
from ix.outbound import Outbound
from ix.telemetry.log import Event, log
from ix.use_cases import UseCase


class Engine:
    """Runs jobs until it is stopped. A database that is down delays the start of work, not the start of the engine."""

    def __init__(
        self,
        settings: Settings,
        *,
        pool: Pool | None = None,
        cases: Mapping[str, UseCase] | None = None,
        extractor: Extractor | None = None,
    ) -> None:
        self._settings = settings
        self._own_pool = pool is None
        self._pool = pool
        self._cases = cases
        self._extractor = extractor
        self.engine_id = uuid4()
        self.health: dict[str, Any] = {"ocr": "off" if settings.ocr == "off" else "degraded"}
        self._started = False

    async def start(self) -> None:
        """Starts every actor, unless that was done before. Raises `ConfigError` where the settings cannot work."""
        if self._started:
            return
        self._cases = self._cases if self._cases is not None else use_cases.load(self._settings.use_case_dir)
        limits.check(self._settings, self._cases)
        self._extractor = self._extractor or Extractor.create(self._settings)
        self._pool = self._pool or await open_pool(self._settings)
        self._database = database = Database(self._pool, self._settings.acquire_timeout)
        self._outbound = Outbound(self._settings)
        self._worker = Worker(self._settings, self.engine_id, database.jobs, self._run)
        deliverer = Deliverer(self._settings, database.deliveries, self._outbound)
        promoter = Promoter(database.jobs)
        self._limits_keeper = LimitsKeeper(self._settings, database.limits, self._worker.claim_among_queues)
        self._progress = ProgressReporter(database.jobs)
        self._listener = EngineListener(
            self._settings,
            self.engine_id,
            self._worker.wake,
            lambda: self.health,
            interrupt=self._worker.interrupt,
            deliver=deliverer.wake,
            promote=promoter.wake,
            ping=database.ping,
        )
        self._others: list[Actor] = [
            Heartbeat(self._settings, self._listener, self._pool),
            Poller(self._settings, self._worker.wake, self._worker.drop_lost),
            Sweeper(self._settings, database.jobs),
            Retention(self._settings, database.jobs, database.engines),
            deliverer,
            promoter,
            self._limits_keeper,
            self._progress,
            WarmUp(self._settings, self._extractor, self.health),
        ]
        for actor in (self._listener, *self._others):
            await actor.start()
        # an engine that claims before its row exists would look like an unknown one to the others' sweep
        self._begin = asyncio.create_task(self._begin_work(), name="begin work")
        self._started = True
        log(
            Event.ENGINE_STARTED,
            engine=self.engine_id,
            slots=self._settings.engine_slots,
            extractor=self._settings.extractor,
        )

    async def stop(self) -> None:
        """Drains within `drain_seconds`: running jobs may end, the rest go back to pending with no attempt spent."""
        if not self._started:
            return
        self._started = False
        log(Event.ENGINE_DRAINING, engine=self.engine_id)
        self._begin.cancel()
        await asyncio.gather(self._begin, return_exceptions=True)
        await self._worker.drain(self._settings.drain_seconds)
        for actor in (*self._others, self._listener):
            await actor.stop()
        await self._leave()
        log(Event.ENGINE_STOPPED, engine=self.engine_id)

    @property
    def is_connected(self) -> bool:
        """Whether notifications are heard now."""
        return self._started and self._listener.connected.is_set()

    async def _begin_work(self) -> None:
        await self._listener.connected.wait()
        await self._limits_keeper.put_into_force()
        await self._worker.start()

    async def _run(self, claim: Claim) -> Answer:
        assert self._extractor is not None
        assert self._cases is not None
        steps = self._progress.begin(claim)
        try:
            context = JobContext(claim, self._database.jobs, self._outbound, self._extractor, steps)
            return await runner.run(claim, self._cases, context, self._settings)
        finally:
            self._progress.end(steps)

    async def _leave(self) -> None:
        assert self._extractor is not None
        await self._extractor.stop()
        await self._outbound.aclose()
        try:
            async with asyncio.timeout(1):
                await self._database.engines.leave(self.engine_id)
        except Exception as error:
            log(Event.DATABASE_UNREACHABLE, who="engine", error=error)
        if self._own_pool and self._pool is not None:
            await close_pool(self._pool)
