"""A limit over two engine processes."""

from __future__ import annotations

import uuid
from typing import Any

import httpx

from tests import databases, processes
from tests.processes import Process


def submit(client: httpx.Client, use_case: str = "drill") -> str:
    body = {"client_id": "acme", "request_id": uuid.uuid4().hex, "use_case": use_case, "options": {"action": "hang"}}
    return str(client.post("/jobs", json=body).json()["ix_id"])


def test_holds_over_two_engines_and_the_next_starts_when_one_ends(server_url: str, template_name: str) -> None:
    limits: dict[str, Any] = {"IX_LIMITS": "drill=2", "IX_ENGINE_SLOTS": "4", "IX_POLL_INTERVAL": "60"}
    with (
        databases.clone(server_url, template_name) as database,
        processes.engine(database, **limits),
        processes.engine(database, **limits),
        processes.web(database) as url,
        httpx.Client(base_url=url, trust_env=False) as client,
    ):
        for _ in range(6):
            submit(client)
        seen: list[str] = []
        while len(seen) < 6:
            running = until_two_run(client, seen)
            assert client.get("/metrics").json()["limits"] == {"drill": {"limit": 2, "running": 2}}
            seen += running
            for ix_id in running:
                assert client.delete(f"/jobs/{ix_id}").status_code == 200
        assert len(set(seen)) == 6


def until_two_run(client: httpx.Client, ended: list[str]) -> list[str]:
    """Those that run, once they are two; they are never more."""
    while True:
        running = [job["ix_id"] for job in client.get("/jobs?status=running").json()["jobs"]]
        assert len(running) <= 2
        if len(running) == 2 and not set(running) & set(ended):
            return running


def test_a_limit_on_what_there_is_not_stops_the_start(database_url: str) -> None:
    engine = Process("engine", database_url, IX_LIMITS="reciept=2")
    try:
        engine.until("IX_LIMITS: there is no use case reciept; choose from .*receipt")
        assert engine.wait() == 1
    finally:
        engine.stop()
