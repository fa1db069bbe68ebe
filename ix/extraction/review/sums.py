"""Declared sums, number by number.

A sum that comes out right proves its numbers, however badly they were read: two wrong readings would have to agree by
chance. That needs three numbers or more, at three places or more: the same word twice proves nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ix.extraction.checked import CheckedResult
from ix.extraction.checks import adds_up
from ix.extraction.review.paths import joined

LEAST_PLACES = 3
"""Places that the numbers of a sum stand at, the total among them, from which it proves anything."""


class Sum(NamedTuple):
    """A sum that can be worked out. `path` is the total's, `terms` are those of its parts, with a minus before one that
    is subtracted; `tables` are the lists among the parts."""

    path: str
    terms: Sequence[str]
    holds: bool
    tables: Sequence[str]

    @property
    def numbers(self) -> list[str]:
        """The paths of total and parts."""
        return [self.path, *(term.removeprefix("-") for term in self.terms)]


def sums(checked: CheckedResult) -> list[Sum]:
    """The declared sums of which the total and every part is known."""
    found = []
    for node, extra in checked.objects:
        for declared in extra.get("sums", ()):
            holds = adds_up(node.value, declared["total"], declared["parts"])
            # one with a number that is not known says nothing
            if holds is not None:
                parts = [part for part in declared["parts"] for part in _terms(node.value, part, node.path)]
                tables = [joined(node.path, table) for part in declared["parts"] if (table := _table(node.value, part))]
                found.append(Sum(joined(node.path, declared["total"]), parts, holds, tables))
    return found


def proven(declared: Sequence[Sum], evidence: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """The paths of the numbers that sums prove; `evidence` is that of each value by its path."""
    found: set[str] = set()
    for one in declared:
        # numbers that a person gave stand nowhere, and prove no others
        if one.holds and len(set(_places(one.numbers, evidence))) >= LEAST_PLACES:
            found.update(one.numbers)
    return found


def _places(paths: Sequence[str], evidence: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[Any, ...]]:
    for path in paths:
        node = evidence.get(path)
        if node and node["boxes"]:
            yield node.get("document"), node.get("page"), *map(tuple, node["boxes"])


def _terms(value: Mapping[str, Any], part: str, at: str) -> Iterator[str]:
    """The paths of the numbers that a part stands for, as `ix.extraction.checks` reads parts."""
    sign, name = ("-", part[1:]) if part.startswith("-") else ("", part)
    name, _, column = name.partition(".")
    inner, path = value.get(name), joined(at, name)
    if column and isinstance(inner, list):
        for number, row in enumerate(inner):
            for term in _terms(row, column, f"{path}.{number}"):
                yield f"-{term[1:]}" if sign and term.startswith("-") else f"{sign}{term}"
    elif column and isinstance(inner, Mapping):
        yield from (f"{sign}{term}" for term in _terms(inner, column, path))
    else:
        yield f"{sign}{path}"


def _table(value: Mapping[str, Any], part: str) -> str:
    name, _, column = part.removeprefix("-").partition(".")
    return name if column and isinstance(value.get(name), list) else ""
