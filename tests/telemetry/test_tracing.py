"""Traces: carried on without OpenTelemetry, and as spans of the SDK, kept in memory, with it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest

from ix.api.app import create_app
from ix.config import Settings
from ix.database.connect import Pool
from ix.engine.engine import Engine
from ix.errors import DocumentError
from ix.telemetry import tracing
from ix.telemetry.traceparent import Trace, read
from tests.api.conftest import client_of
from tests.logs import Log, heard
from tests.receiver import Received, Receiver, receiver, status

TRACE = Trace("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", 1, "foo=1")


@pytest.fixture
def log() -> Iterator[Log]:
    with heard() as log:
        yield log


@pytest.fixture
def outside() -> Iterator[Receiver]:
    """A client's receiver of callbacks, its file server, and a model server."""
    with receiver() as running:
        yield running


@pytest.fixture
def spans() -> Iterator[Any]:
    """What the SDK is told, span by span."""
    memory = pytest.importorskip(
        "opentelemetry.sdk.trace.export.in_memory_span_exporter", reason="opentelemetry-sdk is not installed"
    )
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor

    exporter, provider = memory.InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.use(provider)
    yield exporter
    tracing.use(None)


class TestWithoutOpenTelemetry:
    def test_there_is_no_trace_but_the_callers(self) -> None:
        with tracing.start_span("x", "server", None), tracing.span("y"):
            assert tracing.current() is None
            assert tracing.headers() == {}

    def test_calls_onwards_are_other_places_in_the_callers_trace(self) -> None:
        with tracing.start_span("x", "server", TRACE), tracing.span("y"):
            first, second = tracing.headers(), tracing.headers()
        told = read([first["traceparent"]], [first["tracestate"]])
        assert told is not None
        assert told._replace(span_id=TRACE.span_id) == TRACE
        assert len({TRACE.headers()["traceparent"], first["traceparent"], second["traceparent"]}) == 3
        assert tracing.current() is None

    def test_a_span_takes_what_it_is_told(self) -> None:
        with tracing.start_span("x", "server", TRACE) as span:
            span.set(a__b=1)
            span.name("y")
            span.fail("z")


class TestSpans:
    def test_a_callers_trace_goes_on(self, spans: Any) -> None:
        with tracing.start_span("outer", "server", TRACE), tracing.span("inner", "client", {"a": 1}) as inner:
            inner.set(b__c="d", e=None)
            sent = tracing.headers()
        inner_span, outer_span = spans.get_finished_spans()
        assert outer_span.parent.span_id == int(TRACE.span_id, 16)
        assert inner_span.parent.span_id == outer_span.context.span_id
        assert sent == {
            "traceparent": f"00-{TRACE.trace_id}-{inner_span.context.span_id:016x}-01",
            "tracestate": "foo=1",
        }
        assert (inner_span.kind.name, dict(inner_span.attributes)) == ("CLIENT", {"a": 1, "b.c": "d"})

    def test_without_a_caller_a_trace_begins_whatever_is_going_on(self, spans: Any) -> None:
        with tracing.start_span("one", "consumer", None), tracing.start_span("two", "consumer", None):
            pass
        assert len({span.context.trace_id for span in spans.get_finished_spans()}) == 2

    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (ValueError("canary"), "ValueError"),
            (DocumentError("canary"), "document_unreadable"),
            (asyncio.CancelledError(), "CancelledError"),
        ],
        ids=repr,
    )
    def test_of_an_error_only_its_code_or_type_is_kept(self, spans: Any, error: BaseException, code: str) -> None:
        with suppress(type(error)), tracing.span("x"):
            raise error
        [span] = spans.get_finished_spans()
        assert (span.attributes["error.type"], span.status.status_code.name) == (code, "ERROR")
        assert "canary" not in span.to_json()

    def test_what_a_caller_does_not_sample_is_not_exported_and_the_trace_goes_on_all_the_same(self, spans: Any) -> None:
        with tracing.start_span("x", "server", TRACE._replace(flags=0)):
            sent = read([tracing.headers()["traceparent"]])
        assert spans.get_finished_spans() == ()
        assert sent is not None
        assert (sent.trace_id, sent.flags) == (TRACE.trace_id, 0)
        assert sent.span_id != TRACE.span_id


