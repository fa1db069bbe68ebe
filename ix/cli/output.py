"""What commands print: text for people, JSON for programs where `--json` asks for it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from pydantic_core import to_json

from ix.errors import IxError


def add_json(command: argparse.ArgumentParser) -> None:
    """Adds `--json`, which `emit` and `emit_line` look at."""
    command.add_argument("--json", action="store_true", help="print JSON")


def emit(parsed: argparse.Namespace, value: Any, text: str) -> None:
    """Prints `value` as an indented JSON document, or `text`."""
    print(to_json(value, indent=2).decode() if parsed.json else text)


def emit_line(parsed: argparse.Namespace, value: Any, text: str) -> None:
    """Prints `value` as JSON on one line, for commands that print one after another, or `text`."""
    # at once: whoever reads it through a pipe may act on it while the command goes on
    print(to_json(value).decode() if parsed.json else text, flush=True)


def say(text: str) -> None:
    """Prints text for people, whatever else a command may print as JSON."""
    print(text)


def remark(text: str) -> None:
    """Prints a line for people to standard error, where it does not mix with what a program reads."""
    print(text, file=sys.stderr)


@contextmanager
def whole(path: Path, option: str = "") -> Iterator[BinaryIO]:
    """A file that is there once it is whole: one that breaks off leaves what was there before. Raises `IxError` that
    names the `option` which led there."""
    # beside it, so that it can take its place in one step
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(path)
    except OSError as error:
        raise IxError(f"{option}{path} cannot be written ({error.strerror})") from None
    finally:
        part.unlink(missing_ok=True)


def positive(text: str) -> int:
    """A number above 0, for argparse. Raises `ArgumentTypeError`."""
    # isdigit would let '²' pass, which int refuses
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return int(text)


def risk(text: str) -> float:
    """A share of wrong values that somebody takes into account, for argparse. Raises `ArgumentTypeError`."""
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    # not a number is in no order
    if not 0 < share <= 0.5:
        raise argparse.ArgumentTypeError(f"{text!r} is not such as 0.02: above 0, and 0.5 at the most")
    return share
