"""Reading JSON Schema as fields, and the schemas that a client may bring."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from ix.extraction.checked import CheckedResult
from ix.extraction.models import Question
from ix.extraction.models._answer import no_answer
from ix.extraction.models._asking import answer_schema
from ix.extraction.models._prompt import compose
from ix.fields import KINDS, KeptSchema, fields_of, guess_kind, resolve
from ix.use_cases import SchemaBudget, check_schema
from ix.use_cases._schema import MAX_DEPTH, MAX_LABELS, MAX_NODES, MAX_PROPERTIES, MAX_TEXT, MAX_VISITS
from ix.use_cases.custom import CustomOptions

CANARY = "canary-value"


@pytest.mark.parametrize(
    ("name", "json_type", "format_", "kind"),
    [
        ("iban", "string", "", "iban"),
        ("sellerIban", "string", "", "iban"),
        ("vat_id", "string", "", "vat_id"),
        ("seller_tax_number", "string", "", "vat_id"),
        ("currency", "string", "", "currency"),
        ("Waehrung", "string", "", "currency"),
        ("due_date", "string", "", "date"),
        ("paid_on", "string", "", "date"),
        ("when", "string", "date", "date"),
        ("when", "string", "date-time", "date"),
        ("billing_address", "string", "", "address"),
        ("supplier", "string", "", "organisation"),
        ("seller-name", "string", "", "organisation"),
        ("tax_rate", "string", "", "percentage"),
        ("account_holder", "string", "", "person"),
        ("customer_name", "string", "", "person"),
        ("invoiceNumber", "string", "", "identifier"),
        ("order-no", "string", "", "identifier"),
        ("note", "string", "", "text"),
        ("total", "number", "", "money"),
        ("unitPrice", "number", "", "money"),
        ("weight", "number", "", "number"),
        ("total", "integer", "", "number"),
        ("paid", "boolean", "", "boolean"),
    ],
)
def test_a_kind_is_guessed_from_type_format_and_name(name: str, json_type: str, format_: str, kind: str) -> None:
    assert guess_kind(name, json_type, format_) == kind


def schema(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


class TestFields:
    def test_come_in_order_with_paths_kinds_and_columns(self) -> None:
        row = schema(name={"type": "string"}, price={"type": "number"})
        fields = fields_of(
            schema(z={"type": "string"}, a={"type": "integer"}, lines={"type": "array", "items": row}, seller=row)
        )
        assert [(field.name, field.path, field.kind) for field in fields] == [
            ("z", "z", "text"),
            ("a", "a", "number"),
            ("lines", "lines", "rows"),
            ("seller", "seller", "object"),
        ]
        assert [inner.path for field in fields[2:] for inner in field.fields] == [
            "lines.name",
            "lines.price",
            "seller.name",
            "seller.price",
        ]

    def test_x_ix_says_what_the_name_does_not(self) -> None:
        [field] = fields_of(
            schema(x={"type": "string", "x-ix": {"kind": "organisation", "labels": ["sold by", "Verkäufer"]}})
        )
        assert (field.kind, field.labels) == ("organisation", ("sold by", "Verkäufer"))

    def test_a_kind_that_does_not_exist_is_guessed_instead(self) -> None:
        [field] = fields_of(schema(iban={"type": "string", "x-ix": {"kind": "nonsense"}}))
        assert field.kind == "iban"
        assert field.kind in KINDS

    @pytest.mark.parametrize(
        ("name", "title", "labels"),
        [
            ("grand_total", "", ("grand total",)),
            ("grandTotal", "", ("grand total",)),
            ("grand-total", "Grand Total", ("grand total",)),
            ("gt", "Grand Total", ("grand total", "gt")),
        ],
    )
    def test_labels_come_from_title_and_name(self, name: str, title: str, labels: tuple[str, ...]) -> None:
        [field] = fields_of(schema(**{name: {"type": "number", "title": title}}))
        assert field.labels == labels

    @pytest.mark.parametrize(
        "spec",
        [
            {"type": ["number", "null"]},
            {"anyOf": [{"type": "number"}, {"type": "null"}]},
            {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/Amount"}]},
            {"$ref": "#/$defs/Amount"},
            {"$ref": "#/$defs/Indirect"},
        ],
        ids=json.dumps,
    )
    def test_null_and_references_are_seen_through(self, spec: dict[str, Any]) -> None:
        defs = {"Amount": {"type": "number"}, "Indirect": {"$ref": "#/$defs/Amount"}}
        [field] = fields_of({**schema(total={**spec, "description": "kept"}), "$defs": defs})
        assert (field.json_type, field.kind, field.description) == ("number", "money", "kept")

    def test_of_a_schema_that_is_kept_are_made_once(self) -> None:
        schema = {"properties": {"total": {"type": "number"}}}
        kept = KeptSchema(schema)
        assert fields_of(kept) == fields_of(schema)
        assert fields_of(kept) is fields_of(kept)
        assert fields_of(schema) is not fields_of(schema)

    def test_choices_are_words(self) -> None:
        [field] = fields_of(schema(size={"enum": ["S", "M", 3]}))
        assert field.choices == ("S", "M", "3")

    def test_a_reference_to_nothing_or_to_itself_ends(self) -> None:
        root = {"$defs": {"Loop": {"$ref": "#/$defs/Loop"}}}
        assert resolve({"$ref": "#/$defs/Nobody"}, root) == {}
        resolve({"$ref": "#/$defs/Loop"}, root)


def nested(levels: int) -> dict[str, Any]:
    inner: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        inner = schema(a=inner)
    return inner


def recursive() -> dict[str, Any]:
    return {**schema(tree={"$ref": "#/$defs/Tree"}), "$defs": {"Tree": schema(child={"$ref": "#/$defs/Tree"})}}


def bomb() -> dict[str, Any]:
    """Small as written, a thousand properties when unfolded."""
    defs = {f"L{n}": schema(**{f"p{i}": {"$ref": f"#/$defs/L{n + 1}"} for i in range(10)}) for n in range(3)}
    return {**schema(root={"$ref": "#/$defs/L0"}), "$defs": {**defs, "L3": {"type": "string"}}}


class TestCheckSchema:
    @pytest.mark.parametrize(
        "good",
        [
            schema(a={"type": "string"}),
            {"properties": {"a": {}}},
            nested(MAX_DEPTH),
            schema(**{f"p{i}": {"type": "string"} for i in range(MAX_PROPERTIES)}),
            {
                **schema(a={"anyOf": [{"$ref": "#/$defs/A"}, {"type": "null"}]}),
                "$defs": {"A": {"type": ["integer", "null"]}},
            },
            schema(lines={"type": "array", "items": schema(a={"type": "number", "x-ix": {"kind": "money"}})}),
        ],
        ids=range(6),
    )
    def test_takes_what_every_backend_can_take(self, good: dict[str, Any]) -> None:
        check_schema(good)
        fields_of(good)

    @pytest.mark.parametrize(
        ("bad", "place"),
        [
            ({}, "schema must be of type object"),
            ({"type": "array", "items": {}}, "schema must be of type object"),
            (schema(), "schema must be of type object"),
            ({"type": "object", "properties": [1]}, "schema must be of type object"),
            (schema(a=1), "schema.properties.a must be an object"),
            (schema(a=None), "schema.properties.a must be an object"),
            (schema(a={"type": "text"}), "schema.properties.a.type is not a JSON type"),
            (schema(a={"type": [1]}), "schema.properties.a.type is not a JSON type"),
            (schema(a={"type": {}}), "schema.properties.a.type is not a JSON type"),
            (schema(a={"type": "array", "items": [{}]}), "schema.properties.a.items must be an object"),
            (schema(a={"anyOf": {}}), "schema.properties.a.anyOf must be a list"),
            (schema(a={"anyOf": [1]}), "schema.properties.a.anyOf.0 must be an object"),
            (schema(a={"properties": 1}), "schema.properties.a.properties must be an object"),
            (schema(a={"$ref": "#/$defs/Nobody"}), r"schema.properties.a.\$ref points at nothing"),
            (
                schema(a={"$ref": "https://example.test/schema"}),
                r"schema.properties.a.\$ref must point into the schema itself",
            ),
            (schema(a={"$ref": 1}), r"schema.properties.a.\$ref must point into the schema itself"),
            (nested(MAX_DEPTH + 1), f"is nested deeper than {MAX_DEPTH}"),
            (recursive(), f"is nested deeper than {MAX_DEPTH}"),
            (
                {**schema(a={"$ref": "#/$defs/A"}), "$defs": {"A": {"$ref": "#/$defs/A"}}},
                f"is nested deeper than {MAX_DEPTH}",
            ),
            (schema(**{f"p{i}": {} for i in range(MAX_PROPERTIES + 1)}), f"more than {MAX_PROPERTIES} properties"),
            (bomb(), f"more than {MAX_PROPERTIES} properties"),
            (schema(a={"x-ix": {"kind": "nonsense"}}), "schema.properties.a.x-ix.kind: Input should be 'text'"),
            (schema(a={"x-ix": {"sums": [{"total": "a"}]}}), "schema.properties.a.x-ix.sums.0.parts: Field required"),
            (schema(a={"enum": "abc"}), "schema.properties.a.enum: "),
            (schema(a={"enum": list(range(MAX_NODES))}), f"larger than {MAX_NODES} nodes"),
        ],
        ids=range(25),
    )
    def test_names_the_place_of_what_it_does_not(self, bad: dict[str, Any], place: str) -> None:
        with pytest.raises(ValueError, match=place):
            check_schema(bad)

    def test_options_that_are_refused_name_the_field(self) -> None:
        with pytest.raises(ValidationError) as refused:
            CustomOptions.model_validate({"schema": schema(a={"type": CANARY})})
        [error] = refused.value.errors(include_input=False, include_context=False)
        assert error["loc"] == ("schema",)
        assert CANARY not in error["msg"]

    @pytest.mark.parametrize(
        "odd",
        [
            {"type": "array"},
            {"type": "object"},
            {"x-ix": "money"},
            {"x-ix": {"labels": "total"}},
            {"x-ix": {"labels": [1]}},
            {"x-ix": {"kind": ["money"]}},
            {"x-ix": {"kind": {}}},
            {"enum": "abc"},
            {"enum": None},
            {"title": 1},
            {"description": {}},
            {"format": []},
            {"anyOf": []},
            {"anyOf": [{"type": "null"}]},
            {"type": []},
            {"type": None},
            {"allOf": [{"type": "number"}]},
            {"properties": {}},
            {"required": "a"},
            {"x-ix": {"sums": [{"total": "a"}]}},
            {"x-ix": {"sums": "a"}},
            {"x-ix": {"order": [["a"]]}},
            {"x-ix": {"surprise": 1}},
        ],
        ids=json.dumps,
    )
    def test_what_it_takes_can_be_read(self, odd: dict[str, Any]) -> None:
        """Either refused with its place, or read as a field."""
        try:
            check_schema(schema(a=odd))
        except ValueError as error:
            assert str(error).startswith("schema.properties.a")  # noqa: PT017 - refused or read, either is right
        else:
            [field] = fields_of(schema(a=odd))
            assert field.kind in KINDS
            assert all(isinstance(label, str) for label in field.labels)


def shared(count: int, **spec: Any) -> dict[str, Any]:
    """So many properties that refer to one schema."""
    return {**schema(**{f"p{i}": {"$ref": "#/$defs/x"} for i in range(count)}), "$defs": {"x": spec}}


def fan(keyword: str, width: int, levels: int) -> dict[str, Any]:
    """Each level refers to the next so many times."""
    defs = {f"d{i}": {keyword: [{"$ref": f"#/$defs/d{i + 1}"}] * width} for i in range(levels)}
    return {**schema(a={"$ref": "#/$defs/d0"}), "$defs": {**defs, f"d{levels}": {}}}


def text_of(question: dict[str, Any]) -> str:
    return compose(Question((), question, "")).text


class TestCostOfASchema:
    """It is what the schema unfolds to: whoever walks through one follows its references."""

    @pytest.mark.parametrize(
        ("bad", "place"),
        [
            (fan("anyOf", 32, 3), f"unfolds to more than {MAX_VISITS} nodes"),
            (fan("oneOf", 32, 3), f"unfolds to more than {MAX_VISITS} nodes"),
            (fan("allOf", 32, 3), f"unfolds to more than {MAX_VISITS} nodes"),
            ({**schema(a={}), "anyOf": [{"$ref": "#"}] * 9}, "must point into the schema itself"),
            (shared(150, description="x" * 10_000), f"unfolds to more than {MAX_TEXT} characters"),
            (shared(150, title="x" * 10_000), f"unfolds to more than {MAX_TEXT} characters"),
            (shared(150, enum=list(range(1000))), f"unfolds to more than {MAX_TEXT} characters"),
            (shared(150, enum=[["x" * 10_000]]), f"unfolds to more than {MAX_TEXT} characters"),
            (shared(150, required=["x"] * 1000), f"unfolds to more than {MAX_TEXT} characters"),
            (shared(150, **{f"k{i}": 1 for i in range(4000)}), f"unfolds to more than {MAX_TEXT} characters"),
            (shared(150, **{"x-ix": {"labels": ["a"] * 100}}), f"unfolds to more than {MAX_LABELS} labels"),
            (schema(a={"x-ix": {"labels": ["a"] * 4500}}), f"unfolds to more than {MAX_LABELS} labels"),
            (schema(**{"n" * 201: {}}), "has a name of more than 200 characters"),
            (schema(a={"$ref": "#/" + "x/" * 200}), "has more than 200 characters"),
        ],
        ids=range(14),
    )
    def test_has_limits(self, bad: dict[str, Any], place: str) -> None:
        with pytest.raises(ValueError, match=place):
            check_schema(bad)

    @pytest.mark.parametrize(
        "costly",
        [
            schema(**{f"p{i}": {"anyOf": [{"enum": ["a", "b"]}, {"type": "null"}], "title": "A"} for i in range(200)}),
            fan("anyOf", 9, 3),
            shared(190, description="x" * 1400),
            shared(190, enum=[f"c{i}" for i in range(100)]),
            shared(190, pattern="(a+)+$" * 20_000, default=[[]] * 1000),
            shared(190, **{"x-ix": {"labels": [f"label {i}" for i in range(10)]}}),
            nested(MAX_DEPTH),
        ],
        ids=range(7),
    )
    def test_that_is_accepted_is_little_for_whoever_walks_through_it(self, costly: dict[str, Any]) -> None:
        check_schema(costly)
        # not a time, which tells of the machine: what is made of it
        assert len(text_of(costly)) < 2 * MAX_TEXT
        assert len(json.dumps(answer_schema(costly))) < 5 * MAX_TEXT
        assert len(CheckedResult(no_answer(costly), costly).nodes) <= MAX_PROPERTIES + 1
        assert sum(len(str(field)) for field in fields_of(costly)) < 3 * MAX_TEXT

    def test_a_batch_has_one_budget(self) -> None:
        """Which a schema that was accepted before does not touch."""
        budget = SchemaBudget(visits=450)
        for _ in range(50):
            check_schema(schema(**{f"p{i}": {} for i in range(199)}), budget)
        check_schema(schema(**{f"q{i}": {} for i in range(199)}), budget)
        with pytest.raises(ValueError, match="one too many"):
            check_schema(schema(**{f"r{i}": {} for i in range(199)}), budget)

    def test_pointers_are_read_as_they_are_written(self) -> None:
        escaped = {**schema(a={"$ref": "#/$defs/a~1b~0c"}), "$defs": {"a/b~c": {"type": "integer"}}}
        check_schema(escaped)
        assert fields_of(escaped)[0].json_type == "integer"
