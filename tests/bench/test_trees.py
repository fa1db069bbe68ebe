"""The interval that `bench.trees` prints."""

from __future__ import annotations

import random

from bench.trees import interval


def test_of_24_pairs_the_7th_and_the_18th_are_its_ends() -> None:
    # P(X <= 6) = 0.011 and P(X <= 7) = 0.032 for X of 24 fair coins: a tail may hold 0.025
    ratios = [float(number) for number in range(1, 25)]
    random.shuffle(ratios)
    assert interval(ratios) == (7.0, 18.0)


def test_few_pairs_say_no_more_than_their_extremes() -> None:
    assert interval([0.9, 1.1, 1.0]) == (0.9, 1.1)


def test_it_holds_the_median_of_what_is_drawn_in_95_of_100_cases() -> None:
    dice = random.Random(7)
    held = 0
    for _ in range(2000):
        low, high = interval([dice.lognormvariate(0.0, 0.3) for _ in range(24)])
        held += low <= 1.0 <= high
    assert 0.94 < held / 2000 < 0.985
