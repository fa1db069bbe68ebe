"""`/configurations`: what submissions may name instead of saying it each time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, Field, StringConstraints, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from ix.api.configuring import (
    MOST_VERSION,
    Asked,
    AskedVersions,
    ConfigurationHead,
    ConfigurationList,
    ConfigurationOut,
    given,
)
from ix.api.middleware.auth import caller_of, requested_client
from ix.api.middleware.proxies import root_of
from ix.api.openapi.operation import JSON, Answer, Body, Header, Parameter, operation
from ix.api.openapi.shared import NOT_JSON, UNPROCESSABLE, problem
from ix.api.problems import Problem, invalid, invalid_fields
from ix.api.routing import Route, require
from ix.api.services import services_of
from ix.api.submission.models import ConfigurationIn
from ix.api.submission.validate import checked_use_case
from ix.database import jsonb
from ix.database.configurations import (
    EVERYBODY,
    MOST_NAMES,
    MOST_VERSIONS,
    NAME,
    Configurations,
    Newest,
    Reference,
    Saved,
)
from ix.errors import InvalidInput
from ix.job import Key
from ix.job.ordered import stamped

TRIES = 5
"""How often a save goes on behind somebody else's that was quicker."""
LONGEST_CLIENT = 200
EXAMPLE = "supplier-invoices"
A = TypeVar("A", bound=BaseModel)
_NAME = Parameter(
    "name", "path", Annotated[str, StringConstraints(pattern=f"^{NAME}$")], "What submissions name", example=EXAMPLE
)
_CLIENT = Parameter("client_id", "query", Key, "Whose it is, for a key of all clients; left out for everybody's")
_IF_MATCH = Parameter("If-Match", "header", str, "The ETag of the version that was seen; `*` for any", '"v3"')
_IF_NONE_MATCH = Parameter("If-None-Match", "header", str, "`*`: only where there is none yet")
_ETAG = Header("ETag", str, "The version, for If-Match", example='"v3"')
_MISSING = problem(404, "There is none of this name, or no such version", "there is no such configuration")
_CHANGED = problem(412, "It is another version by now", "if-match: the newest version is 4")


_HEAD = ConfigurationHead(
    name=EXAMPLE,
    version=3,
    shared=False,
    use_case="invoice",
    callback_url="https://books.example.com/ix",
    priority=0,
    made_at=datetime(2026, 11, 2, 9, 30, tzinfo=UTC),
    made_by="Anna Weber",
)
_WHOLE = ConfigurationOut(**_HEAD.model_dump(), options={"split": True, "risk": 0.02})
_GIVEN = {
    "invoices": {"use_case": "invoice", "options": {"split": True, "risk": 0.02}},
    "own fields": {
        "use_case": "custom",
        "options": {"schema": {"type": "object", "properties": {"meter": {"type": "string"}}}},
    },
}


@operation(
    "List configurations",
    "configurations",
    Answer(200, "A page", ConfigurationList, example=ConfigurationList(configurations=[_HEAD], next=None)),
    UNPROCESSABLE,
    query=Asked,
)
async def find(request: Request) -> Response:
    """What the caller may name in a submission, by name: its own, and everybody's where it has none of the name."""
    asked, caller = _asked(request, Asked), caller_of(request)
    names = None if caller.use_cases is None else sorted(caller.use_cases)
    found = await _table(request).page(_client(request), asked.after, asked.limit, names)
    last = found[-1].name if len(found) == asked.limit else None
    return _page(request, "/configurations", found, {"after": last})


