"""The pages, and the files that they load. `/` and `/console` lead to them whoever asks for a page.

They hold nothing of anybody's jobs, so that nobody has to be signed in for them: what they show, their scripts ask the
API for. Reports of violations of their policy are collected by nobody: they would be one more thing that strangers can
write."""

from __future__ import annotations

import asyncio
import re

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ix.api.middleware.proxies import root_of
from ix.api.routing import PublicRoute
from ix.console import assets

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
"""What the pages may do: load what ix serves, and nothing that is written within a page; no page shows them in itself,
and no text becomes markup (https://www.w3.org/TR/CSP3/, https://www.w3.org/TR/trusted-types/)."""
SAFE = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
FOR_EVER = "public, max-age=31536000, immutable"
_OF_A_JOB = {"jobs": "job", "review": "review"}
"""The views that have an address for each job, by the first part of it."""
_TAKES_GZIP = re.compile(r"(?:^|,)\s*(?:gzip|\*)\s*(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)


async def root(request: Request) -> Response:
    """The way to the pages for browsers; 404 for programs, which have `/docs`."""
    if "text/html" not in request.headers.get("accept", ""):
        raise HTTPException(404)
    return RedirectResponse("/console/jobs", 303, {"cache-control": "no-store", "vary": "accept"})


async def page(request: Request) -> Response:
    """The shell of a view: its script asks the API for what it shows. Raises `HTTPException` 404."""
    console = assets.load()
    view = request.path_params["view"]
    # the shell of a job stands at each job's address, and at none of its own
    if "ix_id" in request.path_params:
        view = _OF_A_JOB.get(view, "")
    elif view == "job":
        view = ""
    if view not in console.views:
        raise HTTPException(404)
    # for whoever reads or mends them: the files as they are written
    shell = console.shell(view, root_of(request.scope), packed="source" not in request.query_params)
    return Response(shell, 200, {**SAFE, "cache-control": "no-store"}, "text/html")


async def asset(request: Request) -> Response:
    """A file of the pages, which never changes under its address. Raises `HTTPException` 404."""
    console = assets.load()
    # in a thread: what is asked for first is packed and compressed then
    found = await asyncio.to_thread(console.asset, request.path_params["path"])
    # files of another version are not to be had: a page mixes no two
    if found is None or request.path_params["hash"] != console.hash:
        raise HTTPException(404)
    headers = {**SAFE, "cache-control": FOR_EVER, "vary": "accept-encoding"}
    if not _TAKES_GZIP.search(request.headers.get("accept-encoding", "")):
        return Response(found.content, 200, headers, found.media_type)
    return Response(found.gzipped, 200, {**headers, "content-encoding": "gzip"}, found.media_type)


ROUTES = [
    *(PublicRoute(path, root, methods=["GET"]) for path in ("/", "/console", "/console/")),
    PublicRoute("/console/assets/{hash}/{path:path}", asset, methods=["GET"]),
    PublicRoute("/console/{view}", page, methods=["GET"]),
    PublicRoute("/console/{view}/{ix_id}", page, methods=["GET"]),
]
