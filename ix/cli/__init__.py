"""The command `ix`. To add a command, write a function that declares it, in a file of this folder, and name it in
`COMMANDS`."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from importlib.metadata import version

from ix.config import Settings
from ix.errors import IxError
from ix.telemetry import log

COMMANDS = {
    "up": ("up.declare", "everything on one machine: database, migrations, web and engine"),
    "web": ("processes.web", "the HTTP service"),
    "engine": ("processes.engine", "runs jobs"),
    "migrate": ("migrate.declare", "brings the database's tables up to date"),
    "roles": ("roles.declare", "makes database roles with no more rights than web and engine need"),
    "doctor": ("doctor.declare", "checks everything that a running ix needs, and says what to do"),
    "settings": ("settings.declare", "every setting with the value in force, as an environment file"),
    "keys": ("keys.declare", "who may call: once a key exists, every call needs one"),
    "secret": ("secret.declare", "makes a secret that signs a client's callbacks; older ones stay valid for a day"),
    "use-cases": ("use_cases.use_cases", "lists what can be asked for; --json adds the schemas"),
    "submit": ("submit.declare", "submits documents and prints what was found in them"),
    "jobs": ("jobs.jobs", "lists jobs, newest first"),
    "show": ("jobs.show_job", "prints a job with its answer"),
    "cancel": ("jobs.cancel", "cancels jobs; a running one is interrupted"),
    "retry": ("jobs.retry", "runs jobs that have ended once more"),
    "erase": ("jobs.erase", "removes jobs and their documents for good"),
}
"""Each command: the function that declares it, as `module.function` of this package, and what it does. The function is
given a parser, adds the arguments and sets `run`, which gets the parsed ones and gives the exit code. Only the module
of the one asked for is imported."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one command; an error of ix is one line that says what to do, and exit code 1."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parsed = _parser(given[:1]).parse_args(given)
    try:
        if parsed.check_settings:
            settings = Settings.from_env()
            log.configure(settings.log_level, settings.log_format)
        sys.exit(parsed.run(parsed))
    except IxError as error:
        print(f"ix: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _parser(asked: Sequence[str]) -> argparse.ArgumentParser:
    """The parser of all commands, of which only the one asked for knows its arguments."""
    parser = argparse.ArgumentParser(
        prog="ix",
        description="Turns documents into sourced JSON. Settings are IX_* environment variables: see `ix settings`.",
        epilog="`ix COMMAND --help` explains a command.",
    )
    parser.add_argument("--version", action="version", version=f"ix {version('ix')}")
    parser.set_defaults(check_settings=True)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (declaration, summary) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
        if name in asked:
            module, _, function = declaration.partition(".")
            getattr(importlib.import_module(f"ix.cli.{module}"), function)(command)
    return parser
