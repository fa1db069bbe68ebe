"""What a request passes on its way to a route, kept short: Starlette's own routes and errors would wrap each request
three more times."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any

from starlette._utils import get_route_path
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as StarletteRoute
from starlette.routing import Router
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


class PublicRoute(Route):
    """A route that anybody may call, as far as the service is open to them at all."""

    def right(self, method: str) -> str:
        """None, whoever calls and whatever the method."""
        return ""


def require(caller: Caller, right: str) -> None:
    """Raises `Problem` 403 for a caller who lacks a right."""
    if not caller.allows(right):
        raise Problem(403, f"the key may not {right}; `ix keys list` says what it may")


def _methods(scope: Scope) -> set[str]:
    """The methods of every route that has the path of a request."""
    path = get_route_path(scope)
    found = (route for route in scope["app"].routes if isinstance(route, Route) and route.path_regex.match(path))
    return {"OPTIONS"}.union(*(route.methods or () for route in found))


class Routes:
    """The router as ASGI. A path without parameters is looked up; Starlette's own search, which compares a request with
    one route after the other, finds the rest."""

    def __init__(self, router: Router) -> None:
        self.router = router
        found = [route for route in router.routes if isinstance(route, Route) and not route.param_convertors]
        # the first of a path and method counts, as in the search
        self._plain = {(method, route.path): route for route in reversed(found) for method in route.methods or ()}

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Passes a request on to its route."""
        route = self._plain.get((scope.get("method", ""), scope.get("path", "")))
        if route is None:
            return self.router(scope, receive, send)
        scope["endpoint"], scope["path_params"] = route.endpoint, {}
        return route.app(scope, receive, send)


FIELDS = "ix.fields"
"""Where the scope keeps its header fields by name, once one of them was asked for; whoever replaces fields removes
it."""


def fields(scope: Scope) -> Mapping[bytes, bytes]:
    """The first value of each header field by its name. The server passes on lower-case names only (ASGI)."""
    found: Mapping[bytes, bytes] | None = scope.get(FIELDS)
    if found is None:
        # the first of a name last, so that it stays
        found = scope[FIELDS] = dict(reversed(scope["headers"]))
    return found


def header(scope: Scope, name: bytes) -> bytes | None:
    """The value of the first header field of a lower-case name."""
    return (scope.get(FIELDS) or fields(scope)).get(name)


def headers(scope: Scope, name: bytes) -> list[bytes]:
    """The values of every header field of a lower-case name."""
    if header(scope, name) is None:
        return []
    return [value for key, value in scope["headers"] if key == name]
