"""`ix secret`: the secrets that sign a client's callbacks."""

from __future__ import annotations

import argparse
from functools import partial

from ix.callbacks import new_secret
from ix.cli.database import with_database
from ix.cli.output import add_json, emit
from ix.database import Database

OVERLAP_SECONDS = 86_400.0
"""How long an older secret stays valid beside a new one, so that receivers can change over."""


def declare(command: argparse.ArgumentParser) -> None:
    command.add_argument("client_id", metavar="CLIENT", help="whose callbacks it signs: the client_id of its jobs")
    add_json(command)
    command.set_defaults(run=_run)


def _run(parsed: argparse.Namespace) -> int:
    secret = with_database(partial(_made, client_id=parsed.client_id))
    emit(parsed, {"client_id": parsed.client_id, "secret": secret}, secret)
    return 0


async def _made(database: Database, client_id: str) -> str:
    """Makes a secret, stores it and returns it as receivers write it (`whsec_…`)."""
    key, written = new_secret()
    await database.deliveries.add_secret(client_id, key, OVERLAP_SECONDS)
    return written
