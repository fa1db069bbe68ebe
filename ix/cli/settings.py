"""`ix settings`: every setting with the value in force, in the form of an environment file."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from ix.cli.output import add_json, emit
from ix.config import Settings, variable
from ix.config.reading import source_of
from ix.telemetry.settings import text, values


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
        yield f"{'#' if file or value == field.default else ''}{variable(name)}={text(value)}"
