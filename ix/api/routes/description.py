"""`GET /openapi.json` and `GET /docs`: the service, described to machines and people."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from ix.api.middleware.loopback import is_host
from ix.api.middleware.proxies import root_of
from ix.api.openapi.operation import Answer, Header, Parameter, operation
from ix.api.routing import Route, header
from ix.api.services import services_of

ETAG = Header("ETag", str, "Names this version of the description", example='"5f1d7a84db00d2fce00b31a7fc73224f"')
IF_NONE_MATCH = Parameter("If-None-Match", "header", str, "The `ETag` of the version that the client has")
UNCHANGED = Answer(304, "The client has this version", headers=[ETAG])


@operation(
    "This description for machines",
    "description",
    Answer(200, "An OpenAPI 3.1 document", dict[str, Any], headers=[ETAG]),
    UNCHANGED,
    parameters=[IF_NONE_MATCH],
    open=True,
)
async def openapi(request: Request) -> Response:
    """Every route with its parameters, bodies, answers and examples, for generators of clients and for tests."""
    return services_of(request).description.openapi(_address(request)).answer(request)


@operation(
    "This description for people",
    "description",
    Answer(200, "A page that needs nothing from elsewhere", str, "text/html", headers=[ETAG]),
    UNCHANGED,
    parameters=[IF_NONE_MATCH],
    open=True,
)
async def docs(request: Request) -> Response:
    """The OpenAPI document as a page, with lines to paste."""
    return services_of(request).description.page(_address(request)).answer(request)


def _address(request: Request) -> str:
    """The address under which a client knows the service; empty where its request does not tell."""
    host = header(request.scope, b"host") or b""
    return f"{request.scope['scheme']}://{host.decode()}{root_of(request.scope)}" if is_host(host) else ""


ROUTES = [Route("/openapi.json", openapi, methods=["GET"]), Route("/docs", docs, methods=["GET"])]
