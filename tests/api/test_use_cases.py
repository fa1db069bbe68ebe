"""What can be asked for, as the service says it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from ix import use_cases
from ix.api.app import create_app
from ix.config import Settings
from tests.api.conftest import client_of


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    own = settings.model_copy(update={"job_timeout": 77.0, "max_attempts": 5})
    async with client_of(create_app(settings=own, probes={})) as client:
        yield client


async def test_the_list_is_the_folder_by_name(client: httpx.AsyncClient) -> None:
    said = (await client.get("/use-cases")).json()
    assert [one["name"] for one in said["use_cases"]] == sorted(use_cases.load(drill=True))
    assert said["use_cases"][0] == (await client.get(f"/use-cases/{said['use_cases'][0]['name']}")).json()


async def test_each_says_what_it_takes_and_gives_and_its_limits_in_force(client: httpx.AsyncClient) -> None:
    for name, use_case in use_cases.load(drill=True).items():
        said = (await client.get(f"/use-cases/{name}")).json()
        assert said["description"] == use_case.description
        assert said["options"] == use_case.request.model_json_schema()
        assert said["result"] == (use_case.result.model_json_schema(mode="serialization") if use_case.result else None)
        assert (said["max_attempts"], said["timeout"]) == (use_case.max_attempts or 5, use_case.timeout or 77)


async def test_drill_is_there_only_where_it_is_asked_for(settings: Settings) -> None:
    off = settings.model_copy(update={"drill": False})
    async with client_of(create_app(settings=off, probes={})) as client:
        assert "drill" not in [one["name"] for one in (await client.get("/use-cases")).json()["use_cases"]]
        assert (await client.get("/use-cases/drill")).status_code == 404
        body = {"client_id": "acme", "request_id": "r", "use_case": "drill", "options": {"action": "exit"}}
        refused = await client.post("/jobs", json=body)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "use_case")
        [told] = (await client.post("/jobs/batch", json={"jobs": [body]})).json()["jobs"]
        assert told["status"] == 422


async def test_the_client_brings_the_schema_of_custom(client: httpx.AsyncClient) -> None:
    said = (await client.get("/use-cases/custom")).json()
    assert (said["result"], said["options"]["required"]) == (None, ["schema"])


@pytest.mark.parametrize("name", ["nonsense", "Receipt", "%00", "__init__"])
async def test_one_that_is_not_there_is_404(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.get(f"/use-cases/{name}")
    assert (answer.status_code, answer.json()["title"]) == (404, "Not Found")
