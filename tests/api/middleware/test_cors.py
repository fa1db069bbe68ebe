"""Pages of other sites: answered where the settings name them and there are keys, also when the answer is an error."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from ix.api.app import create_app
from ix.config import Settings
from ix.database.connect import Pool
from ix.database.keys import Caller, Keyring
from tests.api.conftest import client_of

APP = "https://app.example"
ALLOWS = "access-control-allow-origin"
PREFLIGHT = {"origin": APP, "access-control-request-method": "POST"}


class Keys:
    """What the database holds of keys; one that is told to fail has no answer."""

    def __init__(self) -> None:
        self.ring: Keyring | None = Keyring({"k": (Caller(None), b"")}, open=False)

    async def __call__(self) -> Keyring:
        if self.ring is None:
            raise OSError
        return self.ring


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture
async def client(settings: Settings, pool: Pool, keys: Keys) -> AsyncIterator[httpx.AsyncClient]:
    named = settings.model_copy(update={"cors_origins": (APP, "http://localhost:3000")})
    async with client_of(create_app(settings=named, pool=pool, keys=keys)) as client:
        yield client


def allowed(answer: httpx.Response) -> Any:
    return answer.headers.get(ALLOWS)


@pytest.mark.parametrize("path", ["/jobs", "/jobs/batch", "/jobs/0000000000000001", "/nowhere", "/docs", "/livez"])
async def test_a_preflight_is_answered_on_every_path(client: httpx.AsyncClient, path: str) -> None:
    fields = "authorization,content-type,last-event-id,prefer,idempotency-key,x-request-id"
    answer = await client.options(path, headers={**PREFLIGHT, "access-control-request-headers": fields})
    assert (answer.status_code, allowed(answer)) == (200, APP)
    assert {"GET", "POST", "DELETE"} <= set(answer.headers["access-control-allow-methods"].split(", "))


@pytest.mark.parametrize(
    ("path", "status"), [("/livez", 200), ("/jobs", 401), ("/nowhere", 401), ("/docs", 200), ("/jobs/x/events", 401)]
)
async def test_answers_can_be_read_errors_too(client: httpx.AsyncClient, path: str, status: int) -> None:
    answer = await client.get(path, headers={"origin": APP})
    assert (answer.status_code, allowed(answer)) == (status, APP)
    exposed = answer.headers["access-control-expose-headers"].split(", ")
    assert {"etag", "location", "retry-after", "x-request-id"} <= set(exposed)
    assert "Origin" in answer.headers["vary"]
    # a bearer key is sent by the page, never by the browser
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("origin", ["https://evil.example", "https://app.example.evil", "null", "http://app.example"])
async def test_other_sites_are_not(client: httpx.AsyncClient, origin: str) -> None:
    preflight = await client.options("/jobs", headers={**PREFLIGHT, "origin": origin})
    assert (preflight.status_code, allowed(preflight)) == (400, None)
    assert allowed(await client.get("/livez", headers={"origin": origin})) is None
    assert allowed(await client.get("/livez")) is None


async def test_names_count_only_where_there_are_keys(client: httpx.AsyncClient, keys: Keys) -> None:
    keys.ring = Keyring({}, open=True)
    preflight = await client.options("/jobs", headers=PREFLIGHT)
    assert (preflight.status_code, allowed(preflight)) == (403, None)
    answer = await client.get("/jobs", headers={"origin": "http://localhost:3000"})
    assert (answer.status_code, allowed(answer)) == (403, None)
    assert "ix keys add" in answer.text


async def test_once_there_were_keys_a_database_that_fails_changes_nothing(
    client: httpx.AsyncClient, keys: Keys
) -> None:
    await client.get("/livez", headers={"origin": APP})
    keys.ring = None
    assert allowed(await client.options("/jobs", headers=PREFLIGHT)) == APP


async def test_every_site_may_be_named(settings: Settings, pool: Pool, keys: Keys) -> None:
    named = settings.model_copy(update={"cors_origins": ("*",)})
    async with client_of(create_app(settings=named, pool=pool, keys=keys)) as client:
        assert allowed(await client.get("/jobs", headers={"origin": "https://anybody.example"})) == "*"
