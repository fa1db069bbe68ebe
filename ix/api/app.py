"""The composition root of the web process: puts pool, services, probes and routes together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json
from starlette.applications import Starlette
from starlette.types import ASGIApp, Lifespan

from ix import use_cases
from ix.api import routes
from ix.api.console.mount import ConsoleMount
from ix.api.console.routes import provider_of
from ix.api.console.routes import routes as console_routes
from ix.api.console.sessions import SignedIn
from ix.api.console.visitors import Visitors
from ix.api.exports.processes import ExportProcesses
from ix.api.health import Probe, Witness, default_probes, readiness
from ix.api.live.broadcast import Broadcast
from ix.api.live.counting import Counting
from ix.api.live.notifications import Notifications
from ix.api.live.waiters import Waiters
from ix.api.measuring import Monitor
from ix.api.measuring.measures import MEASURES
from ix.api.middleware.admission import AdmissionControl
from ix.api.middleware.auth import AuthenticationMiddleware, Authenticator, ReadKeys
from ix.api.middleware.cors import Cors
from ix.api.middleware.last_use import LastUse
from ix.api.middleware.proxies import Proxies
from ix.api.middleware.request_id import RequestIdMiddleware
from ix.api.minutes import Minutes
from ix.api.openapi.served import Description
from ix.api.recent import Recent
from ix.api.reviewing.judge import Judge
from ix.api.routing import Routes
from ix.api.services import Services
from ix.api.submission.batched import IntoBatches
from ix.api.submission.caps import DayCaps
from ix.api.submission.configured import ConfigurationMemory
from ix.api.submission.large import LargeBodies
from ix.api.submission.quota import Quota
from ix.api.submission.uploading import Uploading
from ix.background.batcher import Batcher
from ix.config import Settings
from ix.database import Database
from ix.database.caps import Cap
from ix.database.connect import Pool
from ix.database.faults import concerns_all, kind_of
from ix.database.pauses import Pauses
from ix.database.pool import close_pool, open_pool
from ix.database.replica import Reads
from ix.job import Submission
from ix.telemetry import metering
from ix.telemetry.health import Health
from ix.telemetry.log import Event, log

if TYPE_CHECKING:
    from ix.engine.engine import Engine

ROUTES = routes.load()
SHORT = 1000
"""Characters of a text in options that weigh nothing beside a statement."""


def create_app(
    spawn_worker: bool = False,
    *,
    settings: Settings | None = None,
    pool: Pool | None = None,
    probes: Mapping[str, Probe] | None = None,
    keys: ReadKeys | None = None,
) -> Starlette:
    """The ASGI application.

    With `spawn_worker` an engine runs inside it; should that fail to start, the failure is logged and shown by
    `/healthz`, and the API goes on. A `pool` that is given stays open at the end; `probes` and `keys` replace the real
    ones. Raises `ConfigError` at start-up."""
    settings = settings or Settings.from_env()
    engine = EngineInside(settings) if spawn_worker else None

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        # ends in the opposite order: the services, then the engine, and the pool that both use last
        async with AsyncExitStack() as at_end:
            try:
                database_pool = pool or await at_end.enter_async_context(_own_pool(settings))
                database = await Database.open(settings, database_pool)
                app.state.services = services = _services(settings, database, probes, keys, engine)
            except Exception as error:
                # uvicorn, whose log is switched off, tells nobody what a start fails for
                log(Event.WEB_NOT_STARTED, error=error)
                raise
            if engine is not None:
                await engine.start()
                at_end.push_async_callback(engine.stop)
            at_end.push_async_callback(services.stop)
            at_end.enter_context(metering.exported("ix-web", MEASURES, services.monitor.snapshot))
            yield

    return App(settings, lifespan)


class App(Starlette):
    """Starlette without its own handling of errors: `RequestIdMiddleware` answers whatever is raised in the stack."""

    def __init__(self, settings: Settings, lifespan: Lifespan[App]) -> None:
        super().__init__(routes=[*ROUTES, *console_routes(settings)], lifespan=lifespan)
        self._settings = settings

    def build_middleware_stack(self) -> ASGIApp:
        """What each request passes, from the outside in."""
        # admission outside of authentication, which may wait for the database: whoever waits there counts
        admitted = AdmissionControl(AuthenticationMiddleware(Routes(self.router)), self._settings)
        answered: ASGIApp = RequestIdMiddleware(admitted, self.router.routes)
        if self._settings.cors_origins:
            answered = Cors(answered, self._settings, self.router.routes)
        if self._settings.console:
            answered = ConsoleMount(answered)
        return Proxies(answered, self._settings)


class EngineInside:
    """An engine in the web process. Only `start` imports one: a plain web process never loads `ix.engine`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._engine: Engine | None = None

    async def start(self) -> None:
        """Starts the engine. One that cannot start is logged, and its probe fails."""
        from ix.engine.engine import Engine

        try:
            engine = Engine(self._settings)
            await engine.start()
        except Exception as error:
            log(Event.ENGINE_NOT_STARTED, error=error)
        else:
            self._engine = engine

    async def stop(self) -> None:
        """Drains the engine that was started."""
        if self._engine is not None:
            await self._engine.stop()

    async def probe(self) -> Health:
        """`degraded` while the engine hears no notifications."""
        if self._engine is None:
            return "fail"
        return "ok" if self._engine.is_connected else "degraded"


