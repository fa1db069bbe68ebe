"""Checks: each finds what it is for, and is silent about the rest."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ix.extraction.checked import CheckedResult
from ix.extraction.checks import CHECKS, check
from ix.extraction.values.iso4217 import ISO_4217
from ix.use_cases.invoice import USE_CASE as INVOICE

TODAY = date(2024, 9, 20)


def of(kind: str, json_type: Any = "string") -> dict[str, Any]:
    return {"type": json_type, "x-ix": {"kind": kind}}


def found(value: Any, spec: dict[str, Any], **more: Any) -> list[str]:
    schema = {"type": "object", "properties": {"it": spec}, **more}
    return [f"{finding.code} {finding.path}" for finding in check({"it": value}, schema, TODAY)]


def added_up(result: dict[str, Any], x_ix: dict[str, Any]) -> list[str]:
    properties: dict[str, Any] = {name: {} for name in result}
    for name, value in result.items():
        if isinstance(value, list):
            properties[name] = {
                "type": "array",
                "items": {"type": "object", "properties": {key: {} for key in value[0]}},
            }
    schema = {"type": "object", "properties": properties, "x-ix": x_ix}
    return [f"{finding.code} {finding.path}" for finding in check(result, schema, TODAY)]


@pytest.mark.parametrize(
    ("value", "spec"),
    [
        ("12", {"type": "number"}),
        (12, {"type": "string"}),
        (True, {"type": "number"}),
        (1.5, {"type": "integer"}),
        ([], {"type": "object"}),
        ("x", {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
    ],
)
def test_a_value_of_another_type_is_told(value: Any, spec: dict[str, Any]) -> None:
    assert found(value, spec) == ["type_mismatch it"]


@pytest.mark.parametrize(
    ("value", "spec"),
    [
        (12, {"type": "number"}),
        (12.0, {"type": "integer"}),
        (True, {"type": "boolean"}),
        ("x", {"type": ["string", "null"]}),
        (None, {"type": "string"}),
        ("anything", {}),
    ],
)
def test_a_value_of_its_type_is_fine(value: Any, spec: dict[str, Any]) -> None:
    assert found(value, spec) == []


def test_a_required_value_is_missed() -> None:
    assert found(None, {"type": "string"}, required=["it"]) == ["required_missing it"]


def test_a_required_value_that_may_be_null_is_not() -> None:
    assert found(None, {"anyOf": [{"type": "string"}, {"type": "null"}]}, required=["it"]) == []


def test_choices() -> None:
    assert found("c", {"enum": ["a", "b"]}) == ["not_a_choice it"]
    assert found("a", {"enum": ["a", "b"]}) == []


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        ("2019-03-05", []),
        ("2019-02-30", ["date_invalid it"]),
        ("5 March", ["date_invalid it"]),
        ("20190305", ["date_invalid it"]),
        ("1949-12-31", ["date_implausible it"]),
        ("2075-01-01", ["date_implausible it"]),
        ("2074-12-31", []),
    ],
)
def test_dates(value: str, codes: list[str]) -> None:
    assert found(value, of("date")) == codes


@pytest.mark.parametrize(
    ("kind", "good", "bad", "code"),
    [
        ("currency", "EUR", "EUX", "currency_unknown"),
        ("iban", "DE89370400440532013000", "DE89370400440532013001", "iban_invalid"),
        ("iban", "DE89 3704 0044 0532 0130 00", "DE8937040044053201300", "iban_invalid"),
        ("vat_id", "DE136695976", "DE136695977", "vat_id_invalid"),
        ("vat_id", "GB947206531", "EL123456789", "vat_id_invalid"),
    ],
)
def test_codes(kind: str, good: str, bad: str, code: str) -> None:
    assert found(good, of(kind)) == []
    assert found(bad, of(kind)) == [f"{code} it"]


SUM = {"sums": [{"total": "total", "parts": ["net", "tax"]}]}


@pytest.mark.parametrize(
    ("net", "tax", "codes"),
    [
        (100.0, 19.0, []),
        (100.0, 19.01, []),
        (100.0, 19.02, ["sum_mismatch total"]),
        (100.0, None, []),
        ("100", "18.00", ["sum_mismatch total"]),
    ],
)
def test_a_total_is_the_sum_of_its_parts(net: Any, tax: Any, codes: list[str]) -> None:
    assert added_up({"total": 119.0, "net": net, "tax": tax}, SUM) == codes


def test_a_part_may_be_a_column_or_be_subtracted() -> None:
    rows = [{"amount": 10.0}, {"amount": 20.5}]
    rule = {"sums": [{"total": "due", "parts": ["lines.amount", "-paid"]}]}
    assert added_up({"due": 25.5, "paid": 5.0, "lines": rows}, rule) == []
    assert added_up({"due": 30.5, "paid": 5.0, "lines": rows}, rule) == ["sum_mismatch due"]


def test_many_rounded_parts_may_be_off_by_more() -> None:
    rows = [{"amount": 0.33} for _ in range(9)]
    assert added_up({"sum": 3.0, "lines": rows}, {"sums": [{"total": "sum", "parts": ["lines.amount"]}]}) == []


def test_dates_are_in_order() -> None:
    rule = {"order": [["start", "end"]]}
    assert added_up({"start": "2024-02-01", "end": "2024-01-01"}, rule) == ["order_mismatch end"]
    assert added_up({"start": "2024-01-01", "end": "2024-01-01"}, rule) == []
    assert added_up({"start": "2024-01-01", "end": None}, rule) == []


@pytest.mark.parametrize(
    ("name", "value", "codes"),
    [
        ("grand_total", -5, ["total_negative"]),
        ("total", 0, ["total_zero"]),
        ("due_amount", 0, []),
        ("due_amount", -1, ["total_negative"]),
        ("tax_total", 0, []),
        ("discount", -5, []),
    ],
)
def test_totals(name: str, value: float, codes: list[str]) -> None:
    schema = {"type": "object", "properties": {name: of("money", "number")}}
    assert [finding.code for finding in check({name: value}, schema)] == codes


def test_rows_are_checked_each_at_its_own_path() -> None:
    rows = {"type": "array", "items": {"type": "object", "properties": {"day": of("date")}}}
    assert found([{"day": "2019-01-01"}, {"day": "never"}], rows) == ["date_invalid it.1.day"]


def test_lists_of_plain_values_are_checked() -> None:
    assert found(["DE89370400440532013000", "DE00"], {"type": "array", "items": of("iban")}) == ["iban_invalid it.1"]


def test_references_are_followed() -> None:
    definitions = {"Day": of("date")}
    assert found("never", {"$ref": "#/$defs/Day"}, **{"$defs": definitions}) == ["date_invalid it"]


def test_a_use_case_that_ships_is_checked_by_its_own_schema() -> None:
    result = {
        "net_total": 100.0,
        "tax_total": 19.0,
        "grand_total": 120.0,
        "issue_date": "2024-02-02",
        "due_date": "2024-02-01",
    }
    assert {finding.code for finding in check(result, INVOICE.schema, TODAY)} == {"sum_mismatch", "order_mismatch"}


def test_currencies_are_three_capitals() -> None:
    assert all(len(code) == 3 and code.isupper() for code in ISO_4217)


words = st.text("aZ9-.é ", max_size=12)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | words
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3), max_leaves=6
)


@given(st.dictionaries(st.sampled_from(list(INVOICE.schema["properties"])), anything))
def test_no_result_breaks_a_check_or_is_changed_by_it(result: dict[str, Any]) -> None:
    before = copy.deepcopy(result)
    for each in CHECKS:
        list(each(CheckedResult(result, INVOICE.schema, TODAY)))
    assert result == before


@given(words)
def test_messages_do_not_repeat_values(text: str) -> None:
    result = dict.fromkeys(INVOICE.schema["properties"], f"<{text}>")
    assert all(f"<{text}>" not in finding.message for finding in check(result, INVOICE.schema, TODAY))
