"""`/jobs/{id}/expiry`: a job that is to be erased after a while, such as a trial of which nothing is to be kept."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from ix.api.lookup import head_or_404, no_such_job
from ix.api.openapi.examples import ERASE_AT
from ix.api.openapi.examples import IX_ID as EXAMPLE
from ix.api.openapi.operation import Answer, Parameter, operation
from ix.api.openapi.shared import IX_ID, NOT_FOUND, UNPROCESSABLE
from ix.api.problems import invalid
from ix.api.routing import Route
from ix.api.services import services_of
from ix.errors import InvalidInput

YEAR = 366 * 86400
"""Longest time until a job is erased, seconds: what is longer is retention's affair."""
Seconds = Annotated[float, Field(gt=0, le=YEAR, allow_inf_nan=False)]
_SECONDS = TypeAdapter[float](Seconds)
ERASE_AFTER = Parameter(
    "erase_after", "query", Seconds, "Seconds after which the job is erased for good, whatever its state", example=3600
)


class Expiry(BaseModel):
    """When a job will be erased; null where nobody said so."""

    ix_id: str
    erase_at: datetime | None


@operation(
    "When will a job be erased?",
    "jobs",
    Answer(200, "The moment", Expiry, example=Expiry(ix_id=EXAMPLE, erase_at=ERASE_AT)),
    NOT_FOUND,
    parameters=[IX_ID],
)
async def show(request: Request) -> Response:
    """Null where nobody said so: the job stays as long as `IX_RETENTION_DAYS` lets it."""
    job = await head_or_404(request)
    return _answer(job.ix_id, await services_of(request).database.expiries.of(job.ix_id))


@operation(
    "Let a job be erased later",
    "jobs",
    Answer(200, "The moment", Expiry, example=Expiry(ix_id=EXAMPLE, erase_at=ERASE_AT)),
    NOT_FOUND,
    UNPROCESSABLE,
    parameters=[IX_ID, ERASE_AFTER],
)
async def put(request: Request) -> Response:
    """An engine erases the job within a minute or two of that moment, as `DELETE` with `erase=true` does. A later call
    moves the moment."""
    # first: who may not see the job is told nothing else
    job = await head_or_404(request)
    seconds = asked_seconds(request)
    if seconds is None:
        raise invalid(InvalidInput("erase_after", "is missing: say after how many seconds"))
    moment = await services_of(request).database.expiries.set(job.ix_id, seconds)
    if moment is None:
        raise no_such_job()
    return _answer(job.ix_id, moment)


@operation(
    "Let a job stay",
    "jobs",
    Answer(204, "It stays"),
    NOT_FOUND,
    parameters=[IX_ID],
)
async def lift(request: Request) -> Response:
    """The job stays as long as `IX_RETENTION_DAYS` lets it."""
    job = await head_or_404(request)
    await services_of(request).database.expiries.lift(job.ix_id)
    return Response(status_code=204)


def asked_seconds(request: Request) -> float | None:
    """`?erase_after=`, or None. Raises `Problem` 422 for what is no such number."""
    # most requests have no query: Starlette would parse it all the same
    asked = request.query_params.get("erase_after") if request.scope["query_string"] else None
    if asked is None:
        return None
    try:
        return _SECONDS.validate_strings(asked)
    except ValidationError:
        raise invalid(InvalidInput("erase_after", f"is not a number of seconds from 0 to {YEAR}")) from None


def _answer(ix_id: str, erase_at: datetime | None) -> Response:
    return Response(Expiry(ix_id=ix_id, erase_at=erase_at).model_dump_json(), media_type="application/json")


ROUTES = [
    Route("/jobs/{ix_id}/expiry", show, methods=["GET"]),
    Route("/jobs/{ix_id}/expiry", put, methods=["PUT"]),
    Route("/jobs/{ix_id}/expiry", lift, methods=["DELETE"]),
]
