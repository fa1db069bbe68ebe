"""A route that says hello."""

from __future__ import annotations

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from ix.api.openapi.operation import Answer, operation
from ix.api.routing import Route


class Greeting(BaseModel):
    """A greeting."""

    hello: str


@operation("Say hello", "operations", Answer(200, "A greeting", Greeting, example=Greeting(hello="world")))
async def hello(request: Request) -> Response:
    """Greets the world."""
    return Response(Greeting(hello="world").model_dump_json(), media_type="application/json")


ROUTES = [Route("/hello", hello, methods=["GET"])]
