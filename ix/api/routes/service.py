"""`GET /keys` and `GET /settings`: who may call, and what the service was told; for whoever administers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from pydantic import BaseModel, Field, JsonValue
from starlette.requests import Request
from starlette.responses import Response

from ix.api.openapi.operation import Answer, operation
from ix.api.routing import Route
from ix.api.services import services_of
from ix.config import Settings, variable
from ix.database.keys import KeyHead
from ix.telemetry.settings import plain

MOST_KEYS = 500
"""Keys that are listed; `ix keys list` has all of them."""


class KeyList(BaseModel):
    """Keys, the oldest first, those that are revoked too. `more`: there are others."""

    keys: Sequence[KeyHead]
    more: bool


class Setting(BaseModel):
    """A setting's value in force; of a secret no more than that there is one."""

    name: str = Field(description="The environment variable")
    value: JsonValue
    is_default: bool
    description: str


class SettingList(BaseModel):
    """Every setting of the web process that answers; engines may have others."""

    settings: Sequence[Setting]


_KEY = KeyHead(
    key_id="0123456789ab",
    client_id="me",
    name="Anna Weber",
    may=["view", "review"],
    use_cases=None,
    created_at=datetime(2026, 11, 2, 9, 30, tzinfo=UTC),
    expires_at=None,
    used_at=datetime(2026, 11, 2, 9, 31, tzinfo=UTC),
    revoked_at=None,
)
_SETTING = Setting(name="IX_ENGINE_SLOTS", value=4, is_default=True, description="Jobs that one engine runs at once")


@operation(
    "List the keys",
    "operations",
    Answer(200, "The keys, without what would open a door", KeyList, example=KeyList(keys=[_KEY], more=False)),
    needs="administer",
)
async def keys(request: Request) -> Response:
    """Whose each key is, what it may, and when it was last used. A key itself is shown once, when it is made."""
    found = await services_of(request).database.keys.list(MOST_KEYS + 1)
    shown = KeyList(keys=found[:MOST_KEYS], more=len(found) > MOST_KEYS)
    return Response(shown.model_dump_json(), media_type="application/json")


@operation(
    "List the settings",
    "operations",
    Answer(200, "The settings in force, without secrets", SettingList, example=SettingList(settings=[_SETTING])),
    needs="administer",
)
async def settings(request: Request) -> Response:
    """Each setting with its value in this web process, as `ix settings` prints it: secrets and passwords in addresses
    are not shown."""
    found = SettingList(settings=shown(services_of(request).settings))
    return Response(found.model_dump_json(), media_type="application/json")


def shown(settings: Settings) -> Sequence[Setting]:
    """Every setting in the order in which they are declared."""
    return [
        Setting(
            name=variable(name),
            value=_value(getattr(settings, name)),
            is_default=getattr(settings, name) == field.default,
            description=field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]


def _value(value: object) -> JsonValue:
    # what has members of its own, such as roles, is told as text
    found: JsonValue = str(dict(value)) if isinstance(value, Mapping) else plain(value)
    return found


ROUTES = [Route("/keys", keys, methods=["GET"]), Route("/settings", settings, methods=["GET"])]
