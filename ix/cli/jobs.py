"""`ix jobs`, `show`, `cancel`, `retry` and `erase`: what a client may do to its jobs, over HTTP."""

from __future__ import annotations

import argparse
import itertools
import sys

from pydantic_core import to_json

from ix.cli import show, submit
from ix.client import Client
from ix.job import Job, JobHead, Status


def list_jobs(parsed: argparse.Namespace) -> int:
    """Prints jobs, newest first."""
    filters = {"client_id": parsed.client_id, "status": parsed.status, "use_case": parsed.use_case}
    with Client(parsed.url) as client:
        found = list(itertools.islice(client.jobs(**filters, limit=min(parsed.number, 200)), parsed.number))
    print(to_json(found, indent=2).decode() if parsed.json else _table(found))
    return 0


def show_job(parsed: argparse.Namespace) -> int:
    """Prints a job with its answer. Exit code 2 where it ended in error."""
    with Client(parsed.url) as client:
        job = client.get(parsed.ix_id)
        if parsed.wait:
            job = submit.wait(client, job, lambda status, seconds: print(f"  {status} … {seconds:.1f} s", file=sys.stderr))
    return _print(job, parsed)


def cancel(parsed: argparse.Namespace) -> int:
    """Cancels jobs."""
    with Client(parsed.url) as client:
        for ix_id in parsed.ix_ids:
            _say(parsed, ix_id, client.cancel(ix_id).status)
    return 0


def retry(parsed: argparse.Namespace) -> int:
    """Runs ended jobs again."""
    with Client(parsed.url) as client:
        for ix_id in parsed.ix_ids:
            _say(parsed, ix_id, client.retry(ix_id).status)
    return 0


def erase(parsed: argparse.Namespace) -> int:
    """Removes jobs and their documents for good."""
    with Client(parsed.url) as client:
        for ix_id in parsed.ix_ids:
            client.erase(ix_id)
            _say(parsed, ix_id, "erased")
    return 0


def _say(parsed: argparse.Namespace, ix_id: str, status: str) -> None:
    print(to_json({"ix_id": ix_id, "status": status}).decode() if parsed.json else f"{ix_id}  {status}")


def _print(job: Job, parsed: argparse.Namespace) -> int:
    print(job.model_dump_json(indent=2) if parsed.json else show.table(job.model_dump(mode="json")))
    return 2 if job.status is Status.ERROR else 0


def _table(jobs: list[JobHead]) -> str:
    if not jobs:
        return "no jobs"
    rows = [("ix_id", "created", "status", "use case", "client", "request")]
    rows += [(j.ix_id, show.moment(j.created_at), j.status.value, j.use_case, j.client_id, j.request_id) for j in jobs]
    return "\n".join(show.columns(rows, indent=""))
