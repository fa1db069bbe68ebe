"""`ix export`: takes answers away, of many jobs as one table or of one job as text and PDF."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ix.cli import service
from ix.cli.output import emit
from ix.client import Client
from ix.errors import IxError
from ix.job import Status

FORMATS = {".xlsx": "xlsx", ".csv": "csv", ".jsonl": "jsonl"}
"""What a file's ending says of its format."""
OF_ONE = ("text", "annotated.pdf", "searchable.pdf")
"""What can be taken away of one job."""
STDOUT = Path("-")


def declare(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "file", type=Path, metavar="FILE", help="what to write: .xlsx, .csv or .jsonl say the format; - prints it"
    )
    command.add_argument(
        "--what", choices=["results", "labelled", "evidence"], default="results",
        help="labelled: what a person has approved, as labels (default %(default)s)",
    )  # fmt: skip
    command.add_argument("--format", choices=[*FORMATS.values()], help="where the file's ending does not say it")
    command.add_argument("--lines", action="store_true", help="of CSV: a row for each row of the jobs' lists")
    command.add_argument("--use-case", metavar="NAME", help="jobs of one use case, whose columns the table has")
    command.add_argument("--client-id", metavar="ID", help="jobs of one client")
    command.add_argument("--status", choices=[status.value for status in Status], help="those in one state")
    command.add_argument("--after", metavar="MOMENT", help="created then or later, such as 2026-11-02T09:30:00Z")
    command.add_argument("--before", metavar="MOMENT", help="created before")
    command.add_argument("--job", metavar="ID", help="one job, as --as says")
    command.add_argument("--as", dest="form", choices=OF_ONE, default="searchable.pdf", help="(default %(default)s)")
    service.add_options(command)
    command.set_defaults(run=_run)


def _run(parsed: argparse.Namespace) -> int:
    take = _of_one if parsed.job else _of_many
    with service.client(parsed) as client, _written(parsed.file) as file:
        size = take(parsed, client)(file)
    # what is printed is the file itself
    if parsed.file != STDOUT:
        emit(parsed, {"file": str(parsed.file), "bytes": size}, f"{parsed.file}  {size} bytes")
    return 0


def _of_one(parsed: argparse.Namespace, client: Client) -> Callable[[BinaryIO], int]:
    return lambda file: client.take(parsed.job, parsed.form, file)


def _of_many(parsed: argparse.Namespace, client: Client) -> Callable[[BinaryIO], int]:
    form = parsed.format or FORMATS.get(parsed.file.suffix.lower())
    if form is None:
        raise IxError(f"--format: {parsed.file} does not say which; give one of {', '.join(FORMATS.values())}")
    filters = {name: getattr(parsed, name) for name in ("use_case", "client_id", "status")}
    filters |= {"created_after": parsed.after, "created_before": parsed.before}
    if parsed.lines:
        filters["table"] = "lines"
    return lambda file: client.export(file, parsed.what, form, **filters)


@contextmanager
def _written(path: Path) -> Iterator[BinaryIO]:
    """A file that is there once it is whole: one that breaks off leaves what was there before."""
    if path == STDOUT:
        yield sys.stdout.buffer
        return
    # beside it, so that it can take its place in one step
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(path)
    except OSError as error:
        raise IxError(f"{path} cannot be written ({error.strerror})") from None
    finally:
        part.unlink(missing_ok=True)
