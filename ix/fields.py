"""Fields: what a use case wants from a document, written as JSON Schema.

A result is described by a JSON Schema, nothing else, so that the built-in use cases and a schema that a client brings
are the same thing to every backend. The keyword `x-ix` on a property adds what JSON Schema cannot say:

    {"kind": "money", "labels": ["grand total", "amount due", "Gesamtbetrag"]}

There `{"expected": true}` says that a document without the value is to be looked at, and `{"bar": 0.75}` that one is
whose value has a lower confidence (`ix.extraction.review`). On an object it can add arithmetic that the check step
verifies:

    {"sums": [{"total": "grand_total", "parts": ["net_total", "tax_total"]}], "order": [["period_start", "period_end"]]}

Its root may name the fields that lists show of a result, `{"headline": ["company", "total"]}`, the share of wrong
values that may pass unmarked, `{"risk": 0.02}`, and bring worked examples for models,
`{"examples": [{"text": "TOTAL 3.70", "answer": {"total": 3.7}}]}`. Where it says
`{"einvoice": true}`, an electronic invoice answers for the pages (`ix.extraction.einvoice`), by the names of the use
case `invoice`; a property with `{"source": "xml"}` is filled by such alone. One with `{"source": "mrz"}` is read off
the machine-readable zone of a document of identity. `{"side": "issuer"}` or `"counterpart"` says which of the two
parties a name, an address or a number is about, where the property's name says otherwise.

A schema without `x-ix` works too: kinds are guessed from `type`, `format` and the whole words of the property's name,
and labels from name, title and what its description quotes: `{"description": "customer (Kundennummer)"}`."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, cast, get_args

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
_READ = 2_000
"""Characters of a description that are searched for words of the page."""
ZONED = "mrz"
"""The `source` of a field that stands in a machine-readable zone of a document of identity."""
MAX_STEPS = 16
"""Longest chain of `$ref` and `anyOf` that is followed; real schemas have one or two."""


def _all(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MONEY = _all(
    "total subtotal amount price balance tax net gross sum due pay paid payable cost costs fee fees vat charge charges "
    "deposit withdrawal debit credit salary wage wages payment premium rent income earnings revenue betrag summe preis "
    "saldo montant prix importe totale totaal totalt imponibile iva btw mwst moms bedrag prijs belopp beløb kwota cena "
    "precio preço prezzo importo valor kosten gebühr gebuehr prämie miete kaution"
)
_COUNTED = _all(
    "kwh mwh kw kg g mg lb lbs oz mm cm m km ml l litre litres liter liters gallons hours hrs minutes days pcs units "
    "percent percentage pct rate celsius fahrenheit degrees mmol usage consumption quantity qty count weight volume "
    "year years age number no nr id code"
)
"""What makes a number with a word of money none: the total weight in kg, a tax rate, the year of an amount."""
_DATES = _all("date datum dob birthday birthdate deadline")
_OF_SURVEYS = _all("geodetic vertical horizontal map chart reference coordinate grid")
"""Beside these a datum is what heights and places are measured from."""
_BUSINESSES = _all("company seller buyer supplier vendor merchant bank shop store retailer issuer")
_PERSONS = _all("holder person")
_ADDRESSES = _all("address adresse anschrift")
_NOT_WHOLE = _all("email mail ip web website mac url street line")
"""Beside these an address is no place, or a part of one."""
_CURRENCIES = _all("currency waehrung währung devise")
_TAXES = _all("vat ust tva tax gst")
_NUMBERS = _all("id no number nr num reg registration")
_FOREIGN_NUMBERS = _all("numero número nummer numer codigo código codice matricule kennung aktenzeichen folio mrn vin")
"""Words that make a text a code wherever they stand in its name: `numeroFactura`."""
_NUMMER = ("nummer", "kennzahl")
"""What such a word ends with in languages that write compounds."""
_CODES = _NUMBERS | _all("reference ref account iban")
_NAMES = _all("name the full legal of business")
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z][^\W\d_]*|\d+")
_QUOTED = re.compile(r"[\"“”„«»‘’]([^\"“”„«»‘’]{2,60})[\"“”„«»‘’]|[(（\[]([^()（）\[\]]{2,60})[)）\]]")
"""What a description names as it stands on the page: in quotes or brackets."""
_CONTAINERS: Mapping[str, Kind] = {"array": "rows", "object": "object"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a result.

    `path` is dotted from the root of the result (`lines` rows leave out the index: `lines.quantity`). `labels` are the
    words that may stand beside the value on the page, most telling first, in any language. `fields` are the columns of
    `rows` or members of `object`. `electronic` fields are not asked of pages; `zoned` ones are read off a
    machine-readable zone. `side` is `issuer` or `counterpart` where the schema says which party it is about; a document
    has an `expected` one. `is_described` says that `x-ix` describes the field; of any other, kind and labels are
    guessed, and `printed` are words that its description quotes from the page."""

    name: str
    path: str
    kind: Kind
    labels: tuple[str, ...] = ()
    description: str = ""
    json_type: str = "string"
    choices: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    electronic: bool = False
    format: str = ""
    is_described: bool = False
    printed: tuple[str, ...] = ()
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
        # null and nothing are no words that stand on a page
        choices=tuple(str(one) for one in spec.get("enum", ()) if one is not None and str(one).strip()),
        fields=_members(json_type, spec, own, root),
        electronic=extra.get("source") == ELECTRONIC,
        format=str(spec.get("format", "")),
        is_described=bool(extra.get("labels") or extra.get("kind")),
        printed=_named_labels(spec),
        zoned=extra.get("source") == ZONED,
        side=str(extra.get("side", "")),
        expected=bool(extra.get("expected")),
    )


