"""`ix use-cases`: what can be asked for, over HTTP."""

from __future__ import annotations

import argparse

from ix.cli import service, show
from ix.cli.output import emit
from ix.use_cases import UseCaseInfo


def declare(command: argparse.ArgumentParser) -> None:
    service.add_options(command)
    command.set_defaults(run=_list)


def _list(parsed: argparse.Namespace) -> int:
    with service.client(parsed) as client:
        found = client.use_cases()
    rows = [("use case", "attempts", "seconds", "what it does")]
    rows += [(one.name, str(one.max_attempts), f"{one.timeout:g}", _what(one)) for one in found]
    emit(parsed, found, "\n".join(show.columns(rows, widest=100, indent="")))
    return 0


def _what(one: UseCaseInfo) -> str:
    return f"(paused) {one.description}" if one.paused else one.description
