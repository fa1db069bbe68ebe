"""From a result's schema to the schema that a model fills, and from what it filled in back to a tree of leaves.

    {"total": number}   ──answer_schema──▶   {"total": {"quote": string or null, "value": number or null}}
    {"total": Leaf}     ◀──read_answer──     '{"total": {"quote": "EUR 12,50", "value": 12.5}}'

The quote comes first, so that the value is written after the words it stands on. `$ref` and `anyOf` with null are
resolved, every object is closed and requires all its members, and no keyword is left that strict modes refuse or
grammars cannot hold. A server may ignore the schema, so `read_answer` believes nothing: what is harmlessly different is
put right, everything else is an error that names the path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ix import untrusted
from ix.errors import InvalidInput, ModelError
from ix.extraction.models import Leaf, Tree
from ix.extraction.models._failures import invalid
from ix.fields import Field, fields_of, resolve

MAX_ROWS = 200
"""Longest list asked for. llama.cpp refuses grammars whose repetitions unfold to 2,000 rules or more."""
# A quote may be null, because a model that must write one makes one up.
_QUOTE = {"type": ["string", "null"]}
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?")
# JSON's escapes of NUL and of lone surrogates (group 1); an escaped backslash and a whole pair are matched first, so
# that no part of them is taken for one.
_UNSTORABLE = re.compile(
    r"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u0000|\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)

CURE = "use a model that follows JSON schemas"
"""What every message about such an answer ends with."""

Spec = Mapping[str, Any]


def answer_schema(schema: Spec) -> dict[str, Any]:
    """The JSON Schema that a model fills to answer `schema`."""
    return _asked(schema, schema)


def read_answer(text: str, schema: Spec) -> dict[str, Tree]:
    """The leaves in a model's answer to `schema`. Raises `ModelError` (`model_answer_invalid`) naming the path."""
    try:
        value = parse(unwrapped(text))
    except InvalidInput as error:
        raise invalid(f"the model's answer {_place(error.field, schema)}{error.message}: {CURE}") from None
    wanted = resolve(schema, schema).get("properties", {})
    if not isinstance(value, dict) or (wanted and not wanted.keys() & value.keys()):
        raise invalid(f"the model's answer is no object with the fields asked for: {CURE}")
    return _members(value, schema, schema, "")


def no_answer(schema: Spec) -> dict[str, Tree]:
    """The answer to `schema` that says nothing: every leaf null, every list empty."""
    return _members({}, schema, schema, "")


def parse(text: str | bytes) -> Any:
    """The JSON that a server or model wrote, with NULs and lone surrogates replaced. Raises `InvalidInput`."""
    decoded = text.decode(errors="replace") if isinstance(text, bytes) else text
    return untrusted.parse(_UNSTORABLE.sub(lambda found: r"\ufffd" if found[1] else found[0], untrusted.clean(decoded)))


def unwrapped(text: str) -> str:
    """The answer without the thoughts before it and the code fence around it that some models write."""
    text = text.strip()
    if text.startswith("<think>"):
        text = text.partition("</think>")[2].strip()
    return text.removeprefix("```json").removeprefix("```").removesuffix("```")


# Asking


def _asked(spec: Spec, root: Spec) -> dict[str, Any]:
    spec = resolve(spec, root)
    kind = _type(spec)
    if kind == "object":
        return _closed({name: _asked(member, root) for name, member in spec.get("properties", {}).items()})
    if kind == "array":
        return {"type": "array", "items": _asked(spec.get("items", {}), root), "maxItems": _most_rows(spec)}
    return _closed({"quote": _QUOTE, "value": _value(spec, kind)})


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
        return choice is not None and _SCALARS[kind](choice) is choice
    except ValueError:
        return False


def _most_rows(spec: Spec) -> int:
    own = spec.get("maxItems")
    return min(own, MAX_ROWS) if isinstance(own, int) and own > 0 else MAX_ROWS


def _type(spec: Spec) -> str:
    """The one type that a resolved schema asks for, as `ix.fields` reads it."""
    declared = spec.get("type", "object" if "properties" in spec else "string")
    names = declared if isinstance(declared, list) else [declared]
    return next((name for name in names if name in ("object", "array", *_SCALARS)), "string")


# Reading


def _read(value: Any, spec: Spec, root: Spec, path: str) -> Tree:
    spec = resolve(spec, root)
    kind = _type(spec)
    if kind == "object":
        return _members(value, spec, root, path)
    return _rows(value, spec, root, path) if kind == "array" else _leaf(value, kind, path)


def _members(value: Any, spec: Spec, root: Spec, path: str) -> dict[str, Tree]:
    """What the model left out is null; what nobody asked for is left out."""
    value = {} if value is None else value
    if not isinstance(value, dict):
        raise _wrong(path, "an object")
    properties = resolve(spec, root).get("properties", {})
    return {
        name: _read(value.get(name), member, root, f"{path}.{name}" if path else name)
        for name, member in properties.items()
    }


def _rows(value: Any, spec: Spec, root: Spec, path: str) -> list[Tree]:
    """Rows that say nothing are left out: models write one for a table that is not there."""
    if not isinstance(value, list | None):
        raise _wrong(path, "a list")
    rows = [_read(row, spec.get("items", {}), root, f"{path}.{at}") for at, row in enumerate(value or [])]
    return [row for row in rows if any(leaf.value is not None for leaf in leaves(row))]


def _leaf(value: Any, kind: str, path: str) -> Leaf:
    """From `{"quote", "value"}`, or from the bare value where the server ignored the schema."""
    # the quote is evidence only, so that one of another type is dropped where a value would be an error
    quote = value.get("quote") if isinstance(value, dict) else None
    bare = value.get("value") if isinstance(value, dict) else value
    scalar = None if isinstance(bare, str) and not bare.strip() else bare
    try:
        read = _SCALARS[kind](scalar)
    except ValueError:
        raise _wrong(path, f"a value of type {kind}, or null,") from None
    return Leaf(read, quote.strip() or None if isinstance(quote, str) else None)


def leaves(tree: Tree) -> Iterator[Leaf]:
    """Every leaf of a tree."""
    if isinstance(tree, Leaf):
        yield tree
    else:
        for member in tree.values() if isinstance(tree, dict) else tree:
            yield from leaves(member)


def _place(path: str, schema: Spec) -> str:
    """Where something is wrong, unless the model made up the place: what it writes may be the document's text."""
    known = {"quote", "value", *_names(fields_of(schema))}
    return f"at {path} " if path and all(part.isdigit() or part in known for part in path.split(".")) else ""


def _names(fields: Iterable[Field]) -> Iterator[str]:
    for field in fields:
        yield field.name
        yield from _names(field.fields)


def _wrong(path: str, wanted: str) -> ModelError:
    return invalid(f"the model's answer is wrong at {path}: {wanted} was asked for; {CURE}")


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
    if isinstance(value, str) and (found := _NUMBER.fullmatch(value.strip())):
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


_SCALARS: Mapping[str, Callable[[Any], str | int | float | bool | None]] = {
    "string": _string,
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
}
