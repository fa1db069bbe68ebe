"""The OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.0), made from the routes and the models that they
use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from importlib.metadata import version
from types import MappingProxyType
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import to_jsonable_python
from starlette.routing import BaseRoute, Route

from ix.api.openapi import results
from ix.api.openapi.callback import CALLBACK, CALLBACK_OF_BATCH
from ix.api.openapi.operation import FORM, OPERATIONS, Answer, Body, Header, Operation, Parameter
from ix.api.openapi.shared import ANYWHERE, FOR_KEYS
from ix.config import DISTRIBUTION
from ix.use_cases import UseCase

INFO = {
    "title": "ix",
    "summary": "Documents in, sourced JSON out.",
    "description": "Post a job that names a use case and carries documents; it is stored before you get your answer. "
    "Then wait for it, ask again, or be called back. Every value of the result comes with its evidence: page, quote, "
    "boxes, confidence. Once the service has API keys, each call carries one: `-H 'Authorization: Bearer ix_…'`.",
    "license": {"name": "MIT", "identifier": "MIT"},
}
TAGS = {
    "jobs": "Documents in, answers out. A job is known by the service's `ix_id` and by the client's own "
    "`(client_id, request_id)`.",
    "batches": "Many jobs of a client that it wants to hear of once, when all have ended.",
    "events": "What happens to jobs, as it happens.",
    "pages": "What was read of each page, and how it looks: what the boxes of evidence are drawn on.",
    "reviews": "What people make of answers: the points that need eyes, what was put right, who decided.",
    "exports": "Answers to take away: of many jobs as one table, of one job as text and PDF.",
    "deliveries": "Callbacks: what became of each, and once more.",
    "use cases": "What can be asked for.",
    "configurations": "What would be said with each submission, saved under a name, version after version.",
    "operations": "How the service is.",
    "description": "This description.",
}
"""What the tags mean, in the order in which the page and the table of routes have them. One that is not here comes last
and unexplained."""
SECURITY = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key, `ix_…`. Asked for once the service has one. A key has rights; an operation "
        "names the one that it needs.",
    },
}
STREAM = "x-stream"
"""Marks an operation whose answer may never end."""
Direction = Literal["validation", "serialization"]
"""pydantic's names for what comes in and what goes out."""


def document(
    routes: Sequence[BaseRoute], server: str, use_cases: Mapping[str, UseCase] = MappingProxyType({})
) -> dict[str, Any]:
    """The document of these routes, served at the address `server`, with the results of these use cases. Raises
    `ValueError` where two models share a name."""
    schemas = Schemas()
    paths: dict[str, dict[str, Any]] = {}
    tags = dict(TAGS)
    for path, method, operation in described(routes):
        paths.setdefault(path, {})[method.lower()] = _operation(operation, schemas, operation.right(method))
        tags.setdefault(operation.tag, "")
    return {
        "openapi": "3.1.0",
        "info": {**INFO, "version": version(DISTRIBUTION)},
        "servers": [{"url": server}],
        "security": [{"key": []}, {}],
        "tags": [{"name": name, "description": text} for name, text in tags.items()],
        "paths": paths,
        "webhooks": {
            name: {"post": _operation(call, schemas, "", anywhere=())}
            for name, call in (("callback_url", CALLBACK), ("callback_url of a batch", CALLBACK_OF_BATCH))
        },
        "components": _components(schemas, results.components(use_cases)),
    }


def described(routes: Iterable[BaseRoute]) -> Iterator[tuple[str, str, Operation]]:
    """Path, method and description of each route. HEAD, which goes with every GET, has none of its own."""
    for route in routes:
        if isinstance(route, Route) and route.endpoint in OPERATIONS:
            for method in sorted((route.methods or set()) - {"HEAD"}):
                # without Starlette's convertors, as in {name:path}
                yield route.path_format, method, OPERATIONS[route.endpoint]


class Schemas:
    """Collects the models that are referred to, as the document's components."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, Any]] = {}

    def of(self, kind: Any, direction: Direction) -> dict[str, Any]:
        """The schema of a type: a reference, if it is a model. Raises `ValueError` where another model has its name."""
        made = TypeAdapter(kind).json_schema(
            mode=direction, ref_template="#/components/schemas/{model}", schema_generator=_Generator
        )
        for name, schema in made.pop("$defs", {}).items():
            self._add(name, schema)
        # pydantic puts the models inside a model among the components, the model itself it returns
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return self._add(kind.__name__, made)
        return made

    def of_texts(self, model: type[BaseModel]) -> dict[str, Any]:
        """The schema of a model that a query or a form fills: they cannot say null, so a field is given or left out."""
        made = model.model_json_schema(ref_template="#/components/schemas/{model}", schema_generator=_Generator)
        for name, schema in made.pop("$defs", {}).items():
            self._add(name, schema)
        return {**made, "properties": {name: _given(schema) for name, schema in made["properties"].items()}}

    def _add(self, name: str, schema: dict[str, Any]) -> dict[str, Any]:
        if self.found.setdefault(name, schema) != schema:
            raise ValueError(f"two models are called {name}")
        return {"$ref": f"#/components/schemas/{name}"}


class _Generator(GenerateJsonSchema):
    """Leaves out titles, which pydantic makes of nothing but a field's name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def _given(schema: dict[str, Any]) -> dict[str, Any]:
    options = [option for option in schema.get("anyOf", ()) if option != {"type": "null"}]
    if len(options) != 1:
        return schema
    return {**options[0], **{key: value for key, value in schema.items() if key not in ("anyOf", "default")}}


