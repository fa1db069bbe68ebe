"""A response as JSON that is stored as it is, unless a use case looks into it: whoever made it, a child process, has
written it already, and reading and writing it anew would take time in proportion to what a client sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import PrivateAttr, SerializerFunctionWrapHandler, model_serializer
from pydantic_core import to_json

from ix import untrusted
from ix.errors import InvalidInput, UseCaseFailed
from ix.job import Response

# `model_dump_json` gives text, made from these bytes only to be encoded again
_WRITER = Response.__pydantic_serializer__
_DIGITS_ALIKE = bytes(ord("9") if byte in b"0123456789" else ord(" ") for byte in range(256))
"""Translates every digit into a 9, and all else into a space."""
_LONG_NUMBER = b"9" * 19
"""A number that may not fit into 64 bits (2**63 has 19 digits), once all digits are alike."""


class SealedResponse(Response):
    """A response that is parsed when somebody looks into it. Until then `written` is what there is of it."""

    _written: bytes = PrivateAttr(default=b"")

    @classmethod
    def of(cls, written: bytes) -> SealedResponse:
        """The response in JSON that `storable` wrote."""
        made = cls.__new__(cls)
        # as `model_construct` does, but without any member: they come with the first look, see `__getattr__`
        object.__setattr__(made, "__dict__", {})
        object.__setattr__(made, "__pydantic_fields_set__", set())
        object.__setattr__(made, "__pydantic_extra__", None)
        object.__setattr__(made, "__pydantic_private__", {"_written": written})
        return made

    @property
    def written(self) -> bytes | None:
        """The JSON; None once somebody has looked into it, and may have changed what is in it."""
        return None if self.__dict__ else self._written

    def opened(self) -> Response:
        """The same as a response of the usual kind."""
        return Response.model_construct(**self._members())

    def _members(self) -> dict[str, Any]:
        if not self.__dict__:
            read = Response.model_validate_json(self._written)
            self.__dict__.update(read.__dict__)
            self.__pydantic_fields_set__.update(read.__pydantic_fields_set__)
        return self.__dict__

    # whatever looks at the members

    def __getattr__(self, name: str) -> Any:
        # asked for what is not in `__dict__`
        if name in Response.model_fields and not self.__dict__:
            return self._members()[name]
        return super().__getattr__(name)  # type: ignore[misc]

    def __eq__(self, other: object) -> bool:
        return self.opened() == (other.opened() if isinstance(other, SealedResponse) else other)

    __hash__ = None  # type: ignore[assignment]

    def __repr_args__(self) -> Any:
        self._members()
        return super().__repr_args__()

    def __iter__(self) -> Any:
        self._members()
        return super().__iter__()

    def __copy__(self) -> Response:  # type: ignore[override]
        return self.opened().__copy__()

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Response:  # type: ignore[override]
        return self.opened().__deepcopy__(memo)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Response:  # type: ignore[override]
        """A copy of the usual kind."""
        return self.opened().model_copy(update=update, deep=deep)

    @model_serializer(mode="wrap")
    def _opened_first(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        self._members()
        members: dict[str, Any] = write(self)
        return members


def storable(response: Response) -> bytes:
    """The response as JSON, with text that PostgreSQL cannot store (NUL, lone surrogates) replaced.

    Raises `UseCaseFailed` for numbers that JSON cannot hold and for anything that is no JSON."""
    if isinstance(response, SealedResponse):
        if (sealed := response.written) is not None:
            return sealed
        response = response.opened()
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
