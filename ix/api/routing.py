"""What a request passes on its way to a route, kept short: Starlette's own routes and errors would wrap each request
three more times."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
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

    def right(self, method: str) -> str:
        """The right that a caller needs; empty where anybody may call."""
        # a route that does not describe itself is no open one
        described = OPERATIONS.get(self.endpoint)
        return described.right(method) if described else right_of(method)


def require(caller: Caller, right: str) -> None:
    """Raises `Problem` 403 for a caller who lacks a right."""
    if not caller.allows(right):
        raise Problem(403, f"the key may not {right}; `ix keys list` says what it may")


def header(scope: Scope, name: bytes) -> bytes | None:
    """The value of the first header field of a lower-case name. The server passes on lower-case names only (ASGI)."""
    for key, value in scope["headers"]:
        if key == name:
            found: bytes = value
            return found
    return None
