"""`examples/submit.sh`, `examples/client.py` and `examples/webhook_receiver.py`, as commands beside a service."""

from __future__ import annotations

import base64
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import httpx
import pytest

from ix.callbacks import SECRET_PREFIX, headers
from ix.client import Client
from tests import processes
from tests.examples.conftest import EXAMPLES, ROOT

INVOICE = str(EXAMPLES / "invoice.pdf")


def run(*command: str, url: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "IX_URL": url, "PYTHONPATH": str(ROOT)}
    env.pop("IX_KEY", None)
    return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_submit_with_curl_and_again(service_url: str) -> None:
    if shutil.which("curl") is None:
        pytest.skip("there is no curl: apt-get install curl")
    first, again = (run("sh", "examples/submit.sh", INVOICE, "invoice", url=service_url) for _ in range(2))
    assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
    job = json.loads(first.stdout)
    assert job["status"] == "done"
    assert job["response"]["result"]["grand_total"]
    assert json.loads(again.stdout) == job


def test_a_refusal_with_curl_says_why(service_url: str) -> None:
    if shutil.which("curl") is None:
        pytest.skip("there is no curl: apt-get install curl")
    done = run("sh", "examples/submit.sh", INVOICE, "nothing", url=service_url)
    assert done.returncode != 0
    assert "use_case: is unknown" in done.stdout


def test_the_client_prints_values_and_where_they_stand(service_url: str) -> None:
    done = run(sys.executable, "examples/client.py", INVOICE, "invoice", url=service_url)
    assert done.returncode == 0, done.stderr
    assert "grand_total = " in done.stdout
    assert "(page 1, " in done.stdout
    assert "lines[0]." in done.stdout


def test_the_client_says_why_there_is_no_answer(service_url: str) -> None:
    done = run(sys.executable, "examples/client.py", INVOICE, "nothing", url=service_url)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no answer: " in done.stderr


def _read(stream: TextIO, lines: queue.Queue[str]) -> None:
    for line in stream:
        lines.put(line.strip())


@contextmanager
def receiver(secret: str) -> Iterator[queue.Queue[str]]:
    """The lines of a running receiver; the first one says where it listens."""
    env = {**os.environ, "IX_SECRET": secret, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "examples/webhook_receiver.py", "0"]
    lines: queue.Queue[str] = queue.Queue()
    with subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        reading = threading.Thread(target=_read, args=[process.stdout, lines])
        reading.start()
        try:
            yield lines
        finally:
            process.terminate()
            reading.join(10)


def test_the_receiver_takes_what_is_signed_once_and_nothing_else(service_url: str, service_database: str) -> None:
    secret = processes.run_ix(service_database, "secret", "called-back")
    with receiver(secret) as lines:
        address = lines.get(timeout=20).removeprefix("listens on ")
        with Client(service_url, "called-back") as ix:
            job = ix.submit([], "drill", request_id="told", callback_url=address)
            assert lines.get(timeout=20).startswith(f"job.done {job.ix_id} told /jobs/")
            failed = ix.submit([], "drill", request_id="failed", options={"action": "fail"}, callback_url=address)
            assert lines.get(timeout=20).startswith(f"job.error {failed.ix_id} failed {{'code': 'drill_failed'")
        forged = httpx.post(address, json={"type": "job.done"}, headers={"webhook-id": "msg_1"}, trust_env=False)
        assert forged.status_code == 400
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
        event = {"type": "job.done", "data": {"ix_id": "0", "request_id": "twice", "error": None, "url": "/jobs/0"}}
        body = json.dumps(event).encode()
        signed = headers("msg_2", body, [key], time.time())
        for _ in range(2):
            assert httpx.post(address, content=body, headers=signed, trust_env=False).status_code == 204
        assert lines.get(timeout=20) == "job.done 0 twice /jobs/0"
        assert lines.empty()
