"""Operating ix: JSON lines that belong together, spans that reach a collector, and a PgBouncer between ix and its
database."""

from __future__ import annotations

import importlib.util
import json
import signal
from typing import Any

import httpx
import pytest

from tests import pooler, processes
from tests.processes import Process
from tests.receiver import receiver

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
HAS_OPENTELEMETRY = importlib.util.find_spec("opentelemetry") is not None
HEADERS = {"x-request-id": "order-4711", "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}


def submit(url: str, key: str, **headers: str) -> dict[str, Any]:
    """A job, once it has ended."""
    body = {"client_id": "acme", "request_id": key, "use_case": "drill"}
    answer = httpx.post(f"{url}/jobs", json=body, headers=headers, params={"wait": 20}, timeout=30, trust_env=False)
    assert answer.status_code == 201
    job: dict[str, Any] = answer.json()
    return job


def lines(process: Process, event: str) -> list[dict[str, Any]]:
    """What a process has said of one event; all that it said is JSON."""
    said = [json.loads(line) for line in process.lines]
    return [line for line in said if line["event"] == event]


def test_lines_and_spans_of_both_processes_tell_of_one_job_by_its_ids(database_url: str) -> None:
    with receiver() as collector:
        settings = {
            "IX_LOG_FORMAT": "json",
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{collector.host}",
            "OTEL_BSP_SCHEDULE_DELAY": "50",
        }
        engine, web = (Process(command, database_url, **settings) for command in ("engine", "web"))
        try:
            engine.until("listener connected")
            job = submit(web.until(r'"address": "(\S+)"')[1], "r-1", **HEADERS)
            engine.until("job_finished")
            for process in (web, engine):
                process.send(signal.SIGTERM)
                assert process.wait() == 0
        finally:
            web.stop()
            engine.stop()
    check_lines(web, engine, job)
    if HAS_OPENTELEMETRY:
        sent = b"".join(each.body for each in collector.received)
        assert {each.path for each in collector.received} == {"/v1/traces"}
        for told in (b"ix-web", b"ix-engine", b"POST /jobs", b"process drill", bytes.fromhex(TRACE)):
            assert told in sent
    else:
        assert lines(web, "traces_off")


def check_lines(web: Process, engine: Process, job: dict[str, Any]) -> None:
    [accepted] = lines(web, "job_accepted")
    assert (accepted["ix_id"], accepted["http_request"], accepted["trace_id"]) == (job["ix_id"], "order-4711", TRACE)
    [answered] = lines(web, "request_answered")
    assert (answered["route"], answered["status"]) == ("/jobs", 201)
    assert isinstance(answered["ms"], float)
    for event in ("job_started", "job_finished"):
        [line] = lines(engine, event)
        assert (line["ix_id"], line["trace_id"]) == (job["ix_id"], TRACE)


@pytest.mark.skipif(pooler.PROGRAM is None, reason="no pgbouncer on the PATH")
def test_jobs_run_through_pgbouncer_in_transaction_mode(database_url: str) -> None:
    with (
        pooler.bouncer(database_url) as through,
        processes.engine(through, IX_POLL_INTERVAL="60") as engine,
        processes.web(through) as url,
    ):
        engine.until("notifications do not arrive.*IX_LISTEN_URL")
        assert [submit(url, f"r-{number}")["status"] for number in range(2)] == ["done"] * 2
