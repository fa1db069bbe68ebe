"""A risk that somebody takes, and the bar that keeps to it."""

from __future__ import annotations

import random
from typing import Any

import pytest

from ix.extraction.checked import CheckedResult
from ix.extraction.confidence import promise
from ix.extraction.confidence.risk import bar_of, lower_bound, shipped_bar, upper_bound
from ix.extraction.review.points import Rules, points

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "net": {"type": "number", "x-ix": {"kind": "money"}},
        "tax": {"type": "number", "x-ix": {"kind": "money", "bar": 0.1}},
        "gross": {"type": "number", "x-ix": {"kind": "money"}},
        "colour": {"type": "string"},
    },
    "x-ix": {"sums": [{"total": "gross", "parts": ["net", "tax"]}]},
}
RESULT = {"net": 10.0, "tax": 2.0, "gross": 12.0, "colour": None}


def node(confidence: float, top: float) -> dict[str, Any]:
    box = [0.1, top, 0.2, top + 0.05]
    return {"method": "extract", "match": "exact", "document": 0, "page": 1, "boxes": [box], "confidence": confidence}


EVIDENCE = {"net": node(0.9, 0.1), "tax": node(0.99, 0.2), "gross": node(0.99, 0.3), "colour": None}


@pytest.mark.parametrize(
    ("wrong", "of", "bound"),
    # tables of Clopper and Pearson, one side of 95 %: none of n is the rule of three
    [(0, 100, 0.02951), (1, 100, 0.04656), (5, 100, 0.10225), (0, 149, 0.01990), (10, 10, 1.0), (0, 0, 1.0)],
)
def test_the_bound_is_that_of_clopper_and_pearson(wrong: int, of: int, bound: float) -> None:
    assert upper_bound(wrong, of) == pytest.approx(bound, abs=1e-5)


def test_bounds_on_both_sides() -> None:
    assert lower_bound(5, 100, 0.025) == pytest.approx(0.01643, abs=1e-5)
    assert upper_bound(5, 100, 0.025) == pytest.approx(0.11283, abs=1e-5)
    assert lower_bound(0, 100) == 0.0


def test_the_bar_lies_where_wrong_values_begin() -> None:
    scores = {"date": {"0.990": (600, 0), "0.900": (200, 1)}, "money": {"0.600": (100, 50), "0.500": (0, 49)}}
    found = bar_of(0.02, scores)
    assert found is not None
    assert (found.bar, found.passed, found.counted) == (0.9, 0.801, 1000)
    assert found.bound < 0.02
    # kinds alone
    dates = bar_of(0.02, scores, {"date"})
    assert dates is not None
    assert dates.passed == 1.0
    assert bar_of(0.02, scores, {"money"}) is None


def test_too_few_values_promise_nothing() -> None:
    assert bar_of(0.02, {"date": {"0.990": (100, 0)}}) is None
    assert bar_of(0.02, {}) is None
    assert bar_of(0.05, {"date": {"0.990": (100, 0)}}) is not None


def test_the_promise_holds_for_values_like_those_that_were_counted() -> None:
    """Bars from one half keep the risk on the other in at least as many tries as they say."""
    chance, broken, tries = random.Random(3), 0, 20
    for _ in range(tries):
        drawn = [(sure := round(0.5 + chance.random() / 2, 3), chance.random() < sure**0.3) for _ in range(1500)]
        scores: dict[str, tuple[int, int]] = {}
        for sure, right in drawn:
            rights, wrongs = scores.get(f"{sure:.3f}", (0, 0))
            scores[f"{sure:.3f}"] = rights + right, wrongs + (not right)
        found = bar_of(0.05, {"date": scores})
        # the true share of wrong values above a bar, of what they are drawn from
        if found and 1 - sum(sure**0.3 for sure, _ in drawn if sure >= found.bar) / (found.passed * 1500) > 0.05:
            broken += 1
    assert broken <= 0.1 * tries


def wanting(rules: Rules) -> list[str]:
    checked = CheckedResult(RESULT, SCHEMA)
    return [one.path for one in points(checked, EVIDENCE, [], rules)]


def test_a_promise_is_about_the_confidence_alone() -> None:
    # the sum proves it, and the field has a low bar of its own
    assert wanting(Rules(0.95)) == []
    assert wanting(Rules(0.95, risk=0.02)) == ["net"]
    assert wanting(Rules(0.995, risk=0.02)) == ["net", "tax", "gross"]


def test_without_a_bar_the_usual_one_counts() -> None:
    assert Rules(0.8, 0.1, 0.02).under(None) == Rules(0.8, 0.1)
    assert Rules(0.8, 0.1, 0.02).under(0.97) == Rules(0.97, 0.1, 0.02)


def test_what_was_counted_is_promised_and_what_was_not_is_told() -> None:
    checked = CheckedResult({**RESULT, "colour": "red"}, SCHEMA)
    rated = dict.fromkeys(("net", "tax", "gross"), "money")
    shipped = shipped_bar(0.05)
    assert shipped is not None
    made = promise(0.05, CheckedResult(RESULT, SCHEMA), {**EVIDENCE}, rated)
    assert (made.bar, made.findings, made.said["asked"]) == (shipped.bar, [], 0.05)
    assert made.said["passed"] == shipped.passed
    text = promise(0.05, checked, {**EVIDENCE, "colour": node(0.9, 0.5)}, {**rated, "colour": "text"})
    assert [(one.code, one.path, one.params["fields"]) for one in text.findings] == [("risk_unknown", "", "colour")]
    # a model's, which nobody has rated
    unrated = promise(0.05, checked, {**EVIDENCE}, {"net": "money", "tax": "money"})
    assert unrated.findings[0].params["fields"] == "gross"
    none = promise(0.0001, checked, {**EVIDENCE}, rated)
    assert (none.bar, [one.code for one in none.findings], none.said["bar"]) == (None, ["risk_unknown"], None)
