"""`ix roles`: accounts of the database that can do no more than web or engine need."""

from __future__ import annotations

import argparse
import asyncio

from ix.cli.database import migrated_database, unreachable
from ix.cli.output import add_json, emit
from ix.config import Settings
from ix.database.connect import DATABASE_ERRORS
from ix.database.migrate import set_up_roles
from ix.database.roles import ROLES

NEXT = """\
ix_web and ix_engine have their rights, and every `ix migrate` renews them. Give each process an account in its group:
  CREATE ROLE web LOGIN PASSWORD '…' IN ROLE ix_web;
  CREATE ROLE engine LOGIN PASSWORD '…' IN ROLE ix_engine;
and name that account in the process's IX_POSTGRES_URL."""


def declare(command: argparse.ArgumentParser) -> None:
    add_json(command)
    command.set_defaults(run=_run)


def _run(parsed: argparse.Namespace) -> int:
    with migrated_database(Settings.from_env()) as url:
        made = _set_up(url)
    emit(parsed, {"roles": ROLES, "made": made}, NEXT)
    return 0


def _set_up(url: str) -> list[str]:
    try:
        return asyncio.run(set_up_roles(url))
    except DATABASE_ERRORS as error:
        raise unreachable(error) from None
