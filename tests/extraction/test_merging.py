"""What of a page is writing and in no word, and how OCR's words of it come among those of the text layer."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw, ImageFont

from ix.extraction import documents
from ix.extraction.documents import merging
from ix.extraction.page import Box, Word, packed_words, rotated, unpacked
from tests.extraction import pdfs
from tests.extraction.pdfs import PARAGRAPH, Sheet, line, pdf
from tests.extraction.test_documents import LIMITS, read


def blank(width: int = 400, height: int = 120) -> Image.Image:
    return Image.new("L", (width, height), "white")


def letterhead() -> Image.Image:
    """Two lines of print."""
    image = blank()
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(30)
    draw.text((20, 15), "Blue Kettle Ltd", "black", font)
    draw.text((20, 65), "12 Mill Lane, Leeds", "black", font)
    return image


def logo() -> Image.Image:
    """A disc with a ring and a bar."""
    image = blank()
    draw = ImageDraw.Draw(image)
    draw.ellipse((150, 10, 250, 110), "black")
    draw.ellipse((170, 30, 230, 90), "white")
    draw.rectangle((20, 50, 380, 70), 90)
    return image


def code(side: int = 25) -> Image.Image:
    """A square of black and white cells, as a QR code is."""
    image = Image.new("L", (side, side))
    image.putdata([255 * (hash((at * 7919) % 104_729) % 2) for at in range(side * side)])
    return image.resize((side * 5, side * 5), Image.Resampling.NEAREST)


def bars() -> Image.Image:
    """Upright bars, as a bar code has."""
    image = blank()
    for at in range(20, 380, 12):
        ImageDraw.Draw(image).rectangle((at, 10, at + 2 + at % 5, 110), "black")
    return image


def photo() -> Image.Image:
    return Image.linear_gradient("L").resize((400, 120))


def page_with(picture: Image.Image, *, wide: int = 200, over: str = "") -> bytes:
    """Seventy words, and this picture in the upper right corner."""
    high = wide * picture.height // picture.width
    return pdf(
        Sheet(
            PARAGRAPH + f"q {wide} 0 0 {high} 380 {790 - high} cm /Im Do Q " + over,
            resources={"Im": pdfs.image(picture)},
        )
    )


# what is writing


def test_print_in_a_picture_has_an_area_around_it() -> None:
    (page,) = read(page_with(letterhead()))
    assert not page.unread
    assert page.area is not None
    assert page.area == pytest.approx((0.64, 0.015, 0.86, 0.08), abs=0.02)


@pytest.mark.parametrize("picture", [blank, logo, code, bars, photo])
def test_pictures_without_print_have_none(picture: object) -> None:
    assert callable(picture)
    assert read(page_with(picture()))[0].area is None


def test_print_that_the_text_layer_says_has_none() -> None:
    over = "".join(line("words of the layer " * 3, x=380, y=y, size=14) for y in (772, 758, 744, 735))
    assert read(page_with(letterhead(), over=over))[0].area is None


def test_letters_drawn_as_curves_have_an_area_and_tables_have_none() -> None:
    # each letter a zigzag of many points, as outlines have
    letter = "{x} 300 m {a} 310 l {b} 302 l {c} 310 l {d} 300 l {c} 306 l {b} 298 l {a} 306 l f "
    letters = "".join(
        letter.format(x=50 + 10 * at, a=52 + 10 * at, b=54 + 10 * at, c=56 + 10 * at, d=58 + 10 * at)
        for at in range(20)
    )
    grid = "".join(f"50 {y} m 500 {y} l " for y in range(100, 300, 20))
    grid += "".join(f"{x} 100 m {x} 280 l " for x in range(50, 501, 50)) + "S "
    assert read(pdf(Sheet(PARAGRAPH + letters)))[0].area is not None
    assert read(pdf(Sheet(PARAGRAPH + grid)))[0].area is None


def test_the_picture_of_an_area_has_nothing_of_the_text_layer() -> None:
    image, _ = documents.picture(page_with(letterhead()), LIMITS, 0, 72, 1000, 0, (0.0, 0.1, 1.0, 1.0))
    assert image.size == (600, 720)
    assert image.convert("L").getextrema() == (255, 255)
    whole, _ = documents.picture(page_with(letterhead()), LIMITS, 0, 72, 1000, 0)
    assert whole.convert("L").getextrema()[0] == 0


# merging


def word(text: str, x: float, y: float, *, hidden: bool = False) -> Word:
    return Word(text, (x, y, x + 0.1, y + 0.02), hidden=hidden)


def merged(layer: list[Word], read_words: list[Word], area: Box = (0, 0, 1, 1), rotation: int = 0) -> list[Word]:
    body = {"do": "merge", "area": area, "rotation": rotation}
    answer, (words,) = documents.handle(body, [packed_words(layer), packed_words(read_words)])
    assert answer == {"warnings": []}
    return list(unpacked(words)[0])


def test_words_that_ocr_read_come_where_they_are_read() -> None:
    layer = [word("first", 0.1, 0.1), word("second", 0.5, 0.1), word("last", 0.1, 0.5)]
    new = [word("top", 0.1, 0.01), word("between", 0.3, 0.1), word("below", 0.1, 0.3), word("right", 0.3, 0.3)]
    texts = [each.text for each in merged(layer, new)]
    assert texts == ["top", "first", "between", "second", "below", "right", "last"]


def test_words_that_the_text_layer_has_are_not_read_twice_and_hidden_ones_are_none() -> None:
    layer = [word("12.50", 0.1, 0.1), word("99.99", 0.5, 0.1, hidden=True)]
    found = merged(layer, [word("12.5O", 0.11, 0.1), word("20.00", 0.5, 0.1)])
    assert [(each.text, each.hidden) for each in found] == [("12.50", False), ("20.00", False), ("99.99", True)]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_words_of_an_area_stand_where_they_stand_on_the_page(rotation: int) -> None:
    box = rotated((0.1, 0.2, 0.4, 0.3), rotation)
    (found,) = merged([], [Word("total", box, 0.5)], (0.5, 0.5, 0.7, 0.9), rotation)
    assert found.box == pytest.approx((0.52, 0.58, 0.58, 0.62))
    assert found.confidence == 0.5


def test_an_area_has_at_least_a_pixel() -> None:
    assert merging.frame((1.0, 1.0, 1.0, 1.0), (10, 10)) == (9, 9, 10, 10)