def _services(
    settings: Settings,
    database: Database,
    probes: Mapping[str, Probe] | None,
    keys: ReadKeys | None,
    engine: EngineInside | None,
) -> Services:
    notifications = Notifications(settings, database.ping)
    witness = Witness()
    signed_in = SignedIn(
        settings,
        database.sessions.book,
        hears=notifications.connected.is_set,
        last_use=LastUse(database.sessions.mark_seen),
    )
    inserts = Batcher(witness.watching(database.jobs.insert_many), weigh=_weight, concerns_all=_concerns_all)
    given_probes = default_probes(settings, database.pool, witness, database.documents) if probes is None else probes
    known = use_cases.load(settings.use_case_dir, settings.drill)
    reads = Reads(settings, database)
    return Services(
        settings=settings,
        use_cases=known,
        database=database,
        authenticator=_authenticator(settings, database, keys, notifications, signed_in),
        visitors=Visitors(signed_in, provider_of(settings)),
        submit=IntoBatches(database, Uploading(database.documents, inserts) if settings.s3_bucket else inserts),
        inserts=inserts,
        quota=Quota(database.jobs, settings.max_pending),
        caps=DayCaps(database, Cap(settings.day_jobs, settings.day_pages)),
        notifications=notifications,
        waiters=Waiters(notifications, database.jobs, settings.pool_size),
        broadcast=Broadcast(notifications, database.jobs),
        reads=reads,
        counting=Counting(reads),
        probes={**given_probes, "engine": engine.probe} if engine else given_probes,
        readiness=readiness(settings, database.pool, witness, database.documents),
        description=Description(ROUTES, settings, known),
        large_bodies=LargeBodies(settings),
        configurations=ConfigurationMemory(database.configurations, notifications),
        minutes=Minutes(reads, settings.replica_age if settings.replica_url else 0.0),
        monitor=Monitor(settings, database),
        engines=Recent(lambda: database.engines.list(settings.liveness_limit)),
        # what waits for it could be told without
        pauses=Recent(Pauses(database.pool, settings.probe_timeout).list),
        judge=Judge(settings, known),
        exports=ExportProcesses(settings),
    )


def _authenticator(
    settings: Settings,
    database: Database,
    keys: ReadKeys | None,
    notifications: Notifications,
    sessions: SignedIn,
) -> Authenticator:
    return Authenticator(
        settings,
        keys or database.keys.ring,
        notifications=notifications,
        last_use=LastUse(database.keys.mark_used),
        sessions=sessions,
    )


@asynccontextmanager
async def _own_pool(settings: Settings) -> AsyncIterator[Pool]:
    pool = await open_pool(settings)
    try:
        yield pool
    finally:
        await close_pool(pool)


def _weight(submission: Submission) -> int:
    """Bytes of its documents and of its options, where those may be many."""
    options = submission.request.options
    weight = len(to_json(options)) if any(map(_may_be_large, options.values())) else 0
    return weight + submission.size() if submission.blobs or submission.written else weight


def _may_be_large(value: Any) -> bool:
    return type(value) in (dict, list) or (type(value) is str and len(value) > SHORT)


def _concerns_all(error: Exception) -> bool:
    """Whether to try each submission by itself would only take as long again for each."""
    return concerns_all(error) or kind_of(error) in ("slow", "locked")
