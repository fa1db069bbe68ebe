"""The command line, from its parsers.

ix cancel IX_ID...
ix submit --wait [SECONDS]"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Iterator

from ix import cli


def facts() -> Iterator[str]:
    """Every command with its arguments."""
    for name, (declaration, *_) in cli.COMMANDS.items():
        module, _, function = declaration.rpartition(".")
        parser = argparse.ArgumentParser(prog=f"ix {name}")
        getattr(importlib.import_module(f"ix.cli.{module}"), function)(parser)
        yield from _command(f"ix {name}", parser)


def _command(command: str, parser: argparse.ArgumentParser) -> Iterator[str]:
    yield command
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                yield from _command(f"{command} {name}", inner)
        elif not isinstance(action, argparse._HelpAction):
            yield f"{command} {_argument(action)}"


def _argument(action: argparse.Action) -> str:
    names = ", ".join(action.option_strings)
    choices = f" of {', '.join(map(str, action.choices))}" if action.choices else ""
    default = "" if action.default in (None, False, argparse.SUPPRESS) else f", {action.default!r} unless given"
    required = ", required" if action.option_strings and action.required else ""
    return " ".join(filter(None, (names, _value(action)))) + choices + default + required


def _value(action: argparse.Action) -> str:
    if action.nargs == 0:
        return ""
    name = str(action.metavar or action.dest.upper())
    repeated = isinstance(action, argparse._AppendAction)
    return {"?": f"[{name}]", "*": f"[{name}...]", "+": f"{name}..."}.get(
        str(action.nargs), f"{name} (again and again)" if repeated else name
    )
