"""Records, and what is kept of a text for all who ask."""

from __future__ import annotations

from dataclasses import replace

from ix.extraction.records import entity, record
from ix.extraction.values import find_amounts


@record
class Point:
    left: float
    top: float = 0.0


@entity
class Place:
    left: float


def test_records_with_the_same_members_are_equal_and_have_one_hash() -> None:
    assert Point(1.0) == Point(1.0, 0.0) != Point(2.0)
    assert len({Point(1.0), Point(1.0), Point(2.0)}) == 2
    assert replace(Point(1.0), top=3.0) == Point(1.0, 3.0)


def test_an_entity_equals_nothing_but_itself() -> None:
    one = Place(1.0)
    assert one == one != Place(1.0)
    assert len({one, Place(1.0)}) == 2


def test_who_changes_the_amounts_found_changes_those_of_nobody_else() -> None:
    find_amounts("Total 12.50").clear()
    assert [float(one.value) for one in find_amounts("Total 12.50")] == [12.5]
