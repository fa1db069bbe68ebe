"""From a result's schema to the schema that a model fills.

    {"total": money, "shop": text, "paid": yes or no}
        ──answer_schema──▶   {"total": 12.5 or 7 or null, "shop": text or null, "paid": {"quote": …, "value": …}}

Answers are short, because a small model loses its way in long ones: a text is its own quote, an amount, date or
currency is one of those that the page prints, and only what is concluded from words (a choice, yes or no, a value that
none of those printed can be) is asked for with its quote. The quote comes first, so that the value is written after the
words it stands on.

`$ref` and `anyOf` with null are resolved, every object is closed and requires all its members, and no keyword is left
that strict modes refuse or grammars cannot hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ix.extraction.models._printed import NOTHING_PRINTED, Printed
from ix.fields import Field, Kind, fields_of, resolve

MAX_ROWS = 200
"""Longest list asked for. llama.cpp refuses grammars whose repetitions unfold to 2,000 rules or more."""
# A quote may be null, because a model that must write one makes one up.
_QUOTE = {"type": ["string", "null"]}
_BARE: frozenset[Kind] = frozenset({"text", "organisation", "person", "address", "iban", "vat_id", "identifier"})
"""Kinds whose value is what stands on the page: it is its own quote."""
_NUMBERS: frozenset[Kind] = frozenset({"money", "number", "percentage"})

_NUMBER_TEXT = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?")

Spec = Mapping[str, Any]


def answer_schema(schema: Spec, printed: Printed = NOTHING_PRINTED) -> dict[str, Any]:
    """The JSON Schema that a model fills to answer `schema` from pages that print these values."""
    return _object(schema, schema, printed, False)


def _object(spec: Spec, root: Spec, printed: Printed, in_row: bool) -> dict[str, Any]:
    members = resolve(spec, root).get("properties", {})
    return _closed(
        {field.name: _asked(members[field.name], field, root, printed, in_row) for field in fields_of(spec, "", root)}
    )


def _asked(spec: Spec, field: Field, root: Spec, printed: Printed, in_row: bool) -> dict[str, Any]:
    spec = resolve(spec, root)
    kind = type_of(spec)
    if kind == "object":
        return _object(spec, root, printed, in_row)
    if kind == "array":
        return {"type": "array", "items": _item(spec, field, root, printed), "maxItems": _most_rows(spec)}
    if choices := printed.choices(field):
        return {"type": [kind, "null"], "enum": [*choices, None]}
    value = _value(spec, kind)
    if kind == "string" and field.kind in _BARE and "enum" not in value:
        return value
    if in_row and field.kind in _NUMBERS:
        return value
    return _closed({"quote": _QUOTE, "value": value})


def _item(spec: Spec, field: Field, root: Spec, printed: Printed) -> dict[str, Any]:
    items = resolve(spec.get("items", {}), root)
    if type_of(items) == "object":
        return _object(items, root, printed, True)
    [member] = fields_of({"properties": {field.name: items}}, "", root)
    return _asked(items, member, root, printed, True)


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _value(spec: Spec, kind: str) -> dict[str, Any]:
    value: dict[str, Any] = {"type": [kind, "null"]}
    if choices := [choice for choice in spec.get("enum", ()) if _is_a(choice, kind)]:
        # null among the choices too: JSON Schema asks for both `type` and `enum` to hold
        value["enum"] = [*choices, None]
    elif spec.get("format") == "date":
        value["format"] = "date"
    return value


def _is_a(choice: Any, kind: str) -> bool:
    # a choice of another type could never be written: the grammar asks for `kind` as well
    try:
        return choice is not None and SCALARS[kind](choice) is choice
    except ValueError:
        return False


def _most_rows(spec: Spec) -> int:
    own = spec.get("maxItems")
    return min(own, MAX_ROWS) if isinstance(own, int) and own > 0 else MAX_ROWS


def type_of(spec: Spec) -> str:
    """The one type that a resolved schema asks for, as `ix.fields` reads it."""
    declared = spec.get("type", "object" if "properties" in spec else "string")
    names = declared if isinstance(declared, list) else [declared]
    return next((name for name in names if name in ("object", "array", *SCALARS)), "string")


# Scalars: the value if it is of the type or harmlessly written otherwise, else `ValueError`


def _string(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise ValueError


def _number(value: Any) -> int | float | None:
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    if isinstance(value, str) and (found := _NUMBER_TEXT.fullmatch(value.strip())):
        return float(found[0]) if found[1] else int(found[0])
    raise ValueError


def _integer(value: Any) -> int | None:
    number = _number(value)
    if number is None or isinstance(number, int):
        return number
    if number.is_integer():
        return int(number)
    raise ValueError


def _boolean(value: Any) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) and (word := value.strip().lower()) in ("true", "false"):
        return word == "true"
    raise ValueError


SCALARS: Mapping[str, Callable[[Any], str | int | float | bool | None]] = {
    "string": _string,
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
}
"""How a value of each type is taken from JSON."""
