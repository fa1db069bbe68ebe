"""Fields: what a use case wants from a document, written as JSON Schema.

A result is described by a JSON Schema, nothing else, so that the built-in use cases and a schema that a client brings
are the same thing to every backend. The keyword `x-ix` on a property adds what JSON Schema cannot say:

    {"kind": "money", "labels": ["grand total", "amount due", "Gesamtbetrag"]}

There `{"expected": true}` says that a document without the value is to be looked at, and `{"bar": 0.75}` that one is
whose value has a lower confidence (`ix.extraction.review`). On an object it can add arithmetic that the check step
verifies:

    {"sums": [{"total": "grand_total", "parts": ["net_total", "tax_total"]}], "order": [["period_start", "period_end"]]}

Its root may name the fields that lists show of a result, `{"headline": ["company", "total"]}`. Where it says
`{"einvoice": true}`, an electronic invoice answers for the pages (`ix.extraction.einvoice`), by the names of the use
case `invoice`; a property with `{"source": "xml"}` is filled by such alone. One with `{"source": "mrz"}` is read off
the machine-readable zone of a document of identity. `{"side": "issuer"}` or `"counterpart"` says which of the two
parties a name, an address or a number is about, where the property's name says otherwise.

A schema without `x-ix` works too: kinds are guessed from `type`, `format` and the property's name, and labels from name
and title."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args

T = TypeVar("T")

Kind = Literal[
    "text",
    "organisation",
    "person",
    "address",
    "date",
    "money",
    "number",
    "percentage",
    "currency",
    "iban",
    "vat_id",
    "identifier",
    "boolean",
    "object",
    "rows",
]
KINDS: frozenset[str] = frozenset(get_args(Kind))
ELECTRONIC = "xml"
"""The `source` of a field that electronic invoices alone fill: no page is asked for it."""
ZONED = "mrz"
"""The `source` of a field that stands in a machine-readable zone of a document of identity."""
MAX_STEPS = 16
"""Longest chain of `$ref` and `anyOf` that is followed; real schemas have one or two."""

# The first that matches decides: an `iban_number` is an IBAN and no identifier, a `seller_tax_id` a VAT number and no
# organisation.
_NAME_HINTS: tuple[tuple[str, Kind], ...] = (
    (r"iban", "iban"),
    (r"(^|_)(vat|ust|tva|tax)_?(id|no|number|nr)", "vat_id"),
    (r"currency|waehrung|devise", "currency"),
    (r"(^|_)date($|_)|_on$|_at$|datum", "date"),
    (r"address|adresse|anschrift", "address"),
    (r"company|seller|buyer|supplier|vendor|merchant|bank$|shop|store", "organisation"),
    (r"percent|rate$", "percentage"),
    (r"holder|person|first_name|last_name|customer_name", "person"),
    (r"number$|_no$|_nr$|_id$|reference|account", "identifier"),
)
_CONTAINERS: Mapping[str, Kind] = {"array": "rows", "object": "object"}
_MONEY_NAMES = r"total|amount|price|balance|tax|net|gross|sum|due|paid|cost|fee|vat"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a result.

    `path` is dotted from the root of the result (`lines` rows leave out the index: `lines.quantity`). `labels` are the
    words that may stand beside the value on the page, most telling first, in any language. `fields` are the columns of
    `rows` or members of `object`. `electronic` fields are not asked of pages; `zoned` ones are read off a
    machine-readable zone. `side` is `issuer` or `counterpart` where the schema says which party it is about; a
    document has an `expected` one."""

    name: str
    path: str
    kind: Kind
    labels: tuple[str, ...] = ()
    description: str = ""
    json_type: str = "string"
    choices: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    electronic: bool = False
    zoned: bool = False
    side: str = ""
    expected: bool = False


class KeptSchema(dict[str, Any]):
    """A schema that nobody changes, for which `memory` holds what was made of it."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        super().__init__(schema)
        self.memory: dict[Hashable, Any] = {}


def once(schema: Mapping[str, Any], key: Hashable, make: Callable[[], T]) -> T:
    """What `make` gives, made once for a schema that is kept, and each time for any other."""
    if not isinstance(schema, KeptSchema):
        return make()
    if key not in schema.memory:
        schema.memory[key] = make()
    found: T = schema.memory[key]
    return found


def fields_of(schema: Mapping[str, Any], path: str = "", root: Mapping[str, Any] | None = None) -> tuple[Field, ...]:
    """The fields of an object schema, in its order. `path` is where the object stands in the result, `root` the whole
    schema, into which every `$ref` points."""
    return once(schema, (fields_of, path), lambda: _fields(schema, path, root or schema))


def _fields(schema: Mapping[str, Any], path: str, root: Mapping[str, Any]) -> tuple[Field, ...]:
    resolved = resolve(schema, root)
    return tuple(_field(name, spec, path, root) for name, spec in resolved.get("properties", {}).items())


def resolve(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema with its local `$ref` followed and `anyOf [X, null]` reduced to X, which is how pydantic writes an
    optional field; keywords beside them are kept and win. A `$ref` to nowhere is an empty schema."""
    # a bound, because a schema may refer to itself and `anyOf` may lead back to the same `$ref`
    for _ in range(MAX_STEPS):
        if isinstance(ref := schema.get("$ref"), str):
            schema = {**(target(ref, root) or {}), **{k: v for k, v in schema.items() if k != "$ref"}}
        elif (options := schema.get("anyOf")) and (real := [o for o in options if o.get("type") != "null"]):
            schema = {**real[0], **{k: v for k, v in schema.items() if k != "anyOf"}}
        else:
            break
    return schema


