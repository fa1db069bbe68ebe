"""Which JSON Schemas can describe a result: those that clients and folders bring."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from ix.fields import Kind

MAX_DEPTH: Final = 8
"""Levels below the root; a model's answer is asked for in this shape, and deeper ones come back wrong."""
MAX_PROPERTIES: Final = 200
"""Over all levels, each reference counted as what it stands for."""
MAX_NODES: Final = 5_000
"""Members of the schema as it is written, so that a walk through it has an end."""
_TYPES = frozenset(("string", "number", "integer", "boolean", "object", "array", "null"))
_ROOT = "schema"


def check_schema(schema: Mapping[str, Any]) -> None:
    """Raises `ValueError`, naming the place, unless this is an object schema that every backend can take: local,
    shallow and small."""
    if (
        schema.get("type", "object") != "object"
        or not isinstance(schema.get("properties"), Mapping)
        or not schema["properties"]
    ):
        raise ValueError(f"{_ROOT} must be of type object with at least one property")
    if _too_many(_nodes(schema), MAX_NODES):
        raise ValueError(f"{_ROOT} is larger than {MAX_NODES} nodes")
    _Walk(schema).visit(schema, _ROOT, ())


class _Sum(BaseModel):
    total: str
    parts: list[str]


class _Extra(BaseModel):
    """What the keyword `x-ix` may hold; `ix.fields` says what it means."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind | None = None
    labels: list[str] = []
    sums: list[_Sum] = []
    order: list[Annotated[list[str], Field(min_length=2, max_length=2)]] = []


class _Keywords(BaseModel):
    """The keywords that are read, wherever they stand, in the form in which they can be."""

    title: str = ""
    description: str = ""
    format: str = ""
    enum: list[JsonValue] = []
    required: list[str] = []
    extra: _Extra = Field(default=_Extra(), alias="x-ix")


class _Walk:
    """A walk through a schema along its references, which counts what it unfolds to: one that refers to itself, or
    whose references multiply, comes to an end at a limit."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self.root = root
        self.properties = 0

    def visit(self, node: object, path: str, trail: tuple[str, ...]) -> None:
        if not isinstance(node, Mapping):
            raise ValueError(f"{path} must be an object")
        if len(trail) > MAX_DEPTH:
            raise ValueError(f"{path} is nested deeper than {MAX_DEPTH}")
        _check_types(node, path)
        _check_keywords(node, path)
        if "$ref" in node:
            self.visit(self._target(node["$ref"], path), path, (*trail, "$ref"))
        self._visit_properties(node.get("properties", {}), path, trail)
        if "items" in node:
            self.visit(node["items"], f"{path}.items", (*trail, "items"))
        for keyword in ("anyOf", "oneOf", "allOf"):
            for at, option in enumerate(_list(node.get(keyword, []), f"{path}.{keyword}")):
                self.visit(option, f"{path}.{keyword}.{at}", (*trail, keyword))

    def _visit_properties(self, properties: object, path: str, trail: tuple[str, ...]) -> None:
        if not isinstance(properties, Mapping):
            raise ValueError(f"{path}.properties must be an object")
        for name, spec in properties.items():
            self.properties += 1
            if self.properties > MAX_PROPERTIES:
                raise ValueError(f"{_ROOT} has more than {MAX_PROPERTIES} properties")
            self.visit(spec, f"{path}.properties.{name}", (*trail, name))

    def _target(self, ref: object, path: str) -> object:
        if not isinstance(ref, str) or not ref.startswith("#/"):
            raise ValueError(f"{path}.$ref must point into the schema itself (#/…)")
        node: object = self.root
        for part in ref.removeprefix("#/").split("/"):
            if not isinstance(node, Mapping) or part not in node:
                raise ValueError(f"{path}.$ref points at nothing")
            node = node[part]
        return node


def _check_types(node: Mapping[str, Any], path: str) -> None:
    declared = node.get("type", "object")
    if any(
        # asked first: what is no text may be a list, which cannot be looked up in a set
        not isinstance(name, str) or name not in _TYPES
        for name in (declared if isinstance(declared, list) else [declared])
    ):
        raise ValueError(f"{path}.type is not a JSON type")


def _check_keywords(node: Mapping[str, Any], path: str) -> None:
    try:
        _Keywords.model_validate(node, strict=True)
    except ValidationError as error:
        # without the input: no error repeats what a client sent
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise ValueError(f"{'.'.join([path, *map(str, first['loc'])])}: {first['msg']}") from None


def _list(value: object, path: str) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"{path} must be a list")
    return value


def _nodes(value: object) -> Iterator[object]:
    stack = [value]
    while stack:
        yield (node := stack.pop())
        if isinstance(node, Mapping):
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)


def _too_many(nodes: Iterator[object], limit: int) -> bool:
    # ends at the limit: to count them all is the work that the limit is to spare
    return any(count >= limit for count, _ in enumerate(nodes))
