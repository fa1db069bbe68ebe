"""`ix submit`: documents as one job, or as a job each, over HTTP."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from ix import untrusted
from ix.cli import each, passwords, service, show, status_line, tags
from ix.cli.jobs import print_answer
from ix.cli.output import emit, positive, risk
from ix.client.operations import ENDED
from ix.config import Settings
from ix.errors import InvalidInput, IxError
from ix.job import Job


def declare(command: argparse.ArgumentParser) -> None:
    _add_what(command)
    _add_answer(command)
    _add_job(command)
    service.add_options(command)
    command.set_defaults(run=_run)


def _add_what(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("files", nargs="+", metavar="FILE", help="a file, or a pattern in quotes such as 'scans/*.pdf'")
    add("--use-case", metavar="NAME", help="what to find: receipt, invoice, custom and so on")
    add("--configuration", metavar="NAME", help="a saved one, or name@version; what is said here counts before it")
    add("--pages", default="", metavar="RANGES", help="the only pages of each file to read, such as 1-3,5 or 2-")
    passwords.add_options(command)
    add("--split", action="store_true", help="make a job of each document where a file is a stack of several")
    add("--risk", type=risk, metavar="SHARE", help="at most this share of wrong values may pass unmarked, such as 0.02")
    add("--options", default="{}", metavar="JSON", help="options of the use case, such as custom's schema")


def _add_answer(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("--wait", action="store_true", help="wait for the answer and print it with its evidence")
    add("--each", action="store_true", help="a job for each file, instead of one with all of them")
    add("--at-once", type=positive, default=8, metavar="N", help="with --each: jobs under way at once (default 8)")
    add("--pictures", type=Path, metavar="FOLDER", help="with --wait: write the pages with the evidence drawn on them")


def _add_job(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("--priority", type=int, default=0, metavar="N", help="-100 to 100; higher runs sooner (default 0)")
    add("--run-at", type=moment, metavar="TIME", help="begin at this time, such as 2026-11-26T18:00 or ...T18:00Z")
    add("--callback-url", metavar="URL", help="is told when the job has ended")
    tags.add_option(command)
    add("--batch", metavar="NAME", help="the batch that it belongs to, see `ix batch`")
    add("--client-id", metavar="ID", help="whose job it is (default: the key's client, or `cli`)")
    add("--request-id", metavar="ID", help="default: made from the content, so that a repeat finds the same job")


def _run(parsed: argparse.Namespace) -> int:
    """Exit code 0, or 2 where a job ended in error."""
    files = _files(parsed)
    if not (parsed.use_case or parsed.configuration):
        raise IxError("--use-case: say what to find, or name a --configuration that does")
    parsed.password = passwords.given(parsed)
    asked = {
        "options": asked_options(parsed),
        "request_id": parsed.request_id,
        "callback_url": parsed.callback_url,
        "priority": parsed.priority,
        "run_at": parsed.run_at,
        "tags": tags.given(parsed),
        "batch_id": parsed.batch,
        "configuration": parsed.configuration,
    }
    if parsed.each:
        return asyncio.run(each.submit(parsed, files, asked))
    return _as_one(parsed, files, asked)


def asked_options(parsed: argparse.Namespace) -> dict[str, object]:
    """The options of the use case, with those that have an argument of their own. Raises `IxError`."""
    named = {"split": parsed.split or None, "risk": parsed.risk}
    return options(parsed.options) | {name: value for name, value in named.items() if value is not None}


def _as_one(parsed: argparse.Namespace, files: Sequence[Path], asked: Mapping[str, Any]) -> int:
    with service.client(parsed, service.client_id(parsed)) as client:
        job = client.submit([each.document(parsed, file) for file in files], parsed.use_case, **asked)
        if parsed.wait:
            job = status_line.watch(client, job)
    # without --wait too: what was submitted before may have ended
    if job.status in ENDED:
        return print_answer(parsed, job, *_pictures(parsed, files, job))
    emit(parsed, job, f"job {job.ix_id}  {job.status}\n  ix show {job.ix_id} --wait --url {service.address(parsed)}")
    return 0


def _pictures(parsed: argparse.Namespace, files: Sequence[Path], job: Job) -> list[str]:
    if not parsed.pictures:
        return []
    written = show.pictures(job.model_dump(mode="json"), files, parsed.pictures, Settings.from_env(), parsed.password)
    return [f"  picture: {path}" for path in written]


def _files(parsed: argparse.Namespace) -> list[Path]:
    """Raises `IxError` for arguments that contradict each other too."""
    if parsed.each and parsed.request_id:
        raise IxError("--request-id: names one job; leave it out with --each")
    if parsed.pictures and (parsed.each or not parsed.wait):
        raise IxError("--pictures: needs --wait, and one job: leave --each out")
    # a file that two patterns name is one document
    return list(dict.fromkeys(path for pattern in parsed.files for path in expanded(pattern)))


def expanded(pattern: str) -> list[Path]:
    """The files that a path or a glob names. Raises `IxError` where there is none."""
    path = Path(pattern)
    # before it is taken for a pattern: a file's name may hold brackets
    if path.is_file():
        return [path]
    if path.is_dir():
        raise IxError(f"{pattern} is a folder; name its files: '{path / '*'}'")
    # from the root of an absolute path: pathlib takes relative patterns only
    found = sorted(one for one in Path(path.anchor or ".").glob(str(path.relative_to(path.anchor))) if one.is_file())
    if not found:
        raise IxError(f"{pattern} is not a file; check the name, relative to {Path.cwd()}")
    return found


def moment(text: str) -> datetime:
    """A time as a person writes it: ISO 8601, in this machine's zone unless it names one. Raises
    `ArgumentTypeError`."""
    try:
        # without a zone it is this machine's
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time; write one such as 2026-11-26T18:00 or 2026-11-26T18:00Z"
        ) from None


def options(text: str) -> dict[str, object]:
    """The options in JSON. Raises `IxError`."""
    try:
        # read as the service will read it: what it would refuse is told before a document is sent
        value = untrusted.parse(text)
    except InvalidInput as error:
        raise IxError(f"--options: {error.message}") from None
    if not isinstance(value, dict):
        raise IxError("--options: is not a JSON object, such as '{\"schema\": {…}}'")
    return value