def target(ref: str, root: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What a local `$ref` points at: a JSON pointer (RFC 6901) behind a `#`. None where that is no object."""
    node: Any = root
    for part in ref.removeprefix("#/").split("/"):
        # in this order: `~01` is an escaped tilde and a 1
        name = part.replace("~1", "/").replace("~0", "~")
        node = node.get(name) if isinstance(node, Mapping) else None
    return node if isinstance(node, Mapping) else None


def asked(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema without the fields that no page is asked for; itself where it has none."""
    if not (schema.get("x-ix") or {}).get("einvoice"):
        return schema
    parts = {name: _asked(part) for name, part in schema.get("$defs", {}).items()}
    left = {name: one for name, one in _asked(schema).items() if name != "$defs"}
    used = {name: parts[name] for name in _referred(left, parts)}
    return {**left, "$defs": used} if used else left


def _asked(schema: Mapping[str, Any]) -> dict[str, Any]:
    kept = {
        name: spec
        for name, spec in schema.get("properties", {}).items()
        if (spec.get("x-ix") or {}).get("source") != ELECTRONIC
    }
    return {**schema, "properties": kept} if "properties" in schema else dict(schema)


def _referred(schema: Any, parts: Mapping[str, Any]) -> list[str]:
    """The names of the parts that a schema, or a part that it refers to, refers to."""
    found: dict[str, None] = {}
    waiting = [schema]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            name = str(one.get("$ref", "")).removeprefix("#/$defs/")
            if name in parts and name not in found:
                found[name] = None
                waiting.append(parts[name])
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return [name for name in parts if name in found]


def _field(name: str, spec: Mapping[str, Any], path: str, root: Mapping[str, Any]) -> Field:
    spec = resolve(spec, root)
    extra: Mapping[str, Any] = spec.get("x-ix") or {}
    own, json_type = f"{path}.{name}" if path else name, _json_type(spec)
    return Field(
        name=name,
        path=own,
        kind=_kind(name, json_type, spec, extra),
        labels=tuple(extra.get("labels") or _labels(name, spec)),
        description=str(spec.get("description", "")),
        json_type=json_type,
        choices=tuple(map(str, spec.get("enum", ()))),
        fields=_members(json_type, spec, own, root),
        electronic=extra.get("source") == ELECTRONIC,
        zoned=extra.get("source") == ZONED,
        side=str(extra.get("side", "")),
        expected=bool(extra.get("expected")),
    )


def _kind(name: str, json_type: str, spec: Mapping[str, Any], extra: Mapping[str, Any]) -> Kind:
    # the shape outweighs what `x-ix` says: a list is rows even where its author called it money
    if json_type in _CONTAINERS:
        return _CONTAINERS[json_type]
    named = extra.get("kind")
    return named if named in KINDS else guess_kind(name, json_type, str(spec.get("format", "")))


def _members(json_type: str, spec: Mapping[str, Any], path: str, root: Mapping[str, Any]) -> tuple[Field, ...]:
    if json_type not in _CONTAINERS:
        return ()
    return fields_of(spec.get("items", {}) if json_type == "array" else spec, path, root)


def _json_type(spec: Mapping[str, Any]) -> str:
    declared = spec.get("type", "object" if "properties" in spec else "string")
    if isinstance(declared, list):
        declared = next((t for t in declared if t != "null"), "string")
    return str(declared)


def guess_kind(name: str, json_type: str, format_: str = "") -> Kind:
    """The kind of a property that does not name one, by its type, its format and the words in its name; `text` where
    none of them tells."""
    # grossAmount and gross-amount are read as gross_amount
    lowered = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().replace("-", "_")
    if json_type == "boolean":
        return "boolean"
    if json_type in ("number", "integer"):
        return "money" if json_type == "number" and re.search(_MONEY_NAMES, lowered) else "number"
    if format_ in ("date", "date-time"):
        return "date"
    return next((kind for pattern, kind in _NAME_HINTS if re.search(pattern, lowered)), "text")


def _labels(name: str, spec: Mapping[str, Any]) -> tuple[str, ...]:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|[_-]+", " ", name).lower()
    title = str(spec.get("title", "")).lower()
    return (words,) if title in ("", words) else (title, words)
