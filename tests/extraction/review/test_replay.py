"""The reviewed result: changes in their order, paths that move along, and what was confirmed of what."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ix.errors import InvalidInput
from ix.extraction.findings import finding
from ix.extraction.review.changes import Change, Entry
from ix.extraction.review.replay import Review
from tests.extraction.review.answers import SCHEMA, answer, evidence_of


def opened(**more: Any) -> Review:
    result = answer(**more)
    return Review(SCHEMA, result, evidence_of(result), [])


def do(review: Review, **change: Any) -> Entry:
    made = review.entry(Change.model_validate(change))
    assert made is not None
    return made


def test_a_value_that_was_found_wanting_is_another_now() -> None:
    review = opened()
    review.findings = [finding("value_not_found", "number", field="number"), finding("ambiguous", "net", field="net")]
    do(review, path="number", value="B")
    assert [one.path for one in review.findings] == ["net"]
    assert review.touched["number"][0] == "A-1"


def test_the_first_reading_comes_back_however_often_it_was_changed() -> None:
    review, before = opened(), copy.deepcopy(answer())
    seen = copy.deepcopy(review.evidence)
    for value in ("B", None, "C"):
        do(review, path="number", value=value)
    assert review.evidence["number"]["source"] == "person"
    do(review, path="number", op="reset")
    assert (review.result, review.evidence, review.touched) == (before, seen, {})


def test_an_object_that_was_null_is_made_for_its_value() -> None:
    review = opened()
    do(review, path="party.name", value="Mill Ltd")
    assert review.result["party"] == {"name": "Mill Ltd"}
    assert review.evidence["party"]["name"]["match"] == "none"


def test_findings_and_confirmations_move_with_their_rows() -> None:
    review = opened()
    review.findings = [finding("value_not_found", f"lines.{at}.amount", field="amount") for at in (0, 1)]
    review.confirm("lines.1.name", frozenset({"x"}))
    do(review, path="lines", op="insert", at=0, value={"name": "new"})
    assert [one.path for one in review.findings] == ["lines.1.amount", "lines.2.amount"]
    assert review.confirmed == {"lines.2.name": {"x"}}
    do(review, path="lines", op="remove", at=1)
    assert [one.path for one in review.findings] == ["lines.1.amount"]
    assert review.confirmed == {"lines.1.name": {"x"}}


def test_what_is_confirmed_of_a_table_is_confirmed_of_its_rows_as_they_were() -> None:
    for change in ({"path": "lines.0.amount", "value": 1.0}, {"path": "lines", "op": "remove", "at": 0}):
        review = opened()
        review.confirm("lines", frozenset({"rows_unsure"}))
        review.confirm("", frozenset({"hidden_text"}))
        do(review, **change)
        assert review.confirmed == {"": {"hidden_text"}}


def test_that_a_sum_may_stay_wrong_is_said_of_its_numbers() -> None:
    review = opened(gross=40.0)
    review.confirm("gross", frozenset({"sum_mismatch"}))
    do(review, path="number", value="B")
    assert review.confirmed["gross"] == {"sum_mismatch"}
    do(review, path="tax", value=7.0)
    assert review.confirmed["gross"] == set()


def test_a_kept_change_that_leads_nowhere_any_more_is_passed_over() -> None:
    review = opened()
    review.replay([Entry(path="gone", op="set", value=1), Entry(path="number", op="set", value="B")])
    assert review.result["number"] == "B"


def test_a_row_that_is_put_in_is_no_part_of_what_is_kept() -> None:
    review = opened()
    made = do(review, path="lines", op="insert", at=0, value={"amount": 1.0})
    do(review, path="lines.0.amount", value=2.0)
    assert made.value == {"name": None, "amount": 1.0}


CHANGES = st.one_of(
    st.builds(
        lambda at, value: {"path": f"lines.{at}.amount", "value": value},
        st.integers(0, 4),
        st.none() | st.floats(0, 100, allow_nan=False),
    ),
    st.builds(lambda at: {"path": "lines", "op": "insert", "at": at, "value": {"name": "n"}}, st.integers(0, 4)),
    st.builds(lambda at: {"path": "lines", "op": "remove", "at": at}, st.integers(0, 4)),
    st.builds(lambda at, to: {"path": "lines", "op": "move", "at": at, "to": to}, st.integers(0, 4), st.integers(0, 4)),
    st.builds(lambda at: {"path": f"lines.{at}.amount", "op": "reset"}, st.integers(0, 4)),
    st.builds(lambda value: {"path": "number", "value": value}, st.none() | st.text(max_size=5)),
)


@settings(max_examples=40)
@given(st.lists(CHANGES, max_size=8))
def test_what_is_kept_makes_the_same_result_again(changes: list[dict[str, Any]]) -> None:
    """However it was changed: from what is kept, JSON as it is, comes the same."""
    review, kept = opened(), []
    for change in changes:
        try:
            kept.append(do(review, **change).model_dump(mode="json"))
        except InvalidInput:
            continue
    again = opened()
    again.replay(map(Entry.model_validate, kept))
    assert (again.result, again.evidence) == (review.result, review.evidence)
    assert again.touched.keys() == review.touched.keys()
    # rows and their evidence stay side by side
    assert len(review.result["lines"]) == len(review.evidence["lines"])


@pytest.mark.parametrize("path", ["lines.amount", "lines.x.amount", "lines.1.", "lines..amount", "a" * 5000, "net.net"])
def test_a_path_to_nowhere(path: str) -> None:
    with pytest.raises(InvalidInput):
        opened().entry(Change.model_construct(path=path, op="set", value=1, evidence=None, confirmed=None))
