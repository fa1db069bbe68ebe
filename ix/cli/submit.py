"""`ix submit`: documents as one job, over HTTP."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from ix import wire
from ix.cli import show
from ix.client import Client
from ix.client.operations import ENDED
from ix.config import Settings
from ix.errors import InvalidInput, IxError
from ix.job import Job, Status

Progress = Callable[[str, float], None]


def submit(parsed: argparse.Namespace) -> int:
    """Submits, optionally waits, prints. Exit code 0, or 2 where the job ended in error."""
    files = [path for pattern in parsed.files for path in expanded(pattern)]
    with Client(parsed.url, parsed.client_id) as client:
        job = client.submit(files, parsed.use_case, request_id=parsed.request_id, options=options(parsed.options))
        if parsed.wait:
            job = wait(client, job, lambda status, seconds: print(f"  {status} … {seconds:.1f} s", file=sys.stderr))
    print(job.model_dump_json(indent=2) if parsed.json else _text(job, files, parsed))
    return 2 if job.status is Status.ERROR else 0


def wait(client: Client, job: Job, progress: Progress) -> Job:
    """Waits until the job has ended, calling `progress(status, seconds)` in ever longer turns."""
    began, turn = time.monotonic(), 1.0
    while job.status not in ENDED:
        progress(job.status.value, time.monotonic() - began)
        job = client.wait(job, turn)
        turn = min(turn + 1, 20.0)
    return job


def expanded(pattern: str) -> list[Path]:
    """The files that a path or a glob names. Raises `IxError` where there is none."""
    path = Path(pattern)
    if path.is_file():
        return [path]
    found = sorted(one for one in Path(path.anchor or ".").glob(str(path.relative_to(path.anchor))) if one.is_file())
    if not found:
        raise IxError(f"{pattern} is not a file")
    return found


def options(text: str) -> dict[str, object]:
    """The options in JSON. Raises `IxError`."""
    try:
        value = wire.parse(text)
    except InvalidInput as error:
        raise IxError(f"--options: {error.message}") from None
    if not isinstance(value, dict):
        raise IxError("--options: is not a JSON object")
    return value


def _text(job: Job, files: list[Path], parsed: argparse.Namespace) -> str:
    if job.status not in ENDED:
        return f"job {job.ix_id}  {job.status}\n  ix show {job.ix_id} --wait --url {parsed.url}"
    envelope = job.model_dump(mode="json")
    lines = [show.table(envelope)]
    if parsed.pictures:
        lines += [f"  picture: {path}" for path in show.pictures(envelope, files, parsed.pictures, Settings.from_env())]
    return "\n".join(lines)
