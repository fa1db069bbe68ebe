"""What is asked and told of saved configurations, over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, Field
from starlette.requests import Request

from ix.api.bodies import body_of, read_as
from ix.api.problems import invalid
from ix.api.services import services_of
from ix.api.submission.models import ConfigurationIn
from ix.database import jsonb
from ix.errors import InvalidInput
from ix.job import Json, Key

MOST_BYTES = 256 * 1024
"""Of the body of one, which is read on the event loop, and of its options as they are stored."""
MOST_VALUES = 10_000
"""Values and names in it."""
MOST_VERSION = 999_999_999
"""Beyond every version."""


class Asked(BaseModel):
    """Which configurations a page is about."""

    client_id: Key | None = Field(
        default=None, description="What this client may name, for a key of all clients; left out for everybody's alone"
    )
    after: str = Field(default="", max_length=200, description="Names behind this one; what `next` names")
    limit: int = Field(default=50, ge=1, le=200, description="Configurations on a page")


class AskedVersions(BaseModel):
    """Which versions a page is about."""

    client_id: Key | None = Field(
        default=None, description="Whose it is, for a key of all clients; left out for everybody's"
    )
    before: int = Field(default=MOST_VERSION, ge=1, le=MOST_VERSION, description="Versions before this one")
    limit: int = Field(default=50, ge=1, le=200, description="Versions on a page")


class ConfigurationHead(BaseModel):
    """A version of a configuration, without its options."""

    name: str
    version: int
    shared: bool = Field(description="Whether it is everybody's, which an administrator has saved")
    use_case: str
    callback_url: str | None
    priority: int
    made_at: datetime
    made_by: str = Field(description="Who saved it, a name as it was then")


class ConfigurationOut(ConfigurationHead):
    """A version of a configuration."""

    options: dict[str, Json]


class ConfigurationList(BaseModel):
    """A page of configurations, each with its newest version, by name; or of versions, the newest first. `next` is the
    address of the next page; null on the last one."""

    configurations: Sequence[ConfigurationHead]
    next: str | None


async def given(request: Request) -> ConfigurationIn:
    """What the body of a request says of a configuration. Raises `Problem`: 400, 413, 415 or 422."""
    most = min(MOST_BYTES, services_of(request).settings.max_options_bytes)
    found = read_as(ConfigurationIn, await body_of(request, most))
    if len(jsonb.written(found.options)) > MOST_BYTES:
        raise invalid(InvalidInput("options", f"are larger than {MOST_BYTES} bytes as they are stored"), 413)
    return found
