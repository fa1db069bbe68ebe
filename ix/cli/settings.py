"""`ix settings`: every setting with the value in force, in the form of an environment file."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from pydantic import SecretStr

from ix.cli.output import add_json, emit
from ix.config import Settings, variable
from ix.config.reading import source_of
from ix.telemetry.log import redact


def declare(command: argparse.ArgumentParser) -> None:
    add_json(command)
    command.set_defaults(run=_run)


def _run(parsed: argparse.Namespace) -> int:
    settings = Settings.from_env()
    emit(parsed, values(settings), "\n".join(lines(settings)))
    return 0


def lines(settings: Settings) -> Iterator[str]:
    """For each setting a comment that describes it, and its assignment; what is at its default is commented out, and
    what comes from a file stands below the assignment of that. Secrets are not shown."""
    for name, field in Settings.model_fields.items():
        value, file = getattr(settings, name), source_of(name)
        yield f"# {field.description}"
        if file:
            yield f"{variable(name)}_FILE={file}"
        yield f"{'#' if file or value == field.default else ''}{variable(name)}={_shown(value)}"


def values(settings: Settings) -> dict[str, Any]:
    """Every variable with its value in force, and the files that some come from; secrets are not shown."""
    shown = {variable(name): _plain(getattr(settings, name)) for name in Settings.model_fields}
    files = {f"{variable(name)}_FILE": source_of(name) for name in Settings.model_fields}
    return shown | {name: file for name, file in files.items() if file}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [str(one) for one in value]
    # a bool is an int to Python, and stays a bool in JSON
    return value if isinstance(value, (int, float)) else _shown(value)


def _shown(value: Any) -> str:
    if isinstance(value, SecretStr):
        return "…" if value.get_secret_value() else ""
    # an address may hold a password, though its setting is no secret as a whole
    return ",".join(map(str, value)) if isinstance(value, tuple) else redact(str(value))
