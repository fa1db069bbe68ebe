"""Points: each rule of what needs a person's eyes, and what does not."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ix.extraction.findings import finding
from ix.extraction.review.points import Rules
from tests.extraction.review.answers import SCHEMA, answer, evidence_of, node, told, wanting


def test_a_sound_answer_goes_straight_through() -> None:
    assert wanting(answer()) == ()


def test_a_failed_check_is_a_point_of_its_field() -> None:
    [one] = wanting(answer(iban="DE00"))
    assert (one.kind, one.code, one.path) == ("check", "iban_invalid", "iban")
    assert (one.message, one.params) == ("iban fails the IBAN checksum", {"field": "iban"})


@pytest.mark.parametrize("code", ["value_not_found", "value_not_in_quote", "hidden_text"])
def test_what_is_not_on_the_page_says_which_way(code: str) -> None:
    case = {"case": "value"} if code == "hidden_text" else {}
    seen = evidence_of(answer(), number=node(0.0, "none"))
    found = wanting(answer(), seen, finding(code, "number", field="number", **case))
    assert told(found) == [f"not_on_page {code} number"]


def test_no_place_is_a_point_without_a_finding_too() -> None:
    assert told(wanting(answer(), evidence_of(answer(), number=node(0.0, "none")))) == [
        "not_on_page not_on_page number"
    ]


@pytest.mark.parametrize(
    ("name", "value", "seen"),
    [
        # a no is concluded from what a page does not say
        ("paid", False, node(0.0, "none")),
        ("number", "A-1", node(1.0, "none", source="xml")),
    ],
)
def test_what_needs_no_place_has_no_point(name: str, value: Any, seen: dict[str, Any]) -> None:
    result = answer(**{name: value})
    assert wanting(result, evidence_of(result, **{name: seen})) == ()


@pytest.mark.parametrize(
    ("value", "found"), [(None, ["missing value_missing number"]), ("", ["missing value_missing number"])]
)
def test_what_is_expected_is_missed(value: Any, found: list[str]) -> None:
    assert told(wanting(answer(number=value))) == found


def test_what_nobody_expects_is_not_missed() -> None:
    assert wanting(answer(day=None)) == ()


@pytest.mark.parametrize(
    ("name", "seen", "found"),
    [
        ("number", node(0.79), ["doubt value_unsure number"]),
        ("number", node(0.8), []),
        ("number", node(0.9, "fuzzy"), ["doubt value_fuzzy number"]),
        ("number", node(0.4, "fuzzy"), ["doubt value_unsure number"]),
        # a bar of its own
        ("day", node(0.89), ["doubt value_unsure day"]),
        ("day", node(0.9), []),
    ],
)
def test_doubt_begins_below_the_bar(name: str, seen: dict[str, Any], found: list[str]) -> None:
    assert told(wanting(answer(), evidence_of(answer(), **{name: seen}))) == found


def test_the_setting_moves_the_bar() -> None:
    seen = evidence_of(answer(), number=node(0.7))
    assert told(wanting(answer(), seen, rules=Rules(0.75))) == ["doubt value_unsure number"]
    [one] = wanting(answer(), seen, rules=Rules(0.75))
    assert one.params == {"field": "number", "confidence": 0.7, "bar": 0.75}


def test_a_sum_that_comes_out_proves_its_numbers() -> None:
    unsure = {name: node(0.3, at=at) for name, at in (("net", 0.5), ("tax", 0.6), ("gross", 0.7))}
    assert wanting(answer(), evidence_of(answer(), **unsure)) == ()


def test_it_proves_nothing_where_it_does_not_come_out() -> None:
    unsure = {name: node(0.3, at=at) for name, at in (("net", 0.5), ("tax", 0.6))}
    result = answer(gross=37.0)
    found = told(wanting(result, evidence_of(result, **unsure)))
    # the lines still prove the net total
    assert found == ["doubt value_unsure tax", "check sum_mismatch gross"]


def test_the_same_word_twice_proves_nothing() -> None:
    result = answer(net=36.0, tax=0.0, lines=[])
    same = {name: node(0.3, at=0.5) for name in ("net", "gross")} | {"tax": node(0.3, at=0.6)}
    assert told(wanting(result, evidence_of(result, **same))) == [
        f"doubt value_unsure {name}" for name in ("net", "tax", "gross")
    ]


def test_a_sum_of_two_numbers_proves_nothing() -> None:
    result = answer(lines=[{"name": "a", "amount": 30.0}], tax=None, gross=None)
    assert told(wanting(result, evidence_of(result, net=node(0.3)))) == ["doubt value_unsure net"]


def test_doubtful_cells_are_no_point_and_proven_by_their_sum() -> None:
    unsure = [{"name": node(0.2), "amount": node(0.2, at=0.3 + at / 10)} for at in range(2)]
    assert wanting(answer(), evidence_of(answer(), lines=unsure)) == ()
    net = evidence_of(answer(), lines=unsure, net=node(0.3, at=0.9))
    assert wanting(answer(tax=None, gross=None), net) == ()


@pytest.mark.parametrize(
    ("rows", "seen", "found"),
    [
        # cells without a place, of two rows: one point
        (None, [{"name": node(0.0, "none"), "amount": node()}] * 2, ["lines rows_unsure lines"]),
        # a cell of another type
        ([{"name": 5, "amount": 30.0}], None, ["lines rows_unsure lines"]),
    ],
)
def test_a_table_is_one_point(rows: Any, seen: Any, found: list[str]) -> None:
    result = answer(**({} if rows is None else {"lines": rows}))
    [one] = wanting(result, evidence_of(result, **({} if seen is None else {"lines": seen})))
    assert [f"{one.kind} {one.code} {one.path}"] == found
    assert one.params == {"field": "lines", "count": len(result["lines"])}


def test_a_sum_over_a_table_that_does_not_come_out_is_a_point_of_the_table() -> None:
    result = answer(net=31.0, gross=37.0)
    assert told(wanting(result)) == ["check sum_mismatch net", "lines rows_sum lines"]


def test_a_finding_within_a_table_is_the_tables() -> None:
    found = wanting(
        answer(), None, finding("xml_mismatch", "lines.1", case="missing", field="lines", position=2, name="b")
    )
    assert told(found) == ["lines rows_unsure lines"]


def test_of_a_document_each_code_is_one_point_and_they_come_first() -> None:
    pages = [finding("hidden_text", document=0, page=page, count=3) for page in (1, 2)]
    found = wanting(answer(number=None), None, *pages, finding("page_warning", document=0, page=1, text="cut off"))
    assert told(found) == ["document hidden_text", "document page_warning", "missing value_missing number"]
    assert found[0].params == {"document": 0, "page": 1, "count": 3, "more": 1}


def test_what_is_said_of_a_document_in_passing_is_no_point() -> None:
    passing = finding("low_confidence", document=0, page=1, confidence=0.7), finding("credit_note", document=0)
    assert wanting(answer(), None, *passing) == ()


def test_a_share_of_what_is_in_no_doubt_is_looked_at_all_the_same() -> None:
    ids = [f"{number:016x}" for number in range(200)]
    drawn = [ix_id for ix_id in ids if wanting(answer(), rules=Rules(sample=0.1), ix_id=ix_id)]
    assert 8 < len(drawn) < 40
    assert told(wanting(answer(), rules=Rules(sample=0.1), ix_id=drawn[0])) == ["document sampled"]
    assert [bool(wanting(answer(), rules=Rules(sample=share), ix_id=ids[0])) for share in (0.0, 1.0)] == [False, True]
    # whoever has a point is looked at anyway
    assert told(wanting(answer(number=None), rules=Rules(sample=1.0), ix_id=ids[0])) == ["missing value_missing number"]


def test_what_a_person_gave_is_only_checked() -> None:
    result = answer(number=None, iban="DE00")
    seen = evidence_of(result, day=node(0.1))
    assert told(wanting(result, seen, touched=frozenset({"number", "day", "iban"}))) == ["check iban_invalid iban"]


def test_evidence_that_is_none_is_passed_over() -> None:
    odd: dict[str, Any] = {
        "number": {"match": "none"},
        "day": {"match": {}, "boxes": [[{}]]},
        "net": 7,
        "lines": {"x": [None]},
    }
    assert wanting(answer(), odd) == ()


def test_points_take_little_time() -> None:
    """Linear, and less than a millisecond for an answer of usual size."""
    result = answer(lines=[{"name": str(at), "amount": 1.0} for at in range(10)], net=10.0, gross=16.0)
    large = answer(lines=[{"name": str(at), "amount": 1.0} for at in range(1000)], net=1000.0, gross=1006.0)

    def cost(what: dict[str, Any]) -> float:
        from ix.extraction.checked import CheckedResult
        from ix.extraction.review.points import points

        seen, best = evidence_of(what), 1.0
        for _ in range(5):
            checked = CheckedResult(what, SCHEMA)
            assert len(checked.nodes) > 0
            began = time.process_time()
            points(checked, seen, (), Rules())
            best = min(best, time.process_time() - began)
        return best

    assert cost(result) < 0.001
    assert cost(large) < 0.1
