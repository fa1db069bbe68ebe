"""The composition root of the web process: puts pool, repository, probes and routes together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Lifespan

from ix import db, use_cases
from ix.api import auth
from ix.api.health import Probe, default_probes, readiness
from ix.api.hub import Hub
from ix.api.identity import Identified
from ix.api.load import LoadLimits
from ix.api.news import News
from ix.api.openapi.served import Description
from ix.api.quota import Quota
from ix.api.routes import batch, deliveries, description, events, jobs, operations
from ix.api.routes import use_cases as use_case_routes
from ix.api.services import Services
from ix.api.waiters import Waiters
from ix.coalesce import Coalescer
from ix.config import Settings
from ix.control import ControlRepo
from ix.deliveries import DeliveriesRepo
from ix.events import Event, say
from ix.extraction.models import Health
from ix.feed import FeedRepo
from ix.fleet import FleetRepo
from ix.job import Submission
from ix.keys import KeysRepo
from ix.repo import JobsRepo

ROUTES: list[BaseRoute] = [
    *jobs.ROUTES,
    *batch.ROUTES,
    *events.ROUTES,
    *deliveries.ROUTES,
    *use_case_routes.ROUTES,
    *operations.ROUTES,
    *description.ROUTES,
]


def create_app(
    spawn_worker: bool = False,
    *,
    settings: Settings | None = None,
    pool: db.Pool | None = None,
    probes: Mapping[str, Probe] | None = None,
    keys: auth.Read | None = None,
) -> Starlette:
    """The ASGI application.

    With `spawn_worker` an engine runs inside it; should that fail to start, the failure is logged and shown by `/healthz`, and the API
    goes on. A `pool` that is given stays open at the end; `probes` and `keys` replace the real ones. Raises `ConfigError` at start-up.
    """
    chosen = settings or Settings.from_env()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        try:
            used = pool or await db.open_pool(chosen)
            app.state.services = parts = _services(chosen, used, probes, keys, spawn_worker)
        except Exception as error:
            say(Event.WEB_NOT_STARTED, error=error)
            raise
        engine = await _spawn(chosen, parts) if spawn_worker else None
        try:
            yield
        finally:
            await parts.gatekeeper.stop()
            await parts.hub.stop()
            await parts.news.stop()
            await parts.submit.drain()
            if engine is not None:
                await engine.stop()
            if pool is None:
                await db.close_pool(used)

    return App(chosen, lifespan)


class App(Starlette):
    """Starlette without its own handling of errors: whatever is raised in the stack, `Identified` answers."""

    def __init__(self, settings: Settings, lifespan: Lifespan[App]) -> None:
        super().__init__(routes=ROUTES, lifespan=lifespan)
        self._settings = settings

    def build_middleware_stack(self) -> ASGIApp:
        """What each request passes, from the outside in."""
        return Identified(LoadLimits(auth.Gate(self.router), self._settings), self.routes)


def _services(
    settings: Settings, pool: db.Pool, probes: Mapping[str, Probe] | None, keys: auth.Read | None, spawn_worker: bool
) -> Services:
    repo = JobsRepo(pool, settings.acquire_timeout)
    news = News(settings, partial(db.ping, pool, settings.acquire_timeout))
    own_probes = dict(probes if probes is not None else default_probes(settings, pool))
    if spawn_worker:
        own_probes["engine"] = _not_started
    control = ControlRepo(pool, settings.acquire_timeout)
    return Services(
        settings=settings,
        use_cases=use_cases.load(),
        repo=repo,
        control=control,
        deliveries=DeliveriesRepo(pool, settings.acquire_timeout),
        fleet=FleetRepo(pool, settings.acquire_timeout),
        gatekeeper=auth.Gatekeeper(settings, keys or KeysRepo(pool, settings.acquire_timeout).ring, news=news),
        submit=Coalescer(repo.insert_many, weigh=_weight, transient=db.TRANSIENT),
        quota=Quota(control, settings.max_pending),
        news=news,
        waiters=Waiters(news, repo, settings.pool_size),
        hub=Hub(news, FeedRepo(pool, settings.acquire_timeout)),
        probes=own_probes,
        readiness=readiness(settings, pool),
        description=Description(ROUTES, settings),
    )


async def _spawn(settings: Settings, parts: Services) -> Any:
    """An engine inside this process. Imported here, so that a plain web process never loads the engine's room."""
    from ix.engine.engine import Engine

    try:
        engine = Engine(settings)
        await engine.start()
    except Exception as error:
        say(Event.WORKER_NOT_STARTED, error=error)
        return None

    async def engine_probe() -> Health:
        return "ok" if engine.is_connected else "degraded"

    assert isinstance(parts.probes, dict)
    parts.probes["engine"] = engine_probe
    return engine


async def _not_started() -> Health:
    return "fail"


def _weight(submission: Submission) -> int:
    return sum(map(len, submission.blobs.values()))
