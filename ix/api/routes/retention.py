"""`/retention`: how long documents, results and jobs of each use case are kept, and the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from ix.api.bodies import read
from ix.api.middleware.auth import caller_of
from ix.api.openapi.operation import JSON, Answer, Body, Parameter, operation
from ix.api.openapi.shared import NOT_JSON, UNPROCESSABLE, problem
from ix.api.problems import Problem, invalid
from ix.api.routing import Route
from ix.api.services import services_of
from ix.config.limits import ALL_OTHERS, MAX_DAYS
from ix.database.retention import Terms, in_force
from ix.errors import InvalidInput

Days = Annotated[float, Field(strict=True, ge=0, le=MAX_DAYS, allow_inf_nan=False)]
NAME = Parameter("use_case", "query", str, f"A use case, or `{ALL_OTHERS}` for all others", example="invoice")


class TermsIn(BaseModel):
    """Days after a job's end: 0 keeps, and what is left out or null is as the settings or all others have it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    documents: Days | None = Field(default=None, description="Until its documents go, and what was read on their pages")
    results: Days | None = Field(default=None, description="Until its result goes, and all that was made of it")
    jobs: Days | None = Field(default=None, description="Until the job goes with all there is of it")


class TermsOut(BaseModel):
    """How many days after a job's end each goes; 0 keeps it. `is_set`: whether somebody has set any of them here, and
    not the settings alone."""

    use_case: str
    documents: float
    results: float
    jobs: float
    is_set: bool


class TermList(BaseModel):
    """The terms that hold, first those of all use cases that are not listed (`*`)."""

    terms: Sequence[TermsOut]
    audit: float | None = Field(description="Days that entries of the audit log are kept; null where all of them are")


_EXAMPLE = TermsOut(use_case="invoice", documents=30, results=0, jobs=3650, is_set=True)


@operation(
    "List the terms of retention",
    "operations",
    Answer(200, "The terms that hold", TermList, example=TermList(terms=[_EXAMPLE], audit=400)),
    needs="administer",
)
async def listed(request: Request) -> Response:
    """What holds for each use case of which something was said, here or by `IX_DOCUMENT_DAYS` and `IX_RETENTION_DAYS`
    of this web process."""
    retention = services_of(request).database.retention
    told = TermList(terms=await _terms(request), audit=await retention.audit_days())
    return Response(told.model_dump_json(), media_type="application/json")


@operation(
    "Set terms of retention",
    "operations",
    Answer(200, "The terms that hold now", TermsOut, example=_EXAMPLE),
    problem(404, "There is no such use case", "there is no such use case"),
    problem(409, "Too many use cases have terms", "as many use cases have terms as may"),
    NOT_JSON,
    UNPROCESSABLE,
    parameters=[NAME],
    bodies=[Body(JSON, TermsIn, {"Keep the result, drop the scan": TermsIn(documents=30, results=0)})],
    needs="administer",
)
async def put(request: Request) -> Response:
    """Engines follow within a minute, also of jobs that ended long ago: what is erased does not come back. The term of
    the audit log is set by `ix retention audit` alone."""
    services, name = services_of(request), _name(request)
    asked = await read(request, TermsIn)
    if name != ALL_OTHERS and name not in services.use_cases:
        raise Problem(404, "there is no such use case")
    if not await services.database.retention.set(name, Terms(**dict(asked)), caller_of(request)):
        raise Problem(409, "as many use cases have terms as may")
    [found] = [one for one in await _terms(request) if one.use_case == name]
    return Response(found.model_dump_json(), media_type="application/json")


@operation(
    "Drop terms of retention",
    "operations",
    Answer(204, "The settings, or the terms of all others, say it"),
    UNPROCESSABLE,
    parameters=[NAME],
    needs="administer",
)
async def drop(request: Request) -> Response:
    """The use case is kept as the settings have it, or as all others are."""
    await services_of(request).database.retention.drop(_name(request), caller_of(request))
    return Response(status_code=204)


async def _terms(request: Request) -> Sequence[TermsOut]:
    services = services_of(request)
    said = await services.database.retention.all()
    return [
        TermsOut(use_case=name, **own._asdict(), is_set=name in said)
        for name, own in in_force(said, services.settings).items()
    ]


def _name(request: Request) -> str:
    name = request.query_params.get("use_case", "")
    if not 0 < len(name) <= 200 or "\x00" in name:
        message = f"is missing, or longer than 200 characters; {ALL_OTHERS} is all others"
        raise invalid(InvalidInput("use_case", message))
    return name


ROUTES = [
    Route("/retention", listed, methods=["GET"]),
    Route("/retention", put, methods=["PUT"]),
    Route("/retention", drop, methods=["DELETE"]),
]
