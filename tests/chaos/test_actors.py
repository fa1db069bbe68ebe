"""Whatever runs in the background is started and stopped again and again, at every moment of its start, and leaves
nothing behind."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import os
import pkgutil
import random
import threading
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple, Protocol
from uuid import uuid4

import psutil

import ix
from ix.api.live.broadcast import Broadcast
from ix.api.live.notifications import Notifications
from ix.api.middleware.auth import Authenticator
from ix.api.middleware.last_use import LastUse
from ix.background.actor import Actor
from ix.config import Settings
from ix.database import Database
from ix.database.connect import Pool
from ix.database.deliveries import Deliveries
from ix.database.jobs import Jobs
from ix.database.keys import Keys
from ix.database.limits import Limits
from ix.engine.answer import Answer
from ix.engine.claimer import Claimer
from ix.engine.documents import DocumentMemory
from ix.engine.engine import Engine
from ix.engine.finisher import Finisher
from ix.engine.listener import EngineListener
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
from ix.engine.slots import Slots
from ix.engine.worker import Worker
from ix.extraction.pipeline import Extractor
from ix.job import Claim
from ix.outbound import Outbound
from tests.rows import Row, Size


class Startable(Protocol):
    async def start(self) -> None: ...
    async def stop(self) -> None: ...


class Parts:
    """What actors are made of."""

    def __init__(self, settings: Settings, pool: Pool) -> None:
        self.settings, self.pool = settings, pool
        self.jobs = Jobs(pool)

    async def run(self, claim: Claim) -> Answer:
        raise AssertionError("there is no job")

    async def attempt(self, claim: Claim) -> None:
        raise AssertionError("there is no job")

    async def nothing(self) -> None:
        """Does nothing."""


class With:
    """An actor and what it starts besides, which somebody else stops."""

    def __init__(self, actor: Startable, other: Startable) -> None:
        self._actor, self._other = actor, other

    async def start(self) -> None:
        await self._actor.start()

    async def stop(self) -> None:
        await self._actor.stop()
        await self._other.stop()


def _hub(parts: Parts) -> Startable:
    news = Notifications(parts.settings)
    return With(Broadcast(news, Jobs(parts.pool)), news)


def _claimer(parts: Parts) -> Claimer:
    return Claimer(parts.jobs, uuid4(), Slots(1, parts.attempt), Finisher(parts.jobs, 1.0, lambda: None))


def _listener(parts: Parts) -> EngineListener:
    return EngineListener(parts.settings, uuid4(), lambda: None, dict)


def _warm_up(parts: Parts) -> Startable:
    extractor = Extractor.create(parts.settings)
    return With(WarmUp(parts.settings, extractor, {}, lambda: False), extractor)


ACTORS: Mapping[type[object], Callable[[Parts], Startable]] = {
    Claimer: _claimer,
    Binder: lambda p: Binder(Database(p.pool), Extractor.create(p.settings).reader, DocumentMemory(p.settings)),
    Completer: lambda p: Completer(Database(p.pool).batches),
    Deliverer: lambda p: Deliverer(p.settings, Deliveries(p.pool), Outbound(p.settings)),
    Engine: lambda p: Engine(p.settings),
    EngineListener: _listener,
    LastUse: lambda p: LastUse(Keys(p.pool).mark_used),
    Authenticator: lambda p: Authenticator(p.settings, Keys(p.pool).ring),
    Broadcast: _hub,
    LimitsKeeper: lambda p: LimitsKeeper(p.settings, Limits(p.pool), lambda _: None),
    Poller: lambda p: Poller(p.settings, lambda: None, p.nothing),
    Notifications: lambda p: Notifications(p.settings),
    Promoter: lambda p: Promoter(p.jobs),
    Heartbeat: lambda p: Heartbeat(p.settings, _listener(p), p.pool),
    Gatherer: lambda p: Gatherer(p.jobs),
    Operator: lambda p: Operator(p.settings, Database(p.pool)),
    Painter: lambda p: Painter(Database(p.pool), Extractor.create(p.settings).reader, DocumentMemory(p.settings)),
    Sweeper: lambda p: Sweeper(p.settings, p.jobs),
    ProgressReporter: lambda p: ProgressReporter(Jobs(p.pool)),
    Retention: lambda p: Retention(p.settings, Database(p.pool)),
    WarmUp: _warm_up,
    Pulse: lambda p: Pulse(p.settings, uuid4()),
    Worker: lambda p: Worker(p.settings, uuid4(), p.jobs, p.run),
}


def test_no_actor_is_left_out() -> None:
    for module in pkgutil.walk_packages(ix.__path__, "ix."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    assert {
        found for found in _kinds_of(Actor) if not inspect.isabstract(found) and found.__module__.startswith("ix.")
    } | {Engine, Worker} == set(ACTORS)


def _kinds_of(kind: type[object]) -> set[type[object]]:
    return {kind, *(found for sub in kind.__subclasses__() for found in _kinds_of(sub))}


class Left(NamedTuple):
    """What there is now: tasks, connections to the test's database, child processes, threads of ix's own."""

    tasks: int
    connections: int
    children: int
    threads: int


async def left(pool: Pool) -> Left:
    """Without the connections of the pool itself."""
    sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'ix%'"
    connections = await pool.fetchval(sql) - pool.get_size()
    threads = sum(thread.name == "watchdog" for thread in threading.enumerate())
    return Left(len(asyncio.all_tasks()), connections, len(psutil.Process(os.getpid()).children()), threads)


async def settled(pool: Pool, before: Left, seconds: float = 5) -> Left:
    """What is left once nothing more than before is; at the latest when the time is up. A server learns late that a
    client has gone."""
    deadline = asyncio.get_running_loop().time() + seconds
    while (now := await left(pool)) != before and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.02)
    return now


async def started_then_stopped(made: Startable, pause: Callable[[], Awaitable[None]]) -> None:
    await made.start()
    await pause()
    await made.stop()


async def stopped_meanwhile(made: Startable, pause: Callable[[], Awaitable[None]]) -> None:
    starting = asyncio.ensure_future(made.start())
    await pause()
    await made.stop()
    await starting


async def test_start_and_stop_leave_nothing(settings: Settings, pool: Pool, size: Size, row: Row) -> None:
    times, dice = size(100, 3), random.Random(11)
    row.did(
        f"start and stop of every actor x {times}, and stop during start x {times}",
        f"{len(ACTORS)} actors, the engine itself among them",
    )
    parts = Parts(settings.model_copy(update={"drain_seconds": 0.05}), pool)
    await pool.fetchval("SELECT 1")
    before = await left(pool)

    async def pause() -> None:
        for _ in range(dice.choice((0, 1, 2, 5, 10))):
            await asyncio.sleep(0)
        await asyncio.sleep(dice.choice((0, 0, 0.002, 0.02)))

    leaks = {}
    for kind, make in ACTORS.items():
        for _ in range(times):
            await started_then_stopped(make(parts), pause)
            await stopped_meanwhile(make(parts), pause)
        if (after := await settled(pool, before)) != before:
            leaks[kind.__name__] = after
    row.found(f"of {len(ACTORS)} actors, {len(leaks)} left a task, a connection, a child or a thread behind")
    assert not leaks, f"at first there was {before}"