def _operation(
    operation: Operation, schemas: Schemas, right: str, anywhere: Sequence[Answer] = ANYWHERE
) -> dict[str, Any]:
    parameters = [_parameter(parameter, schemas) for parameter in operation.parameters]
    content = {body.media_type: _body(body, schemas) for body in operation.bodies}
    return _present(
        operationId=operation.id,
        summary=operation.summary,
        tags=[operation.tag],
        description=operation.description + (f" A key needs the right `{right}`." if right else ""),
        parameters=[*parameters, *_query(operation.query, schemas)] or None,
        requestBody={"required": all(body.required for body in operation.bodies), "content": content}
        if content
        else None,
        responses=_responses(operation, schemas, anywhere),
        # either of the two: a service without keys asks for none; the list names the rights that a key needs (OpenAPI
        # 3.1, Security Requirement Object)
        security=[{"key": [right]}, {}] if right else [],
    ) | ({STREAM: True} if operation.stream else {})


def _components(schemas: Schemas, found: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    # the answers first: they refer to schemas too
    responses = {_name(answer.status): _answer(answer, schemas) for answer in ANYWHERE}
    return {
        "schemas": dict(sorted({**found, **schemas.found}.items())),
        "responses": responses,
        "securitySchemes": SECURITY,
    }


def _responses(operation: Operation, schemas: Schemas, anywhere: Sequence[Answer]) -> dict[str, Any]:
    common = [answer.status for answer in anywhere if not (operation.open and answer.status in FOR_KEYS)]
    own = {str(answer.status): _answer(answer, schemas) for answer in operation.answers}
    return own | {
        str(status): {"$ref": f"#/components/responses/{_name(status)}"} for status in common if str(status) not in own
    }


def _parameter(parameter: Parameter, schemas: Schemas) -> dict[str, Any]:
    # `in`, added at the end, is a word of Python's own, and no name of an argument
    return _present(
        name=parameter.name,
        required=parameter.required or parameter.location == "path",
        description=parameter.description,
        schema=schemas.of(parameter.type, "validation"),
        example=parameter.example,
    ) | {"in": parameter.location}


def _query(model: type[BaseModel] | None, schemas: Schemas) -> Iterator[dict[str, Any]]:
    if model is not None:
        made = schemas.of_texts(model)
        for name, schema in made["properties"].items():
            description, examples = schema.pop("description", ""), schema.pop("examples", [None])
            required = name in made.get("required", ())
            yield _present(
                name=name, required=required, description=description, schema=schema, example=examples[0]
            ) | {"in": "query"}


def _body(body: Body, schemas: Schemas) -> dict[str, Any]:
    return _present(
        schema=schemas.of_texts(body.type) if body.media_type == FORM else schemas.of(body.type, "validation"),
        examples={name: {"value": example} for name, example in body.examples.items()},
        encoding={name: {"contentType": kind} for name, kind in body.part_types.items()} or None,
    )


def _answer(answer: Answer, schemas: Schemas) -> dict[str, Any]:
    content = _present(schema=schemas.of(answer.type, "serialization"), example=answer.example)
    return _present(
        description=answer.description,
        headers={header.name: _header(header, schemas) for header in answer.headers} or None,
        content=None if answer.type is None else {answer.media_type: content},
        links={name: {"operationId": name, "parameters": {"ix_id": "$response.body#/ix_id"}} for name in answer.next}
        or None,
    )


def _header(header: Header, schemas: Schemas) -> dict[str, Any]:
    schema = schemas.of(header.type, "serialization")
    return _present(required=True, description=header.description, schema=schema, example=header.example)


def _present(**members: Any) -> dict[str, Any]:
    """What is not None, in JSON's own types."""
    return {name: to_jsonable_python(value) for name, value in members.items() if value is not None}


def _name(status: int) -> str:
    return HTTPStatus(status).phrase.title().replace(" ", "")
