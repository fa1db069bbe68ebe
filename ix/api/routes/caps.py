"""`/caps`: how many jobs and pages clients may have in a day, and had today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from ix.api.bodies import read
from ix.api.middleware.auth import caller_of
from ix.api.openapi.operation import JSON, Answer, Body, Parameter, operation
from ix.api.openapi.shared import NOT_JSON, UNPROCESSABLE, problem
from ix.api.problems import Problem, invalid
from ix.api.routing import Route
from ix.api.services import services_of
from ix.database.caps import Cap, Capped
from ix.errors import InvalidInput
from ix.job import Key

MOST_LISTED = 200
MOST = 2**53
"""The largest number that every reader of JSON reads as it is."""
Most = Annotated[int, Field(strict=True, ge=0, le=MOST)]
_KEY = TypeAdapter[str](Key)
CLIENT = Parameter("client_id", "query", Key, "Whose caps", example="me")


class CapsIn(BaseModel):
    """The caps of one client: 0 is none, and one that is left out or null is that of the settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    jobs: Most | None = Field(default=None, description="New jobs in a day")
    pages: Most | None = Field(default=None, description="Pages that are read in a day")


class DefaultCaps(BaseModel):
    """What clients may have that have no caps of their own: `IX_DAY_JOBS` and `IX_DAY_PAGES`; 0 is no cap."""

    jobs: int
    pages: int


class CappedClient(BaseModel):
    """A client, and what it had today. `jobs` and `pages` are its caps: 0 is none, null that of the settings."""

    client_id: str
    jobs: int | None
    pages: int | None
    used_jobs: int = Field(description="New jobs of today; of a client without a cap on them none is counted")
    used_pages: int = Field(description="Pages that were read today")


class CapList(BaseModel):
    """Clients with caps of their own, by name."""

    default: DefaultCaps
    turns_at: datetime = Field(description="When the next day begins, at midnight UTC by the database's clock")
    clients: Sequence[CappedClient]
    more: bool = Field(description="Whether there are others: ask `after` the last one")


_EXAMPLE = CappedClient(client_id="me", jobs=1000, pages=None, used_jobs=12, used_pages=340)


@operation(
    "List the caps of a day",
    "operations",
    Answer(
        200,
        "The caps, and what was used",
        CapList,
        example=CapList(
            default=DefaultCaps(jobs=0, pages=5000),
            turns_at=datetime(2026, 11, 3, tzinfo=UTC),
            clients=[_EXAMPLE],
            more=False,
        ),
    ),
    UNPROCESSABLE,
    parameters=[
        Parameter("client_id", "query", Key, "This client alone, whether it has caps of its own or not", example="me"),
        Parameter("after", "query", Key, "Clients behind this one", example="me"),
    ],
)
async def listed(request: Request) -> Response:
    """Caps with what each client had since midnight UTC. The key of a client is told of that client alone."""
    services, caller = services_of(request), caller_of(request)
    asked = caller.client_id or _named(request, "client_id")
    if caller.client_id is None and not asked and not caller.allows("administer"):
        raise Problem(403, "the key may not administer: ask for one client_id")
    used = await services.database.caps.used(asked or "")
    if asked:
        own = (await services.database.caps.all()).get(asked, Cap())
        found: Sequence[Capped] = [Capped(asked, *own, used.jobs, used.pages)]
    else:
        found = await services.database.caps.list(_named(request, "after"), MOST_LISTED + 1)
    default = services.caps.default
    told = CapList(
        default=DefaultCaps(jobs=default.jobs or 0, pages=default.pages or 0),
        turns_at=used.turns_at,
        clients=[CappedClient(**one._asdict()) for one in found[:MOST_LISTED]],
        more=len(found) > MOST_LISTED,
    )
    return Response(told.model_dump_json(), media_type="application/json")


@operation(
    "Cap a client's day",
    "operations",
    Answer(200, "Its caps, and what it had today", CappedClient, example=_EXAMPLE),
    problem(409, "Too many clients have caps of their own", "as many clients have caps of their own as may"),
    NOT_JSON,
    UNPROCESSABLE,
    parameters=[CLIENT],
    bodies=[Body(JSON, CapsIn, {"New jobs in a day": CapsIn(jobs=1000)})],
    needs="administer",
)
async def put(request: Request) -> Response:
    """Holds at once here and within five seconds in other web processes. Its new jobs are counted from then on, its
    pages always are. Beyond a cap new jobs get 429 until the day turns; those that were accepted are run."""
    services, caller, client_id = services_of(request), caller_of(request), _required(request)
    asked = await read(request, CapsIn)
    if not await services.database.caps.set(client_id, Cap(asked.jobs, asked.pages), caller):
        raise Problem(409, "as many clients have caps of their own as may: drop some, or set IX_DAY_JOBS")
    services.caps.forget()
    used = await services.database.caps.used(client_id)
    told = CappedClient(
        client_id=client_id, jobs=asked.jobs, pages=asked.pages, used_jobs=used.jobs, used_pages=used.pages
    )
    return Response(told.model_dump_json(), media_type="application/json")


@operation(
    "Drop a client's caps",
    "operations",
    Answer(204, "It has those of the settings"),
    UNPROCESSABLE,
    parameters=[CLIENT],
    needs="administer",
)
async def drop(request: Request) -> Response:
    """The caps of the settings hold for it, if there are any."""
    services = services_of(request)
    await services.database.caps.drop(_required(request), caller_of(request))
    services.caps.forget()
    return Response(status_code=204)


def _named(request: Request, name: str) -> str | None:
    given = request.query_params.get(name)
    if given is None:
        return None
    try:
        found = _KEY.validate_strings(given)
    except ValidationError:
        raise invalid(InvalidInput(name, "is empty, or longer than 200 characters")) from None
    if "\x00" in found:
        raise invalid(InvalidInput(name, "holds a NUL"))
    return found


def _required(request: Request) -> str:
    found = _named(request, "client_id")
    if found is None:
        raise invalid(InvalidInput("client_id", "is missing: whose caps?"))
    return found


ROUTES = [
    Route("/caps", listed, methods=["GET"]),
    Route("/caps", put, methods=["PUT"]),
    Route("/caps", drop, methods=["DELETE"]),
]
