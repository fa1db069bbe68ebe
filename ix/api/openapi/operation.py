"""The words in which a route describes itself. They stand above its function, so that a route and its description are
one place:

    @operation("Look at a job", "jobs", Answer(200, "The job", Job, example=DONE), NOT_FOUND, parameters=[IX_ID])
    async def show(request: Request) -> Response:
        \"""The job as it is.\"""

Types are whatever pydantic can describe. The first line of the docstring onwards is the description that readers see.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

JSON = "application/json"
FORM = "multipart/form-data"
Handler = Callable[[Request], Awaitable[Response]]
H = TypeVar("H", bound=Handler)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value in the path, the query or a header of a request; what is in the path is always required."""

    name: str
    location: Literal["path", "query", "header"]
    type: Any
    description: str
    example: Any = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """A header of an answer."""

    name: str
    type: Any
    description: str
    example: Any = None


@dataclass(frozen=True, slots=True)
class Body:
    """One form that the body of a request may take. `examples` are named; `part_types` are the media types of a form's
    parts; without `required` there may be none."""

    media_type: str
    type: Any
    examples: Mapping[str, Any]
    part_types: Mapping[str, str] = field(default_factory=dict)
    required: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; without a type it has no body. `next` names functions of routes that take the `ix_id` of its body."""

    status: int
    description: str
    type: Any = None
    media_type: str = JSON
    example: Any = None
    headers: Sequence[Header] = ()
    next: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """What one route does, takes and gives. Each field of the model `query` is a parameter. A route that is `open`
    needs no key; the answer of a `stream` may never end. `needs`: the right that its caller must have (see
    `ix.database.keys.RIGHTS`); empty is the one of its method."""

    id: str
    summary: str
    tag: str
    description: str
    answers: Sequence[Answer]
    parameters: Sequence[Parameter]
    query: type[BaseModel] | None
    bodies: Sequence[Body]
    open: bool
    stream: bool
    needs: str = ""

    def right(self, method: str) -> str:
        """The right that a caller needs; empty where anybody may call."""
        return "" if self.open else self.needs or right_of(method)


OPERATIONS: dict[Callable[..., Any], Operation] = {}
"""Every described function of a route."""


def operation(
    summary: str,
    tag: str,
    *answers: Answer,
    parameters: Sequence[Parameter] = (),
    query: type[BaseModel] | None = None,
    bodies: Sequence[Body] = (),
    open: bool = False,
    stream: bool = False,
    needs: str = "",
) -> Callable[[H], H]:
    """Describes the function below it. `answers` leave out what any route may answer, see
    `ix.api.openapi.shared.ANYWHERE`."""

    def describe(handler: H) -> H:
        name = f"{handler.__module__.rpartition('.')[2]}_{handler.__name__}"
        OPERATIONS[handler] = Operation(
            name, summary, tag, inspect.getdoc(handler) or "", answers, parameters, query, bodies, open, stream, needs
        )
        return handler

    return describe


def right_of(method: str) -> str:
    """The right that a route needs of which nothing else is said: to see, or to change."""
    return "view" if method in ("GET", "HEAD") else "submit"
