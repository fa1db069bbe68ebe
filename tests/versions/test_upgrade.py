"""Upgrades with jobs in flight, from every version that was: nothing is lost, and what was promised is kept."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from ix.api.app import create_app
from ix.config import Settings
from ix.database.migrate import migrate, migrations_folder
from ix.engine.engine import Engine
from ix.extraction.pipeline import Extractor
from tests import databases
from tests.accounts import connected
from tests.api.conftest import client_of
from tests.receiver import Receiver, receiver
from tests.versions import RELEASED, VERSIONS, last_migration, load

JOBS = "SELECT request_id, ix_id, status, response FROM jobs"
QUIET = """
    SELECT NOT EXISTS (SELECT FROM jobs WHERE status IN ('pending', 'running') AND queue NOT LIKE 'paused:%')
        AND NOT EXISTS (SELECT FROM deliveries WHERE status = 'pending')
        AND NOT EXISTS (SELECT FROM actions WHERE state <> 'done')
        AND NOT EXISTS (SELECT FROM expiries WHERE erase_at < now())"""
STAYS = {"scheduled": "scheduled", "error": "error", "cancelled": "cancelled"}
OF_CONSOLE = {"paused": "pending", "expiring": None}
"""What became possible with the version `console`: elsewhere these jobs are done."""
PREVIOUS = list(VERSIONS)[-1]


def at_work(url: str, *hosts: str) -> Settings:
    return Settings(
        postgres_url=url,
        ocr="off",
        drill=True,
        allow_hosts=hosts,
        liveness_limit=2.0,
        heartbeat_interval=0.5,
        sweep_interval=0.1,
        poll_interval=0.3,
    )


async def jobs_in(url: str) -> Mapping[str, Any]:
    async with connected(url) as owner:
        return {row["request_id"]: row for row in await owner.fetch(JOBS)}


async def until(url: str, condition: str) -> None:
    """Returns once a condition holds in the database."""
    async with connected(url) as owner, asyncio.timeout(30):
        while not await owner.fetchval(condition):
            await asyncio.sleep(0.05)


class Upgrade:
    """A version's database, brought up to date, and what was in it before. Its callbacks come to `there`."""

    def __init__(self, name: str, url: str, there: Receiver) -> None:
        self.name, self.url, self.there = name, url, there
        self.before: Mapping[str, Any] = {}
        self.has_console = [*VERSIONS].index(name) >= [*VERSIONS].index("console")

    async def begin(self, folder: Path) -> None:
        await load(self.name, self.url, self.there.host, folder)
        self.before = await jobs_in(self.url)
        await migrate(self.url)

    async def go_on(self, extractor: Extractor, all_done: asyncio.Barrier) -> None:
        """An engine does what there is, and web tells of it."""
        settings = at_work(self.url, self.there.host)
        engine = Engine(settings, extractor=extractor)
        await engine.start()
        async with client_of(create_app(settings=settings, probes={})) as client:
            await until(self.url, QUIET)
            await told_as_ever(client, self.before, await jobs_in(self.url))
        await all_done.wait()
        await engine.stop()

    async def judge(self) -> None:
        special = STAYS | (OF_CONSOLE if self.has_console else {})
        expected = {request_id: special.get(request_id, "done") for request_id in self.before}
        found = {request_id: job["status"] for request_id, job in (await jobs_in(self.url)).items()}
        if "acted" in found and self.has_console:
            # an engine may have done the job before the action came to it; the action is over, as `QUIET` says
            assert found["acted"] in ("cancelled", "done")
            expected["acted"] = found["acted"]
        assert found == {request_id: status for request_id, status in expected.items() if status}, self.name
        called = [received.json()["data"]["request_id"] for received in self.there.received]
        assert sorted(called) == ["done", "error", "pending"], self.name


@pytest.fixture
def upgrades(server_url: str) -> Iterator[Sequence[Upgrade]]:
    with ExitStack() as stack:
        yield [
            Upgrade(name, stack.enter_context(databases.clone(server_url, None)), stack.enter_context(receiver()))
            for name in VERSIONS
        ]


async def test_jobs_in_flight_outlive_an_upgrade(upgrades: Sequence[Upgrade], tmp_path: Path) -> None:
    """All versions at once, each with a database and an engine of its own, which share the processes that read."""
    for upgrade in upgrades:
        await upgrade.begin(tmp_path / upgrade.name)
    extractor, all_done = Extractor.create(at_work(upgrades[0].url)), asyncio.Barrier(len(upgrades))
    async with asyncio.TaskGroup() as running:
        for upgrade in upgrades:
            running.create_task(upgrade.go_on(extractor, all_done))
    for upgrade in upgrades:
        await upgrade.judge()


async def told_as_ever(client: httpx.AsyncClient, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Answers that were there are told as they were stored, and a repeated submission finds its job."""
    for request_id in ("done", "error"):
        told = (await client.get(f"/jobs/{before[request_id]['ix_id']}")).json()
        assert told["response"]["result"] == json.loads(before[request_id]["response"])["result"]
    assert json.loads(after["running"]["response"])["result"]["attempt"] == 2
    body = {"client_id": "acme", "request_id": "urgent", "use_case": "drill", "priority": 9}
    again = await client.post("/jobs", json=body)
    assert (again.status_code, again.json()["ix_id"]) == (200, before["urgent"]["ix_id"])


def test_migrations_of_versions_stay_as_they_were() -> None:
    lines = [line.split() for line in RELEASED.read_text().splitlines()]
    for _, name, digest in lines:
        assert hashlib.sha256((migrations_folder() / name).read_bytes()).hexdigest() == digest, name
    assert {version for version, _, _ in lines} == set(VERSIONS)
    # what was not released yet comes after all that was
    released = {name for _, name, _ in lines}
    new = [file.name for file in migrations_folder().glob("*.sql") if file.name not in released]
    assert all(name > last_migration(PREVIOUS) for name in new)
