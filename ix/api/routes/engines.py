"""`GET /engines`: which engines there are, and how busy each is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from ix.api.openapi.operation import Answer, operation
from ix.api.routing import Route
from ix.api.services import services_of


class EngineOut(BaseModel):
    """An engine as it last told of itself."""

    name: str = Field(description="Its machine and process")
    slots: int | None = Field(description="Jobs that it runs at once; null of an ix that does not say")
    running: int | None = Field(description="Jobs that it ran at its last sign of life")
    started_at: datetime
    heartbeat_at: datetime = Field(description="Its last sign of life")
    lives: bool = Field(description="Whether that was lately; an engine that stopped is soon not listed any more")
    health: dict[str, Any] = Field(description="Its parts: `ok`, `degraded`, `fail` or `off`")


class EngineList(BaseModel):
    """Every engine, the oldest first."""

    engines: Sequence[EngineOut]


_EXAMPLE = EngineList(
    engines=[
        EngineOut(
            name="reader-1:4711",
            slots=8,
            running=3,
            started_at=datetime(2026, 11, 2, 6, 0, 1, tzinfo=UTC),
            heartbeat_at=datetime(2026, 11, 2, 9, 30, tzinfo=UTC),
            lives=True,
            health={"ocr": "ok"},
        )
    ]
)


@operation(
    "Which engines are there?",
    "operations",
    Answer(200, "The engines", EngineList, example=_EXAMPLE),
    needs="administer",
)
async def find(request: Request) -> Response:
    """Each engine with its slots, how many of them are taken, and its last sign of life. May be a second old."""
    engines = [EngineOut(**one._asdict()) for one in await services_of(request).engines.get()]
    return Response(EngineList(engines=engines).model_dump_json(), media_type="application/json")


ROUTES = [Route("/engines", find, methods=["GET"])]
