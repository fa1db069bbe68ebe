"""The folder of routes is their registry: one more file is one more route, and none hides another."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response

from ix.api import routes
from ix.api.app import ROUTES
from ix.api.openapi.document import TAGS
from ix.api.openapi.operation import OPERATIONS
from ix.api.routing import Route

NEWCOMER = """
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from ix.api.openapi.operation import Answer, operation
from ix.api.routing import Route


@operation("Count the jobs", "statistics", Answer(200, "How many there are", str, "text/plain"))
async def count(request: Request) -> Response:
    \"\"\"As a number.\"\"\"
    return PlainTextResponse("7")


ROUTES = [Route("/jobs/count", count, methods=["GET"])]
"""
SERVED = """
import asyncio, json, sys

import httpx

from ix.api import routes

routes.__path__.append(sys.argv[1])
from ix.api.app import ROUTES, create_app
from ix.config import Settings
from ix.database.keys import Keyring


async def no_keys():
    return Keyring({}, True)


async def main():
    settings = Settings(postgres_url="postgres://ix@127.0.0.1:1/ix?sslmode=disable", ocr="off")
    app = create_app(settings=settings, probes={}, keys=no_keys)
    transport = httpx.ASGITransport(app)
    client = httpx.AsyncClient(transport=transport, base_url="http://localhost")
    async with app.router.lifespan_context(app), client:
        counted, described = await client.get("/jobs/count"), await client.get("/openapi.json")
        page = await client.get("/docs")
    print(json.dumps([counted.text, described.json(), page.text]))


asyncio.run(main())
"""


def test_one_file_is_a_route_that_is_served_and_described(tmp_path: Path) -> None:
    (tmp_path / "statistics.py").write_text(NEWCOMER)
    run = subprocess.run([sys.executable, "-c", SERVED, str(tmp_path)], check=True, capture_output=True, text=True)
    counted, described, page = json.loads(run.stdout)
    assert counted == "7"
    assert described["paths"]["/jobs/count"]["get"]["operationId"] == "statistics_count"
    assert described["tags"][-1] == {"name": "statistics", "description": ""}
    assert 'id="statistics_count"' in page


def test_they_stand_in_the_order_of_the_tags() -> None:
    tags = [OPERATIONS[route.endpoint].tag for route in ROUTES]
    assert tags == sorted(tags, key=[*TAGS].index)
    assert [route.path for route in ROUTES[:2]] == ["/jobs", "/jobs"]


async def endpoint(request: Request) -> Response:
    raise AssertionError


def lists(*paths: tuple[str, str]) -> list[list[Route]]:
    """The `ROUTES` of a module for each method and path."""
    return [[Route(path, endpoint, methods=[method])] for method, path in paths]


@pytest.mark.parametrize(
    ("given", "ordered"),
    [
        ([("GET", "/a/{id}"), ("GET", "/b"), ("GET", "/{any}")], ["/a/{id}", "/b", "/{any}"]),
        ([("GET", "/{any}"), ("GET", "/~b"), ("GET", "/~a")], ["/~a", "/~b", "/{any}"]),
        ([("GET", "/{any}"), ("POST", "/~b")], ["/{any}", "/~b"]),
    ],
)
def test_a_path_that_is_spelled_out_is_compared_before_one_that_would_take_its_requests(
    given: list[tuple[str, str]], ordered: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "_lists", lambda: lists(*given))
    assert [route.path for route in routes.load()] == ordered


def test_two_of_one_path_and_method_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "_lists", lambda: lists(("GET", "/a"), ("GET", "/a")))
    with pytest.raises(ValueError, match="two routes serve /a"):
        routes.load()
