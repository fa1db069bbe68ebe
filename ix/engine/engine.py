"""The engine: the actors of one process that runs jobs, put together, started and stopped as one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import uuid4

from ix import db, use_cases
from ix.actor import Actor
from ix.config import Settings
from ix.control import ControlRepo
from ix.deliveries import DeliveriesRepo
from ix.engine import limiter, runner
from ix.engine.context import JobContext
from ix.engine.deliverer import Deliverer
from ix.engine.limiter import Limiter
from ix.engine.listener import EngineListener, Pulse
from ix.engine.progress import Teller
from ix.engine.promoter import Promoter
from ix.engine.runner import Answer
from ix.engine.sweeper import Lookout, Sweeper, Upkeep
from ix.engine.worker import Worker
from ix.events import Event, say
from ix.extraction.pipeline import Extractor
from ix.feed import FeedRepo
from ix.fleet import FleetRepo
from ix.job import Claim
from ix.limits import LimitsRepo
from ix.outbound import Outbound
from ix.repo import JobsRepo
from ix.use_cases import UseCase

PROBE_AGAIN_SECONDS = 30.0
"""Time between looks at a part that is not ok."""


class Engine:
    """Runs jobs until it is stopped. A database that is down delays the start of work, not the start of the engine."""

    def __init__(
        self,
        settings: Settings,
        *,
        pool: db.Pool | None = None,
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
        self._cases = self._cases if self._cases is not None else use_cases.load()
        limiter.check(self._settings, self._cases)
        self._extractor = self._extractor or Extractor.create(self._settings)
        self._pool = self._pool or await db.open_pool(self._settings)
        repo = JobsRepo(self._pool, self._settings.acquire_timeout)
        self._fleet = FleetRepo(self._pool, self._settings.acquire_timeout)
        self._repo = repo
        self._outbound = Outbound(self._settings)
        self._worker = Worker(self._settings, self.engine_id, repo, self._run)
        deliverer = Deliverer(self._settings, DeliveriesRepo(self._pool, self._settings.acquire_timeout), self._outbound)
        promoter = Promoter(repo)
        self._limiter = Limiter(self._settings, LimitsRepo(self._pool, self._settings.acquire_timeout), self._worker.look_among_lanes)
        self._teller = Teller(FeedRepo(self._pool, self._settings.acquire_timeout))
        self._listener = EngineListener(
            self._settings,
            self.engine_id,
            self._worker.wake,
            lambda: self.health,
            interrupt=self._worker.interrupt,
            deliver=deliverer.wake,
            promote=promoter.wake,
            ping=partial(db.ping, self._pool, self._settings.acquire_timeout),
        )
        self._others: list[Actor] = [
            Pulse(self._settings, self._listener, self._pool),
            Lookout(self._settings, self._worker.wake, self._worker.drop_lost),
            Sweeper(self._settings, repo),
            Upkeep(self._settings, ControlRepo(self._pool, self._settings.acquire_timeout), self._fleet),
            deliverer,
            promoter,
            self._limiter,
            self._teller,
            WarmUp(self._settings, self._extractor, self.health),
        ]
        for actor in (self._listener, *self._others):
            await actor.start()
        # an engine that claims before its row exists would look like an unknown one to the others' sweep
        self._begin = asyncio.create_task(self._begin_work(), name="begin work")
        self._started = True
        say(Event.ENGINE_STARTED, engine=self.engine_id, slots=self._settings.engine_slots, extractor=self._settings.extractor)

    async def stop(self) -> None:
        """Drains within `drain_seconds`: running jobs may end, the rest go back to pending with no attempt spent."""
        if not self._started:
            return
        self._started = False
        say(Event.ENGINE_DRAINING, engine=self.engine_id)
        self._begin.cancel()
        await asyncio.gather(self._begin, return_exceptions=True)
        await self._worker.drain(self._settings.drain_seconds)
        for actor in (*self._others, self._listener):
            await actor.stop()
        await self._leave()
        say(Event.ENGINE_STOPPED, engine=self.engine_id)

    @property
    def is_connected(self) -> bool:
        """Whether notifications are heard now."""
        return self._started and self._listener.connected.is_set()

    async def _begin_work(self) -> None:
        await self._listener.connected.wait()
        await self._limiter.put_into_force()
        await self._worker.start()

    async def _run(self, claim: Claim) -> Answer:
        assert self._extractor is not None
        assert self._cases is not None
        steps = self._teller.begin(claim)
        try:
            context = JobContext(claim, self._repo, self._outbound, self._extractor, steps)
            return await runner.run(claim, self._cases, context, self._settings)
        finally:
            self._teller.end(steps)

    async def _leave(self) -> None:
        assert self._extractor is not None
        await self._extractor.stop()
        await self._outbound.aclose()
        try:
            async with asyncio.timeout(1):
                await self._fleet.leave(self.engine_id)
        except Exception as error:
            say(Event.DATABASE_UNREACHABLE, who="engine", error=error)
        if self._own_pool and self._pool is not None:
            await db.close_pool(self._pool)


class WarmUp(Actor):
    """Starts the extraction and keeps its health current: models load before the first job needs them, and what failed is tried again."""

    def __init__(self, settings: Settings, extractor: Extractor, health: dict[str, Any]) -> None:
        super().__init__()
        self._settings = settings
        self._extractor = extractor
        self._health = health

    async def run(self) -> None:
        """Probes until all is well, and from time to time after."""
        await self._extractor.start()
        while True:
            self._health["ocr"] = await self._extractor.reader.probe_ocr()
            if self._health["ocr"] == "fail":
                say(Event.WARM_UP_FAILED, part="ocr")
            await asyncio.sleep(PROBE_AGAIN_SECONDS if self._health["ocr"] not in ("ok", "off") else 10 * PROBE_AGAIN_SECONDS)