@operation(
    "Look at a configuration",
    "configurations",
    Answer(200, "The version", ConfigurationOut, example=_WHOLE, headers=[_ETAG]),
    _MISSING,
    UNPROCESSABLE,
    parameters=[
        _NAME,
        _CLIENT,
        Parameter("version", "query", Annotated[int, Field(ge=1, le=MOST_VERSION)], "An earlier version", example=2),
    ],
)
async def show(request: Request) -> Response:
    """What a submission that names it would get: the newest version, or the one that is asked for."""
    version = request.query_params.get("version")
    if version is not None and not re.fullmatch(r"[1-9][0-9]{0,8}", version):
        raise invalid(InvalidInput("version", "is no version"))
    reference = Reference(_name(request), int(version) if version else None)
    [found] = await _table(request).resolve([(_client(request), reference)])
    if found is None or not caller_of(request).knows(found.use_case):
        raise _no_such()
    return _answer(found, 200)


@operation(
    "List the versions of a configuration",
    "configurations",
    Answer(200, "A page", ConfigurationList, example=ConfigurationList(configurations=[_HEAD], next=None)),
    _MISSING,
    UNPROCESSABLE,
    parameters=[_NAME],
    query=AskedVersions,
)
async def versions(request: Request) -> Response:
    """Those of the caller's own configuration, or of everybody's for a key of all clients; none where there is none."""
    asked, name = _asked(request, AskedVersions), _name(request)
    found = await _table(request).versions(_client(request), name, asked.before, asked.limit)
    seen = [one for one in found if caller_of(request).knows(one.use_case)]
    last = found[-1].version if len(found) == asked.limit else None
    return _page(request, f"/configurations/{name}/versions", seen, {"before": last})


@operation(
    "Save a configuration",
    "configurations",
    Answer(201, "A new version", ConfigurationOut, example=_WHOLE, headers=[_ETAG]),
    Answer(200, "The newest version says the same already", ConfigurationOut, example=_WHOLE, headers=[_ETAG]),
    problem(400, "The body is no JSON", "body: is not valid JSON", ("body", "is not valid JSON")),
    _MISSING,
    problem(409, "Others save it all the time", "others save this configuration at the same time; try again"),
    _CHANGED,
    NOT_JSON,
    UNPROCESSABLE,
    parameters=[_NAME, _CLIENT, _IF_MATCH, _IF_NONE_MATCH],
    bodies=[Body(JSON, ConfigurationIn, _GIVEN)],
)
async def save(request: Request) -> Response:
    """Adds a version, which never changes; jobs that were submitted before keep what they were given. It is checked as
    a submission is, and must be complete: a submission may then say less, or something else. A key of a client saves
    its own, an administrator what everybody may name; a client's own counts before everybody's of the same name."""
    owner, name = _owner(request), _name(request)
    said = await given(request)
    services, caller = services_of(request), caller_of(request)
    checked_use_case(said, services.settings, services.use_cases, caller)
    table = _table(request)
    for _ in range(TRIES):
        newest = await table.newest(owner, name)
        _require_seen(request, newest)
        if newest.body is not None and _says(newest, said):
            return await _saved(request, owner, Reference(name, newest.version), 200)
        await _require_room(table, owner, newest)
        if await table.add(owner, name, newest.version + 1, said.model_dump(), caller):
            services.configurations.missed()
            return await _saved(request, owner, Reference(name, newest.version + 1), 201)
    raise Problem(409, "others save this configuration at the same time; try again")


@operation(
    "Delete a configuration",
    "configurations",
    Answer(204, "There is none any more"),
    _MISSING,
    _CHANGED,
    UNPROCESSABLE,
    parameters=[_NAME, _CLIENT, _IF_MATCH],
)
async def delete(request: Request) -> Response:
    """All its versions go, and jobs that were submitted with it keep what they were given. One that is saved under the
    name later goes on with the next version."""
    owner, name, table = _owner(request), _name(request), _table(request)
    newest = await table.newest(owner, name)
    if newest.body is None or not caller_of(request).knows(newest.body["use_case"]):
        raise _no_such()
    _require_seen(request, newest)
    if not await table.delete(owner, name, newest.version, caller_of(request)):
        raise _changed(await table.newest(owner, name))
    services_of(request).configurations.missed()
    return Response(status_code=204)


def _table(request: Request) -> Configurations:
    return services_of(request).database.configurations


