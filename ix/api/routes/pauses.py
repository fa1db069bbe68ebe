"""`PUT /use-cases/{name}/pause` and `DELETE`: a use case stands still, and goes on."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from ix.api.middleware.auth import caller_of
from ix.api.openapi.operation import Answer, Parameter, operation
from ix.api.openapi.shared import problem
from ix.api.problems import Problem
from ix.api.routing import Route
from ix.api.services import services_of
from ix.database.pauses import Pause

SETTLING_SECONDS = 2.0
"""How long the answer waits until all jobs that waited are out of engines' reach; engines do the rest."""
LOOK_SECONDS = 0.02
"""Between two looks whether an engine is done that is at it already."""
NAME = Parameter("name", "path", str, "What a submission's `use_case` says", example="receipt")
NO_USE_CASE = problem(404, "There is no such use case", "there is no such use case")


class PauseOut(BaseModel):
    """A use case that is paused."""

    use_case: str
    since: datetime
    key_id: str = Field(description="The key that paused it; empty where the service has no keys")
    settled: bool = Field(
        description="Whether no job of it can begin any more; with very many waiting, a moment after the answer"
    )


@operation(
    "Pause a use case",
    "use cases",
    Answer(
        200,
        "It is paused",
        PauseOut,
        example=PauseOut(
            use_case="receipt", since=datetime(2026, 11, 2, 9, 30, tzinfo=UTC), key_id="0123456789ab", settled=True
        ),
    ),
    NO_USE_CASE,
    parameters=[NAME],
    needs="administer",
)
async def pause(request: Request) -> Response:
    """No engine begins a job of it any more, until it goes on; jobs that run come to their end, and new ones are taken
    and wait. It stays paused whatever is restarted."""
    services, name = services_of(request), request.path_params["name"]
    if name not in services.use_cases:
        raise Problem(404, "there is no such use case")
    await services.database.pauses.pause(name, caller_of(request).key_id)
    await services.database.audit.note("use_case.pause", caller_of(request), detail={"use_case": name})
    services.pauses.forget()
    found = await _settled(request, name)
    if found is None:
        # somebody let it go on in this moment
        raise Problem(409, "the use case was let go on meanwhile")
    return Response(PauseOut(**found._asdict()).model_dump_json(), media_type="application/json")


@operation(
    "Let a use case go on",
    "use cases",
    Answer(204, "It is not paused, or not any more"),
    NO_USE_CASE,
    parameters=[NAME],
    needs="administer",
)
async def resume(request: Request) -> Response:
    """Its jobs that wait go behind those that others submitted meanwhile, each client's in their order."""
    name = request.path_params["name"]
    services = services_of(request)
    # one that is paused may be of a use case that is not there any more
    if name not in services.use_cases and await _paused(request, name) is None:
        raise Problem(404, "there is no such use case")
    await services.database.pauses.resume(name)
    await services.database.audit.note("use_case.resume", caller_of(request), detail={"use_case": name})
    services.pauses.forget()
    return Response(status_code=204)


async def _settled(request: Request, name: str) -> Pause | None:
    """The pause once it is settled, or as it is when that takes long."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + SETTLING_SECONDS
    while (found := await _paused(request, name)) and not found.settled and loop.time() < deadline:
        # an engine that is at it has been told, too
        if not await services_of(request).database.pauses.settle():
            await asyncio.sleep(LOOK_SECONDS)
    return found


async def _paused(request: Request, name: str) -> Pause | None:
    found = await services_of(request).database.pauses.list()
    return next((pause for pause in found if pause.use_case == name), None)


ROUTES = [
    Route("/use-cases/{name}/pause", pause, methods=["PUT"]),
    Route("/use-cases/{name}/pause", resume, methods=["DELETE"]),
]
