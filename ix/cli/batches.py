"""`ix batch`: many jobs that one call tells of when all have ended, over HTTP."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

from ix.cli import service
from ix.cli.output import emit
from ix.client import Client, NotFound
from ix.errors import IxError
from ix.job import Batch, BatchStatus

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
"""Seconds between two looks of `--wait`; each further pause is half as long again."""


def declare(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(required=True, metavar="ACTION")
    opening = _action(actions, "open", _open, "declares a batch, for `ix submit --batch NAME`")
    opening.add_argument("--callback-url", metavar="URL", help="is told once, when all of its jobs have ended")
    closing = _action(actions, "close", Client.close_batch, "says that no more jobs come")
    showing = _action(actions, "show", Client.batch, "says how many jobs it has by state")
    for one in (closing, showing):
        one.add_argument("--wait", action="store_true", help="wait until all of its jobs have ended")
    _action(actions, "cancel", _cancel, "closes it, and cancels its jobs that have not ended")


def _action(
    actions: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    act: Callable[..., Batch],
    summary: str,
) -> argparse.ArgumentParser:
    action = actions.add_parser(name, help=summary, description=summary)
    action.add_argument("batch_id", metavar="NAME", help="your own name for the batch")
    action.add_argument("--client-id", metavar="ID", help="whose it is (default: the key's client, or `cli`)")
    service.add_options(action)
    action.set_defaults(run=lambda parsed: _run(parsed, act), act=name, wait=False)
    return action


def _run(parsed: argparse.Namespace, act: Callable[..., Batch]) -> int:
    more = {"callback_url": parsed.callback_url} if parsed.act == "open" else {}
    with service.client(parsed, service.client_id(parsed)) as client:
        try:
            batch = act(client, parsed.batch_id, **more)
            pause = FIRST_PAUSE
            while parsed.wait and batch.status is not BatchStatus.ENDED:
                time.sleep(pause)
                pause = min(pause * 1.5, LONGEST_PAUSE)
                batch = client.batch(parsed.batch_id)
        except NotFound:
            raise IxError(f"there is no batch {parsed.batch_id}; `ix batch open` declares one") from None
    emit(parsed, batch, _line(batch))
    return 0


def _open(client: Client, batch_id: str, callback_url: str | None) -> Batch:
    return client.declare_batch(batch_id, callback_url)


def _cancel(client: Client, batch_id: str) -> Batch:
    client.cancel_batch(batch_id)
    return client.batch(batch_id)


def _line(batch: Batch) -> str:
    more = " or more" if batch.jobs.at_least else ""
    counts = ", ".join(f"{number} {status}" for status, number in sorted(batch.jobs.status.items()))
    told = f"  callback {batch.callback_status}" if batch.callback_status else ""
    return f"batch {batch.batch_id}  {batch.status}  {batch.jobs.total}{more} jobs{': ' * bool(counts)}{counts}{told}"
