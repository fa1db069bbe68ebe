"""What the query of a request says: the filter of a list, and truths."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request

from ix.api.middleware.auth import caller_of
from ix.api.problems import invalid, invalid_fields
from ix.database.jobs import Listing
from ix.errors import InvalidInput

REPEATED = ("status",)
"""Filters that may be given more than once."""

_FLAG = TypeAdapter(bool)


def listing_of(request: Request) -> Listing:
    """The filter in the query. Raises `Problem` 422."""
    query = request.query_params
    asked: dict[str, Any] = dict(query)
    for name in REPEATED:
        if name in asked:
            asked[name] = tuple(query.getlist(name))
    try:
        listing = Listing.model_validate(asked)
    except ValidationError as error:
        raise invalid_fields(error) from None
    # PostgreSQL refuses a NUL in any text: the answer would be 500
    if any("\x00" in value for value in query.values()):
        raise invalid(InvalidInput("query", "holds a NUL"))
    return listing


def within(request: Request, listing: Listing) -> Listing | None:
    """What of it the caller may see; None is nothing. That another client exists is not told."""
    own = caller_of(request).client_id
    if own is not None and listing.client_id not in (None, own):
        return None
    return listing.model_copy(update={"client_id": own or listing.client_id})


def flag(request: Request, name: str) -> bool:
    """A truth in the query, false where it is not given. Raises `Problem` 422."""
    try:
        return _FLAG.validate_strings(request.query_params.get(name, "false"))
    except ValidationError:
        raise invalid(InvalidInput(name, "is neither true nor false")) from None
