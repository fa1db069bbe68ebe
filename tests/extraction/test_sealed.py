"""A sealed response: stored as it was written, and a response like any other to whoever looks into it."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable

import pytest
from pydantic import BaseModel, JsonValue

from ix.errors import UseCaseFailed
from ix.extraction import sealed as sealed_module
from ix.extraction.sealed import SealedResponse, storable
from ix.job import Finding, Response
from ix.untrusted import MAX_DEPTH

PLAIN = Response(
    result={"total": 12.5, "lines": [1, 2]},
    evidence={"total": {"quote": "12.50"}},
    warnings=(Finding(code="shape", message="no", path="total"),),
    timings={"read": 0.5},
    usage={"pages": 1},
    error=None,
)
WRITTEN = storable(PLAIN) + b" "
"""A blank more than a writer of ix makes, which tells the one from the other."""


class Holder(BaseModel):
    inner: Response


LOOKS: dict[str, Callable[[Response], object]] = {
    "a member": lambda one: (one.result, one.evidence, one.error, one.warnings, one.timings, one.usage),
    "equality": lambda one: one == PLAIN,
    "repr": lambda one: repr(one).partition("(")[2],
    "dict": dict,
    "model_dump": lambda one: one.model_dump(),
    "model_dump_json": lambda one: one.model_dump_json(),
    "a copy": lambda one: one.model_copy(update={"result": 1}),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda one: pickle.loads(pickle.dumps(one)),
    "within a model": lambda one: Holder(inner=one).model_dump(),
    "members that were set": lambda one: sorted(one.model_fields_set | one.model_dump(exclude_unset=True).keys()),
}


def test_nobody_who_looks_not_in_reads_or_writes_it() -> None:
    sealed = SealedResponse.of(WRITTEN)
    assert isinstance(sealed, Response)
    assert storable(sealed) == sealed.written == WRITTEN


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_it_looks_like_any_response(look: Callable[[Response], object]) -> None:
    assert look(SealedResponse.of(WRITTEN)) == look(PLAIN)


def test_what_is_changed_in_it_is_stored() -> None:
    sealed = SealedResponse.of(WRITTEN)
    assert isinstance(sealed.result, dict)
    sealed.result["total"] = 13
    assert json.loads(storable(sealed))["result"] == {"total": 13, "lines": [1, 2]}


def test_an_answer_of_many_values_is_written_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Response) -> Response:
        raise AssertionError("it was read again")

    monkeypatch.setattr(sealed_module, "_mended", refuse)
    lines: JsonValue = [
        {"iban": "DE02120300000000202051", "digits": "12345678901234567890", "boxes": [[0.1, 0.2]]}
    ] * 100
    assert json.loads(storable(Response(result={"lines": lines})))["result"] == {"lines": lines}


@pytest.mark.parametrize("result", [[12345678901234567890], {"a": -12345678901234567890}])
def test_a_number_that_may_be_too_long_is_looked_at(result: JsonValue) -> None:
    with pytest.raises(UseCaseFailed):
        storable(Response(result=result))


@pytest.mark.parametrize("member", ["result", "evidence"])
def test_what_is_nested_too_deeply_cannot_be_stored(member: str) -> None:
    deep: JsonValue = 1
    for _ in range(MAX_DEPTH + 1):
        deep = [deep]
    with pytest.raises(UseCaseFailed):
        storable(Response.model_validate({member: deep}))
