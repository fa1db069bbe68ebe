"""The command `ix`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ix import events
from ix.config import Settings
from ix.db import require_url
from ix.errors import IxError

if TYPE_CHECKING:
    _Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one command; an error of ix is one line that says what to do, and exit code 1."""
    parsed = _parser().parse_args(arguments)
    try:
        events.configure(Settings.from_env().log_level)
        sys.exit(parsed.run(parsed))
    except IxError as error:
        print(f"ix: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ix", description="Turns documents into sourced JSON. Settings are IX_* environment variables.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _command(commands, "up", _up, "everything on one machine: database, migrations, web and engine")
    _command(commands, "web", _web, "the HTTP service")
    _command(commands, "engine", _engine, "runs jobs")
    migrate = _command(commands, "migrate", _migrate, "applies the migrations with dbmate")
    migrate.add_argument("action", nargs="?", default="up", choices=["up", "down", "status"])
    _command(commands, "settings", _settings, "every setting with the value in force, as an environment file")
    submit = _command(commands, "submit", _submit, "submits documents as one job and prints its answer")
    submit.add_argument("files", nargs="+", type=Path, metavar="FILE")
    submit.add_argument("--use-case", required=True, metavar="NAME")
    submit.add_argument("--wait", action="store_true", help="wait for the answer and print it with its evidence")
    submit.add_argument("--json", action="store_true", help="print the envelope as JSON")
    submit.add_argument("--url", default="http://127.0.0.1:8080", help="address of the web process (default %(default)s)")
    submit.add_argument("--client-id", default="cli", metavar="ID")
    submit.add_argument("--request-id", metavar="ID", help="default: made from the files' content, so that a repeat finds the same job")
    submit.add_argument("--options", default="{}", metavar="JSON", help="options of the use case")
    submit.add_argument("--pictures", type=Path, metavar="FOLDER", help="with --wait: write the pages with the evidence drawn on them")
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, run: object, summary: str
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=summary, description=summary)
    command.set_defaults(run=run)
    return command


def _up(parsed: argparse.Namespace) -> int:
    from ix.cli.up import up

    return up(Settings.from_env())


def _web(parsed: argparse.Namespace) -> int:
    from ix.api.app import create_app
    from ix.api.server import serve

    settings = Settings.from_env()
    require_url(settings)
    serve(create_app(settings=settings), settings)
    return 0


def _engine(parsed: argparse.Namespace) -> int:
    from ix.engine.process import serve

    settings = Settings.from_env()
    require_url(settings)
    serve(settings)
    return 0


def _migrate(parsed: argparse.Namespace) -> int:
    from ix.cli.up import migrated

    settings = Settings.from_env()
    require_url(settings)
    print(migrated(settings.postgres_url, parsed.action) or "nothing to apply")
    return 0


def _settings(parsed: argparse.Namespace) -> int:
    from ix.cli.settings import lines

    print("\n".join(lines(Settings.from_env())))
    return 0


def _submit(parsed: argparse.Namespace) -> int:
    from ix.cli.submit import submit

    return submit(parsed)
