"""Probes: is each part that the configuration uses well? Each probe has its own time limit, and a probe that raises has
failed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from ix.config import Settings
from ix.database.connect import Pool
from ix.database.metrics import Metrics
from ix.database.migrate import migration_versions
from ix.database.pool import ensure_answers
from ix.telemetry.health import Health

Probe = Callable[[], Awaitable[Health]]

BEST_FIRST: Sequence[Health] = ("ok", "degraded", "fail")


async def run_probes(probes: Mapping[str, Probe], seconds: float) -> dict[str, Health]:
    """The state of each part. All probes run at once, each for at most so many seconds."""
    states = await asyncio.gather(*(_in_time(probe, seconds) for probe in probes.values()))
    return dict(zip(probes, states, strict=True))


def is_well(states: Mapping[str, Health]) -> bool:
    """True where every part in use is `ok`; degraded counts as not well."""
    return all(state in ("ok", "off") for state in states.values())


def readiness(settings: Settings, pool: Pool) -> dict[str, Probe]:
    """The probes of what a web process cannot take a job without."""
    metrics = Metrics(pool, settings.probe_timeout)

    async def migrations() -> Health:
        return "fail" if await metrics.missing_migrations(migration_versions()) else "ok"

    return {"postgres": _postgres(settings, pool), "migrations": migrations}


def default_probes(settings: Settings, pool: Pool) -> dict[str, Probe]:
    """The probes of the real parts, under the names that `/healthz` shows. The two that the first description of ix
    names, `ollama` and `ocr`, are always there."""
    probes = {"postgres": _postgres(settings, pool), "ollama": _off}
    if settings.extractor != "rules":
        probes[settings.extractor] = _model(settings)
    probes["ocr"] = _off if settings.ocr == "off" else _ocr(settings, pool)
    return probes


def _postgres(settings: Settings, pool: Pool) -> Probe:
    async def probe() -> Health:
        await ensure_answers(pool, settings.probe_timeout)
        return "ok"

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
        reported = [health.get("ocr") for health in await metrics.health()]
        return next((state for state in BEST_FIRST if state in reported), "fail")

    return probe


async def _off() -> Health:
    return "off"


async def _in_time(probe: Probe, seconds: float) -> Health:
    try:
        async with asyncio.timeout(seconds):
            return await probe()
    except Exception:
        return "fail"
