"""What a job ends with: its response as JSON that PostgreSQL can store, whatever a use case put into it."""

from __future__ import annotations

from typing import Any, NamedTuple

from pydantic_core import to_json

from ix import untrusted
from ix.errors import InvalidInput, UseCaseFailed
from ix.job import Problem, Response

# `model_dump_json` gives text, made from these bytes only to be encoded again
_WRITER = Response.__pydantic_serializer__
_DIGITS_ALIKE = bytes(ord("9") if byte in b"0123456789" else ord(" ") for byte in range(256))
"""Translates every digit into a 9, and all else into a space."""
_LONG_NUMBER = b"9" * 19
"""A number that may not fit into 64 bits (2**63 has 19 digits), once all digits are alike."""


class Answer(NamedTuple):
    """A response as JSON that PostgreSQL can store, the code of the error in it, and how long its job only waited for
    places, seconds."""

    response: bytes
    error: str | None = None
    waited: float = 0.0

    @classmethod
    def of(cls, response: Response, waited: float = 0.0) -> Answer:
        """The answer of a job whose use case gave a response. Raises `UseCaseFailed`, see `storable`."""
        return cls(storable(response), response.error.code if response.error else None, waited)

    @classmethod
    def failed(cls, problem: Problem) -> Answer:
        """The answer of a job that ends in error."""
        return cls(to_json(Response(error=problem)), problem.code)


def storable(response: Response) -> bytes:
    """The response as JSON, with text that PostgreSQL cannot store (NUL, lone surrogates) replaced.

    Raises `UseCaseFailed` for numbers that JSON cannot hold and for anything that is no JSON."""
    try:
        # errors, or a response that went round the model (`model_construct`) would be written with values of any type
        written = _WRITER.to_json(response, warnings="error")
    except (ValueError, TypeError, RecursionError):
        return to_json(_mended(response))
    return written if _is_plain(written) else to_json(_mended(response))


def _is_plain(written: bytes) -> bool:
    """Whether it is certain that nothing in it needs mending. A response that is mended in vain stays as it is."""
    # byte by byte in C: a regular expression took longer than all that pydantic does with the response
    return (
        rb"\u0000" not in written
        and b"NaN" not in written
        and b"Infinity" not in written
        and _LONG_NUMBER not in written.translate(_DIGITS_ALIKE)
        and written.count(b"[") + written.count(b"{") <= untrusted.MAX_DEPTH
    )


def _mended(response: Response) -> Response:
    try:
        plain = _cleaned(response.model_dump(mode="python", warnings="error"))
        untrusted.check(plain)
        return Response.model_validate(plain)
    except InvalidInput as error:
        reason = str(error)
    except (ValueError, TypeError, RecursionError) as error:
        # no more than its name: pydantic quotes the value at fault, which may be a document's text
        reason = type(error).__name__
    raise UseCaseFailed(f"the use case's response cannot be stored: {reason}", code="response_unstorable")


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return untrusted.clean(value)
    if isinstance(value, dict):
        return {untrusted.clean(key): _cleaned(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_cleaned(item) for item in value]
    return value
