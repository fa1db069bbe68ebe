"""The results of use cases, as components of the document that have names: what a generated client knows of
`job.response.result`. `Results` has each under the name of its use case:

    type Receipt = components["schemas"]["Results"]["receipt"]      // openapi-typescript
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ix.use_cases import UseCase

RESULTS = "Results"
PREFIX = "#/components/schemas/"
OURS = frozenset({"x-ix", "title", "default"})
"""What the schemas of results say to ix alone, and what pydantic makes of a field's name."""


def components(use_cases: Mapping[str, UseCase]) -> dict[str, dict[str, Any]]:
    """Schemas by name: one for each use case that has a result of its own, those in it, and `Results`."""
    found: dict[str, dict[str, Any]] = {}
    by_use_case: dict[str, Any] = {}
    for name, use_case in sorted(use_cases.items()):
        if use_case.result is not None:
            # as it is written: pydantic leaves out of the other schema what a model only computes
            schema = use_case.result.model_json_schema(mode="serialization")
            prefix = _camel(name) + "Result"
            for inner, made in schema.pop("$defs", {}).items():
                found[prefix + inner] = _told(made, prefix)
            found[prefix] = _told(schema, prefix)
            by_use_case[name] = {"$ref": PREFIX + prefix}
    about = "The result of each use case, by its name: what `response.result` of a job that is `done` is"
    return {**found, RESULTS: _object(by_use_case) | {"description": about}}


def _told(schema: Any, prefix: str) -> Any:
    """A schema with its references into the document. Of an object all members are there, null where nothing was
    found."""
    if isinstance(schema, list):
        return [_told(one, prefix) for one in schema]
    if not isinstance(schema, dict):
        return schema
    told = {name: _told(value, prefix) for name, value in schema.items() if name not in OURS}
    if isinstance(properties := schema.get("properties"), dict):
        # their names are the schema's own: one may be called `title`
        return told | _object({name: _told(value, prefix) for name, value in properties.items()})
    if isinstance(reference := schema.get("$ref"), str):
        told["$ref"] = PREFIX + prefix + reference.rpartition("/")[2]
    return told


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.replace("-", "_").split("_"))
