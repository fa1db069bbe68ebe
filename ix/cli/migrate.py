"""`ix migrate`: the database's tables, brought up to date by dbmate."""

from __future__ import annotations

import argparse
import re

from ix.cli.database import run_migrations, set_up
from ix.cli.output import add_json, emit
from ix.config import Settings
from ix.database.connect import direct_url, require_url


def declare(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "action",
        nargs="?",
        default="up",
        choices=["up", "down", "status"],
        help="up (default) applies what is pending; down takes back the last one, and its data; status lists them all",
    )
    add_json(command)
    command.set_defaults(run=_run)


def _run(parsed: argparse.Namespace) -> int:
    settings = Settings.from_env()
    # the embedded database needs no command: whatever starts it migrates it
    require_url(settings)
    url = direct_url(settings)
    said = set_up(settings, url) if parsed.action == "up" else run_migrations(url, parsed.action)
    emit(parsed, facts(said, parsed.action), said or "nothing to apply")
    return 0


def facts(said: str, action: str) -> dict[str, list[str]]:
    """The migrations in dbmate's words: `applied` and `pending` of a status, `applied` by an up, `rolled_back` by a
    down."""
    if action == "status":
        return {
            "applied": re.findall(r"^\[X\] (\S+)", said, re.MULTILINE),
            "pending": re.findall(r"^\[ \] (\S+)", said, re.MULTILINE),
        }
    if action == "down":
        return {"rolled_back": re.findall(r"^Rolled back: (\S+)", said, re.MULTILINE)}
    return {"applied": re.findall(r"^Applied: (\S+)", said, re.MULTILINE)}