def _owner(request: Request) -> str:
    """Whose configuration a change is about. Raises `Problem` 403 for everybody's without the right to it."""
    owner = _client(request)
    if owner == EVERYBODY:
        require(caller_of(request), "administer")
    return owner


def _client(request: Request) -> str:
    """Whose configurations a request is about. Raises `Problem`: 403, or 422 for what can be no client."""
    client = requested_client(request) or EVERYBODY
    if "\x00" in client or len(client) > LONGEST_CLIENT:
        raise invalid(InvalidInput("client_id", f"holds a NUL, or more than {LONGEST_CLIENT} characters"))
    return client


def _asked(request: Request, model: type[A]) -> A:
    if any("\x00" in value for value in request.query_params.values()):
        raise invalid(InvalidInput("query", "holds a NUL"))
    try:
        return model.model_validate_strings(dict(request.query_params))
    except ValidationError as error:
        raise invalid_fields(error) from None


def _name(request: Request) -> str:
    name: str = request.path_params["name"]
    if not re.fullmatch(NAME, name):
        raise _no_such()
    return name


def _says(newest: Newest, said: ConfigurationIn) -> bool:
    # as it is stored: the order of a schema stands beside it
    stored = {**said.model_dump(), "options": stamped(said.options)}
    return bool(newest.body == jsonb.read(jsonb.written(stored)))


def _require_seen(request: Request, newest: Newest) -> None:
    """Raises `Problem` 412 where the newest version is not the one that the caller has seen."""
    exists = newest.body is not None
    if request.headers.get("if-none-match", "").strip() == "*" and exists:
        raise _changed(newest)
    wanted = request.headers.get("if-match", "").strip()
    if not wanted or (wanted == "*" and exists):
        return
    if not exists or wanted.removeprefix("W/") != _tag(newest.version):
        raise _changed(newest)


async def _require_room(table: Configurations, owner: str, newest: Newest) -> None:
    if newest.version >= MOST_VERSIONS:
        message = f"has {MOST_VERSIONS} versions; save it under another name"
        raise invalid(InvalidInput("name", message))
    if newest.version == 0 and await table.names(owner) >= MOST_NAMES:
        raise invalid(InvalidInput("name", f"is one too many: there are {MOST_NAMES} configurations"))


def _changed(newest: Newest) -> Problem:
    if newest.body is None:
        return Problem(412, "if-match: there is no such configuration, or not any more")
    return Problem(412, f"if-match: the newest version is {newest.version}")


async def _saved(request: Request, owner: str, reference: Reference, status: int) -> Response:
    [found] = await _table(request).resolve([(owner, reference)])
    if found is None:
        raise Problem(409, "somebody has deleted the configuration meanwhile")
    return _answer(found, status)


def _answer(found: Saved, status: int) -> Response:
    told = ConfigurationOut.model_validate({**found._asdict(), "shared": found.configured.shared})
    return Response(told.model_dump_json(), status, {"etag": _tag(found.version)}, JSON)


def _page(request: Request, path: str, found: Sequence[Saved], more: Mapping[str, str | int | None]) -> Response:
    # a full page may be the last one: the page behind it is empty then
    query = urlencode({**request.query_params, **more})
    following = None if None in more.values() else f"{root_of(request.scope)}{path}?{query}"
    heads = [ConfigurationHead.model_validate({**one._asdict(), "shared": one.configured.shared}) for one in found]
    told = ConfigurationList(configurations=heads, next=following)
    return Response(told.model_dump_json(), media_type=JSON)


def _tag(version: int) -> str:
    return f'"v{version}"'


def _no_such() -> Problem:
    return Problem(404, "there is no such configuration")


ROUTES = [
    Route("/configurations", find, methods=["GET"]),
    Route("/configurations/{name}", show, methods=["GET"]),
    Route("/configurations/{name}", save, methods=["PUT"]),
    Route("/configurations/{name}", delete, methods=["DELETE"]),
    Route("/configurations/{name}/versions", versions, methods=["GET"]),
]
