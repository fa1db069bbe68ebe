"""`GET /healthz`, `GET /livez`, `GET /readyz`, `GET /metrics` and `GET /metrics/prometheus`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field, RootModel
from starlette.requests import Request
from starlette.responses import Response

from ix.api.health import Probe, State, is_ready, is_well, run_probes
from ix.api.measuring.prometheus import text
from ix.api.openapi.operation import Answer, operation
from ix.api.openapi.shared import problem
from ix.api.problems import Problem
from ix.api.routing import Route
from ix.api.services import services_of
from ix.database.metrics import Waiting


class Parts(RootModel[dict[str, State]]):
    """The state of each part; `off` where the configuration does not use it."""


class Used(BaseModel):
    """A limit over all engines, and how many jobs use it now."""

    limit: int
    running: int


class Waits(BaseModel):
    """What waits for its turn. More members may be added."""

    model_config = ConfigDict(extra="allow")

    waiting: int
    oldest_seconds: float = Field(description="How long the first of it has waited")


class Callbacks(BaseModel):
    """Callbacks that are still to be delivered. More members may be added."""

    model_config = ConfigDict(extra="allow")

    owed: int = Field(description="100,000 are as many or more")
    retrying: int = Field(description="Those that failed at least once")
    oldest_seconds: float | None = Field(description="Since the oldest of them became due; null where none is owed")


class WaitingJobs(BaseModel):
    """Jobs of one client and use case that wait for an engine."""

    use_case: str | None = Field(description="Null in the last line, which sums up those that are not told apart")
    client_id: str | None
    jobs: int
    oldest_seconds: float = Field(description="Since the oldest was submitted, or could have begun")


class Metrics(BaseModel):
    """What the service is doing. More members may be added."""

    model_config = ConfigDict(extra="allow")

    pending: int = Field(description="Jobs that wait for an engine")
    running: int
    scheduled: int = Field(description="Jobs that are to begin later, or to be tried again")
    oldest_seconds: float | None = Field(description="How long the job that has waited for longest has")
    waiting: Sequence[WaitingJobs] = Field(
        description="What waits for an engine, by use case and client, that which waits for longest first"
    )
    done_24h: int = Field(description="Jobs that ended well in the last 24 hours")
    error_24h: int = Field(description="Jobs that ended in error in the last 24 hours")
    errors_24h: dict[str, int] = Field(description="The same by the code of the error")
    attempts_24h: int = Field(description="Attempts of the jobs that ended in the last 24 hours")
    avg_seconds: dict[str, float] = Field(description="From start to end of the last day's done jobs, by use case")
    limits: dict[str, Used] = Field(description="By use case, or use cases that share one")
    paused: dict[str, int] = Field(description="Jobs that wait for their use case to go on, by use case")
    engines: int = Field(description="Engines that live")
    slots: int = Field(description="Jobs that they may run at once")
    waits: dict[str, Waits] = Field(description="Pages that wait for OCR (`ocr`), questions for the `model`")
    callbacks: Callbacks
    notification_queue: float = Field(description="How full PostgreSQL's queue of notifications is, 0 to 1")
    database_bytes: int


@operation(
    "Is the service well?",
    "operations",
    Answer(200, "Every part in use is `ok`", Parts, example={"postgres": "ok", "ollama": "off", "ocr": "ok"}),
    Answer(503, "Some part is not", Parts, example={"postgres": "ok", "ollama": "off", "ocr": "degraded"}),
    open=True,
)
async def healthz(request: Request) -> Response:
    """Each part is `ok`, `degraded`, `fail`, or `off` where the configuration does not use it; a database that answers
    and takes no jobs says why, such as `read_only`. 200 only if every part in use is `ok`."""
    return await _states(request, services_of(request).probes, is_well)


@operation(
    "Does the process answer?",
    "operations",
    Answer(200, "It does", Parts, example={"web": "ok"}),
    open=True,
)
async def livez(request: Request) -> Response:
    """Asks nothing of any other part."""
    # whoever restarts what is not live must not restart web for the database's sake
    return Response(Parts({"web": "ok"}).model_dump_json(), media_type="application/json")


@operation(
    "Can it take jobs?",
    "operations",
    Answer(200, "It can", Parts, example={"postgres": "ok", "migrations": "ok"}),
    Answer(503, "It cannot", Parts, example={"postgres": "ok", "migrations": "fail"}),
    open=True,
)
async def readyz(request: Request) -> Response:
    """The database takes jobs, and has every migration that this ix expects. One that answers and takes none says why,
    such as `read_only`, `denied`, `full` or `locked`. An object store that does not answer is `degraded`: jobs without
    large documents go on."""
    return await _states(request, services_of(request).readiness, is_ready)


MOST_LINES = 200
"""Lines of what waits."""
_TEXT = """# HELP ix_engines Engines that live
# TYPE ix_engines gauge
ix_engines 2.0
"""


@operation(
    "What is the service doing?",
    "operations",
    Answer(
        200,
        "Counts and averages",
        Metrics,
        example=Metrics(
            pending=3,
            running=8,
            scheduled=1,
            oldest_seconds=1.274,
            waiting=[WaitingJobs(use_case="receipt", client_id="acme", jobs=3, oldest_seconds=1.274)],
            done_24h=1204,
            error_24h=2,
            errors_24h={"document_unreadable": 2},
            attempts_24h=1207,
            avg_seconds={"receipt": 2.307},
            limits={"receipt": Used(limit=8, running=8)},
            paused={"invoice": 2},
            engines=2,
            slots=16,
            waits={"ocr": Waits(waiting=4, oldest_seconds=2.113), "model": Waits(waiting=0, oldest_seconds=0.0)},
            callbacks=Callbacks(owed=1, retrying=1, oldest_seconds=37.5),
            notification_queue=0.0,
            database_bytes=52_428_800,
        ),
    ),
    needs="administer",
)
async def metrics(request: Request) -> Response:
    """Counts and averages over all clients, as plain JSON; for admin keys. What waits may be a second old."""
    services = services_of(request)
    counts = await services.database.metrics.read(services.settings.liveness_limit)
    waiting = await services.monitor.waiting()
    oldest = max((line.oldest_seconds for line in waiting), default=None)
    said = Metrics.model_validate({**counts, "oldest_seconds": oldest, "waiting": _lines(waiting)})
    return Response(said.model_dump_json(), media_type="application/json")


def _lines(waiting: Sequence[Waiting]) -> Sequence[WaitingJobs]:
    """At most `MOST_LINES` of them, the last of which sums up the rest."""
    lines = [WaitingJobs(**line._asdict()) for line in waiting]
    named = [line for line in lines if line.client_id is not None]
    if len(named) == len(lines) <= MOST_LINES:
        return lines
    told = named[: MOST_LINES - 1]
    rest = [*named[MOST_LINES - 1 :], *(line for line in lines if line.client_id is None)]
    oldest = max(line.oldest_seconds for line in rest)
    jobs = sum(line.jobs for line in rest)
    return [*told, WaitingJobs(use_case=None, client_id=None, jobs=jobs, oldest_seconds=oldest)]


@operation(
    "The same for Prometheus",
    "operations",
    Answer(200, "Prometheus's text, or OpenMetrics where `Accept` prefers it", str, "text/plain", example=_TEXT),
    problem(404, "`IX_PROMETHEUS` is off", "IX_PROMETHEUS is off"),
    needs="administer",
)
async def prometheus(request: Request) -> Response:
    """Gauges, counters that only grow, and a histogram of durations; for admin keys, where `IX_PROMETHEUS` is on. May
    be a second old. While the database does not answer, `ix_database_up 0` is all there is."""
    services = services_of(request)
    if not services.settings.prometheus:
        raise Problem(404, "IX_PROMETHEUS is off")
    said = text(await services.monitor.snapshot(), request.headers.get("accept", ""))
    return Response(said.body, headers={"content-type": said.media_type})


async def _states(
    request: Request, probes: Mapping[str, Probe], enough: Callable[[Mapping[str, State]], bool]
) -> Response:
    states = await run_probes(probes, services_of(request).settings.probe_timeout)
    return Response(Parts(states).model_dump_json(), 200 if enough(states) else 503, media_type="application/json")


ROUTES = [
    Route("/healthz", healthz, methods=["GET"]),
    Route("/livez", livez, methods=["GET"]),
    Route("/readyz", readyz, methods=["GET"]),
    Route("/metrics", metrics, methods=["GET"]),
    Route("/metrics/prometheus", prometheus, methods=["GET"]),
]
