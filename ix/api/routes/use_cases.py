"""`GET /use-cases` and `GET /use-cases/{name}`: what can be asked for."""

from __future__ import annotations

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from ix import use_cases
from ix.api.middleware.auth import caller_of
from ix.api.openapi.operation import Answer, Parameter, operation
from ix.api.openapi.shared import problem
from ix.api.problems import Problem
from ix.api.routing import Route
from ix.api.services import services_of
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
    fields. Use cases that the key may not ask for are left out."""
    services, caller = services_of(request), caller_of(request)
    known = [use_case for name, use_case in sorted(services.use_cases.items()) if caller.knows(name)]
    found = [use_cases.info(use_case, services.settings) for use_case in known]
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
    return Response(use_cases.info(use_case, services.settings).model_dump_json(), media_type="application/json")


ROUTES = [Route("/use-cases", find, methods=["GET"]), Route("/use-cases/{name}", show, methods=["GET"])]
