"""`/console/api/…` is the API once more, for the console's own pages: the same routes, asked with a session in place of
a key. Only here a cookie counts, so that everywhere else there is no page of another site to be afraid of.

A request is led to its route under the path that it has in the API; what is answered names addresses below
`/console/api` again."""

from __future__ import annotations

from collections.abc import Awaitable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ix.api.middleware.proxies import ROOT, root_of

CONSOLE = "ix.console"
"""Where the scope says what of the console a request is for; requests for anything else have no such member."""
API = "api"
PAGES = "pages"
"""The pages themselves, and the session: nobody has to be signed in for those."""
PLACE = "/console"
PREFIX = f"{PLACE}/api"
_SAFE = (
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)


class ConsoleMount:
    """ASGI middleware, the first that looks at the path: whatever comes after it finds each route under the path that
    it has in the API."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Passes a request on; most are not the console's, and cost no more than this look."""
        path = scope["path"] if scope["type"] == "http" else ""
        if path.startswith(f"{PREFIX}/"):
            inner = path.removeprefix(PREFIX)
            scope["path"], scope[ROOT] = inner, root_of(scope) + PREFIX
            # the session's own address is one, wherever it is asked from
            scope[CONSOLE] = PAGES if inner.startswith(f"{PLACE}/") else API
            return self.app(scope, receive, _safe(send))
        # what is below `/consolex` is none of it
        if path == "/" or path == PLACE or path.startswith(f"{PLACE}/"):
            scope[CONSOLE] = PAGES
        return self.app(scope, receive, send)


def _safe(send: Send) -> Send:
    """Sends answers that no other page can take in, that stay in no cache unless they say so, and that lead to
    addresses below `PREFIX`."""

    async def send_safe(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = [_inside(*field) for field in message["headers"]]
            named = {name for name, _ in given}
            message["headers"] = [*given, *(field for field in _SAFE if field[0] not in named)]
        await send(message)

    return send_safe


def _inside(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    leads = name == b"location" and value.startswith(b"/")
    return name, PREFIX.encode() + value if leads else value
