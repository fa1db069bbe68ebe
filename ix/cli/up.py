"""`ix up`: an embedded PostgreSQL unless one is named, migrations, and the Procfile's processes under one
supervisor."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import asyncpg

from ix.config import Settings
from ix.database.connect import TRANSIENT, direct_url
from ix.database.embedded import LocalPostgres, home_folder
from ix.database.migrate import migrate
from ix.errors import IxError
from ix.telemetry.log import describe

if TYPE_CHECKING:
    from honcho.manager import Manager

PROCESSES = {"web": "web", "engine": "engine"}
"""What the Procfile starts: a name, and the `ix` command that it runs."""


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The address of a migrated database: the one that is named, else an embedded one, stopped at the end if this call
    started it."""
    if settings.postgres_url:
        migrated(direct_url(settings))
        yield settings.postgres_url
        return
    local = LocalPostgres(home_folder(settings.home))
    try:
        url = local.start()
        migrated(url)
        yield url
    finally:
        local.stop()


def migrated(url: str, action: str = "up") -> str:
    """What dbmate said. Raises `IxError` that tells what to do where the database cannot be reached."""
    try:
        return asyncio.run(migrate(url, action))
    except (*TRANSIENT, asyncpg.PostgresError, ValueError) as error:
        raise unreachable(error) from None


def unreachable(error: BaseException) -> IxError:
    """A database that does not answer, or not this account, in words that tell what to do."""
    if isinstance(error, asyncpg.InsufficientPrivilegeError):
        return IxError(
            f"IX_POSTGRES_URL: the account lacks a right ({describe(error)}); use the one that owns the tables"
        )
    return IxError(
        f"IX_POSTGRES_URL: the database does not answer ({describe(error)}); is it running, and is the address right?"
    )


def _add_processes(manager: Manager, url: str) -> None:
    env = {**os.environ, "IX_POSTGRES_URL": url, "PYTHONUNBUFFERED": "1"}
    for name, command in PROCESSES.items():
        manager.add_process(name, f'exec "{sys.executable}" -m ix {command}', env=env)


def declare(command: argparse.ArgumentParser) -> None:
    command.set_defaults(run=lambda parsed: up(Settings.from_env()))


def up(settings: Settings) -> int:
    """Runs everything; returns the exit code of the process that ended first."""
    from honcho.manager import Manager  # here, since `ix keys` and others use this module without honcho

    manager = Manager()
    signal.signal(signal.SIGTERM, _end)
    with database(settings) as url:
        shown = f"http://{settings.host}:{settings.port}"
        print(
            f"ix up: {shown}  (stop with Ctrl-C)\n  ix submit FILE --use-case receipt --wait --url {shown}",
            file=sys.stderr,
        )
        _add_processes(manager, url)
        manager.loop()
        return int(manager.returncode or 0)


def _end(number: int, frame: object) -> NoReturn:
    """SIGTERM before the processes run: the embedded PostgreSQL must not be left behind."""
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)
