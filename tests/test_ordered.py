"""The order of a schema's properties, as it is kept where the database sorts them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ix.job import DocumentRef, Request, Submission
from ix.job.ordered import KEYWORD, envelope, in_order, restored, stamped


def sorted_as_jsonb(value: Any) -> Any:
    """JSON as jsonb gives it back: members by the length of their names in bytes, then by these."""
    if isinstance(value, list):
        return [sorted_as_jsonb(one) for one in value]
    if not isinstance(value, dict):
        return value
    names = sorted(value, key=lambda name: (len(name.encode()), name.encode()))
    return {name: sorted_as_jsonb(value[name]) for name in names}


TEXT = {"type": "string"}
ROW = {"type": "object", "properties": {"productName": TEXT, "note": TEXT, "amount": {"type": "number"}}}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "$defs": {"Party": {"properties": {"street": TEXT, "é": TEXT, "zz": TEXT, "b": TEXT}}},
    "properties": {
        "zebraCrossing": TEXT,
        "a": {"anyOf": [{"$ref": "#/$defs/Party"}, {"type": "null"}]},
        "properties": {"type": "object", "properties": {"longer": TEXT, "x": TEXT}},
        "lines": {"type": "array", "items": ROW},
        "b": {"enum": ["second", "first"]},
    },
}


def names_of(schema: Any) -> str:
    """All of it as text, order included."""
    return json.dumps(schema, ensure_ascii=False)


def test_what_jsonb_sorts_comes_back_as_it_was_written() -> None:
    stored = sorted_as_jsonb(stamped({"schema": SCHEMA}))["schema"]
    assert list(stored["properties"]) == ["a", "b", "lines", "properties", "zebraCrossing"]
    back = restored(stored)
    assert KEYWORD not in names_of(back)
    assert back == SCHEMA
    assert list(back["properties"]) == list(SCHEMA["properties"])
    assert list(back["properties"]["lines"]["items"]["properties"]) == ["productName", "note", "amount"]
    assert list(back["properties"]["properties"]["properties"]) == ["longer", "x"]
    assert list(back["$defs"]["Party"]["properties"]) == ["street", "é", "zz", "b"]


def test_a_schema_in_the_order_of_jsonb_is_stored_as_it_is() -> None:
    plain = {"schema": {"properties": {"a": TEXT, "bb": {"properties": {"c": TEXT}}}}}
    assert stamped(plain) == plain
    assert stamped({"other": 1}) == {"other": 1}
    assert stamped({"schema": ["no object"]}) == {"schema": ["no object"]}


def test_an_order_that_the_client_states_is_kept() -> None:
    said = {"schema": {"properties": {"a": TEXT, "b": TEXT, "c": TEXT}, KEYWORD: ["c", "a", "gone", 3]}}
    assert stamped(said) == said
    assert list(restored(stamped(said)["schema"])["properties"]) == ["c", "a", "b"]


@pytest.mark.parametrize("broken", [{KEYWORD: "a"}, {KEYWORD: {"a": 1}}, {KEYWORD: None}])
def test_what_is_no_list_orders_nothing(broken: dict[str, Any]) -> None:
    assert list(restored({"properties": {"a": TEXT, "b": TEXT}, **broken})["properties"]) == ["a", "b"]


def test_answers_have_their_schemas_order() -> None:
    answer = {"b": None, "lines": [{"note": 1, "amount": 2, "productName": 3}], "a": {"b": 1, "zz": 2, "street": 3}}
    found = in_order({"unknown": 0, **answer}, SCHEMA)
    assert list(found) == ["a", "lines", "b", "unknown"]
    assert list(found["lines"][0]) == ["productName", "note", "amount"]
    assert list(found["a"]) == ["street", "zz", "b"]
    assert in_order([1, {"x": 2}], {"items": True}) == [1, {"x": 2}]


def test_an_envelope_is_ordered_and_says_nothing_of_it() -> None:
    stored = sorted_as_jsonb(stamped({"schema": SCHEMA}))
    response = {"result": {"a": None, "zebraCrossing": "x"}, "evidence": {"a": {}, "zebraCrossing": {}}, "error": None}
    found = envelope({"request": {"options": stored}, "response": response, "status": "done"})
    assert found["request"]["options"]["schema"] == SCHEMA
    assert list(found["response"]["result"]) == ["zebraCrossing", "a"]
    assert list(found["response"]["evidence"]) == ["zebraCrossing", "a"]
    assert envelope({"request": None, "response": None}) == {"request": None, "response": None}


def test_a_fingerprint_does_not_know_the_order() -> None:
    one = Submission("acme", "1", "custom", Request(documents=(DocumentRef(),), options={"schema": SCHEMA}))
    other = one._replace(request=Request(documents=(DocumentRef(),), options={"schema": sorted_as_jsonb(SCHEMA)}))
    assert one.content_digest() == other.content_digest()
    assert one.request_json() != other.request_json()
    assert json.loads(one.request_json())["options"]["schema"][KEYWORD] == list(SCHEMA["properties"])
