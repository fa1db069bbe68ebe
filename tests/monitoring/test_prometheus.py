"""Rules, dashboard and configuration of `deploy/monitoring`, against a real Prometheus and a real web process."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from ix.config import Settings
from ix.database import Database
from tests import databases, processes
from tests.api.test_measuring import filled
from tests.chaos.fleet import patiently
from tests.monitoring.conftest import FOLDER, Prometheus, needed, prometheus

RULES = (FOLDER / "alerts.yml").read_text()
ALERTS = set(re.findall(r"alert: (\w+)", RULES))
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "dashboard.json").read_text())
EXPRESSIONS = [target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", ())]
NAMES = set(re.findall(r"\bix_\w+", " ".join([*EXPRESSIONS, *re.findall(r"expr: .*|^ +[/a-z].*\(ix_.*", RULES, re.M)])))
MORE_ERRORS = """
    INSERT INTO tallies VALUES (date_trunc('minute', now()), 'receipt', 'error', 'ocr_failed', -1, 60, 60, 0, 0)
    ON CONFLICT (minute, use_case, status, error_code, bucket) DO UPDATE SET jobs = tallies.jobs + 60"""
NOBODY_LIVES = "UPDATE engines SET heartbeat_at = now() - interval '1 day'"


def test_the_rules_are_rules() -> None:
    checked = subprocess.run([needed("promtool"), "check", "rules", FOLDER / "alerts.yml"], capture_output=True)
    assert checked.returncode == 0, checked.stdout


def test_each_alert_fires_when_it_should_and_not_before() -> None:
    tests = (FOLDER / "alerts_test.yml").read_text()
    assert set(re.findall(r"alertname: (\w+)", tests)) == ALERTS
    done = subprocess.run([needed("promtool"), "test", "rules", FOLDER / "alerts_test.yml"], capture_output=True)
    assert done.returncode == 0, done.stdout


def test_a_rule_with_another_bar_does_not_pass(tmp_path: Path) -> None:
    (tmp_path / "alerts_test.yml").write_text((FOLDER / "alerts_test.yml").read_text())
    (tmp_path / "alerts.yml").write_text(RULES.replace("> 600", "> 500"))
    done = subprocess.run([needed("promtool"), "test", "rules", tmp_path / "alerts_test.yml"], capture_output=True)
    assert done.returncode != 0


def test_each_alert_has_a_page() -> None:
    pages = (FOLDER.parents[1] / "docs" / "incidents.md").read_text()
    heads = {head.lower().replace(" ", "-") for head in re.findall(r"^## (.+)$", pages, re.M)}
    named = set(re.findall(r"runbook_url: docs/incidents\.md#(\S+)", RULES))
    assert len(named) == len(ALERTS)
    assert named <= heads


@pytest.fixture(scope="module")
def database_of_all(server_url: str, template_name: str) -> Iterator[str]:
    with databases.clone(server_url, template_name) as url:
        asyncio.run(_fill(url))
        yield url


async def _fill(url: str) -> None:
    settings = Settings(postgres_url=url)
    database = await Database.open(settings)
    await filled(settings, database)
    await database.pool.execute("INSERT INTO queue_slots (queue, slot) VALUES ('receipt', 1), ('receipt', 2)")
    await database.pauses.pause("invoice", "")
    await database.close()


@pytest.fixture(scope="module")
def web(database_of_all: str) -> Iterator[str]:
    with processes.web(
        database_of_all, IX_PROMETHEUS="true", IX_ACQUIRE_TIMEOUT="0.5", IX_LIVENESS_LIMIT="3600"
    ) as address:
        yield address


@pytest.fixture(scope="module")
def key(database_of_all: str) -> str:
    return processes.run_ix(database_of_all, "keys", "add", "--admin", "--name", "prometheus").split()[-1]


@pytest.fixture(scope="module")
def running(web: str, key: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    with prometheus(web.removeprefix("http://"), key, tmp_path_factory.mktemp("prometheus")) as running:
        yield running


def test_what_is_served_is_as_prometheus_wants_it(web: str, key: str) -> None:
    answer = httpx.get(f"{web}/metrics/prometheus", headers={"authorization": f"Bearer {key}"}, trust_env=False)
    done = subprocess.run([needed("promtool"), "check", "metrics"], input=answer.content, capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_what_the_dashboard_and_the_rules_name_is_there(running: Prometheus) -> None:
    assert len(NAMES) > 20
    found: set[str] = set()
    for _ in patiently(30):
        found = set(running.ask("label/__name__/values"))
        if found >= NAMES:
            break
    assert found >= NAMES


def test_each_panel_asks_what_prometheus_understands(running: Prometheus) -> None:
    assert len(EXPRESSIONS) > 20
    for expression in EXPRESSIONS:
        running.ask("query", query=expression)
    assert running.value("max(ix_waits{part='ocr'})") == 6


def test_alerts_fire_on_what_is_served(running: Prometheus, database_of_all: str) -> None:
    for alert in ("IxJobsWait", "IxCallbacksFail"):
        running.until_firing(alert)
    assert not running.firing() & {"IxNoEngine", "IxErrors", "IxDatabaseAway", "IxNotificationsPileUp"}
    asyncio.run(_execute(database_of_all, NOBODY_LIVES))
    asyncio.run(_execute(database_of_all, MORE_ERRORS))
    for alert in ("IxNoEngine", "IxErrors"):
        running.until_firing(alert)
    # a database that web cannot ask: its table is held
    asyncio.run(_while_held(database_of_all, running))


async def _execute(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(sql)
    await connection.close()


async def _while_held(url: str, running: Prometheus) -> None:
    connection = await asyncpg.connect(url)
    async with connection.transaction():
        await connection.execute("LOCK TABLE tallies IN ACCESS EXCLUSIVE MODE")
        await asyncio.to_thread(running.until_firing, "IxDatabaseAway")
    await connection.close()
