"""`ix up`: an embedded PostgreSQL unless one is named, migrations, and the Procfile's processes under one
supervisor."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

from ix.cli.database import migrated_database
from ix.cli.output import remark
from ix.config import Settings

if TYPE_CHECKING:
    from honcho.manager import Manager

PROCESSES = {"web": "web", "engine": "engine"}
"""What the Procfile starts: a name, and the `ix` command that it runs."""


def _add_processes(manager: Manager, url: str) -> None:
    # unbuffered: honcho reads pipes, into which Python writes in blocks
    env = {**os.environ, "IX_POSTGRES_URL": url, "PYTHONUNBUFFERED": "1"}
    for name, command in PROCESSES.items():
        # exec: honcho signals the whole group, and the exit code would be that of a shell which the signal ended
        manager.add_process(name, f'exec "{sys.executable}" -m ix {command}', env=env)


def declare(command: argparse.ArgumentParser) -> None:
    command.set_defaults(run=lambda parsed: up(Settings.from_env()))


def up(settings: Settings) -> int:
    """Runs everything; returns the exit code of the process that ended first. Raises `IxError` where the database
    cannot be used."""
    from honcho.manager import Manager  # here, since `ix web` and others run without honcho

    manager = Manager()
    signal.signal(signal.SIGTERM, _exit)
    with migrated_database(settings) as url:
        shown = f"http://{settings.host}:{settings.port}"
        remark(f"ix up: {shown}  (stop with Ctrl-C)\n  ix submit FILE --use-case receipt --wait --url {shown}")
        _add_processes(manager, url)
        manager.loop()
        return int(manager.returncode or 0)


def _exit(number: int, frame: object) -> NoReturn:
    # by an exception, so that a SIGTERM before the processes run does not leave the embedded PostgreSQL behind
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)
