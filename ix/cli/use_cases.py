"""`ix use-cases`: what can be asked for, over HTTP."""

from __future__ import annotations

import argparse

from ix.cli import service, show
from ix.cli.output import emit


def declare(command: argparse.ArgumentParser) -> None:
    service.add_options(command)
    command.set_defaults(run=_list)


def _list(parsed: argparse.Namespace) -> int:
    with service.client(parsed) as client:
        found = client.use_cases()
    rows = [("use case", "attempts", "seconds", "what it does")]
    rows += [(one.name, str(one.max_attempts), f"{one.timeout:g}", one.description) for one in found]
    emit(parsed, found, "\n".join(show.columns(rows, widest=100, indent="")))
    return 0
