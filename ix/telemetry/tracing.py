"""Traces: which one the work at hand belongs to, and spans where OpenTelemetry is installed and set up. Nothing else
knows OpenTelemetry.

Without it a trace that a client sent is carried on all the same (see `ix.telemetry.traceparent`): into the log as
`trace_id`, and in the headers of calls that belong to the job. With it (`pip install 'ix-documents[otel]'` and the
OTEL_* variables) requests, runs, steps and calls are spans. Names of attributes are OpenTelemetry's semantic
conventions 1.3x, or begin with `ix.`; none carries document text, and of errors only the code or the type is kept."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal, TypeAlias

from ix.errors import JobError
from ix.telemetry.log import Event, bound, log
from ix.telemetry.traceparent import SAMPLED, Trace

try:
    from opentelemetry import trace as otel
    from opentelemetry.context import Context
except ImportError:  # the extra `otel` is not installed
    otel = None  # type: ignore[assignment]

Kind = Literal["server", "client", "consumer", "internal"]
Attributes: TypeAlias = Mapping[str, "str | int | float | bool"]

EXPORT_VARIABLES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_TRACES_EXPORTER")
"""Any of them turns the export on (OpenTelemetry's environment variable specification)."""
FLUSH_SECONDS = 1.0
"""How long the end of a process may wait for the last spans to be exported."""

_tracer: Any = None
_caller: ContextVar[Trace | None] = ContextVar("caller", default=None)


class Span:
    """A piece of work while it is done: OpenTelemetry's span, or nothing where there is no OpenTelemetry."""

    def __init__(self, span: Any = None) -> None:
        self._span = span

    def set(self, **attributes: str | int | float | bool | None) -> None:
        """Adds attributes; a double underscore stands for a dot, and None is left out."""
        if self._span is not None:
            self._span.set_attributes({k.replace("__", "."): v for k, v in attributes.items() if v is not None})

    def name(self, name: str) -> None:
        """Renames the span, for work that is only known by name once it has begun."""
        if self._span is not None:
            self._span.update_name(name)

    def fail(self, code: str) -> None:
        """Marks the work as failed; `code` is an error's code, or its type."""
        if self._span is not None:
            self._span.set_attribute("error.type", code)
            self._span.set_status(otel.StatusCode.ERROR)


_NO_SPAN = Span()


def concerns(caller: Trace | None) -> bool:
    """Whether work that `caller` asked for leaves a trace, so that it is worth a span."""
    return caller is not None or _tracer is not None


@contextmanager
def start_span(name: str, kind: Kind, caller: Trace | None, attributes: Attributes | None = None) -> Iterator[Span]:
    """A span of work that somebody outside asked for: `caller` is where in a trace they are, None where they told of
    none."""
    if _tracer is not None:
        # the id is asked for within the span, which begins a trace where the caller told of none
        with _spanned(name, kind, attributes, _context_of(caller)) as span, bound(trace_id=_trace_id()):
            yield span
    elif caller is not None:
        token = _caller.set(caller)
        try:
            with bound(trace_id=caller.trace_id):
                yield _NO_SPAN
        finally:
            _caller.reset(token)
    else:
        yield _NO_SPAN


@contextmanager
def span(name: str, kind: Kind = "internal", attributes: Attributes | None = None) -> Iterator[Span]:
    """A span of a part of the work at hand."""
    if _tracer is None:
        yield _NO_SPAN
    else:
        with _spanned(name, kind, attributes, None) as made:
            yield made


def current() -> Trace | None:
    """Where in a trace the work at hand is: what whoever goes on with it is told."""
    if _tracer is None:
        return _caller.get()
    context = otel.get_current_span().get_span_context()
    if not context.is_valid:
        return None
    ids = otel.format_trace_id(context.trace_id), otel.format_span_id(context.span_id)
    return Trace(*ids, int(context.trace_flags) & SAMPLED, context.trace_state.to_header())


def headers() -> dict[str, str]:
    """The headers of a call onwards; none where the work belongs to no trace."""
    trace = current()
    if trace is None:
        return {}
    # the callee's parent is the span of the call; without OpenTelemetry there is none, so an id is made up for it
    return (trace.child() if _tracer is None else trace).headers()


def use(provider: Any) -> None:
    """Makes spans with this `opentelemetry.trace.TracerProvider` from now on; with None it makes none."""
    global _tracer
    _tracer = None if provider is None else provider.get_tracer("ix")


@contextmanager
def exported(service: str) -> Iterator[None]:
    """Spans are made and exported as the OTEL_* variables say, by a process called `service` unless they call it
    something else."""
    provider = _provider(service)
    if provider is not None:
        use(provider)
    try:
        yield
    finally:
        _shut_down(provider)


@contextmanager
def _spanned(name: str, kind: Kind, attributes: Attributes | None, context: Any) -> Iterator[Span]:
    kinds = otel.SpanKind[kind.upper()]
    # an exception's message and stack may carry document text
    quiet = {"record_exception": False, "set_status_on_exception": False}
    with _tracer.start_as_current_span(name, context, kind=kinds, attributes=attributes, **quiet) as made:
        span = Span(made)
        try:
            yield span
        except BaseException as error:
            span.fail(error.code if isinstance(error, JobError) else type(error).__name__)
            raise


def _context_of(caller: Trace | None) -> Any:
    """OpenTelemetry's context below the caller's span; an empty one, which begins a trace, where there is none."""
    if caller is None:
        return Context()
    state = otel.TraceState.from_header([caller.state])
    ids = int(caller.trace_id, 16), int(caller.span_id, 16)
    there = otel.SpanContext(*ids, is_remote=True, trace_flags=otel.TraceFlags(caller.flags), trace_state=state)
    return otel.set_span_in_context(otel.NonRecordingSpan(there), Context())


def _trace_id() -> str | None:
    trace = current()
    return trace.trace_id if trace else None


def _provider(service: str) -> Any:
    """The provider that is there already, as under `opentelemetry-instrument`; else one of ix's own where the variables
    ask for it."""
    if otel is not None and not isinstance(otel.get_tracer_provider(), otel.ProxyTracerProvider):
        return otel.get_tracer_provider()
    wanted = any(os.environ.get(name) for name in EXPORT_VARIABLES)
    kind = os.environ.get("OTEL_TRACES_EXPORTER") or "otlp"
    if not wanted or kind == "none" or os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    try:
        return _own_provider(service, kind)
    except ImportError as error:
        log(Event.TRACES_OFF, hint="pip install 'ix-documents[otel]', or unset OTEL_*", missing=error.name)
        return None


def _own_provider(service: str, kind: str) -> Any:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    named = "OTEL_SERVICE_NAME" in os.environ or "service.name=" in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    # `_shut_down` ends it in bounded time; at exit it would wait for a collector that does not answer
    provider = TracerProvider(
        resource=Resource.create({} if named else {"service.name": service}), shutdown_on_exit=False
    )
    provider.add_span_processor(BatchSpanProcessor(_exporter(kind)))
    log(Event.TRACES_ON, exporter=kind, to=os.environ.get(EXPORT_VARIABLES[1]) or os.environ.get(EXPORT_VARIABLES[0]))
    return provider


def _exporter(kind: str) -> Any:
    if kind == "console":
        from opentelemetry.sdk.trace.export import ConsoleSpanExporter

        return ConsoleSpanExporter()
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter()


def _shut_down(provider: Any) -> None:
    """Exports the last spans in a thread that may be left behind: a collector that does not answer must not keep the
    process from ending."""
    if provider is not None and hasattr(provider, "shutdown"):
        ending = threading.Thread(target=provider.shutdown, daemon=True)
        ending.start()
        ending.join(FLUSH_SECONDS)
