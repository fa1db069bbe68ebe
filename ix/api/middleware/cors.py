"""Pages of other sites, where the settings name them (CORS, https://fetch.spec.whatwg.org/#http-cors-protocol): for a
service with keys only, since a page must send one along."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from ix.api.console.mount import CONSOLE
from ix.api.middleware.auth import Authenticator
from ix.api.routing import header
from ix.config import Settings

MAY_SEND = (
    *("authorization", "content-type", "if-none-match", "idempotency-key", "last-event-id", "prefer", "traceparent"),
    *("tracestate", "x-request-id"),
)
"""Fields of a page's request."""
MAY_READ = ("allow", "content-disposition", "etag", "location", "preference-applied", "retry-after", "x-request-id")
"""Fields of the answer that a page sees beside those that any may see."""


class Cors:
    """ASGI middleware outside of all that may answer, so that a page can read errors too. Starlette's own does the
    work; a request of no page passes it by."""

    def __init__(self, app: ASGIApp, settings: Settings, routes: Iterable[BaseRoute]) -> None:
        methods = {method for route in routes if isinstance(route, Route) for method in route.methods or ()}
        self.app = app
        self._cors = CORSMiddleware(
            app,
            allow_origins=settings.cors_origins,
            allow_methods=sorted(methods),
            allow_headers=MAY_SEND,
            expose_headers=MAY_READ,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on; a page's preflight is answered here."""
        # other sites' pages have no business with the console's
        is_pages = scope["type"] == "http" and CONSOLE not in scope and header(scope, b"origin") is not None
        await (self._cors if is_pages and await self._has_keys(scope) else self.app)(scope, receive, send)

    async def _has_keys(self, scope: Scope) -> bool:
        authenticator: Authenticator = scope["app"].state.services.authenticator
        try:
            return await authenticator.has_keys()
        except Exception:
            # whoever answers the request meets the same error, and says so
            return False
