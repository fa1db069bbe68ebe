"""What a request passes on its way to a route, kept short: Starlette's own routes and errors would wrap each request
three more times."""

from __future__ import annotations

from typing import Any

from starlette._utils import get_route_path
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as StarletteRoute
from starlette.types import Receive, Scope, Send

from ix.api.openapi.operation import OPERATIONS, Handler, right_of
from ix.api.problems import Problem
from ix.database.keys import Caller


class Route(StarletteRoute):
    """A route whose errors are left to `ix.api.middleware.request_id.RequestIdMiddleware`, which answers all of
    them. It lets nobody through who lacks the right that its description names."""

    def __init__(self, path: str, endpoint: Handler, **options: Any) -> None:
        super().__init__(path, endpoint, **options)

        rights = {method: self.right(method) for method in self.methods or ()}

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if right := rights[scope["method"]]:
                require(scope["ix.caller"], right)
            await (await endpoint(Request(scope, receive, send)))(scope, receive, send)

        self.app = app

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request for the route's path. One of another method is told all that the path has (RFC 9110,
        15.5.6), and OPTIONS no more than that."""
        if scope["method"] in (self.methods or ()):
            await self.app(scope, receive, send)
            return
        allow = {"allow": ", ".join(sorted(_methods(scope)))}
        if scope["method"] != "OPTIONS":
            raise HTTPException(405, headers=allow)
        await Response(status_code=204, headers=allow)(scope, receive, send)

    def right(self, method: str) -> str:
        """The right that a caller needs; empty where anybody may call."""
        # a route that does not describe itself is no open one
        described = OPERATIONS.get(self.endpoint)
        return described.right(method) if described else right_of(method)


def require(caller: Caller, right: str) -> None:
    """Raises `Problem` 403 for a caller who lacks a right."""
    if not caller.allows(right):
        raise Problem(403, f"the key may not {right}; `ix keys list` says what it may")


def _methods(scope: Scope) -> set[str]:
    """The methods of every route that has the path of a request."""
    path = get_route_path(scope)
    found = (route for route in scope["app"].routes if isinstance(route, Route) and route.path_regex.match(path))
    return {"OPTIONS"}.union(*(route.methods or () for route in found))


def header(scope: Scope, name: bytes) -> bytes | None:
    """The value of the first header field of a lower-case name. The server passes on lower-case names only (ASGI)."""
    for key, value in scope["headers"]:
        if key == name:
            found: bytes = value
            return found
    return None


def headers(scope: Scope, name: bytes) -> list[bytes]:
    """The values of every header field of a lower-case name."""
    return [value for key, value in scope["headers"] if key == name]