def _kind(name: str, json_type: str, spec: Mapping[str, Any], extra: Mapping[str, Any]) -> Kind:
    # the shape outweighs what `x-ix` says: a list is rows even where its author called it money
    if json_type in _CONTAINERS:
        return _CONTAINERS[json_type]
    if (named := extra.get("kind")) in KINDS:
        return cast("Kind", named)
    kind = guess_kind(name, json_type, str(spec.get("format", "")))
    if kind == "number" and json_type == "number":
        # a name that says nothing: `to_come`, "amount still due"
        said = set(words_of(str(spec.get("description", ""))[:_READ]))
        return "money" if said & _MONEY and not (said | set(words_of(name))) & _COUNTED else kind
    return kind


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
    words = words_of(name)
    if json_type == "boolean":
        return "boolean"
    if json_type in ("number", "integer"):
        is_money = json_type == "number" and not _MONEY.isdisjoint(words) and _COUNTED.isdisjoint(words)
        return "money" if is_money else "number"
    if format_ in ("date", "date-time"):
        return "date"
    # what has another format, an e-mail address say, is none of what its name may speak of
    return "text" if format_ else _named_kind(words)


def words_of(name: str) -> tuple[str, ...]:
    """The words of a property's name, in lower case: `grossAmount`, `gross_amount` and `gross-amount` have two."""
    return tuple(word.lower() for word in _PARTS.findall(name))


def _named_kind(words: Sequence[str]) -> Kind:
    known, last = set(words), words[-1] if words else ""
    if "iban" in known:
        return "iban"
    # a rate of tax, or its amount, has no word for a number
    if known & _TAXES and known & _NUMBERS:
        return "vat_id"
    if known & _CURRENCIES:
        return "currency"
    if (known & _DATES and not known & _OF_SURVEYS) or (last in ("on", "at") and len(words) > 1):
        return "date"
    if known & _ADDRESSES and not known & _NOT_WHOLE:
        return "address"
    if known & _BUSINESSES and known <= _BUSINESSES | _NAMES:
        return "organisation"
    return _kind_by_last(known, last)


def _kind_by_last(known: set[str], last: str) -> Kind:
    if last in ("percent", "percentage", "rate"):
        return "percentage"
    if known & _PERSONS or (last == "name" and known & {"first", "last", "customer"}):
        return "person"
    is_code = last in _CODES or known & _FOREIGN_NUMBERS or last.endswith(_NUMMER)
    return "identifier" if is_code else "text"


def _labels(name: str, spec: Mapping[str, Any]) -> tuple[str, ...]:
    words = " ".join(words_of(name)) or name.lower()
    title = str(spec.get("title", "")).lower()
    return (words,) if title in ("", words) else (title, words)


def _named_labels(spec: Mapping[str, Any]) -> tuple[str, ...]:
    found = (quoted or in_brackets for quoted, in_brackets in _QUOTED.findall(str(spec.get("description", ""))[:_READ]))
    return tuple(dict.fromkeys(label.strip() for label in found if label.strip()))
