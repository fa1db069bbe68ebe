"""`ix up`: an embedded PostgreSQL unless one is named, migrations, and the Procfile's processes under one
supervisor."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from typing import NoReturn

from honcho.manager import Manager

from ix.cli.database import migrated_database
from ix.config import Settings

PROCESSES = {"web": "web", "engine": "engine"}
"""What the Procfile starts: a name, and the `ix` command that it runs."""


def manager(url: str, **settings: str) -> Manager:
    """The processes, ready for `loop()`; `settings` are further IX_* variables for them."""
    processes = Manager()
    env = {**os.environ, "IX_POSTGRES_URL": url, "PYTHONUNBUFFERED": "1", **settings}
    for name, command in PROCESSES.items():
        processes.add_process(name, f'exec "{sys.executable}" -m ix {command}', env=env)
    return processes


def declare(command: argparse.ArgumentParser) -> None:
    """Declares the command."""
    command.set_defaults(run=lambda parsed: up(Settings.from_env()))


def up(settings: Settings) -> int:
    """Runs everything; returns the exit code of the process that ended first. Raises `IxError` where the database
    cannot be used."""
    signal.signal(signal.SIGTERM, _exit)
    with migrated_database(settings) as url:
        shown = f"http://{settings.host}:{settings.port}"
        print(
            f"ix up: {shown}  (stop with Ctrl-C)\n  ix submit FILE --use-case receipt --wait --url {shown}",
            file=sys.stderr,
        )
        processes = manager(url)
        processes.loop()
        return int(processes.returncode or 0)


def _exit(number: int, frame: object) -> NoReturn:
    # by an exception, so that a SIGTERM before the processes run does not leave the embedded PostgreSQL behind
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)
