"""Sheets: a page's picture with its words behind it, in any script, as another reader of PDF finds them."""

from __future__ import annotations

import io
import json

import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageFont

from ix.errors import DocumentError
from ix.extraction.page import Word, packed_words
from ix.extraction.sheets import font, sheet
from ix.extraction.sheets.binding import Binding

WIDTH, HEIGHT = 600.0, 800.0


def picture(mode: str = "L", size: tuple[int, int] = (300, 400)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "white").convert(mode).save(out, "JPEG")
    return out.getvalue()


def bound(*words: Word, answer: object = None, mode: str = "L") -> pdfium.PdfPage:
    """The page with these words, as a reader opens it."""
    body = {"do": "sheet", "number": 1, "document": 0, "width": WIDTH, "height": HEIGHT}
    more = [] if answer is None else [json.dumps(answer).encode()]
    told, (jpeg, content) = sheet.handle(body, [picture(mode), packed_words(words), *more])
    binding = Binding()
    binding.add(told, jpeg, content)
    return pdfium.PdfDocument(binding.whole())[0]


@pytest.mark.parametrize("text", ["Total", "12.50€", "漢字", "مرحبا", "שלום", "😀x", "Ж-1", "a_b"])
def test_words_of_any_script_are_found_where_they_stand(text: str) -> None:
    page = bound(Word(text, (0.25, 0.1, 0.5, 0.125)))
    read = page.get_textpage()
    assert read.get_text_bounded() == text
    boxes = [read.get_charbox(at, loose=True) for at in range(read.count_chars())]
    left, bottom, right, top = (pick(edges) for pick, edges in zip((min, min, max, max), zip(*boxes)))
    assert (left, bottom, right, top) == pytest.approx((150, 700, 300, 720), abs=0.2)


def test_words_of_a_line_are_parted_and_hidden_ones_left_out() -> None:
    words = [Word("net", (0.1, 0.1, 0.15, 0.12)), Word("9.00", (0.4, 0.1, 0.5, 0.12))]
    read = bound(*words, Word("secret", (0.6, 0.1, 0.7, 0.12), hidden=True)).get_textpage()
    assert read.get_text_bounded() == "net 9.00"


def test_the_font_is_one_that_others_load() -> None:
    loaded = ImageFont.truetype(io.BytesIO(font.true_type()), 20)
    # each glyph is half as wide as the type is high
    assert loaded.getlength("a漢") == 20.0
    assert loaded.getmask("ab").getbbox() is None


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_pictures_keep_their_colours(mode: str) -> None:
    page = bound(mode=mode)
    assert page.render(scale=0.5).to_pil().convert("RGB").getpixel((100, 100)) == (255, 255, 255)
    assert page.get_size() == (WIDTH, HEIGHT)


def test_pages_in_pixels_are_as_large_as_paper() -> None:
    assert sheet.fitted(595, 842) == (595, 842)
    assert sheet.fitted(2480, 3508) == pytest.approx((595.2, 842), abs=0.1)


def test_marks_stand_on_the_page_and_words_beneath_them() -> None:
    node = {"match": "exact", "document": 0, "page": 1, "boxes": [[0.25, 0.1, 0.5, 0.125]], "confidence": 1}
    page = bound(
        Word("12.50", (0.25, 0.1, 0.5, 0.125)),
        answer={"result": {"total": 12.5}, "evidence": {"total": node}},
        mode="RGB",
    )
    width, height = page.get_size()
    read = page.get_textpage()
    left, bottom, right, top = read.get_charbox(2, loose=True)
    pixel = (
        page.render(scale=1)
        .to_pil()
        .convert("RGB")
        .getpixel((round((left + right) / 2), round(height - (bottom + top) / 2)))
    )
    assert max(pixel) - min(pixel) > 20
    assert width > WIDTH * 1.5


def test_evidence_in_a_shape_of_its_own_is_told() -> None:
    with pytest.raises(DocumentError, match="where its values stand"):
        bound(answer={"result": {"total": 1}, "evidence": {"total": {"somewhere": 1}}}, mode="RGB")
