"""Measures as OpenTelemetry's observable instruments, where OpenTelemetry is installed and set up as for spans (see
`ix.telemetry.tracing`): by OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_METRICS_ENDPOINT or OTEL_METRICS_EXPORTER.

The SDK asks from a thread of its own; what it is told is read in the event loop of the process."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Generic, Protocol, TypeVar

from ix.telemetry.log import Event, log

try:
    from opentelemetry import metrics as otel
except ImportError:  # the extra `otel` is not installed
    otel = None  # type: ignore[assignment]

EXPORT_VARIABLES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_METRICS_EXPORTER")
"""Any of them turns the export on (OpenTelemetry's environment variable specification)."""
READ_SECONDS = 10.0
"""How long an instrument waits for what is read."""
FLUSH_SECONDS = 1.0
"""How long the end of a process may wait for the last export."""
T = TypeVar("T")
S = TypeVar("S", contravariant=True)


class Instrument(Protocol[S]):
    """A measure: what it is called and where its numbers are in what was read."""

    @property
    def name(self) -> str:
        """Its name, in OpenTelemetry's spelling: with dots."""

    @property
    def unit(self) -> str:
        """Its unit, as UCUM writes it."""

    @property
    def help(self) -> str:
        """What it says, in one sentence."""

    @property
    def kind(self) -> str:
        """`counter` where it only grows, else `gauge`."""

    @property
    def labels(self) -> Sequence[str]:
        """The names of its attributes, in order."""

    def read(self, snapshot: S, /) -> Mapping[tuple[str, ...], float]:
        """The numbers by the values of the labels."""


@contextmanager
def exported(service: str, instruments: Sequence[Instrument[T]], read: Callable[[], Awaitable[T]]) -> Iterator[None]:
    """Exports what `read` gives as the OTEL_* variables say, by a process called `service` unless they call it
    something else. To be entered in the event loop in which `read` runs."""
    provider = _provider(service)
    if provider is None:
        yield
        return
    source = _Source(read, asyncio.get_running_loop())
    source.show(provider.get_meter("ix"), instruments)
    try:
        yield
    finally:
        source.close()
        _shut_down(provider)


class _Source(Generic[T]):
    """What the threads of the SDK ask."""

    def __init__(self, read: Callable[[], Awaitable[T]], loop: asyncio.AbstractEventLoop) -> None:
        self._read, self._loop = read, loop
        self._is_open = True

    def show(self, meter: Any, instruments: Sequence[Instrument[T]]) -> None:
        """Makes an instrument of each."""
        for one in instruments:
            make = meter.create_observable_counter if one.kind == "counter" else meter.create_observable_gauge
            make(one.name, callbacks=[self._callback(one)], unit=one.unit, description=one.help)

    def close(self) -> None:
        """Nothing is read any more: the loop waits for the SDK's last export."""
        self._is_open = False

    def _callback(self, instrument: Instrument[T]) -> Callable[[Any], Iterable[Any]]:
        def observe(_: Any) -> Iterable[Any]:
            if not self._is_open:
                return []
            read = asyncio.run_coroutine_threadsafe(self._snapshot(), self._loop).result(READ_SECONDS)
            found = instrument.read(read)
            return [
                otel.Observation(number, dict(zip(instrument.labels, values, strict=True)))
                for values, number in found.items()
            ]

        return observe

    async def _snapshot(self) -> T:
        return await self._read()


def _provider(service: str) -> Any:
    """The provider that is there already, as under `opentelemetry-instrument`; else one of ix's own where the variables
    ask for it."""
    kind = os.environ.get("OTEL_METRICS_EXPORTER") or "otlp"
    wanted = any(os.environ.get(name) for name in EXPORT_VARIABLES) and kind != "none"
    if otel is not None and type(otel.get_meter_provider()).__module__.startswith("opentelemetry.sdk"):
        return otel.get_meter_provider()
    if not wanted or os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    try:
        return _own_provider(service, kind)
    except ImportError as error:
        log(Event.METRICS_OFF, hint="pip install 'ix-documents[otel]', or unset OTEL_*", missing=error.name)
        return None


def _own_provider(service: str, kind: str) -> Any:
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from opentelemetry.sdk.resources import Resource

    named = "OTEL_SERVICE_NAME" in os.environ or "service.name=" in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    resource = Resource.create({} if named else {"service.name": service})
    # `_shut_down` ends it in bounded time; at exit it would wait for a collector that does not answer
    provider = MeterProvider([PeriodicExportingMetricReader(_exporter(kind))], resource, shutdown_on_exit=False)
    log(Event.METRICS_ON, exporter=kind, to=os.environ.get(EXPORT_VARIABLES[1]) or os.environ.get(EXPORT_VARIABLES[0]))
    return provider


def _exporter(kind: str) -> Any:
    if kind == "console":
        from opentelemetry.sdk.metrics.export import ConsoleMetricExporter

        return ConsoleMetricExporter()
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter

    return OTLPMetricExporter()


def _shut_down(provider: Any) -> None:
    """Ends the exports in a thread that may be left behind: a collector that does not answer must not keep the process
    from ending."""
    ending = threading.Thread(target=provider.shutdown, daemon=True)
    ending.start()
    ending.join(FLUSH_SECONDS)
