"""Measures as Prometheus's text, or as OpenMetrics where whoever asks prefers that; written by Prometheus's own
library, which is loaded when the first one asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from ix.api.measuring.measures import MEASURES, MOST_VALUES, OTHER, UNITS, Measure, Snapshot, largest
from ix.database.tallies import BOUNDS, Total

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

DURATION = "ix_job_duration_seconds"


class Text(NamedTuple):
    """What is sent, and its media type."""

    body: bytes
    media_type: str


def text(snapshot: Snapshot, accept: str) -> Text:
    """All measures in the form that the header `Accept` asks for."""
    from prometheus_client.exposition import choose_encoder

    encode, media_type = choose_encoder(accept)
    return Text(encode(_Collected(snapshot)), media_type)


class _Collected:
    """What the library takes for a registry: the measures of one moment, and none of this process."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterator[Metric]:
        """Every measure, and the histogram of durations."""
        yield from (_metric(measure, self._snapshot) for measure in MEASURES)
        yield _durations(self._snapshot)


def _metric(measure: Measure, snapshot: Snapshot) -> Metric:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    family = CounterMetricFamily if measure.kind == "counter" else GaugeMetricFamily
    found = family(measure.name.replace(".", "_") + UNITS.get(measure.unit, ""), measure.help, labels=measure.labels)
    for values, number in measure.read(snapshot).items():
        found.add_metric(values, number)
    return found


def _durations(snapshot: Snapshot) -> Metric:
    """From start to end of jobs that are done, as the tallies tell them apart."""
    from prometheus_client.core import HistogramMetricFamily

    measured: defaultdict[str, list[Total]] = defaultdict(list)
    timed = [row for row in snapshot.ended if row.bucket >= 0]
    known = largest([(row.use_case, row.jobs) for row in timed], MOST_VALUES["use_case"])
    for row in timed:
        measured[row.use_case if row.use_case in known else OTHER].append(row)
    found = HistogramMetricFamily(DURATION, "Seconds from start to end of jobs that are done", labels=["use_case"])
    for use_case, rows in measured.items():
        # each bucket of Prometheus holds those before it, too
        buckets = [(str(bound), sum(row.jobs for row in rows if row.bucket <= n)) for n, bound in enumerate(BOUNDS)]
        all_of = sum(row.jobs for row in rows)
        found.add_metric([use_case], [*buckets, ("+Inf", all_of)], sum(row.seconds for row in rows))
    return found
