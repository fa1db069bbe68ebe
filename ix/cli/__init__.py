"""The command `ix`. To add a command, write a function that declares it, in a file of this folder, and name it in
`COMMANDS`."""

from __future__ import annotations

import argparse
import errno
import importlib
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import NamedTuple, NoReturn

from ix.config import DISTRIBUTION, Settings
from ix.errors import IxError
from ix.telemetry import log


class Command(NamedTuple):
    """A command: the function that declares it, as `module.function` of this package, and what it does. The function is
    given a parser, adds the arguments and sets `run`, which gets the parsed ones and gives the exit code. `extra` is
    what must be installed beside the client for all that it does."""

    declare: str
    summary: str
    extra: str = ""


COMMANDS = {
    "up": Command("up.declare", "everything on one machine: database, migrations, web and engine", "all"),
    "web": Command("processes.declare_web", "the HTTP service", "web"),
    "engine": Command("processes.declare_engine", "runs jobs", "engine"),
    "migrate": Command("migrate.declare", "brings the database's tables up to date", "web"),
    "roles": Command("roles.declare", "makes database roles with no more rights than web and engine need", "web"),
    "doctor": Command("doctor.declare", "checks everything that a running ix needs, and says what to do", "web"),
    "settings": Command("settings.declare", "every setting with the value in force, as an environment file"),
    "keys": Command("keys.declare", "who may call: once a key exists, every call needs one", "web"),
    "sessions": Command("people.declare_sessions", "who is signed in to the console, and ends it", "web"),
    "audit": Command("people.declare_audit", "who did what, newest first", "web"),
    "caps": Command("caps.declare", "how many jobs and pages each client may have in a day, and had today", "web"),
    "retention": Command("retention.declare", "how long documents, results, jobs and the audit log are kept", "web"),
    "secret": Command(
        "secret.declare", "makes a secret that signs a client's callbacks; older ones stay valid for a day", "web"
    ),
    "use-cases": Command("use_cases.declare", "lists what can be asked for; --json adds the schemas"),
    "configurations": Command("configurations.declare", "what submissions ask for, saved under names"),
    "pause": Command("pauses.declare_pause", "pauses use cases: their jobs wait, those that run come to their end"),
    "resume": Command("pauses.declare_resume", "lets paused use cases go on"),
    "submit": Command("submit.declare", "submits documents and prints what was found in them", "engine"),
    "batch": Command("batches.declare", "groups jobs: one callback when all of them have ended"),
    "jobs": Command("jobs.declare_jobs", "lists jobs, newest first"),
    "show": Command("jobs.declare_show", "prints a job with its answer"),
    "cancel": Command("jobs.declare_cancel", "cancels jobs; a running one is interrupted"),
    "retry": Command("jobs.declare_retry", "runs jobs that have ended once more"),
    "export": Command("export.declare", "takes answers away: tables of many jobs, text and PDFs of one", "einvoice"),
    "eval": Command(
        "evaluating.command.declare", "measures answers by labelled documents: accuracy, confidence, errors", "engine"
    ),
    "watch": Command("watching.command.declare", "submits what arrives in a folder, a mailbox or a bucket", "s3"),
    "mcp": Command("agents.command.declare", "lets agents read documents, over the Model Context Protocol", "mcp"),
    "erase": Command("jobs.declare_erase", "removes jobs and their documents for good"),
}
"""Every command by its name. Only the module of the one asked for is imported."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the system says of a disk, a quota or a file that takes no more."""
MISSING_EXTRA = 2
"""Exit code where a package is not installed, as for an argument that is wrong (argparse)."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one command and exits with its code: 1 for an error of ix, which is one line that says what to do, 2 for
    wrong arguments and for a package that is not installed, 130 after Ctrl-C, 141 where nobody reads any more what it
    prints."""
    try:
        try:
            _run(list(sys.argv[1:] if arguments is None else arguments))
        finally:
            # what is printed waits in a buffer, and Python would only tell at its own end that it went nowhere
            _flush()
    except BrokenPipeError:
        _fall_silent()
        # 128 and the number of SIGPIPE
        sys.exit(141)
    except OSError as error:
        if error.errno not in FULL:
            raise
        _fall_silent()
        _exit(1, f"the output cannot be written ({error.strerror})")


def _run(given: list[str]) -> NoReturn:
    try:
        # the first word alone: a file may be called like a command
        parsed = _parser(given[:1]).parse_args(given)
        if parsed.check_settings:
            settings = Settings.from_env()
            log.configure(settings.log_level, settings.log_format)
        sys.exit(parsed.run(parsed))
    except IxError as error:
        _exit(1, str(error))
    except ModuleNotFoundError as error:
        _exit(MISSING_EXTRA, _cure(error, given[0]))
    except KeyboardInterrupt:
        # 128 and the signal's number, as shells have it
        sys.exit(130)


def _flush() -> None:
    # neither is there where a shell has closed it
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and not stream.closed:
            stream.flush()


def _fall_silent() -> None:
    """Sends what Python would still write at its end to where nobody is, for streams that cannot be written."""
    for stream in filter(None, (sys.__stdout__, sys.__stderr__)):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _cure(error: ModuleNotFoundError, name: str) -> str:
    """What to install. Raises `error` again where an extra is not to blame."""
    command = COMMANDS.get(name)
    package = (error.name or "ix").partition(".")[0]
    if command is None or not command.extra or package == "ix":
        raise error
    return f"`ix {name}` needs the package {package}: pip install '{DISTRIBUTION}[{command.extra}]'"


def _exit(code: int, why: str) -> NoReturn:
    # only here: what all commands import at their start, each of them waits for
    from ix.cli.output import remark

    remark(f"ix: {why}")
    sys.exit(code)


def _parser(asked: Sequence[str]) -> argparse.ArgumentParser:
    """The parser of all commands, of which only the one asked for knows its arguments."""
    parser = argparse.ArgumentParser(
        prog="ix",
        description="Turns documents into sourced JSON. Settings are IX_* environment variables: see `ix settings`.",
        epilog="`ix COMMAND --help` explains a command.",
    )
    parser.add_argument("--version", action="version", version=f"ix {version(DISTRIBUTION)}")
    # a command's own default wins over this one (argparse)
    parser.set_defaults(check_settings=True)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (declaration, summary, _) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
        if name in asked:
            module, _, function = declaration.rpartition(".")
            getattr(importlib.import_module(f"ix.cli.{module}"), function)(command)
    return parser
