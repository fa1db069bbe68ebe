"""What can be asked for, as the service says it."""

from __future__ import annotations

from typing import Any

import pytest

from ix import use_cases
from ix.api.app import create_app
from ix.config import Settings
from tests.api.conftest import client_of

SETTINGS = Settings(postgres_url="postgres://ix@127.0.0.1:1/ix?sslmode=disable", ocr="off", job_timeout=77, max_attempts=5)


async def get(path: str) -> tuple[int, dict[str, Any]]:
    async with client_of(create_app(settings=SETTINGS, probes={})) as client:
        answer = await client.get(path)
        return answer.status_code, answer.json()


async def test_the_list_is_the_folder_by_name() -> None:
    status, said = await get("/use-cases")
    assert status == 200
    assert [one["name"] for one in said["use_cases"]] == sorted(use_cases.load())


@pytest.mark.parametrize("name", sorted(use_cases.load()))
async def test_each_says_what_it_takes_and_gives_and_its_limits_in_force(name: str) -> None:
    status, said = await get(f"/use-cases/{name}")
    use_case = use_cases.load()[name]
    assert status == 200
    assert said["description"] == use_case.description
    assert said["options"] == use_case.request.model_json_schema()
    assert said["result"] == (use_case.result.model_json_schema(mode="serialization") if use_case.result else None)
    assert (said["max_attempts"], said["timeout"]) == (use_case.max_attempts or 5, use_case.timeout or 77)


async def test_the_client_brings_the_schema_of_custom() -> None:
    _, said = await get("/use-cases/custom")
    assert said["result"] is None
    assert said["options"]["required"] == ["schema"]


@pytest.mark.parametrize("name", ["nonsense", "Receipt", "%00", "__init__"])
async def test_one_that_is_not_there_is_404(name: str) -> None:
    status, said = await get(f"/use-cases/{name}")
    assert (status, said["title"]) == (404, "Not Found")
