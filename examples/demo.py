"""`make demo`: the main job, as a new user would do it.

Starts `ix up` (an embedded PostgreSQL, web and engine), posts two documents over HTTP, shows how they come along,
prints the answers with their evidence and draws the evidence on the pages. On a terminal it stays up then, for a look
at the console, until Ctrl-C. Everything it starts, it ends; what it writes is in `demo-output/`."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from ix.cli import show, status_line
from ix.client import Client
from ix.config import Settings
from ix.database.embedded import home_folder
from ix.errors import IxError
from ix.job import Job, Status

HERE = Path(__file__).parent
OUTPUT = HERE.parent / "demo-output"
SAMPLES = {"receipt.jpg": "receipt", "invoice.pdf": "invoice"}
START_SECONDS = 120
"""A first start makes the database and loads the OCR models; a slow machine takes a while."""


def main() -> int:
    """Runs the demonstration; the exit code is 0 only if every document was answered."""
    OUTPUT.mkdir(exist_ok=True)
    began = time.monotonic()
    try:
        with running_service() as (url, process):
            print(f"   ready in {time.monotonic() - began:.1f} s at {url}\n")
            with Client(url, "demo") as client:
                jobs = [demonstrate(client, HERE / name, use_case) for name, use_case in SAMPLES.items()]
            if sys.stdin.isatty() and sys.stdout.isatty():
                stay(url, process)
    except IxError as error:
        print(f"\nix demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        # nothing to say: whoever stops it before the end knows why
        return 128 + signal.SIGINT
    print(HOW_TO_GO_ON.format(ix=shortest(Path(sys.executable).parent / "ix"), receipt=shortest(HERE / "receipt.jpg")))
    return 0 if all(job.status is Status.DONE for job in jobs) else 1


def stay(url: str, process: subprocess.Popen[bytes]) -> None:
    """Keeps the service up until Ctrl-C. Raises `IxError` where it ends before."""
    print(STAYS.format(url=url), flush=True)
    with suppress(KeyboardInterrupt):
        code = process.wait()
        raise IxError(f"the service has ended by itself ({code}); see {shortest(OUTPUT / 'ix.log')}")
    print("\n   ending what was started\n", flush=True)


@contextmanager
def running_service() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address of an `ix up` of our own, once all its parts say that they are well, and its process."""
    port, log = free_port(), OUTPUT / "ix.log"
    settings = {
        "IX_HOME": str(home_folder(Settings.from_env().home) / "demo"),
        "IX_PORT": str(port),
        "IX_EXTRACTOR": "rules",
    }
    print(f"1. `ix up`: PostgreSQL, web and engine (their log: {shortest(log)})", flush=True)
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "ix", "up"],
            env={**os.environ, **settings},
            stdout=out,
            stderr=out,
            start_new_session=True,  # Ctrl-C reaches us, and we stop it in order
        )
    try:
        yield await_ready(f"http://127.0.0.1:{port}", process, log), process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def await_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> str:
    """Returns once `/healthz` is 200. Raises `IxError` with the log's last words when the service ends or takes too
    long."""
    deadline, states = time.monotonic() + START_SECONDS, {}
    while time.monotonic() < deadline and process.poll() is None:
        try:
            answer = httpx.get(f"{url}/healthz", trust_env=False, timeout=10)
        except httpx.TransportError:
            time.sleep(0.1)
            continue
        if answer.status_code == 200:
            return url
        states = answer.json()
        time.sleep(0.2)
    last_words = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    raise IxError(f"the service did not become ready {states or ''}; the end of {shortest(log)}:\n{last_words}")


def demonstrate(client: Client, file: Path, use_case: str) -> Job:
    """Posts one document, waits, and shows the answer; a request id of its own makes each run a new job."""
    print(f"{2 + list(SAMPLES).index(file.name)}. POST /jobs  {shortest(file)} as `{use_case}`")
    began = time.monotonic()
    job = client.submit([file], use_case, request_id=f"demo-{uuid.uuid4().hex[:12]}")
    print(f"   201 in {1000 * (time.monotonic() - began):.1f} ms: job {job.ix_id}")
    job = status_line.wait(client, job, lambda status, seconds: print(f"   {status} … {seconds:.1f} s", flush=True))
    envelope = job.model_dump(mode="json")
    print(f"   {job.status} after {time.monotonic() - began:.1f} s\n\n{show.table(envelope)}")
    for picture in show.pictures(envelope, [file], OUTPUT, Settings()):
        print(f"  evidence drawn on the page: {shortest(picture)}")
    print(flush=True)
    return job


def free_port() -> int:
    """8080 where it is free, else any other."""
    for port in (8080, 0):
        try:
            with socket.create_server(("127.0.0.1", port)) as server:
                return int(server.getsockname()[1])
        except OSError:
            continue
    raise IxError("no free port on 127.0.0.1")


def shortest(path: Path) -> str:
    """The path as one would type it here."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


STAYS = """   The console: {url}/console/jobs
   See why a value is what it is, put one right, drop a document of your own. Ctrl-C ends it."""

HOW_TO_GO_ON = """How to go on:
  {ix} up
  {ix} submit {receipt} --use-case receipt --wait --pictures demo-output
  curl -F client_id=me -F request_id=1 -F use_case=receipt -F documents=@{receipt} \\
    -H 'Prefer: wait=30' http://127.0.0.1:8080/jobs"""


if __name__ == "__main__":
    sys.exit(main())
