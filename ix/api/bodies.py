"""Reading small bodies of JSON on the event loop."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from ix import untrusted
from ix.api.problems import Problem, invalid, invalid_fields
from ix.api.submission.reading import JSON, media_type
from ix.errors import InvalidInput

SMALL_BYTES = 64 * 1024
"""Of a body that is read on the event loop."""
MOST_VALUES = 200_000
"""Values and names of a body that a child reads."""
M = TypeVar("M", bound=BaseModel)


async def body_of(request: Request, most: int = SMALL_BYTES) -> bytes:
    """A body of JSON, unread. Raises `Problem`: 413, 415 or 422."""
    if media_type(request.headers.get("content-type", "")) != JSON:
        raise Problem(415, f"content-type: send {JSON}", headers={"accept": JSON})
    content = await request.body()
    if len(content) > most:
        raise Problem(413, f"the body is larger than {most} bytes")
    try:
        untrusted.bound(content, MOST_VALUES)
    except InvalidInput as error:
        raise invalid(error) from None
    return content


async def read(request: Request, model: type[M], default: bytes = b"") -> M:
    """A small body as a model; `default` stands for one that is empty. Raises `Problem`: 400, 413, 415 or 422."""
    return read_as(model, await body_of(request) if await request.body() or not default else default)


def read_as(model: type[M], content: bytes) -> M:
    """JSON as a model. Raises `Problem`: 400 or 422."""
    return as_model(model, parsed(content))


def parsed(content: bytes) -> Any:
    """JSON. Raises `Problem`: 400 or 422."""
    try:
        return untrusted.parse(content)
    except InvalidInput as error:
        raise invalid(error, 422 if error.field else 400) from None


def as_model(model: type[M], payload: Any) -> M:
    """What JSON holds as a model. Raises `Problem` 422."""
    try:
        return model.model_validate(payload)
    except InvalidInput as error:
        raise invalid(error) from None
    except ValidationError as error:
        raise invalid_fields(error) from None
