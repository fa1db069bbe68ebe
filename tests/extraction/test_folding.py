"""Foldings: what they make equal, what they keep apart, and the way back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ix.extraction.evidence.folding import confusable, fold, folded, is_whole


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Straße", "STRASSE"),
        ("Müller & Söhne", "muller sohne"),
        ("ﬁn", "FIN"),
        ("Rech- nung", "Rechnung"),
        ("12/03/2019", "12-03-2019"),
        ("DE89 3704", "de893704"),
        ("①", "1"),
    ],
)
def test_writings_of_the_same_are_equal(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    ("one", "other"), [("1.50", "150"), ("1.50", "1,50"), ("-5", "5"), ("1/2", "12"), ("a1", "a2")]
)
def test_other_numbers_stay_apart(one: str, other: str) -> None:
    assert folded(one) != folded(other)


def test_a_hyphen_between_letters_is_no_minus() -> None:
    assert folded("RE-2024") == "re2024"


def test_confusions_are_undone_in_favour_of_digits() -> None:
    assert confusable("IOO1.5O") == "1001.50"


@pytest.mark.parametrize(
    ("text", "part", "whole"),
    [
        ("Total: 12.50.", "12.50", True),
        ("(12.50)", "12.50", True),
        ("112.50", "12.50", False),
        ("12.50", "50", False),
        ("12.505", "12.50", False),
        ("-12.50", "12.50", False),
        ("12.50-", "12.50", False),
        ("subtotal", "total", False),
        ("sub-total", "total", True),
    ],
)
def test_what_is_whole(text: str, part: str, whole: bool) -> None:
    start = text.index(part)
    assert is_whole(text, start, start + len(part)) is whole


@given(st.text("aÄßﬁ1½.,- /e\u0301€", max_size=20))
def test_every_folded_character_knows_where_it_came_from(text: str) -> None:
    found = fold(text)
    assert len(found.origin) == len(found.text)
    assert list(found.origin) == sorted(found.origin)
    assert all(0 <= at < len(text) for at in found.origin)
