"""Reference pages, made out of the code."""

from __future__ import annotations

import argparse
import importlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ix import use_cases
from ix.api.app import ROUTES
from ix.api.openapi.document import TAGS, document
from ix.cli import COMMANDS
from ix.config import Settings, variable
from ix.fields import Field, fields_of
from ix.use_cases import UseCase


def pages() -> Mapping[str, str]:
    """Each page by its name, in Markdown."""
    known = use_cases.load("", drill=False)
    return {
        "commands": "\n".join(_commands()),
        "http": "\n".join(_http(known)),
        "settings": "\n".join(_settings()),
        "use-cases": "\n".join(_use_cases(known)),
    }


def _settings() -> Iterator[str]:
    yield "# Settings\n"
    yield "Every setting is an environment variable; with `_FILE` behind its name it names a file that holds the value."
    yield "`ix settings` prints them with what is in force.\n"
    rows = [
        (f"`{variable(name)}`", f"`{_default(field.default)}`" if field.default != "" else "", field.description or "")
        for name, field in Settings.model_fields.items()
    ]
    yield from _table(("variable", "default", "what it is"), rows)


def _default(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value).lower() if isinstance(value, bool) else str(value)


def _http(known: Mapping[str, UseCase]) -> Iterator[str]:
    described = document(ROUTES, "http://127.0.0.1:8080", known)
    yield "# HTTP\n"
    yield "A service serves this as OpenAPI 3.1 at `/openapi.json`, and as a page with examples at `/docs`.\n"
    for tag, about in TAGS.items():
        rows = list(_calls(described, tag))
        if rows:
            yield f"## {tag.capitalize()}\n\n{about}\n"
            yield from _table(("call", "what it does", "right", "answers"), rows)


def _calls(described: Mapping[str, Any], tag: str) -> Iterator[Sequence[str]]:
    for path, methods in described["paths"].items():
        for method, call in methods.items():
            if tag in call["tags"]:
                rights = [right for one in call.get("security", ()) for right in one.get("key", ())]
                answers = ", ".join(sorted(call["responses"]))
                yield f"`{method.upper()} {path}`", call["summary"], ", ".join(rights), answers


def _commands() -> Iterator[str]:
    yield "# Commands\n"
    yield "The command is `ix`; `ix COMMAND --help` says what stands here.\n"
    for name, command in COMMANDS.items():
        parser = argparse.ArgumentParser(prog=f"ix {name}", formatter_class=_Plain, add_help=False)
        module, _, function = command.declare.rpartition(".")
        getattr(importlib.import_module(f"ix.cli.{module}"), function)(parser)
        extra = f" Needs the extra `{command.extra}`." if command.extra else ""
        yield f"## ix {name}\n\n{command.summary[0].upper()}{command.summary[1:]}.{extra}\n"
        yield f"```text\n{parser.format_help().rstrip()}\n```\n"


class _Plain(argparse.HelpFormatter):
    """Help of one width, whatever terminal there is."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=100, max_help_position=32)


def _use_cases(known: Mapping[str, UseCase]) -> Iterator[str]:
    yield "# Use cases\n"
    yield "What a submission's `use_case` may say. Of a list the fields are those of a row.\n"
    for name, use_case in known.items():
        yield f"## {name}\n\n{use_case.description}.\n"
        if use_case.result is not None:
            rows = list(_fields(fields_of(use_case.result.model_json_schema())))
            yield from _table(("field", "kind", "what it is"), rows)
        options = use_case.request.model_json_schema().get("properties", {})
        if options:
            yield from _table(("option", "default", "what it is"), [_option(*one) for one in options.items()])


def _fields(fields: Sequence[Field]) -> Iterator[Sequence[str]]:
    for field in fields:
        yield f"`{field.path}`", field.kind, field.description or ""
        yield from _fields(field.fields)


def _option(name: str, schema: Mapping[str, Any]) -> Sequence[str]:
    default = schema.get("default")
    return f"`{name}`", "" if default is None else f"`{json.dumps(default)}`", schema.get("description", "")


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    # a bar would begin another cell
    yield from (f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |" for row in rows)
    yield ""
