"""Measures as OpenTelemetry's instruments: what a collector is sent, and what is not set up."""

from __future__ import annotations

import gzip
import os
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from ix.api.measuring.measures import MEASURES, Snapshot
from ix.telemetry import metering
from tests.logs import Log, heard
from tests.processes import Process
from tests.receiver import receiver, status


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)
    return monkeypatch


@pytest.fixture
def log() -> Iterator[Log]:
    with heard() as log:
        yield log


async def nothing() -> Snapshot:
    raise AssertionError("nobody asks")


def sent_to(body: bytes) -> dict[str, list[Any]]:
    """What a collector is sent: each metric's name with its points."""
    service = pytest.importorskip(
        "opentelemetry.proto.collector.metrics.v1.metrics_service_pb2", reason="opentelemetry-proto is not installed"
    )
    message = service.ExportMetricsServiceRequest.FromString(body)
    metrics = [one for of in message.resource_metrics for scope in of.scope_metrics for one in scope.metrics]
    return {one.name: list((one.sum if one.HasField("sum") else one.gauge).data_points) for one in metrics}


def test_a_collector_is_sent_all_of_it_and_the_end_waits_for_none(database_url: str) -> None:
    with receiver() as collector:
        collector.otherwise = status(200)
        variables = {
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": f"http://{collector.host}/v1/metrics",
            "OTEL_METRIC_EXPORT_INTERVAL": "200",
        }
        web = Process("web", database_url, **variables)
        try:
            web.until("metrics are exported")
            first = collector.until(2, 30)[1]
        finally:
            web.stop()
        assert web.wait() == 0
    assert first.path == "/v1/metrics"
    body = gzip.decompress(first.body) if first.headers.get("content-encoding") == "gzip" else first.body
    points = sent_to(body)
    assert points["ix.database.up"][0].as_double == 1
    states = {point.attributes[0].value.string_value: point.as_double for point in points["ix.jobs"]}
    assert states == {"pending": 0, "running": 0, "scheduled": 0}
    assert set(points) <= {measure.name for measure in MEASURES}


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"OTEL_METRICS_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"},
        {"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"},
        {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:9"},
    ],
    ids=str,
)
async def test_nothing_is_set_up_unless_the_variables_ask_for_it(
    environment: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    for name, value in variables.items():
        environment.setenv(name, value)
    before = threading.active_count()
    with metering.exported("ix-test", MEASURES, nothing):
        assert threading.active_count() == before


async def test_where_the_package_is_missing_it_says_so_and_goes_on(environment: pytest.MonkeyPatch, log: Log) -> None:
    environment.setenv("OTEL_METRICS_EXPORTER", "console")
    environment.setitem(sys.modules, "opentelemetry.sdk.metrics", None)
    with metering.exported("ix-test", MEASURES, nothing):
        pass
    assert "ix-documents[otel]" in log.lines[0]


def test_a_collector_that_does_not_answer_delays_the_end_by_no_more_than_its_limit(database_url: str) -> None:
    over = threading.Event()

    def silent(_: object) -> None:
        over.wait(60)

    with receiver() as collector:
        collector.otherwise = silent
        variables = {
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": f"http://{collector.host}/v1/metrics",
            "OTEL_METRIC_EXPORT_INTERVAL": "100",
        }
        web = Process("web", database_url, **variables)
        try:
            collector.until(1, 30)
            began = time.monotonic()
            web.stop()
            assert web.wait() == 0
            assert time.monotonic() - began < 10
        finally:
            over.set()
            web.stop()
