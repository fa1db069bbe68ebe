"""Figures about confidences, against examples that were worked out by hand."""

from __future__ import annotations

import pytest

from ix.cli.evaluating import curves

PAIRS = [(0.9, True), (0.8, True), (0.7, False), (0.6, True), (0.6, False)]


def test_auroc_counts_the_pairs_in_the_right_order() -> None:
    # of 3 x 2 pairs of a right and a wrong value, 0.9 and 0.8 win both, 0.6 loses one and draws one
    assert curves.auroc(PAIRS) == pytest.approx(4.5 / 6)
    assert curves.auroc([(0.5, True), (0.5, False)]) == 0.5
    assert curves.auroc([(0.5, True)]) is None


def test_calibration_error_is_the_mean_distance_of_the_steps() -> None:
    # steps: 0.6 (two, half right), 0.7 (one, wrong), 0.8, 0.9 (one each, right)
    assert curves.ece(PAIRS) == pytest.approx((2 * 0.1 + 0.7 + 0.2 + 0.1) / 5)
    assert [step.values for step in curves.calibration(PAIRS)] == [2, 1, 1, 1]
    # certainty belongs into the last step
    assert curves.calibration([(1.0, True), (0.95, False)]) == [(2, 0.975, 0.5)]
    assert curves.ece([]) is None


def test_coverage_is_the_largest_share_that_is_precise_enough() -> None:
    assert curves.coverage_at(PAIRS, 1.0) == 0.4
    # two values of 0.6 cannot be told apart: one of them alone would be 3 of 4
    assert curves.coverage_at(PAIRS, 0.75) == 0.4
    assert curves.coverage_at(PAIRS, 0.6) == 1.0
    assert curves.coverage_at([(0.9, False)], 0.97) == 0.0


def test_precision_at_a_share_takes_parts_of_what_cannot_be_told_apart() -> None:
    assert curves.precision_at(PAIRS, 0.4) == 1.0
    # the first three, and one of the two of 0.6, which are half right
    assert curves.precision_at(PAIRS, 0.8) == pytest.approx((2 + 0.5) / 4)
    assert curves.precision_at([], 0.8) is None


def test_risk_by_coverage() -> None:
    assert list(curves.risk_coverage(PAIRS)) == [
        (0.2, 0.0),
        (0.4, 0.0),
        (0.6, pytest.approx(1 / 3)),
        (1.0, pytest.approx(0.4)),
    ]
    assert curves.aurc(PAIRS) == pytest.approx((0 + 0 + 1 / 3 + 2 * 0.4) / 5)
