"""`ix export`: takes answers away, of many jobs as one table or of one job as text and PDF."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

from ix import untrusted
from ix.cli import service
from ix.cli.bookkeeping import datev
from ix.cli.output import emit, positive, remark, whole
from ix.client import Client
from ix.errors import IxError
from ix.job import Status

FORMATS = {".xlsx": "xlsx", ".csv": "csv", ".jsonl": "jsonl"}
"""What a file's ending says of its format."""
COPIES = ("text", "annotated.pdf", "searchable.pdf")
"""What the service makes of one job."""
ELECTRONIC = ("ubl", "cii", "factur-x")
"""What is made here of one invoice."""
DATEV = "datev"
INVOICE = "invoice"
"""The use case whose answers bookkeeping takes."""
LOOKED_AT = ("straight", "approved")
"""Reviews of answers that go into books: nobody need look at them any more."""
STDOUT = Path("-")


def declare(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "file", type=Path, metavar="FILE", help="what to write: .xlsx, .csv or .jsonl say the format; - prints it"
    )
    command.add_argument(
        "--what", choices=["results", "labelled", "evidence", DATEV], default="results",
        help="labelled: what a person has approved, as labels; datev: invoices as bookings (default %(default)s)",
    )  # fmt: skip
    command.add_argument("--format", choices=[*FORMATS.values()], help="where the file's ending does not say it")
    command.add_argument("--lines", action="store_true", help="of CSV: a row for each row of the jobs' lists")
    command.add_argument("--use-case", metavar="NAME", help="jobs of one use case, whose columns the table has")
    command.add_argument("--client-id", metavar="ID", help="jobs of one client")
    command.add_argument("--status", choices=[status.value for status in Status], help="those in one state")
    command.add_argument("--after", metavar="MOMENT", help="created then or later, such as 2026-11-02T09:30:00Z")
    command.add_argument("--before", metavar="MOMENT", help="created before")
    command.add_argument("--job", metavar="ID", help="one job, as --as says")
    command.add_argument(
        "--as", dest="form", choices=[*COPIES, *ELECTRONIC], default="searchable.pdf",
        help="ubl, cii, factur-x: an invoice as an electronic one, where it is complete (default %(default)s)",
    )  # fmt: skip
    _add_books(command)
    service.add_options(command)
    command.set_defaults(run=_run)


def _add_books(command: argparse.ArgumentParser) -> None:
    books = command.add_argument_group("bookings", "needed with --what datev")
    books.add_argument("--consultant", type=positive, metavar="N", help="number of the tax consultant (Berater)")
    books.add_argument("--books-of", type=positive, metavar="N", help="number of the client there (Mandant)")
    books.add_argument("--fiscal-year", type=date.fromisoformat, metavar="DAY", help="its first day, as 2026-01-01")
    books.add_argument("--creditor", type=positive, metavar="ACCOUNT", help="account of the creditor, as 70000")
    books.add_argument("--expense", type=positive, metavar="ACCOUNT", help="account of the expense, as 4980")
    books.add_argument("--unreviewed", action="store_true", help="also answers that need a person's eyes still")


def _run(parsed: argparse.Namespace) -> int:
    take = _of_one if parsed.job else _of_many
    with service.client(parsed) as client, _written(parsed.file) as file:
        size = take(parsed, client)(file)
    # what is printed is the file itself
    if parsed.file != STDOUT:
        emit(parsed, {"file": str(parsed.file), "bytes": size}, f"{parsed.file}  {size} bytes")
    return 0


def _of_one(parsed: argparse.Namespace, client: Client) -> Callable[[BinaryIO], int]:
    if parsed.form in ELECTRONIC:
        return lambda file: file.write(_electronic(client, parsed.job, parsed.form))
    return lambda file: client.take(parsed.job, parsed.form, file)


def _electronic(client: Client, ix_id: str, form: str) -> bytes:
    # only here: it needs the extra `einvoice`
    from ix.cli.bookkeeping import electronic

    invoice = _invoice(client, ix_id)
    if form != "factur-x":
        return electronic.ubl(invoice) if form == "ubl" else electronic.cii(invoice)
    with tempfile.TemporaryFile() as pages:
        client.take(ix_id, "searchable.pdf", pages)
        pages.seek(0)
        return electronic.hybrid(invoice, pages.read())


def _of_many(parsed: argparse.Namespace, client: Client) -> Callable[[BinaryIO], int]:
    if parsed.what == DATEV:
        return _booked(parsed, client)
    form = parsed.format or FORMATS.get(parsed.file.suffix.lower())
    if form is None:
        raise IxError(f"--format: {parsed.file} does not say which; give one of {', '.join(FORMATS.values())}")
    filters = {name: getattr(parsed, name) for name in ("use_case", "client_id", "status")}
    filters |= {"created_after": parsed.after, "created_before": parsed.before}
    if parsed.lines:
        filters["table"] = "lines"
    return lambda file: client.export(file, parsed.what, form, **filters)


def _booked(parsed: argparse.Namespace, client: Client) -> Callable[[BinaryIO], int]:
    names = ("consultant", "books_of", "fiscal_year", "creditor", "expense")
    if missing := [f"--{name.replace('_', '-')}" for name in names if getattr(parsed, name) is None]:
        raise IxError(f"{missing[0]}: is needed for bookings")
    books = datev.Books(*(getattr(parsed, name) for name in names))

    def write(file: BinaryIO) -> int:
        made, left = datev.stack(_invoices(parsed, client), books, datetime.now())
        for one in left:
            remark(f"ix: job {one.ix_id} {one.why}: book it by hand")
        return file.write(made)

    return write


def _invoices(parsed: argparse.Namespace, client: Client) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Invoices that nobody need look at any more, the oldest first, as books are kept."""
    filters = {"client_id": parsed.client_id, "created_after": parsed.after, "created_before": parsed.before}
    for one in reversed(_answers(client, **filters)):
        if parsed.unreviewed or one["review"] in LOOKED_AT:
            yield one["ix_id"], one["result"]


def _invoice(client: Client, ix_id: str) -> Mapping[str, Any]:
    for one in _answers(client, q=ix_id):
        if one["ix_id"] == ix_id and isinstance(one["result"], dict):
            return dict(one["result"])
    raise IxError(f"{ix_id} is no job with an answer of the use case {INVOICE}")


def _answers(client: Client, **filters: Any) -> list[dict[str, Any]]:
    """Answers to invoices, newest first, with what people have put right in them."""
    with tempfile.TemporaryFile() as file:
        client.export(file, "results", "jsonl", use_case=INVOICE, **filters)
        file.seek(0)
        return [untrusted.load(line) for line in file]


@contextmanager
def _written(path: Path) -> Iterator[BinaryIO]:
    """The file, or what is printed."""
    if path == STDOUT:
        yield sys.stdout.buffer
        return
    with whole(path) as file:
        yield file
