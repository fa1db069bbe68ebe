"""`GET /keys` and `GET /settings`: what administrators see of the service, without what would open a door."""

from __future__ import annotations

from pydantic import SecretStr

from ix.api.app import create_app
from ix.config import Settings
from ix.database.connect import Pool
from ix.database.keys import Grant, Keys
from tests.api.conftest import client_of

HUSH = "hush-hush"


async def test_keys_are_told_without_themselves(settings: Settings, pool: Pool) -> None:
    keys = Keys(pool)
    admin = await keys.add(None, Grant(name="Anna Weber"))
    await keys.add("acme", Grant(may=["view"]))
    async with client_of(create_app(settings=settings, pool=pool, probes={})) as client:
        answer = await client.get("/keys", headers={"authorization": f"Bearer {admin}"})
    told = answer.json()
    assert [(key["client_id"], key["name"], key["may"]) for key in told["keys"]][1] == ("acme", "", ["view"])
    assert told["keys"][0]["name"] == "Anna Weber"
    assert told["more"] is False
    assert admin.split("_", 2)[2] not in answer.text


async def test_settings_are_told_without_secrets(settings: Settings, pool: Pool) -> None:
    given = settings.model_copy(
        update={"key": SecretStr(HUSH), "listen_url": f"postgres://ix:{HUSH}@127.0.0.1/ix", "engine_slots": 3}
    )
    async with client_of(create_app(settings=given, pool=pool, probes={})) as client:
        answer = await client.get("/settings")
    told = {one["name"]: one for one in answer.json()["settings"]}
    assert HUSH not in answer.text
    assert told["IX_KEY"]["value"] == "…"
    assert (told["IX_ENGINE_SLOTS"]["value"], told["IX_ENGINE_SLOTS"]["is_default"]) == (3, False)
    assert told["IX_CORS_ORIGINS"]["value"] == []
    assert told["IX_KEY"]["description"]
