"""`ix jobs`, `show`, `cancel`, `retry` and `erase`: what a client may do to its jobs, over HTTP."""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable, Sequence

from ix.cli import many, passwords, service, show, status_line, tags
from ix.cli.output import emit, emit_line, positive, remark
from ix.client import Client, ClientError, NotFound
from ix.client.operations import Act as ActOfMany
from ix.errors import IxError
from ix.job import Job, JobHead, Status

PAGE = 200
"""Most jobs that one call lists (`ix.database.jobs.read.Listing`)."""

HEADINGS: tuple[str, ...] = ("ix_id", "created", "status", "use case", "client", "request", "document", "result")
NEEDS_PASSWORD = 422
"""The answer to a retry of a job whose documents came with passwords."""
OF_ONE_JOB = (404, 409, NEEDS_PASSWORD)
"""Answers that concern a job and not every one of them."""
Act = Callable[[argparse.Namespace, Client, str], str]
"""Does something to a job, and tells the status that it leaves it in."""


def declare_jobs(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "-n", dest="number", type=positive, default=20, metavar="N", help="at most so many (default %(default)s)"
    )
    command.add_argument("--client-id", metavar="ID", help="those of one client")
    command.add_argument("--status", choices=[status.value for status in Status], help="those in one state")
    command.add_argument("--use-case", metavar="NAME", help="those of one use case")
    command.add_argument("--error-code", metavar="CODE", help="those that ended in one error")
    command.add_argument(
        "--find",
        dest="q",
        metavar="TEXT",
        help="those whose id, request id or a word of whose document's name begins so",
    )
    command.add_argument("--parent", metavar="ID", help="the parts of a job that was split")
    tags.add_filters(command)
    service.add_options(command)
    command.set_defaults(run=_list)


def declare_show(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "ix_id", metavar="ID", help="the job's ix_id, 16 digits, as `ix submit` and `ix jobs` print it"
    )
    command.add_argument("--wait", action="store_true", help="wait until it has ended")
    command.add_argument("--all", action="store_true", help="list empty fields of electronic invoices too")
    service.add_options(command)
    command.set_defaults(run=_show)


def declare_cancel(command: argparse.ArgumentParser) -> None:
    _for_each(command, "cancel", lambda parsed, client, ix_id: client.cancel(ix_id).status)


def declare_retry(command: argparse.ArgumentParser) -> None:
    passwords.add_options(command)
    _for_each(command, "retry", _retry)


def declare_erase(command: argparse.ArgumentParser) -> None:
    _for_each(command, "erase", _erase)


def _for_each(command: argparse.ArgumentParser, name: ActOfMany, act: Act) -> None:
    """A command that does something to each of some jobs, or to all that match."""
    command.add_argument("ix_ids", nargs="*", metavar="ID", help="a job's ix_id, as `ix submit` and `ix jobs` print it")
    many.add_options(command)
    service.add_options(command)

    def run(parsed: argparse.Namespace) -> int:
        if bool(parsed.ix_ids) == bool(parsed.where):
            raise IxError(f"say which jobs: `ix {name} ID …`, or `ix {name} --where status=error …`")
        if parsed.where:
            with service.client(parsed) as client:
                return many.act(parsed, client, name)
        # once for all jobs
        if "ask_password" in parsed:
            parsed.password = passwords.given(parsed)
        with service.client(parsed) as client:
            # a list, so that one which fails keeps no other from its turn
            return max([_act(parsed, client, ix_id, act) for ix_id in parsed.ix_ids])

    command.set_defaults(run=run)


def _act(parsed: argparse.Namespace, client: Client, ix_id: str, act: Act) -> int:
    """The exit code: 1 for a job that is unknown, or whose state forbids it, which says so and keeps no other from its
    turn."""
    try:
        status = act(parsed, client, ix_id)
    except ClientError as error:
        if error.status not in OF_ONE_JOB:
            raise
        hint = "; --ask-password or --password-file does it" if error.status == NEEDS_PASSWORD else ""
        remark(f"ix: {ix_id}: {error}{hint}")
        return 1
    emit_line(parsed, {"ix_id": ix_id, "status": status}, f"{ix_id}  {status}")
    return 0


def _retry(parsed: argparse.Namespace, client: Client, ix_id: str) -> str:
    return client.retry(ix_id, passwords.for_retry(client, ix_id, parsed.password)).status


def _erase(parsed: argparse.Namespace, client: Client, ix_id: str) -> str:
    client.erase(ix_id)
    return "erased"


def _list(parsed: argparse.Namespace) -> int:
    names = ("client_id", "status", "use_case", "error_code", "q", "parent", "batch_id")
    filters = {name: getattr(parsed, name) for name in names} | {"tag": tags.wanted(parsed)}
    with service.client(parsed) as client:
        found = list(itertools.islice(client.jobs(**filters, limit=min(parsed.number, PAGE)), parsed.number))
    emit(parsed, found, _table(found))
    return 0


def _show(parsed: argparse.Namespace) -> int:
    """Exit code 2 where the job ended in error."""
    with service.client(parsed) as client:
        try:
            job = client.get(parsed.ix_id)
        except NotFound:
            raise IxError(f"there is no job {parsed.ix_id}; `ix jobs` lists them") from None
        paused = _paused(client, job)
        if parsed.wait:
            job = status_line.watch(client, job)
    return print_answer(parsed, job, *paused, everything=parsed.all)


def _paused(client: Client, job: Job) -> Sequence[str]:
    """A line that says so, where a job waits for its use case to go on."""
    if job.status is not Status.PENDING or not any(
        one.paused for one in client.use_cases() if one.name == job.use_case
    ):
        return ()
    return (f"  {job.use_case} is paused: `ix resume {job.use_case}` lets it go on",)


def print_answer(parsed: argparse.Namespace, job: Job, *more: str, everything: bool = False) -> int:
    """Prints a job with its answer, and for people some more lines; `everything` as for `show.table`. Exit code 2 where
    it ended in error."""
    emit(parsed, job, "\n".join([show.table(job.model_dump(mode="json"), everything), *more]))
    return 2 if job.status is Status.ERROR else 0


def _table(found: Sequence[JobHead]) -> str:
    if not found:
        return "no jobs"
    return "\n".join(show.columns([HEADINGS, *map(_row, found)], indent=""))


def _row(job: JobHead) -> tuple[str, ...]:
    doing = job.progress.step if job.progress else None
    said = (job.document or "", job.headline or job.error_code or doing or "")
    # one line each, whatever a file is called
    shown = (show.plain(text) for text in said)
    return (
        job.ix_id,
        show.moment(job.created_at),
        job.status.value,
        job.use_case,
        job.client_id,
        job.request_id,
        *shown,
    )
