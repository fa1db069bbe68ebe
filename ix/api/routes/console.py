"""`/console/…`: the pages for people, and the files that they load. `/` leads there whoever asks for a page."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ix.api.middleware.proxies import root_of
from ix.api.routing import Route
from ix.console import assets

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
"""What the pages may do: load what ix serves, and nothing that is written within a page."""
SAFE = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
API = "/console/api"
"""Below it stand the routes of the API, for the pages."""


class PagesApi:
    """The API a second time, below `API`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on under the path that it has in the API."""
        if scope["type"] == "http" and scope["path"].startswith(f"{API}/"):
            scope["path"] = scope["path"].removeprefix(API)
        await self._app(scope, receive, send)


async def root(request: Request) -> Response:
    """The way to the pages for browsers; 404 for programs, which have `/docs`."""
    if "text/html" not in request.headers.get("accept", ""):
        raise HTTPException(404)
    return RedirectResponse(f"{root_of(request.scope)}/console/jobs", 303)


async def page(request: Request) -> Response:
    """The shell of a view: its script asks the API for what it shows."""
    console = assets.load()
    view = request.path_params["view"]
    if "ix_id" in request.path_params:
        view = {"jobs": "job", "review": "review"}.get(view, "")
    if view not in console.views or (view == "job" and "ix_id" not in request.path_params):
        raise HTTPException(404)
    shell = console.shell(view, root_of(request.scope))
    return Response(shell, 200, {**SAFE, "cache-control": "no-store"}, "text/html")


async def asset(request: Request) -> Response:
    """A file of the pages, which never changes under its address."""
    console = assets.load()
    found = console.asset(request.path_params["path"])
    if found is None or request.path_params["hash"] != console.hash:
        raise HTTPException(404)
    headers = {**SAFE, "cache-control": "public, max-age=31536000, immutable", "vary": "accept-encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(found.content, 200, headers, found.media_type)
    return Response(found.gzipped, 200, {**headers, "content-encoding": "gzip"}, found.media_type)


ROUTES = [
    Route("/", root, methods=["GET"]),
    Route("/console/assets/{hash}/{path:path}", asset, methods=["GET"]),
    Route("/console/{view}", page, methods=["GET"]),
    Route("/console/{view}/{ix_id}", page, methods=["GET"]),
]
