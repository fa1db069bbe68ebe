"""`ix submit`: documents as one job, over HTTP."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx

from ix.cli import show
from ix.config import Settings
from ix.errors import IxError

WAIT_SECONDS = 20
"""Length of one long poll; the wait goes on until the job has ended."""


def submit(parsed: argparse.Namespace) -> int:
    """Submits, optionally waits, prints. Exit code 0, or 2 where the job ended in error."""
    _check_files(parsed.files)
    with _client(parsed.url) as client:
        job = post(client, parsed.files, parsed.use_case, parsed.client_id, parsed.request_id, parsed.options)
        if parsed.wait:
            job = wait(client, job, lambda status, seconds: print(f"  {status} … {seconds:.1f} s", file=sys.stderr))
    print(json.dumps(job, indent=2, ensure_ascii=False) if parsed.json else _text(job, parsed))
    return 2 if job["status"] == "error" else 0


def post(
    client: httpx.Client, files: Sequence[Path], use_case: str, client_id: str = "cli", request_id: str | None = None, options: str = "{}"
) -> dict[str, Any]:
    """Posts one job and returns its envelope. Raises `IxError` with the service's own words."""
    contents = [(path.name, path.read_bytes()) for path in files]
    fields = {"client_id": client_id, "request_id": request_id or _made_from(use_case, options, contents), "use_case": use_case}
    uploads = [("documents", content) for content in contents]
    return _answer(client, "POST", "/jobs", data={**fields, "options": options}, files=uploads)


def wait(client: httpx.Client, job: dict[str, Any], progress: Callable[[str, float], None]) -> dict[str, Any]:
    """Waits until the job has ended, calling `progress(status, seconds)` about once a second."""
    began, poll = time.monotonic(), 1
    while job["status"] in ("pending", "running"):
        progress(job["status"], time.monotonic() - began)
        job = _answer(client, "GET", f"/jobs/{job['ix_id']}", params={"wait": poll})
        poll = min(poll + 1, WAIT_SECONDS)
    return job


def _client(url: str) -> httpx.Client:
    try:
        return httpx.Client(base_url=url, trust_env=False, timeout=WAIT_SECONDS + 40)
    except httpx.InvalidURL as error:
        raise IxError(f"--url: {url} is no address ({error}); give one such as http://127.0.0.1:8080") from None


def _answer(client: httpx.Client, method: str, path: str, **content: Any) -> dict[str, Any]:
    try:
        answer = client.request(method, path, **content)
        body: Any = answer.json()
    except httpx.HTTPError as error:
        raise IxError(f"{client.base_url} does not answer ({type(error).__name__}); is `ix up` running?") from None
    except ValueError:
        raise IxError(f"{client.base_url} answered {answer.status_code} without JSON; is that ix?") from None
    if not isinstance(body, dict):
        raise IxError(f"{client.base_url} answered {answer.status_code} with other JSON than a job; is that ix?")
    if not answer.is_success:
        raise IxError(str(body.get("detail", answer.status_code)))
    return body


def _made_from(use_case: str, options: str, contents: Sequence[tuple[str, bytes]]) -> str:
    digest = hashlib.sha256(f"{use_case}\n{options}".encode())
    for name, data in contents:
        digest.update(f"\n{name}\n".encode() + hashlib.sha256(data).digest())
    return digest.hexdigest()[:32]


def _check_files(files: Sequence[Path]) -> None:
    for path in files:
        if not path.is_file():
            raise IxError(f"{path} is not a file")


def _text(job: dict[str, Any], parsed: argparse.Namespace) -> str:
    if job["status"] in ("pending", "running"):
        return f"job {job['ix_id']}  {job['status']}\n  curl '{parsed.url}/jobs/{job['ix_id']}?wait=30'"
    lines = [show.table(job)]
    if parsed.pictures:
        lines += [f"  picture: {path}" for path in show.pictures(job, parsed.files, parsed.pictures, Settings.from_env())]
    return "\n".join(lines)
