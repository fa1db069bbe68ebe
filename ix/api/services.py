"""What the routes need, made once by the composition root and carried in the app's state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request

from ix.api.auth import Gatekeeper
from ix.api.health import Probe
from ix.api.hub import Hub
from ix.api.news import News
from ix.api.openapi.served import Description
from ix.api.quota import Quota
from ix.api.waiters import Waiters
from ix.coalesce import Coalescer
from ix.config import Settings
from ix.control import ControlRepo
from ix.deliveries import DeliveriesRepo
from ix.fleet import FleetRepo
from ix.job import Submission
from ix.repo import Inserted, JobsRepo
from ix.use_cases import UseCase


@dataclass(frozen=True, slots=True)
class Services:
    """The parts behind the routes. `submit` inserts one job and shares its commit with others that arrive meanwhile."""

    settings: Settings
    use_cases: Mapping[str, UseCase]
    repo: JobsRepo
    control: ControlRepo
    deliveries: DeliveriesRepo
    fleet: FleetRepo
    gatekeeper: Gatekeeper
    submit: Coalescer[Submission, Inserted]
    news: News
    waiters: Waiters
    quota: Quota
    hub: Hub
    probes: Mapping[str, Probe]
    readiness: Mapping[str, Probe]
    description: Description


def services(request: Request) -> Services:
    """The services of the app that a request came to."""
    found: Services = request.app.state.services
    return found


def let_go(app: Starlette) -> None:
    """Ends what is held open, streams and requests that wait: the process is about to end."""
    parts: Services = app.state.services
    parts.waiters.let_go()
    parts.hub.let_go()
