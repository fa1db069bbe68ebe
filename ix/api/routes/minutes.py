"""`GET /metrics/minutes`: the last minutes, one by one, and what waits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from ix.api.middleware.auth import caller_of
from ix.api.minutes import MOST_MINUTES
from ix.api.openapi.operation import Answer, operation
from ix.api.openapi.shared import UNPROCESSABLE
from ix.api.problems import invalid_fields
from ix.api.routing import Route
from ix.api.services import services_of
from ix.database.jobs import AsOf


class MinutesAsked(BaseModel):
    """How many minutes are asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    last: int = Field(default=60, ge=1, le=MOST_MINUTES, description="Minutes, the present one among them")


class MinuteOut(BaseModel):
    """What ended within a minute."""

    at: datetime = Field(description="When it began")
    done: int
    error: int
    p50: float | None = Field(description="Seconds from start to end that half of the done jobs took at most")
    p95: float | None = Field(description="The same for 95 % of them")


class MinuteList(BaseModel):
    """The last minutes, oldest first; the last one is not over. More members may be added."""

    model_config = ConfigDict(extra="allow")

    minutes: Sequence[MinuteOut]
    waiting: int = Field(description="Jobs that wait for an engine; 10,000 are as many or more")
    oldest_seconds: float | None = Field(description="Since the oldest of them was submitted; null where none waits")
    paused: int = Field(description="Jobs that wait for their use case to go on")
    as_of: AsOf = None


_EXAMPLE = MinuteList(
    minutes=[MinuteOut(at=datetime(2026, 11, 2, 9, 30, tzinfo=UTC), done=41, error=1, p50=2.104, p95=4.877)],
    waiting=3,
    oldest_seconds=1.274,
    paused=0,
)


@operation(
    "What happened lately, minute by minute?",
    "operations",
    Answer(200, "The minutes", MinuteList, example=_EXAMPLE),
    UNPROCESSABLE,
    query=MinutesAsked,
)
async def show(request: Request) -> Response:
    """How many jobs ended in each of the last minutes and how long they took, and what waits now: of all clients for an
    admin's key, else of the client's own jobs. May be a second old."""
    try:
        asked = MinutesAsked.model_validate(dict(request.query_params))
    except ValidationError as error:
        raise invalid_fields(error) from None
    pulse = await services_of(request).minutes.of(caller_of(request), asked.last)
    minutes = [MinuteOut(**minute._asdict()) for minute in pulse.minutes]
    return Response(
        MinuteList(minutes=minutes, **pulse.queue._asdict(), as_of=pulse.as_of).model_dump_json(),
        media_type="application/json",
    )


ROUTES = [Route("/metrics/minutes", show, methods=["GET"])]
