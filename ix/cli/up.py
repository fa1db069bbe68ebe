"""`ix up`: an embedded PostgreSQL unless one is named, migrations, and the Procfile's processes under one
supervisor."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn, TextIO

from ix.cli.database import migrated_database
from ix.cli.output import remark
from ix.config import Settings

if TYPE_CHECKING:
    from honcho.manager import Manager

PROCESSES = {"web": "web", "engine": "engine"}
"""What the Procfile starts: a name, and the `ix` command that it runs."""


def _add_processes(manager: Manager, url: str, named: str) -> None:
    # unbuffered: honcho reads pipes, into which Python writes in blocks
    env = {**os.environ, "PYTHONUNBUFFERED": "1"}
    # an address that is named comes to the processes as it came here, which may be by a file
    if url != named:
        env["IX_POSTGRES_URL"] = url
    for name, command in PROCESSES.items():
        # exec: honcho signals the whole group, and the exit code would be that of a shell which the signal ended
        manager.add_process(name, f'exec "{sys.executable}" -m ix {command}', env=env)


def declare(command: argparse.ArgumentParser) -> None:
    command.set_defaults(run=lambda parsed: up(Settings.from_env()))


def up(settings: Settings) -> int:
    """Runs everything; returns the exit code of the process that ended first. Raises `IxError` where the database
    cannot be used."""
    # here, since `ix web` and others run without honcho
    from honcho.manager import Manager
    from honcho.printer import Printer

    output = _Output(sys.stdout)
    manager = Manager(Printer(output))
    signal.signal(signal.SIGTERM, _exit)
    with migrated_database(settings) as url:
        shown = settings.own_address
        remark(f"ix up: {shown}  (stop with Ctrl-C)\n  ix submit FILE --use-case receipt --wait --url {shown}")
        _add_processes(manager, url, settings.postgres_url)
        manager.loop()
        # 128 and the number of SIGPIPE, as of any command whose reader has gone
        return 141 if output.is_gone else int(manager.returncode or 0)


class _Output:
    """Where the processes' lines go. When nobody reads them any more, everything is brought to an orderly end: an error
    raised here would leave the processes behind."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.isatty = stream.isatty
        self.is_gone = False

    def write(self, text: str) -> None:
        self._do(lambda: self._stream.write(text))

    def flush(self) -> None:
        self._do(self._stream.flush)

    def _do(self, act: Callable[[], object]) -> None:
        try:
            if not self.is_gone:
                act()
        except BrokenPipeError:
            self.is_gone = True
            # honcho answers it by ending the processes, and waits for them
            signal.raise_signal(signal.SIGTERM)


def _exit(number: int, frame: object) -> NoReturn:
    # by an exception, so that a SIGTERM before the processes run does not leave the embedded PostgreSQL behind
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)
