"""The pace: short jobs are claimed ahead, long ones are not."""

from __future__ import annotations

from ix.engine.prefetch import AHEAD_SECONDS, MOST_AHEAD, WINDOW_SECONDS, PrefetchWindow


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def ended(pace: PrefetchWindow, clock: Clock, per_second: float, seconds: float) -> int:
    """What may be claimed ahead after so many jobs have ended so fast."""
    for _ in range(round(seconds / WINDOW_SECONDS)):
        for _ in range(round(per_second * WINDOW_SECONDS)):
            pace.count()
        clock.now += WINDOW_SECONDS
        pace.ahead()
    return pace.ahead()


def test_nothing_is_claimed_ahead_at_first_nor_of_jobs_that_take_their_time() -> None:
    clock = Clock()
    pace = PrefetchWindow(clock)
    assert pace.ahead() == 0
    clock.now += 60
    pace.count()
    assert pace.ahead() == 0


def test_of_short_jobs_as_many_as_end_in_a_moment() -> None:
    clock = Clock()
    assert abs(ended(PrefetchWindow(clock), clock, 4000, 1.0) - 4000 * AHEAD_SECONDS) <= 2
    assert ended(PrefetchWindow(clock), clock, 1_000_000, 0.2) == MOST_AHEAD


def test_the_pace_of_long_ago_counts_for_nothing() -> None:
    clock = Clock()
    pace = PrefetchWindow(clock)
    assert ended(pace, clock, 4000, 1.0) > 0
    clock.now += 10
    assert pace.ahead() == 0


def test_it_can_be_forgotten() -> None:
    clock = Clock()
    pace = PrefetchWindow(clock)
    assert ended(pace, clock, 4000, 1.0) > 0
    pace.forget()
    assert pace.ahead() == 0
