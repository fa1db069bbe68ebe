"""Confidence as a probability: the signs, the weights that fit them, and where it is written."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import pytest

from ix.extraction.checked import CheckedResult
from ix.extraction.confidence import calibrate
from ix.extraction.confidence.signs import OF_ALL, OF_KINDS, Known, doubt, signs
from ix.extraction.confidence.weights import LEAST, MOST, Weights, shipped
from ix.extraction.evidence import Found, place
from ix.extraction.models import Leaf
from ix.extraction.page import Page, Word
from ix.fields import KINDS, Field, Kind
from ix.job import Finding

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "shop": {"type": "string", "x-ix": {"kind": "organisation"}},
        "sum": {"type": "number", "x-ix": {"kind": "money", "labels": ["to pay"]}},
        "paid": {"type": "boolean"},
    },
}
PAGE = Page(
    1,
    100,
    100,
    tuple(
        Word(text, (left / 100, top / 100, left / 100 + 0.09, top / 100 + 0.03), sure)
        for text, left, top, sure in (
            ("Blue", 10, 5, 0.97),
            ("Kettle", 20, 5, 0.9),
            ("To", 10, 30, 1.0),
            ("pay", 20, 30, 1.0),
            ("11.40", 60, 30, 1.0),
        )
    ),
)


def leaf(value: Any, *words: int, sure: float | None = 0.8, margin: float | None = 0.5) -> Leaf:
    return Leaf(value, None, 0, words, sure, margin=margin)


def told(
    values: dict[str, Any], *findings: Finding, weights: Weights | None = None
) -> tuple[dict[str, Any], dict[str, str]]:
    placed = place(values, SCHEMA, [PAGE])
    rated = calibrate(placed, CheckedResult(placed.result, SCHEMA), findings, weights)
    return placed.evidence, dict(rated)


def test_the_shipped_weights_are_those_of_the_signs() -> None:
    """A sign that is not fitted, or a weight of a sign that is gone: run `python -m training.calibrate`."""
    weights = shipped()
    assert set(weights.all) == set(OF_ALL)
    assert set(weights.of_kinds) == set(OF_KINDS)
    fitted = {kind: set(own) for kind, own in weights.of_kinds.items()}
    assert fitted == {kind: set(own) for kind, own in OF_KINDS.items()}
    assert set(weights.kinds) <= KINDS
    assert set(weights.scores) <= set(weights.kinds)
    numbers = [weights.bias, *weights.kinds.values(), *weights.all.values()]
    assert all(math.isfinite(one) and abs(one) < 20 for one in numbers)


def test_the_counts_are_those_of_probabilities_that_hold() -> None:
    """Where the file says 0.9, about nine of ten were right: its own calibration error is small."""
    sure, right, of = Counter[int](), Counter[int](), Counter[int]()
    for of_kind in shipped().scores.values():
        for written, (rights, wrongs) in of_kind.items():
            step = min(int(float(written) * 10), 9)
            sure[step] += round(1000 * float(written) * (rights + wrongs))
            right[step], of[step] = right[step] + rights, of[step] + rights + wrongs
    assert sum(of.values()) > 1000
    assert sum(abs(sure[step] / 1000 - right[step]) for step in of) / sum(of.values()) < 0.03


def test_odds_of_signs_add_up() -> None:
    weights = Weights(1.0, {"date": 0.5}, {"close": -2.0}, {"date": {"recognised": 1.0}}, {})
    assert weights.probability("date", {"close": 0.25}, {"recognised": 1.0}) == round(1 / (1 + math.exp(-2.0)), 3)
    # kinds and signs that were never seen weigh nothing
    assert weights.probability("person", {"new": 9.0}, {}) == round(1 / (1 + math.exp(-1.0)), 3)
    assert weights.probability("date", {"close": 1e9}, {}) == LEAST
    assert weights.probability("date", {"close": -1e9}, {}) == MOST


def test_doubt_has_fine_steps_where_certainty_is_near() -> None:
    assert doubt(1.0) == 0.0
    assert doubt(0.5) == pytest.approx(1.0, abs=0.02)
    assert doubt(0.96) - doubt(0.98) > 5 * (doubt(0.5) - doubt(0.52))
    assert doubt(-3) == doubt(0.0)
    assert doubt(7) == 0.0


def signs_of(kind: Kind, value: Any, **known: Any) -> dict[str, float]:
    found = Found(Field("x", "x", kind, ("total",)), leaf(value), False, PAGE.words[:2], "Grand  TOTAL:", 3)
    of_all, of_kind = signs(Known(found, {"match": "exact", "method": "extract"}, known.get("codes", ()), False))
    return {**of_all, **of_kind}


def test_signs_say_what_is_known() -> None:
    found = signs_of("money", 11.4, codes=["sum_mismatch"])
    assert (found["labelled"], found["finding"], found["close"]) == (1.0, 1.0, 0.5)
    assert found["repeated"] == pytest.approx(2 / 3)
    assert found["worst_word"] == doubt(0.9)
    assert (found["fuzzy"], found["derived"], found["in_row"], found["proven"]) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("12 Leve1 Road, 81200 Johor", "odd"),
        ("12 Long Lane, 4330O Johor", "odd"),
        ("12 Long Lane, Johor,", "cut"),
        ("ane, 81200 Johor", "cut"),
        ("12 Long Lane, 81200 Johor", "postcode"),
        ("10 Downing Street, London SW1A 2AA", "postcode"),
    ],
)
def test_addresses_that_look_misread_or_cut(text: str, sign: str) -> None:
    found, plain = signs_of("address", text), signs_of("address", "12 Long Lane Johor")
    assert found[sign] > plain[sign] == 0


def test_a_probability_is_written_for_what_was_found_and_placed() -> None:
    evidence, rated = told(
        {"shop": leaf("Blue Kettle", 0, 1), "sum": leaf(11.4, 4), "paid": Leaf(True, confidence=0.9)}
    )
    assert rated == {"shop": "organisation", "sum": "money"}
    weights = shipped()
    assert LEAST <= evidence["shop"]["confidence"] < evidence["sum"]["confidence"] <= MOST
    # worse signs, a lower probability
    worse, _ = told({"sum": leaf(11.4, 4, sure=0.4, margin=0.0)})
    assert worse["sum"]["confidence"] < evidence["sum"]["confidence"]
    known, _ = told({"sum": leaf(11.4, 4)}, weights=weights._replace(bias=-20.0))
    assert known["sum"]["confidence"] == LEAST


def test_what_is_no_probability_stays_as_it_was() -> None:
    # a model that says nothing of its own confidence, and what stands nowhere
    evidence, rated = told({"sum": leaf(11.4, 4, sure=None), "shop": leaf("Red Kettle", sure=0.9)})
    assert rated == {}
    assert evidence["sum"]["confidence"] == 1.0
    assert evidence["shop"]["confidence"] == 0.0
    placed = place({"sum": leaf(11.4, 4)}, SCHEMA, [PAGE])
    placed.evidence["sum"]["source"] = "xml"
    before = dict(placed.evidence["sum"])
    assert calibrate(placed, CheckedResult(placed.result, SCHEMA), ()) == {}
    assert placed.evidence["sum"] == before
