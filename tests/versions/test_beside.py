"""Processes of versions that were beside the newest schema: an upgrade without a stop, and the way back by one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ix.database.migrate import migrate, migrations_folder
from tests import processes
from tests.receiver import receiver
from tests.versions import VERSIONS, code_of, last_migration, process_of
from tests.versions.test_upgrade import PREVIOUS, jobs_in

RECEIPT = [{"text": "CORNER SHOP LTD\nDate: 05/03/2024\nTOTAL 3.70\n"}]
EVERY = [name if name == PREVIOUS else pytest.param(name, marks=pytest.mark.long) for name in VERSIONS]
"""In the short form the last."""


def jobs(client: httpx.Client, prefix: str, hook: str) -> list[str]:
    """Submits a job of each kind: of the drill, with a document and a callback, tried again."""
    given: list[dict[str, Any]] = [
        {"use_case": "drill"},
        {"use_case": "receipt", "documents": RECEIPT, "callback_url": hook},
        {"use_case": "drill", "options": {"action": "transient", "attempts": 1}, "priority": 3},
    ]
    bodies = [{"client_id": "acme", "request_id": f"{prefix}-{n}", **body} for n, body in enumerate(given)]
    return [client.post("/jobs", json=body).raise_for_status().json()["ix_id"] for body in bodies]


def done(client: httpx.Client, ids: list[str]) -> None:
    for ix_id in ids:
        told = client.get(f"/jobs/{ix_id}", params={"wait": 30}).json()
        assert told["status"] == "done", told
        if told["use_case"] == "receipt":
            assert told["response"]["result"]["total"] == 3.7


@pytest.fixture
def hook() -> Iterator[str]:
    with receiver() as there:
        yield there.url
        there.until(1)


@pytest.mark.parametrize("name", EVERY)
def test_old_processes_work_beside_the_newest_schema(name: str, database_url: str, tmp_path: Path, hook: str) -> None:
    quick = {"IX_RETRY_DELAY": "0.1", "IX_SWEEP_INTERVAL": "0.2"}
    with code_of(name, tmp_path / "code") as code:
        engine, web = (process_of(code, command, database_url, **quick) for command in ("engine", "web"))
        try:
            with processes.web(database_url, IX_ALLOW_HOSTS="127.0.0.1") as new:
                engine.until("listener connected")
                old = web.until(r"web listens address=(\S+)")[1]
                for address in (old, new):
                    with httpx.Client(base_url=address, timeout=40, trust_env=False) as client:
                        assert client.get("/readyz").status_code == 200
                        # what the old engine does is told by both
                        done(client, jobs(client, "old" if address == old else "new", hook))
        finally:
            engine.stop()
            web.stop()
    assert not [line for line in (*engine.lines, *web.lines) if " ERROR " in line]


def test_back_by_one_with_jobs_in_flight(database_url: str, tmp_path: Path, hook: str) -> None:
    with (
        processes.web(database_url, IX_ALLOW_HOSTS="127.0.0.1") as new,
        httpx.Client(base_url=new, timeout=30, trust_env=False) as client,
    ):
        ids = jobs(client, "new", hook)
    for file in migrations_folder().glob("*.sql"):
        if file.name > last_migration(PREVIOUS):
            asyncio.run(migrate(database_url, "down"))
    assert len(asyncio.run(jobs_in(database_url))) == len(ids)
    with code_of(PREVIOUS, tmp_path / "code") as code:
        engine, web = (process_of(code, command, database_url, IX_RETRY_DELAY="0.1") for command in ("engine", "web"))
        try:
            address = web.until(r"web listens address=(\S+)")[1]
            with httpx.Client(base_url=address, timeout=40, trust_env=False) as client:
                done(client, ids)
                done(client, jobs(client, "old", hook))
        finally:
            engine.stop()
            web.stop()
    # and forward again
    asyncio.run(migrate(database_url))
    assert len(asyncio.run(jobs_in(database_url))) == 2 * len(ids)
