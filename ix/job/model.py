"""What the models of a job have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """The base of a job's models: nothing in them changes, and nothing else is let in."""

    # no member is left out of what is written, so the schema of what goes out requires them all
    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_serialization_defaults_required=True)