class TestExport:
    @pytest.fixture
    def environment(self, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
        """No variable of OpenTelemetry is set, and what was set up is forgotten at the end."""
        for name in [name for name in os.environ if name.startswith("OTEL_")]:
            monkeypatch.delenv(name)
        monkeypatch.setattr(tracing, "_tracer", None)
        return monkeypatch

    @pytest.mark.parametrize(
        "variables",
        [
            {},
            {"OTEL_TRACES_EXPORTER": "none"},
            {"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"},
            {"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"},
        ],
        ids=str,
    )
    def test_nothing_is_set_up_unless_the_variables_ask_for_it(
        self, environment: pytest.MonkeyPatch, variables: dict[str, str]
    ) -> None:
        for name, value in variables.items():
            environment.setenv(name, value)
        with tracing.exported("ix-test"):
            assert tracing._tracer is None

    def test_where_the_package_is_missing_it_says_so_and_goes_on(
        self, environment: pytest.MonkeyPatch, log: Log
    ) -> None:
        environment.setenv("OTEL_TRACES_EXPORTER", "console")
        environment.setitem(sys.modules, "opentelemetry.sdk.trace", None)
        with tracing.exported("ix-test"):
            assert tracing._tracer is None
        assert "ix-documents[otel]" in log.lines[0]

    def test_a_collector_that_does_not_answer_delays_the_end_by_no_more_than_its_limit(
        self, environment: pytest.MonkeyPatch
    ) -> None:
        environment.setattr(tracing, "FLUSH_SECONDS", 0.05)
        over = threading.Event()

        class Stuck:
            def shutdown(self) -> None:
                over.wait(30)

        began = time.monotonic()
        tracing._shut_down(Stuck())
        assert time.monotonic() - began < 10
        over.set()


BODY = {
    "client_id": "acme",
    "request_id": "r-1",
    "use_case": "custom",
    "documents": [{"text": "Total 12.50"}],
    "options": {"schema": {"type": "object", "properties": {"total": {"type": "number"}}}},
}
TOLD = json.dumps({"total": {"quote": "12.50", "value": 12.5}})
REPLY = json.dumps({"done": True, "message": {"content": TOLD}, "prompt_eval_count": 900, "eval_count": 2}).encode()
"""As Ollama answers."""


def of_job(outside: Receiver) -> list[Received]:
    """What came for the job: an engine asks what the model can, and with nothing to do has it loaded."""
    return [each for each in outside.received if each.path not in ("/api/generate", "/api/show", "/api/tags")]


async def run_job(settings: Settings, outside: Receiver, **headers: str) -> str:
    """A job from its submission to its callback, with a document to fetch and a model server to ask."""
    settings = settings.model_copy(
        update={
            "extractor": "ollama",
            "model": "m",
            "ollama_url": f"http://{outside.host}",
            "allow_hosts": ("127.0.0.1",),
            "max_attempts": 1,
        }
    )
    outside.answers.extend([status(200, b"Total 12.50"), status(200, b"{}"), status(200, REPLY)])
    engine = Engine(settings)
    await engine.start()
    body = {**BODY, "documents": [{"url": f"http://{outside.host}/file", "name": "a.txt"}], "callback_url": outside.url}
    async with client_of(create_app(settings=settings)) as client:
        answer = await client.post("/jobs", json=body, headers=headers, params={"wait": 20})
        ix_id = str(answer.json()["ix_id"])
        async with asyncio.timeout(20):
            while (await client.get(f"/jobs/{ix_id}")).json()["callback_status"] != "delivered":
                await asyncio.sleep(0.02)
    await engine.stop()
    return ix_id


async def test_a_trace_goes_on_to_the_model_and_the_callback_and_not_to_the_documents_host(
    settings: Settings, outside: Receiver, pool: Pool, log: Log
) -> None:
    ix_id = await run_job(settings, outside, **TRACE.headers())
    fetch, ask, hook = of_job(outside)
    assert (fetch.path, ask.path, hook.path) == ("/file", "/api/chat", "/hook")
    assert not fetch.headers.keys() & {"traceparent", "tracestate"}
    told = [read([each.headers["traceparent"]], [each.headers["tracestate"]]) for each in (ask, hook)]
    assert [each and (each.trace_id, each.state) for each in told] == [(TRACE.trace_id, "foo=1")] * 2
    assert len({each.span_id for each in told if each} | {TRACE.span_id}) == 3
    carried = f"ix_id={ix_id}"
    for sentence in ("job started", "job progress", "job finished", "callback tried"):
        line = next(line for line in log.lines if sentence in line)
        assert carried in line
        assert f"trace_id={TRACE.trace_id}" in line


async def test_without_a_trace_no_header_tells_of_one(settings: Settings, outside: Receiver, log: Log) -> None:
    await run_job(settings, outside)
    assert not any(each.headers.keys() & {"traceparent", "tracestate"} for each in outside.received)
    assert "trace_id" not in await log.until("job finished")


async def test_a_jobs_spans_form_one_trace_from_the_request_to_the_callback(
    settings: Settings, outside: Receiver, spans: Any
) -> None:
    ix_id = await run_job(settings, outside, **TRACE.headers())
    made = {span.name: span for span in spans.get_finished_spans() if not span.name.startswith("GET")}
    assert {span.context.trace_id for span in made.values()} == {int(TRACE.trace_id, 16)}
    parents = {
        name: next((n for n, s in made.items() if span.parent.span_id == s.context.span_id), None)
        for name, span in made.items()
    }
    run = "process custom"
    assert parents == {
        "POST /jobs": None, run: "POST /jobs", "POST": "POST /jobs", "chat m": "answer",
        "open": run, "read": run, "answer": run,
    }  # fmt: skip
    assert made[run].attributes["messaging.message.id"] == ix_id
    assert made["POST /jobs"].attributes["http.response.status_code"] == 201
    assert made["chat m"].attributes["gen_ai.usage.input_tokens"] == 900
    assert made["POST"].attributes["http.response.status_code"] == 200
    assert {name: span.kind.name for name, span in made.items() if span.kind.name != "INTERNAL"} == {
        "POST /jobs": "SERVER", run: "CONSUMER", "chat m": "CLIENT", "POST": "CLIENT",
    }  # fmt: skip
    _, ask, hook = of_job(outside)
    assert ask.headers["traceparent"].split("-")[2] == f"{made['chat m'].context.span_id:016x}"
    assert hook.headers["traceparent"].split("-")[2] == f"{made['POST'].context.span_id:016x}"
    assert "12.50" not in "".join(span.to_json() for span in made.values())


async def test_a_failed_job_says_so_in_its_span(settings: Settings, spans: Any) -> None:
    engine = Engine(settings)
    await engine.start()
    body = {"client_id": "acme", "request_id": "r-2", "use_case": "drill", "options": {"action": "fail"}}
    async with client_of(create_app(settings=settings)) as client:
        answer: httpx.Response = await client.post("/jobs", json=body, params={"wait": 20})
    await engine.stop()
    [span] = [span for span in spans.get_finished_spans() if span.name == "process drill"]
    assert span.attributes["error.type"] == answer.json()["response"]["error"]["code"]
