"""What is measured: as JSON, as Prometheus's text, and by whom it may be read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as families

from ix.api.app import create_app
from ix.api.measuring.measures import MEASURES, MOST_VALUES, OTHER, Snapshot
from ix.api.measuring.prometheus import text
from ix.config import Settings
from ix.database import Database
from ix.database.connect import Pool, open_connection
from ix.database.engines import Engines, Load
from ix.database.metrics import MOST_GROUPS, Metrics, Waiting
from ix.database.tallies import Total
from tests.api.conftest import client_of
from tests.api.test_operations import bearer, ended, insert
from tests.chaos.faulty import FaultyPool
from tests.database.test_tallies import ended as ended_earlier

ODD = 'a "quoted" \\ name\nof two lines'
WAITS = {"ocr": {"waiting": 3, "oldest_seconds": 2.5}, "model": {"waiting": 0, "oldest_seconds": 0.0}}


@pytest.fixture
def database(pool: Pool) -> Database:
    return Database(pool)


@pytest.fixture
def shown(settings: Settings) -> Settings:
    return settings.model_copy(update={"prometheus": True})


@pytest.fixture
async def client(shown: Settings, pool: Pool) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(create_app(settings=shown, pool=pool, probes={})) as client:
        yield client


async def filled(settings: Settings, database: Database) -> None:
    """Something of everything that is measured."""
    await ended_earlier(database.pool, "done", "3 hours", 0.7)
    await ended_earlier(database.pool, "error", "3 hours")
    while await database.tallies.count():
        pass
    await ended(database, 1, callback_url="https://x.example/")
    await database.pool.execute("UPDATE deliveries SET attempts = 2, created_at = now() - interval '1 hour'")
    await insert(database, 2)
    [old] = await insert(database, client=ODD, use_case="receipt")
    await database.pool.execute("UPDATE jobs SET created_at = now() - interval '1 hour' WHERE ix_id = $1", old)
    connection = await open_connection(settings, "test")
    for name in ("one", "two"):
        await Engines.heartbeat(connection, uuid4(), None, name, {}, Load(8, 3, WAITS))
    await connection.close()


async def test_as_json(client: httpx.AsyncClient, settings: Settings, database: Database) -> None:
    await filled(settings, database)
    said = (await client.get("/metrics")).json()
    assert (said["pending"], said["scheduled"], said["engines"], said["slots"]) == (3, 0, 2, 16)
    assert 3600 <= said["oldest_seconds"] < 3700
    lines = [(line["use_case"], line["client_id"], line["jobs"]) for line in said["waiting"]]
    assert lines == [("receipt", ODD, 1), ("drill", "acme", 2)]
    assert said["errors_24h"] == {"ocr_failed": 1}
    assert said["attempts_24h"] == 5
    assert said["waits"]["ocr"] == {"waiting": 6, "oldest_seconds": 2.5}
    assert (said["callbacks"]["owed"], said["callbacks"]["retrying"]) == (1, 1)
    assert 3600 <= said["callbacks"]["oldest_seconds"] < 3700
    assert said["notification_queue"] == 0
    assert said["database_bytes"] > 1_000_000


async def test_of_many_clients_the_rest_are_one_line(client: httpx.AsyncClient, database: Database) -> None:
    for number in range(203):
        await insert(database, client=f"c{number}")
    lines = (await client.get("/metrics")).json()["waiting"]
    assert len(lines) == 200
    assert (lines[-1]["client_id"], lines[-1]["use_case"], lines[-1]["jobs"]) == (None, None, 4)


async def test_of_very_many_the_rest_are_summed_up_before_they_come(
    client: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = Metrics._WAITING.replace(str(MOST_GROUPS), "3")
    monkeypatch.setattr(Metrics, "_WAITING", few)
    for number in range(6):
        await insert(database, client=f"c{number}")
    lines = (await client.get("/metrics")).json()["waiting"]
    assert [(line["client_id"], line["jobs"]) for line in lines] == [("c0", 1), ("c1", 1), ("c2", 1), (None, 3)]
    said = (await client.get("/metrics/prometheus")).text
    assert 'ix_jobs_waiting{client="other",use_case="other"} 3.0' in said


async def test_who_waits_for_a_moment_has_not_waited_before_it(database: Database) -> None:
    [job] = await insert(database)
    await database.pool.execute(
        "UPDATE jobs SET created_at = now() - interval '1 hour', run_at = now() WHERE ix_id = $1", job
    )
    [line] = await database.metrics.waiting()
    assert line.oldest_seconds < 60


@pytest.mark.parametrize(
    ("accept", "media_type", "parse"),
    [
        ("", "text/plain; version=0.0.4", families),
        ("text/html, */*", "text/plain; version=0.0.4", families),
        ("application/openmetrics-text; version=1.0.0", "application/openmetrics-text; version=1.0.0", open_metrics),
    ],
)
async def test_as_text(
    client: httpx.AsyncClient, settings: Settings, database: Database, accept: str, media_type: str, parse: Any
) -> None:
    await filled(settings, database)
    answered = await client.get("/metrics/prometheus", headers={"accept": accept})
    assert answered.status_code == 200
    assert answered.headers["content-type"].startswith(media_type)
    found = {family.name: family for family in parse(answered.text)}
    samples = {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in found.values()
        for sample in family.samples
    }
    assert samples["ix_database_up",] == 1
    assert samples["ix_jobs", "pending"] == 3
    assert samples["ix_jobs_waiting", ODD, "receipt"] == 1
    assert samples["ix_jobs_waiting_oldest_seconds", ODD, "receipt"] >= 3600
    assert samples["ix_jobs_errors_total", "ocr_failed"] == 1
    assert samples["ix_jobs_ended_total", "done", "receipt"] == 1
    assert samples["ix_waits", "ocr"] == 6
    assert samples["ix_job_duration_seconds_bucket", "0.5", "receipt"] == 0
    assert samples["ix_job_duration_seconds_bucket", "1.0", "receipt"] == 1
    assert samples["ix_job_duration_seconds_bucket", "+Inf", "receipt"] == 1
    assert samples["ix_job_duration_seconds_sum", "receipt"] == 0.7
    # nothing that is measured says nothing
    assert all(
        family.samples
        for family in found.values()
        if not family.name.startswith(("ix_limit", "ix_jobs_paused", "ix_day"))
    )


async def test_it_is_off_unless_it_is_asked_for(settings: Settings, pool: Pool) -> None:
    async with client_of(create_app(settings=settings, pool=pool, probes={})) as client:
        refused = await client.get("/metrics/prometheus")
        assert (refused.status_code, refused.json()["detail"]) == (404, "IX_PROMETHEUS is off")


async def test_it_is_for_administrators(client: httpx.AsyncClient, database: Database) -> None:
    acme, admin = await bearer(database, "acme"), await bearer(database, None)
    for headers, status in ((acme, 403), ({}, 401), (admin, 200)):
        assert (await client.get("/metrics/prometheus", headers=headers)).status_code == status


async def test_a_database_that_is_away_is_told(shown: Settings, pool: Pool) -> None:
    faulty = FaultyPool(pool)
    async with client_of(create_app(settings=shown, pool=faulty.as_pool, probes={})) as client:
        await client.get("/livez")
        faulty.outage = "ended AS MATERIALIZED"
        answered = await client.get("/metrics/prometheus")
        values = {sample.name: sample.value for family in families(answered.text) for sample in family.samples}
        assert (answered.status_code, values) == (200, {"ix_database_up": 0})
        assert (await client.get("/metrics")).status_code == 503


async def test_many_who_ask_are_told_what_was_read_once(
    client: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = 0
    read = database.tallies.totals

    async def counted(self: Any) -> Any:
        nonlocal reads
        reads += 1
        return await read()

    monkeypatch.setattr("ix.database.tallies.Tallies.totals", counted)
    for _ in range(20):
        assert (await client.get("/metrics/prometheus")).status_code == 200
    assert reads == 1


def test_labels_have_few_values() -> None:
    most = MOST_VALUES["client"]
    waiting = [Waiting("receipt", f"c{n}", n, float(n)) for n in range(1, most + 4)]
    # one that is called as the others are
    waiting.append(Waiting("receipt", OTHER, 10_000, 0.5))
    ended = [Total(f"u{n}", "done", "", 0, 1, 1, 1, 0.01) for n in range(MOST_VALUES["use_case"] + 5)]
    said = text(Snapshot(None, waiting, ended), "").body.decode()
    samples = [sample for family in families(said) for sample in family.samples]
    jobs = {sample.labels["client"]: sample.value for sample in samples if sample.name == "ix_jobs_waiting"}
    oldest = {s.labels["client"]: s.value for s in samples if s.name == "ix_jobs_waiting_oldest_seconds"}
    assert len(jobs) == most
    assert sum(jobs.values()) == sum(line.jobs for line in waiting)
    assert (jobs[OTHER], max(oldest.values())) == (10_000 + 1 + 2 + 3 + 4, most + 3)
    counts = [s for s in samples if s.name == "ix_job_duration_seconds_count"]
    assert (len(counts), sum(sample.value for sample in counts)) == (MOST_VALUES["use_case"] + 1, len(ended))
    series = [(sample.name, *sample.labels.values()) for sample in samples]
    assert len(series) == len(set(series))


def test_each_measure_has_a_name_of_its_own() -> None:
    assert len({measure.name for measure in MEASURES}) == len(MEASURES)
