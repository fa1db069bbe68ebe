"""`GET /use-cases` and `GET /use-cases/{name}`: what can be asked for."""

from __future__ import annotations

from contextlib import suppress

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from ix import use_cases
from ix.api.middleware.auth import caller_of
from ix.api.openapi.operation import Answer, Parameter, operation
from ix.api.openapi.shared import problem
from ix.api.problems import Problem
from ix.api.routing import Route
from ix.api.services import Services, services_of
from ix.database.connect import DATABASE_ERRORS
from ix.use_cases import UseCaseInfo

_RECEIPT = UseCaseInfo(
    name="receipt",
    description="Reads a receipt: who sold, when, how much",
    options={"type": "object", "properties": {}, "additionalProperties": False},
    result={
        "type": "object",
        "properties": {"total": {"type": "number", "x-ix": {"kind": "money", "labels": ["total"]}}},
    },
    max_attempts=3,
    timeout=300.0,
    paused=False,
)


class UseCaseList(BaseModel):
    """Every use case, by name."""

    use_cases: list[UseCaseInfo]


@operation(
    "List the use cases",
    "use cases",
    Answer(200, "Every use case", UseCaseList, example=UseCaseList(use_cases=[_RECEIPT])),
)
async def find(request: Request) -> Response:
    """Name, limits, and the JSON Schemas of options and result; those of a result carry `x-ix`: kinds and labels of the
    fields. `paused` says that its jobs wait. Use cases that the key may not ask for are left out."""
    services, caller = services_of(request), caller_of(request)
    known = [use_case for name, use_case in sorted(services.use_cases.items()) if caller.knows(name)]
    paused = await _paused(services)
    found = [
        use_cases.info(use_case, services.settings, None if paused is None else use_case.name in paused)
        for use_case in known
    ]
    return Response(UseCaseList(use_cases=found).model_dump_json(), media_type="application/json")


@operation(
    "Look at a use case",
    "use cases",
    Answer(200, "The use case", UseCaseInfo, example=_RECEIPT),
    problem(404, "There is no such use case", "there is no such use case"),
    parameters=[Parameter("name", "path", str, "What a submission's `use_case` says", example="receipt")],
)
async def show(request: Request) -> Response:
    """Name, limits and JSON Schemas of one use case, as the list has them."""
    services = services_of(request)
    use_case = services.use_cases.get(request.path_params["name"])
    if use_case is None or not caller_of(request).knows(use_case.name):
        raise Problem(404, "there is no such use case")
    paused = await _paused(services)
    found = use_cases.info(use_case, services.settings, None if paused is None else use_case.name in paused)
    return Response(found.model_dump_json(), media_type="application/json")


async def _paused(services: Services) -> frozenset[str] | None:
    """The names of those that are paused; None where the database does not say."""
    # all else that is told of a use case needs no database
    with suppress(*DATABASE_ERRORS):
        return frozenset(pause.use_case for pause in await services.pauses.get())
    return None


ROUTES = [Route("/use-cases", find, methods=["GET"]), Route("/use-cases/{name}", show, methods=["GET"])]
