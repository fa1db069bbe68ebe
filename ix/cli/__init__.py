"""The command `ix`."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ix import events
from ix.config import Settings
from ix.db import require_url
from ix.errors import IxError
from ix.job import Status

DEFAULT_URL = "http://127.0.0.1:8080"

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
    secret = _command(commands, "secret", _secret, "makes a secret that signs a client's callbacks; older ones stay valid for a day")
    secret.add_argument("client_id", metavar="CLIENT")
    _command(commands, "settings", _settings, "every setting with the value in force, as an environment file")
    _key_commands(commands)
    _client_commands(commands)
    return parser


def _key_commands(commands: _Commands) -> None:
    keys = commands.add_parser("keys", help="who may call: once a key exists, every call needs one", description="Makes and revokes keys.")
    actions = keys.add_subparsers(required=True, metavar="ACTION")
    add = _imported(actions, "add", "keys.add", "makes a client's key, or an admin's, and prints it: it cannot be had again")
    add.add_argument("client_id", nargs="?", metavar="CLIENT", help="the client whose jobs the key may make and see")
    add.add_argument("--admin", action="store_true", help="a key that sees and acts for all clients")
    _imported(actions, "list", "keys.list_keys", "every key's id, client and dates")
    revoke = _imported(actions, "revoke", "keys.revoke", "makes keys worthless within seconds")
    revoke.add_argument("key_ids", nargs="+", metavar="KEY_ID", help="the 12 digits between the first two underscores of the key")


def _client_commands(commands: _Commands) -> None:
    submit = _over_http(commands, "submit", "submit.submit", "submits documents as one job and prints its answer")
    submit.add_argument("files", nargs="+", metavar="FILE", help="a file, or a pattern in quotes")
    submit.add_argument("--use-case", required=True, metavar="NAME")
    submit.add_argument("--wait", action="store_true", help="wait for the answer and print it with its evidence")
    submit.add_argument("--client-id", default="cli", metavar="ID")
    submit.add_argument("--request-id", metavar="ID", help="default: made from the files' content, so that a repeat finds the same job")
    submit.add_argument("--options", default="{}", metavar="JSON", help="options of the use case")
    submit.add_argument("--pictures", type=Path, metavar="FOLDER", help="with --wait: write the pages with the evidence drawn on them")
    jobs = _over_http(commands, "jobs", "jobs.list_jobs", "lists jobs, newest first")
    jobs.add_argument("-n", dest="number", type=int, default=20, metavar="N", help="at most so many (default %(default)s)")
    jobs.add_argument("--client-id", metavar="ID")
    jobs.add_argument("--status", choices=[status.value for status in Status])
    jobs.add_argument("--use-case", metavar="NAME")
    show = _over_http(commands, "show", "jobs.show_job", "prints a job with its answer")
    show.add_argument("ix_id", metavar="ID")
    show.add_argument("--wait", action="store_true", help="wait until it has ended")
    for name, summary in (
        ("cancel", "cancels jobs; a running use case is interrupted"),
        ("retry", "runs jobs that have ended again"),
        ("erase", "removes jobs and their documents for good"),
    ):
        _over_http(commands, name, f"jobs.{name}", summary).add_argument("ix_ids", nargs="+", metavar="ID")


def _over_http(commands: _Commands, name: str, function: str, summary: str) -> argparse.ArgumentParser:
    """A command that talks to web."""
    command = _imported(commands, name, function, summary)
    command.add_argument("--url", default=DEFAULT_URL, help="address of the web process (default %(default)s)")
    return command


def _imported(commands: _Commands, name: str, function: str, summary: str) -> argparse.ArgumentParser:
    """A command whose function is imported when it is run: `module.name` of this package."""
    module, _, attribute = function.partition(".")

    def run(parsed: argparse.Namespace) -> int:
        code: int = getattr(importlib.import_module(f"ix.cli.{module}"), attribute)(parsed)
        return code

    command = _command(commands, name, run, summary)
    command.add_argument("--json", action="store_true", help="print JSON")
    return command


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


def _secret(parsed: argparse.Namespace) -> int:
    from ix.cli.secret import add

    print(add(parsed.client_id))
    return 0


def _settings(parsed: argparse.Namespace) -> int:
    from ix.cli.settings import lines

    print("\n".join(lines(Settings.from_env())))
    return 0
