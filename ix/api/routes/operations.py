"""`GET /healthz`, `GET /livez`, `GET /readyz` and `GET /metrics`."""

from __future__ import annotations

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ix.api.auth import require_admin
from ix.api.health import is_well, look
from ix.api.services import services


async def healthz(request: Request) -> Response:
    """The state of each part; 200 only if every part in use is `ok`."""
    parts = services(request)
    states = await look(parts.probes, parts.settings.probe_timeout)
    return Response(to_json(states), 200 if is_well(states) else 503, media_type="application/json")


async def livez(request: Request) -> Response:
    """200: the process answers. Asks nothing of any other part."""
    return Response(to_json({"web": "ok"}), media_type="application/json")


async def readyz(request: Request) -> Response:
    """200 where the process can take jobs: the database answers, and has every migration that this ix expects. 503 names what fails."""
    parts = services(request)
    states = await look(parts.readiness, parts.settings.probe_timeout)
    return Response(to_json(states), 200 if is_well(states) else 503, media_type="application/json")


async def metrics(request: Request) -> Response:
    """Counts and averages over all clients, as plain JSON."""
    require_admin(request)
    return Response(to_json(await services(request).fleet.metrics()), media_type="application/json")


ROUTES = [
    Route("/healthz", healthz, methods=["GET"]),
    Route("/livez", livez, methods=["GET"]),
    Route("/readyz", readyz, methods=["GET"]),
    Route("/metrics", metrics, methods=["GET"]),
]
