"""1. Idle pick-up: from the submission of a job to its handler's start, one job at a time, each finding an idle
service.

ix is timed from the POST's first byte sent, over a kept-alive connection; a peer from the call of its enqueue. All
processes read the same monotonic clock."""

from __future__ import annotations

from bench.book import Bench

SECTION = "pickup"
WARM_UP = 20
PAUSE_SECONDS = 0.01
"""Between jobs, so that each finds an idle service."""


def run(bench: Bench) -> None:
    """p50, p95 and p99 of each repetition."""
    for contestant in bench.turns(SECTION, bench.contestants):
        with bench.attempt(SECTION, contestant.name), contestant.session() as session, session.worker():
            session.pick_ups(WARM_UP, PAUSE_SECONDS)
            bench.book.percentiles(SECTION, contestant.name, session.pick_ups(bench.sizes.pick_ups, PAUSE_SECONDS))
