"""Probes: is each part that the configuration uses well? Each probe has its own time limit, and a probe that raises has
failed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from time import monotonic
from typing import TypeVar

from ix.config import Settings
from ix.config.choices import server_of
from ix.database.connect import DATABASE_ERRORS, Pool
from ix.database.documents import Documents
from ix.database.faults import Kind, kind_of
from ix.database.jobs import Jobs
from ix.database.metrics import Metrics
from ix.database.migrate import migration_versions
from ix.errors import StoreUnavailable
from ix.telemetry.health import Health

State = Health | Kind
"""How a part is; where the database answers and does not do its work, what is wrong with it."""
Probe = Callable[[], Awaitable[State]]
T = TypeVar("T")
R = TypeVar("R")

BEST_FIRST: Sequence[Health] = ("ok", "degraded", "fail")
FRESH_SECONDS = 5.0
"""How long a job that could not be stored speaks against the database, unless another one is stored."""
_SILENT: frozenset[Kind] = frozenset({"slow", "busy", "unreachable"})
"""What is wrong with a database that does not answer: `fail` says it all."""


class Witness:
    """What storing jobs has told of the database lately, beyond what a probe, which stores nothing, can find out: that
    its disk is full, for example."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._fault: tuple[Kind, float] | None = None

    def watching(self, run: Callable[[T], Awaitable[R]]) -> Callable[[T], Awaitable[R]]:
        """`run`, whose outcomes are noted."""

        async def watched(given: T) -> R:
            try:
                outcome = await run(given)
            except DATABASE_ERRORS as error:
                if (kind := kind_of(error)) != "data":
                    self._fault = kind, self._clock()
                raise
            self._fault = None
            return outcome

        return watched

    @property
    def fault(self) -> Kind | None:
        """What kept the last job from being stored, while that is fresh."""
        if self._fault is None or self._clock() - self._fault[1] > FRESH_SECONDS:
            return None
        return self._fault[0]


async def run_probes(probes: Mapping[str, Probe], seconds: float) -> dict[str, State]:
    """The state of each part. All probes run at once, each for at most so many seconds."""
    states = await asyncio.gather(*(_in_time(probe, seconds) for probe in probes.values()))
    return dict(zip(probes, states, strict=True))


def is_ready(states: Mapping[str, State]) -> bool:
    """True where jobs can be taken and read; a part that is degraded is shown, and keeps no request away."""
    return all(state in ("ok", "off", "degraded") for state in states.values())


def is_well(states: Mapping[str, State]) -> bool:
    """True where every part in use is `ok`; degraded counts as not well."""
    return all(state in ("ok", "off") for state in states.values())


def readiness(settings: Settings, pool: Pool, witness: Witness, documents: Documents | None = None) -> dict[str, Probe]:
    """The probes of what a web process cannot take a job without; and of the object store, without which it takes those
    without large documents, and answers whatever else is asked."""
    metrics = Metrics(pool, settings.probe_timeout)

    async def migrations() -> Health:
        return "fail" if await metrics.missing_migrations(migration_versions()) else "ok"

    probes = {"postgres": _postgres(settings, pool, witness), "migrations": migrations}
    return probes | _store(settings, documents, away="degraded")


def default_probes(
    settings: Settings, pool: Pool, witness: Witness | None = None, documents: Documents | None = None
) -> dict[str, Probe]:
    """The probes of the real parts, under the names that `/healthz` shows. The two that the first description of ix
    names, `ollama` and `ocr`, are always there."""
    probes = {"postgres": _postgres(settings, pool, witness), "ollama": _off}
    if name := server_of(settings.extractor):
        probes[name] = _model(settings)
    probes["ocr"] = _off if settings.ocr == "off" else _ocr(settings, pool)
    return probes | _store(settings, documents, away="fail")


def _store(settings: Settings, documents: Documents | None, away: Health) -> dict[str, Probe]:
    """The probe of the object store, where there is one; `away` is its state when it does not answer."""
    if documents is None or not settings.s3_bucket:
        return {}

    async def probe() -> Health:
        try:
            # in time for the answer: what waits for its own limit would be a part that failed
            async with asyncio.timeout(settings.probe_timeout / 2):
                await documents.probe()
        except (StoreUnavailable, TimeoutError):
            return away
        return "ok"

    return {"object_store": probe}


def _postgres(settings: Settings, pool: Pool, witness: Witness | None) -> Probe:
    jobs = Jobs(pool, settings.probe_timeout)

    async def probe() -> State:
        await jobs.ensure_insertable()
        fault = witness.fault if witness else None
        return "ok" if fault is None else _shown(fault)

    return probe


def _model(settings: Settings) -> Probe:
    async def probe() -> Health:
        # a web process whose fields are read by rules needs nothing of the extraction, and loads nothing of it
        from ix.extraction import models

        backend = models.load(settings)
        try:
            return await backend.probe()
        finally:
            await backend.aclose()

    return probe


def _ocr(settings: Settings, pool: Pool) -> Probe:
    """What the living engines say of their own: the best of them, since any of them can take a job."""
    metrics = Metrics(pool, settings.probe_timeout)

    async def probe() -> Health:
        reported = [health.get("ocr") for health in await metrics.health(settings.liveness_limit)]
        return next((state for state in BEST_FIRST if state in reported), "fail")

    return probe


async def _off() -> Health:
    return "off"


def _shown(kind: Kind) -> State:
    return "fail" if kind in _SILENT else kind


async def _in_time(probe: Probe, seconds: float) -> State:
    try:
        async with asyncio.timeout(seconds):
            return await probe()
    except DATABASE_ERRORS as error:
        return _shown(kind_of(error))
    except Exception:
        return "fail"
