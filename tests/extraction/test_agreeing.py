"""Text under a scan counts where a reading of its place says the same."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from PIL import Image, ImageDraw, ImageFont

from ix.config import Settings
from ix.extraction import documents
from ix.extraction.documents.agreeing import agree, agreed
from ix.extraction.page import Box, Code, Document, Quad, Word, contents, packed_words, rotated
from ix.extraction.reader import Reader
from ix.extraction.straight import straightened
from tests.extraction import pdfs
from tests.extraction.pdfs import line

PLACE: Box = (0.1, 0.1, 0.3, 0.12)


@pytest.mark.parametrize(
    ("read", "sure", "text", "same"),
    [
        ("Muller", 0.99, "Müller", True),
        ("STRASSE", 0.99, "Straße", True),
        ("Gesamtbetraq", 0.7, "Gesamtbetrag", True),
        # what OCR is sure of is on the page
        ("Acne", 0.99, "Acme", False),
        ("Betrug", 0.7, "Summe", False),
        # a value turns on these, however unsure OCR is
        ("1.284,56", 0.5, "1.234,56", False),
        ("5.00", 0.5, "-5.00", False),
        ("12.50", 0.5, "1250", False),
        ("$5", 0.5, "€5", False),
        ("12.50", 0.5, "12.50", True),
    ],
)
def test_a_text_agrees_that_says_what_was_read(read: str, sure: float, text: str, same: bool) -> None:
    assert agree(Word(read, PLACE, sure), text) is same


def hidden(text: str, x0: float, x1: float, y: float = 0.11) -> Word:
    return Word(text, (x0, y - 0.01, x1, y + 0.01), hidden=True)


def test_a_word_is_spelled_as_the_layer_has_it_where_it_stands() -> None:
    read = [Word("Muller", PLACE, 0.95), Word("Koln", (0.4, 0.1, 0.5, 0.12), 0.9)]
    layer = [hidden("Müller", 0.11, 0.29), hidden("Köln", 0.4, 0.5, y=0.5)]
    assert list(agreed(read, layer)) == [Word("Müller", PLACE, 0.95), read[1]]


def test_words_that_were_read_as_one_are_parted() -> None:
    found = list(
        agreed([Word("Date:2016/05/01", PLACE, 0.9)], [hidden("2016/05/01", 0.16, 0.31), hidden("Date:", 0.09, 0.15)])
    )
    assert found == [Word("Date:", (0.1, 0.1, 0.15, 0.12), 0.9), Word("2016/05/01", (0.16, 0.1, 0.3, 0.12), 0.9)]


def test_what_a_reading_does_not_say_is_left_out() -> None:
    read = [Word("110.00", PLACE, 0.6)]
    assert list(agreed(read, [hidden("710.00", 0.1, 0.3), hidden("elsewhere", 0.6, 0.8)])) == read


QUAD: Quad = (0.02, 0, 1, 0.03, 0.98, 1, 0, 0.97)


def test_a_layer_is_found_on_a_page_that_was_rotated_and_made_straight_and_codes_stay() -> None:
    place = (0.4, 0.6, 0.6, 0.62)
    word, code = Word("Muller", straightened(place, QUAD), 0.9), Code("1", "QR Code", (0.8, 0.8, 0.9, 0.9))
    below = Word("Müller", rotated(place, -90), hidden=True)
    body = {"do": "agree", "rotation": 90}
    _, (words,) = documents.handle(body, [packed_words([below]), packed_words([word], [code], QUAD)])
    found = contents(words)
    assert [one.text for one in found.words] == ["Müller"]
    assert found[1:] == ((code,), QUAD)


@pytest.mark.skipif(find_spec("rapidocr") is None or find_spec("onnxruntime") is None, reason="no models of OCR")
@pytest.mark.asyncio
async def test_a_scan_with_invisible_text_is_read_by_both() -> None:
    image, font = Image.new("L", (500, 100), "white"), ImageFont.load_default(32)
    below = ""
    for at, (shown, spelled) in enumerate(
        [("Muller", "Müller"), ("and", "und"), ("Sohne", "Söhne"), ("12.50", "72.50")]
    ):
        ImageDraw.Draw(image).text((20 + 120 * at, 30), shown, "black", font)
        # the page is 600 points wide, and its text invisible
        below += line(spelled, x=24 + 144 * at, y=40, size=36, before="3 Tr")
    reader = Reader(Settings(ocr="ppocr"))
    try:
        (page,) = await reader.pages([Document(pdfs.scan(image, over=below))])
    finally:
        await reader.stop()
    assert [word.text for word in page.page().words] == ["Müller", "and", "Söhne", "12.50"]
    assert (page.source, page.hidden) == ("ocr", 0)
