"""Large bodies in child processes, and large jobs that are passed on as they are stored."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
from collections.abc import AsyncIterator
from typing import Any

import httpx
import psutil
import pytest

from ix.api.app import create_app
from ix.api.submission import large
from ix.config import Settings
from ix.database.connect import Pool
from ix.database.jobs import Jobs
from tests.api.conftest import client_of
from tests.factories import submission

LARGE = base64.b64encode(bytes(300_000)).decode()


@pytest.fixture
async def client(settings: Settings, pool: Pool) -> AsyncIterator[httpx.AsyncClient]:
    """One reader, so that a test knows which it is."""
    settings = settings.model_copy(update={"body_workers": 1})
    async with client_of(create_app(settings=settings, pool=pool)) as client:
        yield client


def asked(request_id: str, **fields: Any) -> dict[str, Any]:
    return {"client_id": "acme", "request_id": request_id, "use_case": "drill", **fields}


def readers() -> list[psutil.Process]:
    """The children that read bodies."""
    return [one for one in psutil.Process().children() if large.TASK in one.cmdline()]


class TestBodies:
    async def test_each_of_a_batch_is_judged_for_itself_and_none_is_lost_with_a_reader(
        self, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        documents = [{"data": LARGE}]
        jobs = [asked("1", documents=documents), asked("2", options={"action": "dance"}), asked("1")]
        answer = await client.post("/jobs/batch", json={"jobs": [*jobs, asked("1", documents=documents)]})
        statuses = [one["status"] for one in answer.json()["jobs"]]
        assert statuses == [201, 422, 422, 200], answer.text
        assert answer.json()["jobs"][1]["problem"]["errors"][0]["field"] == "options.action"
        # what is not text on its way from a reader
        later = asked("later", run_at="2036-11-02T09:30:00.25+02:00", priority=-3, documents=documents)
        job = (await client.post("/jobs", json=later)).json()
        assert (job["run_at"], job["priority"], job["status"]) == ("2036-11-02T07:30:00.250000Z", -3, "scheduled")
        assert (await client.post("/jobs", json=later)).status_code == 200
        await self.lose_a_reader(client)
        await self.lose_every_reader(client, monkeypatch)

    async def lose_a_reader(self, client: httpx.AsyncClient) -> None:
        """What it was reading is read by another."""
        [reader] = readers()
        os.kill(reader.pid, signal.SIGSTOP)
        again = asyncio.create_task(client.post("/jobs", json=asked("2", documents=[{"data": LARGE}])))
        # stopped, so that it dies with a body in its hands; one that has died before is passed over anyhow
        await asyncio.sleep(0)
        os.kill(reader.pid, signal.SIGKILL)
        assert (await again).status_code == 201
        assert reader not in readers()

    async def lose_every_reader(self, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
        """A body that none of them survives is refused."""
        monkeypatch.setattr(large, "TASK", "ix.api.submission.nothing")
        services = client._transport.app.state.services  # type: ignore[attr-defined]
        lost = large.LargeBodies(services.settings)
        object.__setattr__(services, "large_bodies", lost)
        refused = await client.post("/jobs", json=asked("3", documents=[{"data": LARGE}]))
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "body")
        await lost.stop()

    def test_readers_know_no_secrets(self) -> None:
        assert set(large._environment(Settings())) == {f"IX_{name.upper()}" for name in large.PASSED_ON}
        assert not any("key" in name or "url" in name for name in large.PASSED_ON)


class TestJobs:
    async def test_that_are_large_read_as_others_do(self, client: httpx.AsyncClient, pool: Pool) -> None:
        jobs = Jobs(pool)
        for more in ({}, {"x": "y" * 100_000}):
            job = (await jobs.insert_pending(submission(options={"result": {"ä": [1.5, None], **more}}))).job
            await pool.execute(ENDED, job.ix_id, json.dumps({"result": {"a": 1}, **WHOLE}))
            read = (await client.get(f"/jobs/{job.ix_id}")).json()
            assert read["request"] == {"documents": [], "options": {"result": {"ä": [1.5, None], **more}}}
            assert read["response"] == {"result": {"a": 1}, **WHOLE}
            assert list(read) == list(json.loads(job.envelope()))

    @pytest.mark.parametrize(
        "change",
        [
            {"colour": "red"},
            {"warnings": 5},
            {"warnings": [5]},
            {"warnings": [{"code": "a", "message": "b", "colour": "red"}]},
            {"error": "no"},
            {"error": {"code": "a", "message": "b", "colour": "red"}},
        ],
        ids=str,
    )
    async def test_of_another_version_are_told_as_that(
        self, client: httpx.AsyncClient, pool: Pool, change: dict[str, Any]
    ) -> None:
        """The same, whether the answer is read or only looked at by PostgreSQL."""
        jobs = Jobs(pool)
        for result in ("small", "large" * 20_000):
            job = (await jobs.insert_pending(submission())).job
            await pool.execute(ENDED, job.ix_id, json.dumps({**WHOLE, "result": result, **change}))
            read = (await client.get(f"/jobs/{job.ix_id}")).json()
            assert read["response"]["error"]["code"] == "response_unreadable", read["response"]
            assert read["request"]["options"] == {"action": "succeed"}


WHOLE: dict[str, Any] = {"evidence": None, "error": None, "warnings": [], "timings": {}, "usage": {}}
ENDED = """
    UPDATE jobs SET attempts = 1, started_at = now(), finished_at = now(), response = $2::text::jsonb,
        status = CASE $2::text::jsonb -> 'error' WHEN 'null' THEN 'done' ELSE 'error' END
    WHERE ix_id = $1"""
