"""The annotated picture: boxes where the evidence is, cards that fit, and a size that follows."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from ix.extraction.annotate import LEGEND_WIDTH, MARGIN, PAGE_WIDTH, Mark, annotate, marks_of


def picture(width: int = 300, height: int = 400) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(out, "PNG")
    return out.getvalue()


def drawn(*marks: Mark, **size: int) -> Image.Image:
    return Image.open(io.BytesIO(annotate(picture(**size), marks))).convert("RGB")


def evidence(*boxes: list[float], page: int = 1, document: int = 0) -> dict[str, Any]:
    return {
        "method": "extract",
        "match": "exact",
        "document": document,
        "page": page,
        "boxes": list(boxes),
        "confidence": 0.9,
        "quote": "",
    }


def at(image: Image.Image, x: float, y: float) -> Any:
    """The colour at a place of the page, given in fractions."""
    return image.getpixel((round(MARGIN + x * PAGE_WIDTH), round(MARGIN + y * PAGE_WIDTH * 400 / 300)))


def test_the_box_is_coloured_and_the_rest_is_not() -> None:
    image = drawn(Mark("total", "1.00", ((0.2, 0.2, 0.6, 0.4),)))
    assert at(image, 0.4, 0.3) != (255, 255, 255)
    assert at(image, 0.4, 0.8) == (255, 255, 255)


def test_the_page_shows_through_the_box() -> None:
    red, green, blue = at(drawn(Mark("total", "1.00", ((0.2, 0.2, 0.6, 0.4),))), 0.4, 0.3)
    assert min(red, green, blue) > 150


def test_the_legend_stands_beside_the_page() -> None:
    assert drawn().width == PAGE_WIDTH + LEGEND_WIDTH + 3 * MARGIN


@pytest.mark.parametrize("count", [1, 12])
def test_no_card_is_cut_off(count: int) -> None:
    image = drawn(*(Mark(f"field {n}", "value " * 30, ((0.1, 0.9, 0.2, 0.95),)) for n in range(count)))
    right = PAGE_WIDTH + 2 * MARGIN
    margin = image.crop((right, image.height - MARGIN + 2, image.width, image.height))
    assert min(margin.convert("L").tobytes()) > 230


def test_two_marks_have_two_colours() -> None:
    image = drawn(Mark("a", "1", ((0.1, 0.1, 0.3, 0.2),)), Mark("b", "2", ((0.1, 0.6, 0.3, 0.7),)))
    assert at(image, 0.2, 0.15) != at(image, 0.2, 0.65)


def test_letters_beyond_ascii_and_long_words_are_drawn() -> None:
    assert drawn(Mark("Straße", "Ωmega" * 40, ((0.1, 0.1, 0.3, 0.2),))).height > 0


def test_marks_are_those_of_the_page() -> None:
    tree = {
        "a": evidence([0, 0.5, 1, 0.6]),
        "b": evidence([0, 0.1, 1, 0.2]),
        "c": evidence(page=2),
        "d": None,
        "e": evidence(document=1),
    }
    result = {"a": 1.5, "b": "x", "c": "y", "d": None, "e": "z"}
    assert [(mark.label, mark.value) for mark in marks_of(result, tree, 0, 1)] == [("b", "x"), ("a", "1.50")]


def test_a_row_is_one_mark() -> None:
    result = {"lines": [{"name": "Tea", "amount": 2.5}, {"name": "Cake", "amount": 3}]}
    tree = {
        "lines": [
            {"name": evidence([0, 0, 0.1, 0.1]), "amount": evidence([0.5, 0, 0.6, 0.1])},
            {"name": evidence(), "amount": None},
        ]
    }
    marks = marks_of(result, tree)
    assert [(mark.label, mark.value, len(mark.boxes)) for mark in marks] == [
        ("lines 1", "Tea  ·  2.50", 2),
        ("lines 2", "Cake", 0),
    ]


def test_nested_fields_carry_both_names() -> None:
    assert marks_of({"seller": {"vat_id": "X"}}, {"seller": {"vat_id": evidence()}})[0].label == "seller vat id"
