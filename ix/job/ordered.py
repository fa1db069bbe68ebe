"""Order: a schema's properties, and the values that answer them, in the order in which the client wrote them.

PostgreSQL's jsonb keeps the members of an object by the length of their names, so that what is stored says the order
itself, in a list beside the properties:

    {"properties": {"note": …, "productName": …}, "propertyOrdering": ["productName", "note"]}

Written where it is stored and only where the order would be lost; whoever reads a stored schema takes it back
(`restored`). An older ix passes it over. The fingerprint of a submission does not know it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

KEYWORD: Final = "propertyOrdering"
"""As Gemini's schemas call it; a client whose JSON has no order of its own may send it."""
_MAPS: Final = frozenset(("properties", "$defs", "definitions", "patternProperties"))
"""Keywords whose members are schemas by name."""
_PLAIN: Final = frozenset(("enum", "const", "default", "examples", "required", "x-ix", KEYWORD))
"""Keywords that hold no schema."""
_MAX_STEPS: Final = 16
"""Longest chain of `$ref` and `anyOf` that is followed, as in `ix.fields`."""


def stamped(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options of a request as they are stored: their schema says its order. Themselves where they have none."""
    schema = options.get("schema")
    return {**options, "schema": _stamped(schema)} if isinstance(schema, dict) else options


def restored(schema: Any) -> Any:
    """A stored schema with its properties in the order that the client wrote, and without what says so."""
    return _walked(schema, _restore)


def plain(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Stored options as the client wrote them: what `stamped` was given."""
    schema = options.get("schema")
    return {**options, "schema": restored(schema)} if isinstance(schema, dict) else options


def in_order(value: Any, schema: Any, root: Any = None) -> Any:
    """What answers a schema, or the evidence of that, with members as the schema has them; those that it does not
    know come last."""
    root = schema if root is None else root
    spec = _resolved(schema, root)
    if isinstance(value, list):
        return [in_order(one, spec.get("items"), root) for one in value]
    properties = spec.get("properties")
    if not isinstance(value, dict) or not isinstance(properties, dict):
        return value
    names = [*(name for name in properties if name in value), *(name for name in value if name not in properties)]
    return {name: in_order(value[name], properties.get(name), root) for name in names}


def envelope(members: dict[str, Any]) -> dict[str, Any]:
    """A job's members as they are stored, its request's schema and what answered it in the client's order."""
    request, response = members.get("request"), members.get("response")
    options = request.get("options") if isinstance(request, dict) else None
    schema = options.get("schema") if isinstance(options, dict) else None
    if not isinstance(request, dict) or not isinstance(options, dict) or not isinstance(schema, dict):
        return members
    wanted = restored(schema)
    ordered = {**members, "request": {**request, "options": {**options, "schema": wanted}}}
    if isinstance(response, dict):
        both = {name: in_order(response[name], wanted) for name in ("result", "evidence") if name in response}
        ordered["response"] = {**response, **both}
    return ordered


def _stamped(schema: Any) -> Any:
    return _walked(schema, _stamp)


def _walked(node: Any, change: Any) -> Any:
    """A schema with every object schema in it changed; a map of names is none, whatever its names are."""
    if isinstance(node, list):
        return [_walked(one, change) for one in node]
    if not isinstance(node, dict):
        return node
    made = {}
    for name, value in node.items():
        # an enumeration may hold what looks like a schema
        if name in _PLAIN:
            made[name] = value
        elif name in _MAPS and isinstance(value, dict):
            made[name] = {key: _walked(one, change) for key, one in value.items()}
        else:
            made[name] = _walked(value, change)
    return change(made) if isinstance(made.get("properties"), dict) else made


def _stamp(node: dict[str, Any]) -> dict[str, Any]:
    names = list(node["properties"])
    # nothing is written where nothing would be lost: most flat schemas of short names are stored as they came
    if isinstance(node.get(KEYWORD), list) or names == sorted(names, key=_stored):
        return node
    return {**node, KEYWORD: names}


def _stored(name: str) -> tuple[int, bytes]:
    """Where jsonb puts a name."""
    written = name.encode("utf-8", "surrogatepass")
    return len(written), written


def _restore(node: dict[str, Any]) -> dict[str, Any]:
    order = node.get(KEYWORD)
    if not isinstance(order, list):
        return node
    properties = node["properties"]
    named = [name for name in dict.fromkeys(_texts(order)) if name in properties]
    # a list that leaves some out, which a client may send, loses none
    left = [name for name in properties if name not in set(named)]
    rest = {name: value for name, value in node.items() if name not in (KEYWORD, "properties")}
    return {**rest, "properties": {name: properties[name] for name in (*named, *left)}}


def _texts(values: Iterable[Any]) -> Iterable[str]:
    return (one for one in values if isinstance(one, str))


def _resolved(schema: Any, root: Any) -> Mapping[str, Any]:
    for _ in range(_MAX_STEPS):
        if not isinstance(schema, dict):
            return {}
        if isinstance(ref := schema.get("$ref"), str):
            schema = {**_target(ref, root), **{name: one for name, one in schema.items() if name != "$ref"}}
        elif isinstance(options := schema.get("anyOf"), list) and "properties" not in schema:
            # a member that may be null is written as an anyOf of what it is and null
            real = [one for one in options if isinstance(one, dict) and one.get("type") != "null"]
            schema = {**(real[0] if real else {}), **{name: one for name, one in schema.items() if name != "anyOf"}}
        else:
            break
    return schema if isinstance(schema, dict) else {}


def _target(ref: str, root: Any) -> Mapping[str, Any]:
    node = root
    for part in ref.removeprefix("#/").split("/"):
        node = node.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(node, dict) else None
    return node if isinstance(node, dict) else {}
