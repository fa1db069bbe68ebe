"""`GET /audit`: who did what, and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from ix.api.middleware.proxies import root_of
from ix.api.openapi import examples
from ix.api.openapi.operation import Answer, operation
from ix.api.openapi.shared import UNPROCESSABLE
from ix.api.problems import invalid, invalid_fields
from ix.api.routing import Route
from ix.api.services import services_of
from ix.database.audit import Asked, Entry
from ix.errors import InvalidInput


class Entries(BaseModel):
    """A page of the audit log, newest first. `next` is the address of the next page; null on the last one."""

    entries: Sequence[Entry]
    next: str | None


ERASED = Entry(
    number=4711,
    at=datetime(2026, 11, 2, 9, 30, tzinfo=UTC),
    who="Anna Weber",
    key_id="0123456789ab",
    client_id=None,
    what="job.erase",
    ix_id=examples.IX_ID,
    detail={},
    request="5f1d7a84db00d2fc",
)


@operation(
    "Who did what?",
    "operations",
    Answer(
        200, "A page of the audit log", Entries, example=Entries(entries=[ERASED], next="/audit?limit=1&before=4711")
    ),
    UNPROCESSABLE,
    query=Asked,
    needs="administer",
)
async def entries(request: Request) -> Response:
    """What was done by whom, newest first: sign-ins and sign-outs, keys made, changed and revoked, jobs cancelled,
    tried again and erased, and whatever else people do here. The log holds no values of documents and no secrets, and
    the service cannot change what is in it."""
    query = dict(request.query_params)
    asked = _asked(query)
    found = await services_of(request).database.audit.page(asked)
    # a full page may be the last one: the page behind it is empty then
    path = f"{root_of(request.scope)}/audit"
    more = f"{path}?{urlencode({**query, 'before': found[-1].number})}" if len(found) == asked.limit else None
    return Response(Entries(entries=found, next=more).model_dump_json(), media_type="application/json")


def _asked(query: dict[str, str]) -> Asked:
    # PostgreSQL refuses a NUL in any text
    if any("\x00" in value for value in query.values()):
        raise invalid(InvalidInput("query", "holds a NUL"))
    try:
        return Asked.model_validate_strings(query)
    except ValidationError as error:
        raise invalid_fields(error) from None


ROUTES = [Route("/audit", entries, methods=["GET"])]
