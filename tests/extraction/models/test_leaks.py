"""What a model repeats of its instructions is no value."""

from __future__ import annotations

import pytest

from ix.extraction.models import Leaf
from ix.extraction.models._leaks import Leaks
from ix.extraction.models._prompt import Prompt

PROMPT = Prompt(
    "You read documents.",
    "Thank you for shopping at\nThe Old Wintergreen House",
    "Our house code is WINTERGREEN-4711-OLD. Kinds: credit note.",
    True,
)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("our HOUSE code\nis WINTERGREEN-4711-OLD", False),
        ("the code: wintergreen-4711-old", False),
        ("credit note", True),
        ("Thank you for shopping at The Old Wintergreen House", True),
        (12.5, True),
        (None, True),
    ],
)
def test_a_value_that_repeats_the_instructions_is_left_out(value: str | float | None, kept: bool) -> None:
    leaks = Leaks(PROMPT)
    read = leaks.without({"row": [{"name": Leaf(value)}]})
    assert read == {"row": [{"name": Leaf(value if kept else None)}]}
    assert leaks.found == (not kept)


def test_so_is_a_quote_while_its_value_stays() -> None:
    leaf = Leaf("GREEN", "house code is WINTERGREEN-4711-OLD")
    assert Leaks(PROMPT).without({"name": leaf}) == {"name": Leaf("GREEN", None)}
