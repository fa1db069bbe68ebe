"""Scoring: what counts as the same."""

from __future__ import annotations

import pytest

from bench.scoring import INVOICE_FIELDS, RECEIPT_FIELDS, compare, invented, matched_rows, score, score_rows, summary


@pytest.mark.parametrize(
    ("kind", "gold", "answer"),
    [
        ("text", "BLUE KETTLE SDN. BHD.", "Blue Kettle Sdn Bhd"),
        ("text", "NO.12, JALAN MERAK 3", "no 12 Jalan Merak, 3"),
        ("text", "Bäckerei", "BACKEREI"),
        ("amount", "RM9.00", 9.0),
        ("amount", "$8.20", 8.2),
        ("amount", "1.234,50 €", 1234.5),
        ("amount", "33.90", "33.9"),
        ("amount", "-1.12", -1.12),
        ("date", "25/12/2018", "2018-12-25"),
        ("date", "12-01-19", "2019-01-12"),
        ("date", "5 MAR 2018", "2018-03-05"),
        ("date", "20180305", "2018-03-05"),
    ],
)
def test_notation_makes_no_difference(kind: str, gold: str, answer: object) -> None:
    assert compare("field", kind, gold, answer).exact


@pytest.mark.parametrize(
    ("kind", "gold", "answer"),
    [
        ("text", "Blue Kettle", "Blue Kettle Ltd"),
        ("amount", "9.00", 9.01),
        ("amount", "9.00", -9.0),
        ("date", "25/12/2018", "2018-12-24"),
    ],
)
def test_another_value_is_not_exact(kind: str, gold: str, answer: object) -> None:
    assert not compare("field", kind, gold, answer).exact


def test_a_text_with_one_letter_misread_is_close() -> None:
    found = compare("company", "text", "BLUE KETTLE TRADING", "BLUE KETTIE TRADING")
    assert (found.exact, found.close, found.missing) == (False, True, False)


@pytest.mark.parametrize("answer", [None, ""])
def test_no_answer_is_missing_and_neither_exact_nor_close(answer: object) -> None:
    found = compare("total", "amount", "9.00", answer)
    assert (found.exact, found.close, found.missing) == (False, False, True)


def test_an_answer_of_zero_is_not_missing() -> None:
    assert compare("prepaid", "amount", "0.00", 0.0).exact


def test_only_labelled_fields_are_scored() -> None:
    found = score({"company": "Blue Kettle", "date": None, "total": ""}, {"total": 9}, RECEIPT_FIELDS)
    assert [one.field for one in found] == ["company"]


def test_only_values_that_stand_on_the_page_are_scored() -> None:
    found = score({"iban": "DE1", "currency": "EUR"}, {}, INVOICE_FIELDS, {"iban": True, "currency": False})
    assert [one.field for one in found] == ["iban"]


def test_an_answer_to_what_is_labelled_as_absent_is_invented() -> None:
    assert invented(
        {"iban": None, "currency": "EUR"}, {"iban": "DE1", "currency": "EUR", "due_date": "2020-01-01"}, INVOICE_FIELDS
    ) == ["iban"]


def test_rows_match_by_their_sums_once_each() -> None:
    gold = [
        {"name": "Lid", "line_total": "5.00"},
        {"name": "Kettle", "line_total": "5.00"},
        {"name": "Cup", "line_total": "7"},
    ]
    answer = [{"name": "Lid", "line_total": 5.0}, {"name": "Spoon", "line_total": 9.0}]
    assert matched_rows(gold, answer) == [(gold[0], answer[0])]


def test_rows_without_a_sum_match_by_name() -> None:
    gold = [{"name": "Kettle, blue", "line_total": None}]
    assert matched_rows(gold, [{"name": "KETTLE BLUE 2 l", "line_total": 5.0}]) != []
    assert matched_rows(gold, [{"name": None, "line_total": 5.0}]) == []


def test_rows_that_say_nothing_are_not_counted() -> None:
    assert score_rows([{"name": None, "line_total": None}], [])["labelled"] == 0


def test_of_matched_rows_quantities_and_names_are_counted() -> None:
    gold: list[dict[str, object]] = [
        {"name": "Lid", "quantity": "2", "line_total": "5.00"},
        {"name": "Cup", "quantity": None, "line_total": "7.00"},
    ]
    answer = [{"name": "Lid", "quantity": 3.0, "line_total": 5.0}, {"name": "Cup", "quantity": 1.0, "line_total": 7.0}]
    found = score_rows(gold, answer)
    assert (found["matched"], found["quantity_labelled"], found["quantity"], found["name_labelled"], found["name"]) == (
        2,
        1,
        0,
        2,
        2,
    )


def test_a_summary_has_shares_by_field_and_of_all() -> None:
    scores = [compare("total", "amount", "9", answer) for answer in (9, 8, None)]
    assert (
        summary(scores)["total"]
        == summary(scores)["all"]
        == {"labelled": 3, "exact": 0.3333, "close": 0.3333, "missing": 0.3333}
    )
