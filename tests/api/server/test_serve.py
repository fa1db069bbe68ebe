"""The web process as a process: its port, its log and its end."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import asyncpg
import httpx
import pytest

from tests.processes import Process

CANARY = "canary-from-the-document"


@pytest.fixture
def web(database_url: str) -> Iterator[Process]:
    process = Process("web", database_url)
    yield process
    process.stop()


def body(**fields: Any) -> dict[str, Any]:
    return {"client_id": "acme", "request_id": uuid.uuid4().hex, "use_case": "drill", **fields}


async def forbid_acme(url: str) -> None:
    """Makes PostgreSQL refuse each insert with a message that quotes the row."""
    connection = await asyncpg.connect(url)
    await connection.execute("ALTER TABLE jobs ADD CONSTRAINT surprise CHECK (client_id <> 'acme')")
    await connection.close()


def test_an_error_that_nobody_foresaw_is_one_line_without_a_word_of_the_document(
    web: Process, database_url: str
) -> None:
    url = web.until(r"web listens address=(\S+)")[1]
    asyncio.run(forbid_acme(database_url))
    answer = httpx.post(f"{url}/jobs", json=body(options={"result": {"a": CANARY}}), trust_env=False)
    httpx.get(f"{url}/jobs/%0d%0aforged%1b[31m", trust_env=False)
    web.send(signal.SIGTERM)
    assert web.wait() == 0
    assert answer.status_code == 500
    request = answer.headers["x-request-id"]
    assert [line.split(" ", 2)[2] for line in web.lines if " DEBUG " not in line] == [
        f"web listens address={url}",
        f'request failed path=/jobs error="CheckViolationError: constraint surprise" http_request={request}',
        "web stopped",
    ]


def test_a_request_that_is_no_http_says_nothing_and_harms_nobody(web: Process) -> None:
    url = httpx.URL(web.until(r"web listens address=(\S+)")[1])
    with socket.create_connection((url.host, url.port or 0)) as raw:
        raw.sendall(b"\x00\x01 nonsense\r\n\r\n")
        raw.settimeout(5)
        assert b" 400 " in raw.recv(1000)
    assert httpx.get(url.join("/healthz"), trust_env=False).status_code == 200
    web.send(signal.SIGTERM)
    web.wait()
    assert len([line for line in web.lines if " DEBUG " not in line]) == 2


def test_a_port_that_is_taken_is_named(database_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        env = {"IX_POSTGRES_URL": database_url, "IX_PORT": str(taken.getsockname()[1])}
        done = subprocess.run([sys.executable, "-m", "ix", "web"], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("ix: IX_PORT: cannot listen on 127.0.0.1:")


def test_processes_that_share_a_port_share_its_connections(database_url: str) -> None:
    sharing = {"IX_SHARE_PORT": "true", "IX_LOG_LEVEL": "DEBUG"}
    with ExitStack() as stack:
        first = Process("web", database_url, **sharing)
        stack.callback(first.stop)
        url = first.until(r"web listens address=(\S+)")[1]
        second = Process("web", database_url, **sharing, IX_PORT=str(httpx.URL(url).port))
        stack.callback(second.stop)
        assert second.until(r"web listens address=(\S+)")[1] == url
        for _ in range(60):
            assert httpx.get(f"{url}/livez", trust_env=False, timeout=30).status_code == 200
        for process in (first, second):
            process.until("request answered .*route=/livez")
