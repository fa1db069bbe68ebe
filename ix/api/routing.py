"""What a request passes on its way to a route, kept short: Starlette's own routes and errors would wrap each request
three more times."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.routing import Route as StarletteRoute
from starlette.types import Receive, Scope, Send

from ix.api.openapi.operation import Handler


class Route(StarletteRoute):
    """A route whose errors are left to `ix.api.middleware.request_id.RequestIdMiddleware`, which answers all of
    them."""

    def __init__(self, path: str, endpoint: Handler, **options: Any) -> None:
        super().__init__(path, endpoint, **options)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await (await endpoint(Request(scope, receive, send)))(scope, receive, send)

        self.app = app


def header(scope: Scope, name: bytes) -> bytes | None:
    """The value of the first header field of a lower-case name. The server passes on lower-case names only (ASGI)."""
    for key, value in scope["headers"]:
        if key == name:
            found: bytes = value
            return found
    return None
