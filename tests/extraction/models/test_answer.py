"""The schema that a model fills, and the way back from whatever it filled in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ix.errors import ModelError
from ix.extraction.models import Leaf
from ix.extraction.models._answer import no_answer, read_answer
from ix.extraction.models._asking import MAX_ROWS, answer_schema
from ix.extraction.models._printed import Printed
from ix.use_cases.invoice import USE_CASE as INVOICE

SCHEMA = {
    "type": "object",
    "title": "Bill",
    "x-ix": {"sums": [{"total": "total", "parts": ["rows.price"]}]},
    "required": ["total"],
    "$defs": {
        "Row": {
            "properties": {"what": {"type": "string"}, "price": {"anyOf": [{"type": "number"}, {"type": "null"}]}},
        }
    },
    "properties": {
        "total": {"type": "number", "minimum": 0, "x-ix": {"kind": "money", "labels": ["Summe"]}},
        "count": {"type": ["null", "integer"], "default": 3},
        "paid": {"type": "boolean"},
        "name": {"title": "Name", "pattern": "^[A-Z]+$", "maxLength": 9_999},
        "day": {"type": "string", "format": "date"},
        "unit": {"type": "string", "enum": ["kg", "m", None, 7]},
        "shop": {"type": "object", "properties": {"city": {"type": "string"}}},
        "rows": {"type": "array", "items": {"$ref": "#/$defs/Row"}, "minItems": 2},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 5},
    },
}  # fmt: skip
NOTHING = {
    "total": Leaf(None),
    "count": Leaf(None),
    "paid": Leaf(None),
    "name": Leaf(None),
    "day": Leaf(None),
    "unit": Leaf(None),
    "shop": {"city": Leaf(None)},
    "rows": [],
    "tags": [],
}


def leaf(**value: Any) -> dict[str, Any]:
    members = {"quote": {"type": ["string", "null"]}, "value": value}
    return {"type": "object", "properties": members, "required": ["quote", "value"], "additionalProperties": False}


def read(**answer: Any) -> dict[str, Any]:
    read = read_answer(json.dumps(answer), SCHEMA)
    assert read.wrong == {}
    return read.values


class TestAsking:
    def test_what_is_concluded_has_a_quote_and_a_text_is_its_own(self) -> None:
        properties = answer_schema(SCHEMA)["properties"]
        assert properties["total"] == leaf(type=["number", "null"])
        assert properties["count"] == leaf(type=["integer", "null"])
        assert properties["paid"] == leaf(type=["boolean", "null"])
        assert properties["name"] == {"type": ["string", "null"]}

    def test_amounts_and_dates_are_those_that_are_printed(self) -> None:
        printed = Printed(dates=("2024-03-05",), amounts=(12.5, 7))
        properties = answer_schema(SCHEMA, printed)["properties"]
        assert properties["total"] == {"type": ["number", "null"], "enum": [12.5, 7, None]}
        assert properties["day"] == {"type": ["string", "null"], "enum": ["2024-03-05", None]}
        assert properties["rows"]["items"]["properties"]["price"]["enum"] == [12.5, 7, None]
        # a count is not an amount of money
        assert properties["count"] == leaf(type=["integer", "null"])

    def test_dates_and_choices_are_kept_because_grammars_hold_them(self) -> None:
        properties = answer_schema(SCHEMA)["properties"]
        assert properties["day"] == leaf(type=["string", "null"], format="date")
        assert properties["unit"] == leaf(type=["string", "null"], enum=["kg", "m", None])

    def test_the_quote_is_written_first(self) -> None:
        assert list(answer_schema(SCHEMA)["properties"]["total"]["properties"]) == ["quote", "value"]

    def test_rows_keep_their_columns_and_get_a_limit(self) -> None:
        properties = answer_schema(SCHEMA)["properties"]
        rows = properties["rows"]
        assert rows["maxItems"] == MAX_ROWS
        assert rows["items"]["properties"] == {
            "what": {"type": ["string", "null"]},
            "price": {"type": ["number", "null"]},
        }
        assert properties["tags"] == {"type": "array", "items": {"type": ["string", "null"]}, "maxItems": 5}

    @pytest.mark.parametrize("own", [0, -1, "many", None, 10**9])
    def test_a_limit_that_is_none_is_not_taken(self, own: object) -> None:
        schema = {"properties": {"rows": {"type": "array", "items": {"type": "string"}, "maxItems": own}}}
        assert answer_schema(schema)["properties"]["rows"]["maxItems"] == MAX_ROWS

    @pytest.mark.parametrize("schema", [SCHEMA, INVOICE.schema], ids=["all kinds", "invoice"])
    def test_strict_modes_accept_it(self, schema: Mapping[str, Any]) -> None:
        """Every object is closed and requires all its members; nothing but the keywords that OpenAI's strict mode knows
        is left."""
        for node in nodes(answer_schema(schema)):
            assert set(node) <= {
                "type",
                "properties",
                "required",
                "additionalProperties",
                "items",
                "maxItems",
                "enum",
                "format",
            }
            if node.get("type") == "object":
                assert node["required"] == list(node["properties"])
                assert node["additionalProperties"] is False


def nodes(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield schema
    for member in (*schema.get("properties", {}).values(), *filter(None, [schema.get("items")])):
        yield from nodes(member)


class TestReading:
    def test_leaves_come_back_in_the_schemas_shape(self) -> None:
        row = {"what": {"quote": "Tea", "value": "Tea"}, "price": {"quote": "2,50", "value": 2.5}}
        answer = read(
            total={"quote": "Summe 2,50", "value": 2.5},
            shop={"city": {"quote": "Bern", "value": "Bern"}},
            rows=[row],
            tags=[{"value": "a"}],
        )
        assert answer == {
            **NOTHING,
            "total": Leaf(2.5, "Summe 2,50"),
            "shop": {"city": Leaf("Bern", "Bern")},
            "rows": [{"what": Leaf("Tea", "Tea"), "price": Leaf(2.5, "2,50")}],
            "tags": [Leaf("a")],
        }
        assert list(answer) == list(SCHEMA["properties"])

    def test_what_the_model_left_out_is_null_and_what_it_added_is_left_out(self) -> None:
        assert read(total=None, shop=None, rows=None, more=1) == NOTHING == no_answer(SCHEMA)

    @pytest.mark.parametrize(
        ("name", "said", "value"),
        [
            ("total", "12.50", 12.5),
            ("total", " -12 ", -12),
            ("total", "", None),
            ("count", 3.0, 3),
            ("count", "3", 3),
            ("paid", "True", True),
            ("name", 4711, "4711"),
            ("name", "  ", None),
            ("name", " kept as it is ", " kept as it is "),
            ("unit", "lb", "lb"),
        ],
    )
    def test_harmless_differences_are_put_right(self, name: str, said: object, value: object) -> None:
        answer = read(**{name: {"quote": "x", "value": said}})
        assert answer[name] == Leaf(value, "x")  # type: ignore[arg-type]
        assert type(answer[name].value) is type(value)

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("total", "1,234"),
            ("total", "12.50 EUR"),
            ("total", "1e5"),
            ("total", True),
            ("total", []),
            ("count", 3.5),
            ("count", "3.5"),
            ("paid", 1),
            ("paid", "yes"),
            ("name", 1.5),
            ("name", False),
            ("name", {"a": 1}),
            ("total", 12345678901234567890),
        ],
    )
    def test_anything_else_is_null_and_named_and_costs_no_other(self, name: str, said: object) -> None:
        answer = {"tags": ["a"], name: {"quote": None, "value": said}}
        read = read_answer(json.dumps(answer), SCHEMA)
        assert list(read.wrong) == [name]
        found = read.values[name]
        assert isinstance(found, Leaf)
        assert found.value is None
        assert read.values["tags"] == [Leaf("a")]

    @pytest.mark.parametrize("number", ["6e2123", "-1e400"])
    def test_a_number_without_end_is_none(self, number: str) -> None:
        read = read_answer(f'{{"total": {{"quote": "7", "value": {number}}}, "name": "x"}}', SCHEMA)
        assert list(read.wrong) == ["total"]
        assert read.values["name"] == Leaf("x")

    @pytest.mark.parametrize(
        ("answer", "path"),
        [
            ({"rows": {"what": None}}, "rows"),
            ({"rows": [{"price": None}, {"price": {"value": "?"}}]}, "rows.1.price"),
            ({"rows": ["Tea"]}, "rows.0"),
            ({"shop": "Bern"}, "shop"),
            ({"tags": [{"value": []}]}, "tags.0"),
        ],
    )
    def test_a_wrong_shape_is_named_by_its_path(self, answer: dict[str, Any], path: str) -> None:
        assert list(read_answer(json.dumps(answer), SCHEMA).wrong) == [path]

    def test_a_bare_value_is_a_value_without_a_quote(self) -> None:
        answer = read(total=2.5, rows=[{"what": "Tea", "price": 2.5}])
        assert (answer["total"], answer["rows"]) == (Leaf(2.5), [{"what": Leaf("Tea"), "price": Leaf(2.5)}])

    @pytest.mark.parametrize("quote", ["", " ", 7, None, ["x"]])
    def test_a_quote_that_is_none_is_left_out(self, quote: object) -> None:
        assert read(total={"quote": quote, "value": 7})["total"] == Leaf(7)

    def test_rows_that_say_nothing_are_left_out(self) -> None:
        empty = {"what": {"quote": None, "value": None}, "price": None}
        assert read(rows=[empty, {"what": {"quote": "Tea", "value": "Tea"}}, {}])["rows"] == [
            {"what": Leaf("Tea", "Tea"), "price": Leaf(None)}
        ]

    json_values = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )

    @given(st.dictionaries(st.sampled_from(["total", "rows", "shop", "tags", "day", "other"]), json_values))
    def test_whatever_is_said_is_read_or_refused(self, answer: dict[str, Any]) -> None:
        with suppress(ModelError):
            assert list(read_answer(json.dumps(answer), SCHEMA).values) == list(NOTHING)

    @given(st.text() | st.binary().map(lambda data: data.decode("latin-1")))
    def test_text_that_is_no_answer_is_refused(self, text: str) -> None:
        with pytest.raises(ModelError) as raised:
            read_answer(text, SCHEMA)
        assert raised.value.code == "model_answer_invalid"
