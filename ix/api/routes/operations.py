"""`GET /healthz`, `GET /livez`, `GET /readyz` and `GET /metrics`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pydantic import BaseModel, ConfigDict, Field, RootModel
from starlette.requests import Request
from starlette.responses import Response

from ix.api.health import Probe, State, is_ready, is_well, run_probes
from ix.api.openapi.operation import Answer, operation
from ix.api.routing import Route
from ix.api.services import services_of


class Parts(RootModel[dict[str, State]]):
    """The state of each part; `off` where the configuration does not use it."""


class Used(BaseModel):
    """A limit over all engines, and how many jobs use it now."""

    limit: int
    running: int


class Metrics(BaseModel):
    """What the service is doing. More members may be added."""

    model_config = ConfigDict(extra="allow")

    pending: int = Field(description="Jobs that wait for an engine")
    running: int
    done_24h: int = Field(description="Jobs that ended well in the last 24 hours")
    error_24h: int = Field(description="Jobs that ended in error in the last 24 hours")
    avg_seconds: dict[str, float] = Field(description="From start to end of the last day's done jobs, by use case")
    limits: dict[str, Used] = Field(description="By use case, or use cases that share one")
    paused: dict[str, int] = Field(description="Jobs that wait for their use case to go on, by use case")
    engines: int = Field(description="Engines that live")


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
            done_24h=1204,
            error_24h=2,
            avg_seconds={"receipt": 2.307},
            limits={"receipt": Used(limit=8, running=8)},
            paused={"invoice": 2},
            engines=2,
        ),
    ),
    needs="administer",
)
async def metrics(request: Request) -> Response:
    """Counts and averages over all clients, as plain JSON; for admin keys."""
    services = services_of(request)
    counts = await services.database.metrics.read(services.settings.liveness_limit)
    return Response(
        Metrics.model_validate(counts).model_dump_json(),
        media_type="application/json",
    )


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
]
