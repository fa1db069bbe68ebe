"""A response as JSON that is stored as it is, unless a use case looks into it: whoever made it, a child process, has
written it already, and reading and writing it anew would take time in proportion to what a client sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import chain
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, PrivateAttr
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
_NUMBER = re.compile(rb"[:,[]-?\d{19}")
"""Such a number where it may be none of a text's letters, its digits as they are."""


NOTHING: Mapping[str, Any] = MappingProxyType({})
_MEMBERS = BaseModel.__dict__["__dict__"]
"""What holds a model's members, past what `SealedResponse` has in its place."""


class SealedResponse(Response):
    """A response that is parsed when somebody looks into it. Until then `written` is what there is of it, and `told`
    what lists say of it."""

    _written: bytes = PrivateAttr(default=b"")
    _told: Mapping[str, Any] = PrivateAttr(default=NOTHING)

    @classmethod
    def of(cls, written: bytes, told: Mapping[str, Any] = NOTHING) -> SealedResponse:
        """The response in JSON that `storable` wrote. `told`: of the members of a summary those that are known."""
        made = cls.__new__(cls)
        # as `model_construct` does, but without any member: they come with the first look
        object.__setattr__(made, "__pydantic_fields_set__", set())
        object.__setattr__(made, "__pydantic_extra__", None)
        object.__setattr__(made, "__pydantic_private__", {"_written": written, "_told": told})
        return made

    @property
    def told(self) -> Mapping[str, Any]:
        """What whoever wrote it says of it, such as its headline."""
        return self._told

    @property
    def written(self) -> bytes | None:
        """The JSON; None once somebody has looked into it, and may have changed what is in it."""
        return None if _MEMBERS.__get__(self) else self._written

    def opened(self) -> Response:
        """What it says, as a response of the usual kind."""
        return Response.model_construct(**self.__dict__)

    # pydantic looks for members here, whatever it does with a model
    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
        members: dict[str, Any] = _MEMBERS.__get__(self)
        if not members:
            read = Response.model_validate(untrusted.parse(self._written))
            members.update(_MEMBERS.__get__(read))
            self.__pydantic_fields_set__.update(read.model_fields_set)
        return members

    def __getattr__(self, name: str) -> Any:
        # Python looks for members past `__dict__`, and comes here where there are none
        if name in Response.model_fields and not _MEMBERS.__get__(self):
            return self.__dict__[name]
        return super().__getattr__(name)  # type: ignore[misc]

    def __eq__(self, other: object) -> bool:
        return self.opened() == (other.opened() if isinstance(other, SealedResponse) else other)

    __hash__ = None  # type: ignore[assignment]

    @property
    def model_fields_set(self) -> set[str]:
        """The members that the JSON names."""
        # with the first look they are known
        return set(self.__pydantic_fields_set__) if self.__dict__ else set()

    def __reduce__(self) -> tuple[Any, ...]:
        return Response.model_validate, (self.opened().model_dump(),)

    def __copy__(self) -> Response:  # type: ignore[override]
        return self.opened().__copy__()

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Response:  # type: ignore[override]
        return self.opened().__deepcopy__(memo)


def storable(response: Response) -> bytes:
    """The response as JSON, with text that PostgreSQL cannot store (NUL, lone surrogates) replaced.

    Raises `UseCaseFailed` for numbers that JSON cannot hold and for anything that is no JSON."""
    # not isinstance, which pydantic makes ten times as dear; nothing is derived from it
    if type(response) is SealedResponse:
        if (sealed := response.written) is not None:
            return sealed
        response = response.opened()
    try:
        # errors, or a response that went round the model (`model_construct`) would be written with values of any type
        written = _WRITER.to_json(response, warnings="error")
    except (ValueError, TypeError, RecursionError):
        return to_json(_mended(response))
    return written if _is_plain(written) and _is_shallow(written, response) else to_json(_mended(response))


def _is_plain(written: bytes) -> bool:
    """Whether it is certain that nothing in it needs mending. A response that is mended in vain stays as it is."""
    # byte by byte in C: a regular expression took longer than all that pydantic does with the response
    return (
        rb"\u0000" not in written
        and b"NaN" not in written
        and b"Infinity" not in written
        # the digits of an IBAN stand in a text
        and not (_LONG_NUMBER in written.translate(_DIGITS_ALIKE) and _NUMBER.search(written))
    )


def _is_shallow(written: bytes, response: Response) -> bool:
    """Whether no value is nested deeper than is stored."""
    # of few lists and objects none can be: the levels of most answers need not be counted
    if written.count(b"[") + written.count(b"{") <= untrusted.MAX_DEPTH:
        return True
    level: list[Any] = [{"result": response.result, "evidence": response.evidence, "usage": response.usage}]
    for _ in range(untrusted.MAX_DEPTH):
        members = chain.from_iterable(each.values() if isinstance(each, dict) else each for each in level)
        if not (level := [each for each in members if isinstance(each, dict | list)]):
            return True
    return False


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
