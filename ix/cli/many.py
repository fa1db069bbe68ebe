"""`--where` of `ix retry`, `ix cancel` and `ix erase`: all jobs that match, over HTTP."""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Mapping

from ix.cli.output import emit_line, positive
from ix.cli.status_line import StatusLine, bar
from ix.client import Action, Client
from ix.client.operations import Act
from ix.errors import IxError

MOST_COUNTED = 10_000
"""More jobs that match are not counted."""
PAGE = 200
LOOK_SECONDS = 0.5
"""Between two looks how far the action is."""


def add_options(command: argparse.ArgumentParser) -> None:
    """Adds `--where` and `--expect` to a command."""
    command.add_argument(
        "--where",
        action="append",
        type=_filter,
        metavar="NAME=VALUE",
        help="all jobs that match, instead of ids, by what `GET /jobs` can be asked for: status=error use_case=receipt",
    )
    command.add_argument(
        "--expect",
        type=positive,
        metavar="N",
        help="how many jobs are expected to match, to a tenth; without, they are counted and left as they are",
    )


def act(parsed: argparse.Namespace, client: Client, action: Act) -> int:
    """Does it to all that match, and waits until it is done. Exit code 1 where jobs were left as they were. Raises
    `IxError` with their number where nothing is expected."""
    where = _filters(parsed)
    if parsed.expect is None:
        count = sum(1 for _ in itertools.islice(client.jobs(**where, limit=PAGE), MOST_COUNTED))
        many = f"{count} jobs match" if count < MOST_COUNTED else f"{count} jobs or more match"
        raise IxError(f"{many}; to {action} them say so: --expect {count}" if count else "no job matches")
    done = _awaited(client, client.act(action, where=where, expect=parsed.expect))
    why = ", ".join(f"{reason} {count}" for reason, count in sorted(done.reasons.items()))
    left = f", {done.failed} left as they were: {why}" if done.failed else ""
    emit_line(parsed, done, f"{done.id}  {done.action}  {done.done} done{left}")
    return 1 if done.failed else 0


def _awaited(client: Client, action: Action) -> Action:
    with StatusLine() as line:
        while action.state != "done":
            line.draw(bar(action.done + action.failed, action.of))
            time.sleep(LOOK_SECONDS)
            action = client.action(action.id)
    return action


def _filters(parsed: argparse.Namespace) -> Mapping[str, str]:
    names = [name for name, _ in parsed.where]
    if twice := [name for name in names if names.count(name) > 1]:
        raise IxError(f"--where: {twice[0]} is there twice")
    return dict(parsed.where)


def _filter(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    if not name.isidentifier() or not value:
        raise argparse.ArgumentTypeError(f"{text!r} is not such as status=error")
    return name, value
