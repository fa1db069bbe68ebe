"""The prefetch window: short jobs are claimed ahead of the slots, long ones are not."""

from __future__ import annotations

from ix.engine.prefetch import MOST_PREFETCHED, PREFETCH_SECONDS, RATE_SECONDS, PrefetchWindow


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def ended(window: PrefetchWindow, clock: Clock, per_second: float, seconds: float) -> int:
    """What may be claimed ahead after so many jobs have ended so fast."""
    for _ in range(round(seconds / RATE_SECONDS)):
        for _ in range(round(per_second * RATE_SECONDS)):
            window.count()
        clock.now += RATE_SECONDS
        window.size()
    return window.size()


def test_nothing_is_claimed_ahead_at_first_nor_of_jobs_that_take_their_time() -> None:
    clock = Clock()
    window = PrefetchWindow(clock)
    assert window.size() == 0
    clock.now += 60
    window.count()
    assert window.size() == 0


def test_of_short_jobs_as_many_as_end_in_a_moment() -> None:
    clock = Clock()
    assert abs(ended(PrefetchWindow(clock), clock, 4000, 1.0) - 4000 * PREFETCH_SECONDS) <= 2
    assert ended(PrefetchWindow(clock), clock, 1_000_000, 0.2) == MOST_PREFETCHED


def test_the_rate_of_long_ago_counts_for_nothing() -> None:
    clock = Clock()
    window = PrefetchWindow(clock)
    assert ended(window, clock, 4000, 1.0) > 0
    clock.now += 10
    assert window.size() == 0


def test_it_can_be_reset() -> None:
    clock = Clock()
    window = PrefetchWindow(clock)
    assert ended(window, clock, 4000, 1.0) > 0
    window.reset()
    assert window.size() == 0
