"""`ix pause` and `ix resume`: use cases stand still, and go on, over HTTP."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from ix.cli import service
from ix.cli.output import emit_line, remark
from ix.client import Client, NotFound


def declare_pause(command: argparse.ArgumentParser) -> None:
    _for_each(command, Client.pause, "paused")


def declare_resume(command: argparse.ArgumentParser) -> None:
    _for_each(command, Client.resume, "goes on")


def _for_each(command: argparse.ArgumentParser, act: Callable[[Client, str], None], becomes: str) -> None:
    command.add_argument("use_cases", nargs="+", metavar="NAME", help="a use case, as `ix use-cases` lists it")
    service.add_options(command)

    def run(parsed: argparse.Namespace) -> int:
        with service.client(parsed) as client:
            # a list, so that one which fails keeps no other from its turn
            return max([_act(parsed, client, name) for name in parsed.use_cases])

    def _act(parsed: argparse.Namespace, client: Client, name: str) -> int:
        try:
            act(client, name)
        except NotFound:
            remark(f"ix: there is no use case {name}; `ix use-cases` lists them")
            return 1
        emit_line(parsed, {"use_case": name, "paused": becomes == "paused"}, f"{name}  {becomes}")
        return 0

    command.set_defaults(run=run)
