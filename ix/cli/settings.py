"""`ix settings`: every knob with the value in force, in the form of an environment file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import SecretStr

from ix.config import Settings, variable
from ix.events import redact


def lines(settings: Settings) -> Iterator[str]:
    """For each knob a comment that describes it, and its assignment; what is at its default is commented out, secrets are not shown."""
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        yield f"# {field.description}"
        yield f"{'#' if value == field.default else ''}{variable(name)}={_shown(value)}"


def _shown(value: Any) -> str:
    if isinstance(value, SecretStr):
        return "…" if value.get_secret_value() else ""
    return ",".join(map(str, value)) if isinstance(value, tuple) else redact(str(value))
