"""What is said of a value that was chosen although another one may be right, or nothing names it; and of an answer
without any value."""

from __future__ import annotations

from typing import Any

import pytest

from ix.extraction.checked import CheckedResult
from ix.extraction.checks import nothing
from ix.extraction.evidence import place
from ix.extraction.findings import said
from ix.extraction.models import Leaf
from ix.extraction.models.rules.answer import answer
from ix.extraction.review.points import USUAL, points
from ix.job import Finding
from ix.use_cases.receipt import USE_CASE
from tests.extraction.rules.documents import page

SCHEMA = USE_CASE.schema
SUMS = {
    "type": "object",
    "properties": {name: {"type": "number", "x-ix": {"kind": "money"}} for name in ("total", "net", "tax")},
    "x-ix": {"sums": [{"total": "total", "parts": ["net", "tax"]}]},
}


def read(text: str) -> dict[str, Finding]:
    pages = [page(text)]
    return {one.path: one for one in place(answer(pages, SCHEMA), SCHEMA, pages).findings}


def placed(text: str, schema: dict[str, Any] = SCHEMA, /, **leaves: Leaf) -> Any:
    return place(leaves, schema, [page(text)])


@pytest.mark.parametrize("written", ["03/04/2021", "3-4-2021"])
def test_a_date_that_nothing_decides_is_said_with_its_other_day(written: str) -> None:
    found = read(f"Corner Shop\n{written} 12:31\nSoap   3.40\nTotal   3.40")["date"]
    assert (found.code, found.params["other"]) == ("ambiguous", "2021-03-04")
    assert found.message == "date may as well be 2021-03-04: day and month can be read in either order"


@pytest.mark.parametrize(
    "text",
    [
        "13/04/2021 12:31",  # no month has that number
        "04/04/2021 12:31",  # the same day either way
        "3 April 2021",
        "03/04/2021 12:31\nvalid until 30/04/2021",  # another date shows the order
        "03/04/2021\nVAT ATU12345675",  # and so does the country
        "03/04/2021\nTel. +44 20 7946 0000",
    ],
)
def test_a_date_that_is_told_by_anything_is_not(text: str) -> None:
    assert "date" not in read(f"Corner Shop\n{text}\nSoap   3.40\nTotal   3.40")


def test_a_value_that_hardly_wins_is_said_with_the_other_one() -> None:
    text = "Order A-11\nOrder B-22"
    schema: dict[str, Any] = {"type": "object", "properties": {"order": {"type": "string"}}}
    close = placed(text, schema, order=Leaf("A-11", "A-11", confidence=0.9, rival="B-22", margin=0.04))
    assert [(one.code, one.params["other"]) for one in close.findings] == [("close_candidate", "B-22")]
    clear = placed(text, schema, order=Leaf("A-11", "A-11", confidence=0.9, rival="B-22", margin=0.06))
    assert clear.findings == ()


def test_a_backend_that_does_not_weigh_has_no_close_candidates() -> None:
    assert placed("Total 3.40", total=Leaf(3.4, "3.40")).findings == ()


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("Kiosk Tallinn\nTel. +372 600 0000\nSoap   3,40\nBrush   2,10", "currency", "EUR"),
        ("Kiosk\nzzyzx   5.50\nqwrt  5.50", "total", 5.5),
    ],
)
def test_what_no_words_name_is_said(text: str, path: str, value: object) -> None:
    pages = [page(text)]
    found = place(answer(pages, SCHEMA), SCHEMA, pages)
    assert found.result[path] == value
    assert {one.path: one.code for one in found.findings}[path] == "no_label"


def test_a_choice_is_a_doubt_that_a_sum_removes() -> None:
    values = {"total": 120.0, "net": 100.0, "tax": 20.0}
    leaves = {name: Leaf(value, confidence=0.9, rival=1.0, margin=0.01) for name, value in values.items()}
    found = placed("Net 100.00\nTax 20.00\nTotal 120.00", SUMS, **leaves)
    assert {one.code for one in found.findings} == {"close_candidate"}
    for result, expected in ((values, []), ({**values, "tax": 21.0}, ["doubt", "doubt"])):
        about = points(CheckedResult(result, SUMS), found.evidence, found.findings, USUAL)
        assert [one.kind for one in about if one.path != "total"] == expected


@pytest.mark.parametrize(("result", "expected"), [({}, 1), ({"total": 3.4}, 0), ({"items": [{"amount": 1}]}, 0)])
def test_an_answer_without_a_value_says_so(result: dict[str, Any], expected: int) -> None:
    empty: dict[str, Any] = {**dict.fromkeys(SCHEMA["properties"]), "items": []}
    checked = CheckedResult({**empty, **result}, SCHEMA)
    found = list(nothing(checked))
    assert [one.code for one in found] == ["nothing_found"] * expected
    about = points(checked, {}, found, USUAL)
    assert ("document", "nothing_found") in {(one.kind, one.code) for one in about} or not expected


def test_the_sentences_name_both_values() -> None:
    assert said("close_candidate", {"field": "total", "other": 9.5}).startswith("total may as well be 9.5")
