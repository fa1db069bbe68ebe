"""Settings as they may be shown: their values in force, without what is secret in them."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr

from ix.config import Settings, variable
from ix.config.reading import source_of
from ix.telemetry.log import redact


def values(settings: Settings) -> dict[str, Any]:
    """Every variable with its value in force, and the files that some come from; secrets are not shown."""
    given = {variable(name): plain(getattr(settings, name)) for name in Settings.model_fields}
    files = {f"{variable(name)}_FILE": source_of(name) for name in Settings.model_fields}
    return given | {name: file for name, file in files.items() if file}


def plain(value: Any) -> Any:
    """A value as JSON may have it; what is neither number nor list as text."""
    if isinstance(value, tuple):
        return [str(one) for one in value]
    # a bool is an int to Python, and stays a bool in JSON
    return value if isinstance(value, (int, float)) else text(value)


def text(value: Any) -> str:
    """A value as an environment file may have it; of a secret no more than that there is one."""
    if isinstance(value, SecretStr):
        return "…" if value.get_secret_value() else ""
    # an address may hold a password, though its setting is no secret as a whole
    return ",".join(map(str, value)) if isinstance(value, tuple) else redact(str(value))
