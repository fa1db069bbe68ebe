"""The composition root of the web process: puts pool, repository, probes and routes together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Lifespan

from ix import use_cases
from ix.api.health import Probe, default_probes, readiness
from ix.api.live.broadcast import Broadcast
from ix.api.live.notifications import Notifications
from ix.api.live.waiters import Waiters
from ix.api.middleware import auth
from ix.api.middleware.admission import AdmissionControl
from ix.api.middleware.request_id import RequestIdentity
from ix.api.openapi.served import Description
from ix.api.routes import batch, deliveries, description, events, jobs, operations
from ix.api.routes import use_cases as use_case_routes
from ix.api.services import Services
from ix.api.submission.quota import Quota
from ix.background.batcher import Batcher
from ix.config import Settings
from ix.database import Database
from ix.database.connect import TRANSIENT, Pool
from ix.database.pool import close_pool, open_pool
from ix.job import Submission
from ix.telemetry.health import Health
from ix.telemetry.log import Event, log

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
    pool: Pool | None = None,
    probes: Mapping[str, Probe] | None = None,
    keys: auth.Read | None = None,
) -> Starlette:
    """The ASGI application.

    With `spawn_worker` an engine runs inside it; should that fail to start, the failure is logged and shown by
    `/healthz`, and the API goes on. A `pool` that is given stays open at the end; `probes` and `keys` replace the real
    ones. Raises `ConfigError` at start-up."""
    settings = settings or Settings.from_env()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        try:
            own_pool = None if pool else await open_pool(settings)
            app.state.services = services = _services(settings, own_pool or pool, probes, keys, spawn_worker)
        except Exception as error:
            log(Event.WEB_NOT_STARTED, error=error)
            raise
        engine = await _spawn(settings, services) if spawn_worker else None
        try:
            yield
        finally:
            await services.authenticator.stop()
            await services.broadcast.stop()
            await services.notifications.stop()
            await services.submit.drain()
            if engine is not None:
                await engine.stop()
            if own_pool is not None:
                await close_pool(own_pool)

    return App(settings, lifespan)


class App(Starlette):
    """Starlette without its own handling of errors: whatever is raised in the stack, `RequestIdentity` answers."""

    def __init__(self, settings: Settings, lifespan: Lifespan[App]) -> None:
        super().__init__(routes=ROUTES, lifespan=lifespan)
        self._settings = settings

    def build_middleware_stack(self) -> ASGIApp:
        """What each request passes, from the outside in."""
        return RequestIdentity(AdmissionControl(auth.Authentication(self.router), self._settings), self.routes)


def _services(
    settings: Settings, pool: Pool, probes: Mapping[str, Probe] | None, keys: auth.Read | None, spawn_worker: bool
) -> Services:
    database = Database(pool, settings.acquire_timeout)
    notifications = Notifications(settings, database.ping)
    own_probes = dict(probes if probes is not None else default_probes(settings, pool))
    if spawn_worker:
        own_probes["engine"] = _not_started
    return Services(
        settings=settings,
        use_cases=use_cases.load(settings.use_case_dir),
        database=database,
        authenticator=auth.Authenticator(settings, keys or database.keys.ring, notifications=notifications),
        submit=Batcher(database.jobs.insert_many, weigh=_weight, transient=TRANSIENT),
        quota=Quota(database.jobs, settings.max_pending),
        notifications=notifications,
        waiters=Waiters(notifications, database.jobs, settings.pool_size),
        broadcast=Broadcast(notifications, database.jobs),
        probes=own_probes,
        readiness=readiness(settings, pool),
        description=Description(ROUTES, settings),
    )


async def _spawn(settings: Settings, services: Services) -> Any:
    """An engine inside this process. Imported here, so that a plain web process never loads the engine's room."""
    from ix.engine.engine import Engine

    try:
        engine = Engine(settings)
        await engine.start()
    except Exception as error:
        log(Event.ENGINE_NOT_STARTED, error=error)
        return None

    async def engine_probe() -> Health:
        return "ok" if engine.is_connected else "degraded"

    assert isinstance(services.probes, dict)
    services.probes["engine"] = engine_probe
    return engine


async def _not_started() -> Health:
    return "fail"


def _weight(submission: Submission) -> int:
    return sum(map(len, submission.blobs.values()))
