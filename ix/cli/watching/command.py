"""`ix watch`: documents that arrive in a folder, a mailbox or a bucket become jobs."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import NoReturn

from ix.cli import passwords, service, submit, tags
from ix.cli.output import positive, risk
from ix.cli.watching.ledger import Ledger
from ix.cli.watching.sources import source
from ix.cli.watching.watcher import Watcher, asked
from ix.errors import IxError

ONCE_SECONDS = 1.0
"""Between two looks of `--once`."""
LEDGER = Path("ix", "watch.sqlite")
"""Where the ledger is in the folder of the user's state (XDG base directory specification)."""


def declare(command: argparse.ArgumentParser) -> None:
    """Declares what `ix watch` takes."""
    add = command.add_argument
    add("source", metavar="SOURCE", help="a folder, imaps://user@host/INBOX or s3://bucket/prefix")
    add("--use-case", metavar="NAME", help="what to find (default: auto, which finds that out)")
    add("--configuration", metavar="NAME", help="a saved one, or name@version; what is said here counts before it")
    add("--options", default="{}", metavar="JSON", help="options of the use case, such as custom's schema")
    add("--split", action="store_true", help="make a job of each document where a file is a stack of several")
    add("--risk", type=risk, metavar="SHARE", help="at most this share of wrong values may pass unmarked, such as 0.02")
    add("--into", type=Path, metavar="FOLDER", help="write each answer there as JSON, once there is one")
    add("--done", type=Path, metavar="FOLDER", help="move files there that were handed over")
    add("--once", action="store_true", help="end when all that is there is handed over, and answered with --into")
    add("--every", type=positive, metavar="SECONDS", help="between two looks (default 2; a bucket 10, a mailbox 30)")
    add("--ledger", type=Path, metavar="FILE", help=f"what was handed over (default: ~/.local/state/{LEDGER})")
    add("--password-file", type=Path, metavar="FILE", help="a file whose first line is the password of a mailbox")
    add("--priority", type=int, default=0, metavar="N", help="-100 to 100; higher runs sooner (default 0)")
    tags.add_option(command)
    add("--callback-url", metavar="URL", help="is told of each job that has ended")
    add("--client-id", metavar="ID", help="whose jobs they are (default: the key's client, or `cli`)")
    service.add_options(command)
    command.set_defaults(run=_run, ask_password=False)


def _run(parsed: argparse.Namespace) -> int:
    """Without an end, or with `--once` exit code 0, and 1 where something could not be handed over."""
    named = {"split": parsed.split or None, "risk": parsed.risk}
    parsed.asked_options = submit.options(parsed.options) | {
        name: one for name, one in named.items() if one is not None
    }
    if not (parsed.use_case or parsed.configuration):
        parsed.use_case = "auto"
    parsed.service = service.address(parsed)
    if parsed.into and not parsed.into.is_dir():
        raise IxError(f"--into: {parsed.into} is not a folder")
    place = source(parsed.source, passwords.given(parsed), parsed.done)
    ledger = Ledger(parsed.ledger or _state() / LEDGER, place.name, asked(parsed))
    with service.client(parsed, service.client_id(parsed)) as client, ledger:
        watcher = Watcher(parsed, client, place, ledger)
        return _once(watcher) if parsed.once else _for_ever(watcher, parsed.every or place.every)


def _once(watcher: Watcher) -> int:
    # a second look at the least: files of a folder count once two saw them the same
    watcher.look()
    while not watcher.troubles:
        time.sleep(ONCE_SECONDS)
        if watcher.look():
            break
    return 1 if watcher.troubles or watcher.refused else 0


def _for_ever(watcher: Watcher, seconds: float) -> NoReturn:
    while True:
        watcher.look()
        time.sleep(seconds)


def _state() -> Path:
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
