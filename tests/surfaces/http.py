"""The HTTP API, from its OpenAPI document.

GET /jobs/{ix_id} query wait: number, may be left out
GET /jobs/{ix_id} answers 200 application/json: Job
Job.attempts: integer, required"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from ix.api.app import create_app
from ix.api.openapi.document import document
from ix.config import Settings

Json = dict[str, Any]
BOUNDS = {
    "minimum": ">=",
    "maximum": "<=",
    "exclusiveMinimum": ">",
    "exclusiveMaximum": "<",
    "minLength": "length >=",
    "maxLength": "length <=",
    "pattern": "pattern",
    "format": "format",
}
"""JSON Schema's words for what a value may be, and ours."""


@cache
def described() -> Json:
    """The OpenAPI document of the service."""
    return document(create_app(settings=Settings(ocr="off"), probes={}).routes, "http://ix.test")


def facts() -> Iterator[str]:
    """What a client can rely on."""
    whole = described()
    for path, operations in {**whole["paths"], **whole["webhooks"]}.items():
        for method, operation in operations.items():
            yield from (f"{method.upper()} {path} {fact}" for fact in _operation(operation, whole))
    for name, schema in whole["components"]["schemas"].items():
        yield from (f"{name}{fact}" for fact in _members(schema))


def _operation(operation: Json, whole: Json) -> Iterator[str]:
    yield f"is {operation['operationId']}{', needs no key' if operation.get('security') == [] else ''}"
    for one in operation.get("parameters", ()):
        yield f"{one['in']} {one['name']}: {shape(one['schema'])}{_needed(one.get('required', False))}"
    for kind, body in operation.get("requestBody", {}).get("content", {}).items():
        yield f"takes {kind}: {shape(body['schema'])}"
    for status, answer in operation["responses"].items():
        yield from _answer(status, whole["components"]["responses"][_last(answer)] if "$ref" in answer else answer)


def _answer(status: str, answer: Json) -> Iterator[str]:
    for name, header in answer.get("headers", {}).items():
        yield f"answers {status} with {name}: {shape(header['schema'])}"
    content = {kind: shape(body["schema"]) for kind, body in answer.get("content", {}).items()}
    yield from (f"answers {status} {kind}: {schema}" for kind, schema in content.items())
    if not content:
        yield f"answers {status} without a body"


def _members(schema: Json) -> Iterator[str]:
    if "properties" not in schema:
        yield f": {shape(schema)}"
    for name, member in schema.get("properties", {}).items():
        yield f".{name}: {shape(member)}{_needed(name in schema.get('required', ()))}"
    if schema.get("additionalProperties") is False:
        yield " has no other members"


def _needed(required: bool) -> str:
    return ", required" if required else ", may be left out"


def shape(schema: Json) -> str:
    """A JSON Schema in short: `[Job]`, `string(maxLength 200) | null`, `"done" | "error"`."""
    if "$ref" in schema:
        return _last(schema)
    for many in ("anyOf", "oneOf", "allOf"):
        if many in schema:
            return " | ".join(sorted({shape(one) for one in schema[many]}))
    if "enum" in schema or "const" in schema:
        return " | ".join(sorted(f'"{one}"' for one in schema.get("enum", [schema.get("const")])))
    return _shape_of_type(schema)


def _shape_of_type(schema: Json) -> str:
    if schema.get("type") == "array":
        return f"[{shape(schema.get('items', {}))}]"
    if schema.get("type") == "object":
        return _object(schema)
    bounds = ", ".join(f"{sign} {schema[name]}" for name, sign in BOUNDS.items() if name in schema)
    return f"{schema.get('type', 'any')}{f'({bounds})' if bounds else ''}"


def _object(schema: Json) -> str:
    if "properties" in schema:
        return "{" + ", ".join(f"{name}: {shape(one)}" for name, one in sorted(schema["properties"].items())) + "}"
    others = schema.get("additionalProperties")
    return f"{{string: {shape(others)}}}" if isinstance(others, dict) else "{}"


def _last(reference: Json) -> str:
    return str(reference["$ref"].rpartition("/")[2])
