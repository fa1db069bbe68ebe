"""PP-OCR's pipeline: smaller weights that say the same, lines, their order and pictures, ink, and how a page lies."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ix.errors import OcrError
from ix.extraction.page import Word

if find_spec("rapidocr") is None or find_spec("onnxruntime") is None:
    pytest.skip("rapidocr or onnxruntime is not installed", allow_module_level=True)

from ix.extraction.ocr import _ink, _lines, _pages, _weights, _wire, ppocr
from ix.extraction.ocr._lines import Line, Sheet
from ix.extraction.ocr._recognition import Character, Recognition
from ix.extraction.ocr._session import Session
from ix.extraction.ocr._weights import Floats, Head, Recogniser

TEXT = ["Corner shop receipt", "Bread and butter 12.50", "Total amount 2024.00", "Thank you very much"]


def sheet(lines: Sequence[str] = TEXT, ink: str = "black", paper: str = "white", size: int = 32) -> Image.Image:
    """A page of these lines, twice as far apart as they are high."""
    image = Image.new("L", (500, 80 + 2 * size * len(lines)), paper)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size)
    for row, line in enumerate(lines):
        draw.text((40, 40 + 2 * size * row), line, ink, font)
    return image


@pytest.fixture(scope="module")
def pages() -> _pages.Pages:
    return _pages.Pages(1, Session)


def text(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


# messages


def test_a_message_taken_apart_is_put_together_as_it_was() -> None:
    model = _weights.model(_weights.folder(), "cls")
    assert _wire.message(_wire.fields(model)) == model


@pytest.mark.parametrize("broken", [b"\x0a\x05abc", b"\x0a", b"\x80", b"\x0b\x01"])
def test_what_is_no_message_is_refused(broken: bytes) -> None:
    with pytest.raises(ValueError, match=r"message ends|wire type"):
        list(_wire.fields(broken))


# weights


def test_the_smaller_recogniser_says_what_the_whole_one_does() -> None:
    model = _weights.model(_weights.folder(), "rec")
    smaller = _weights.recogniser(model)
    assert len(smaller.alphabet) < len(smaller.whole.alphabet) / 10
    line = np.asarray(sheet(["Total 12.50 Größe"]).crop((30, 36, 350, 84)), np.float32)[None, None] / 127.5 - 1
    (expected,) = Session(model, 1)(np.repeat(line, 3, axis=1))[0]
    (features,), (found,) = Session(smaller.model, 1)(line)
    weights = features @ smaller.whole.weights + smaller.whole.bias
    assert (weights.argmax(1) == expected.argmax(1)).all()
    named = [smaller.whole.alphabet[best] for best in expected.argmax(1)]
    assert [smaller.alphabet[best] for best in found.argmax(1)] == named
    assert len(set(named)) > 8


def test_a_grey_model_says_what_the_one_for_colours_does() -> None:
    model = _weights.model(_weights.folder(), "det")
    page = np.asarray(sheet().resize((320, 192)), np.float32)[None, None] / 127.5 - 1
    assert np.allclose(
        Session(_weights.grey(model), 1)(page)[0], Session(model, 1)(np.repeat(page, 3, 1))[0], atol=1e-3
    )


@pytest.mark.parametrize("letter", "aZé9€ŁẞΩ§")
def test_letters_of_europe_are_common(letter: str) -> None:
    assert _weights.is_common(letter)


@pytest.mark.parametrize("letter", ["中", "か", "●"])
def test_letters_of_china_and_japan_are_looked_for_apart(letter: str) -> None:
    assert not _weights.is_common(letter)


def test_missing_models_say_how_to_install_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_weights, "folder", lambda: tmp_path)
    with pytest.raises(OcrError, match="pip install") as raised:
        ppocr.PpOcr(1).load()
    assert raised.value.code == "ocr_missing"


def test_a_file_that_is_no_model_is_missing_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(next(_weights.folder().glob("*_cls_*.onnx")), tmp_path / "x_rec_x.onnx")
    monkeypatch.setattr(_weights, "folder", lambda: tmp_path)
    with pytest.raises(OcrError) as raised:
        ppocr.PpOcr(1).load()
    assert raised.value.code == "ocr_missing"


# recognition


class Scripted(Session):
    """A model whose answer is known."""

    def __init__(self, *outputs: Floats) -> None:
        self._outputs = outputs

    def __call__(self, values: Floats) -> list[Floats]:
        return list(self._outputs)


def scripted(best: Sequence[int], sure: float) -> Recognition:
    """Reads these classes, of nothing, `a`, `b`, so surely; whoever asks the whole alphabet is told 中."""
    probabilities = np.full((1, len(best), 3), 0.0, np.float32)
    probabilities[0, np.arange(len(best)), best] = sure
    whole = Head(np.array([[0, 9, 0, 0]], np.float32), np.zeros(4, np.float32), ["", "中", "a", "b"])
    features = np.ones((1, len(best), 1), np.float32)
    return Recognition(Scripted(features, probabilities), Recogniser(b"", ["", "a", "b"], whole))


def read(recognition: Recognition) -> str:
    return "".join(one.text for one in recognition(np.zeros((_lines.HEIGHT, 32), np.uint8)))


def test_repetitions_are_one_character_and_blanks_part_them() -> None:
    assert read(scripted([1, 1, 0, 1, 2, 2], 0.99)) == "aab"


@pytest.mark.parametrize(("best", "sure"), [([1, 2], 0.7), ([0, 0], 0.99)])
def test_a_line_that_latin_letters_do_not_fit_is_read_by_the_whole_alphabet(best: list[int], sure: float) -> None:
    assert read(scripted(best, sure)) == "中"


# lines


def test_a_line_that_runs_upwards_is_cut_out_as_one_that_lies() -> None:
    grey = np.full((300, 100), 255, np.uint8)
    grey[50:250, 40:60] = 0
    line = _lines.cut(grey, np.array([(40, 50), (60, 50), (60, 250), (40, 250)], np.float32))
    assert line is not None
    assert line.picture.shape == (_lines.HEIGHT, 10 * _lines.HEIGHT)
    assert line.picture.mean() < 20


def test_a_very_long_line_is_squeezed() -> None:
    grey = np.full((20, 2600), 255, np.uint8)
    line = _lines.cut(grey, np.array([(0, 5), (2599, 5), (2599, 10), (0, 10)], np.float32))
    assert line is not None
    assert line.picture.shape[1] == _lines.WIDEST


def test_what_is_thinner_than_print_is_no_line() -> None:
    assert _lines.cut(np.zeros((50, 50), np.uint8), np.array([(0, 0), (40, 0), (40, 2), (0, 2)], np.float32)) is None


def test_four_quarter_turns_leave_a_sheet_as_it_was() -> None:
    grey = np.arange(600, dtype=np.uint8).reshape(20, 30)
    line = np.array([(2, 3), (12, 3), (12, 7), (2, 7)], np.float32)
    turned = Sheet(grey, [line]).turned(90).turned(180).turned(90)
    assert (turned.grey == grey).all()
    assert np.allclose(turned.rectangles[0], line)
    quarter = Sheet(grey, [line]).turned(90)
    assert quarter.grey.shape == (30, 20)
    assert np.allclose(quarter.rectangles[0], [(13, 2), (17, 2), (17, 12), (13, 12)])


def test_lines_of_one_row_go_from_left_to_right_although_one_is_a_little_higher() -> None:
    def at(x: float, y: float) -> Floats:
        return np.array([(x, y), (x + 90, y), (x + 90, y + 30), (x, y + 30)], np.float32)

    ordered = _lines.in_order([at(10, 60), at(200, 6), at(10, 12)])
    assert [tuple(one[0].tolist()) for one in ordered] == [(10, 12), (200, 6), (10, 60)]


# ink

TOP, BOTTOM = _ink.MARGIN, _lines.HEIGHT - _ink.MARGIN


def characters(spelt: str, *middles: float) -> list[Character]:
    """Characters seen in the middle of these columns."""
    return [Character(one, middle - 8, middle + 8, 0.9) for one, middle in zip(spelt, middles, strict=True)]


def print_of(*columns: tuple[int, int], ink: int = 0, paper: int = 255) -> _lines.Grey:
    """A line with bars of ink between these columns, from row 10 to 38."""
    picture = np.full((_lines.HEIGHT, 200), paper, np.uint8)
    for start, end in columns:
        picture[10:38, start:end] = ink
    return picture


@pytest.mark.parametrize(("ink", "paper"), [(0, 255), (250, 30), (90, 140)])
def test_words_end_where_their_ink_does_on_any_paper(ink: int, paper: int) -> None:
    picture = print_of((20, 35), (40, 55), (90, 120), ink=ink, paper=paper)
    found = _ink.pieces(picture, characters("ab c", 28, 48, 75, 104))
    assert [piece.box for piece in found] == [(20, TOP, 55, BOTTOM), (90, TOP, 120, BOTTOM)]


def test_a_wide_gap_ends_a_word_where_no_space_was_read() -> None:
    bars = [(10, 24), (28, 42), (46, 60), (90, 104), (108, 122)]
    found = _ink.pieces(print_of(*bars), characters("abc12", 17, 35, 53, 97, 115))
    assert ["".join(one.text for one in piece.characters) for piece in found] == ["abc", "12"]


@pytest.mark.parametrize("spelt", ["12345", "ab(12", "abc.2"])
def test_no_number_and_no_bracket_is_cut(spelt: str) -> None:
    bars = [(10, 24), (28, 42), (46, 60), (90, 104), (108, 122)]
    assert len(_ink.pieces(print_of(*bars), characters(spelt, 17, 35, 53, 97, 115))) == 1


def test_a_point_of_a_typewriter_ends_no_word() -> None:
    bars = [(10, 30), (40, 60), (83, 87), (110, 130), (140, 160)]
    assert len(_ink.pieces(print_of(*bars), characters("ab-cd", 20, 50, 85, 120, 150))) == 1


def test_what_reaches_in_from_other_lines_is_no_ink() -> None:
    picture = print_of((20, 60))
    picture[:4, 100:150] = picture[-5:, 30:40] = 0
    assert _ink.pieces(picture, characters("a", 40))[0].box == (20, TOP, 60, BOTTOM)


def test_a_picture_without_contrast_has_no_ink_and_keeps_its_words() -> None:
    found = _ink.pieces(np.full((_lines.HEIGHT, 200), 200, np.uint8), characters("a b", 40, 70, 100))
    assert [piece.box for piece in found] == [(32, TOP, 48, BOTTOM), (92, TOP, 108, BOTTOM)]


def test_spaces_alone_are_no_words() -> None:
    assert _ink.pieces(print_of((20, 60)), characters(" ", 40)) == []


# pages


def test_boxes_are_tight_to_the_ink(pages: _pages.Pages) -> None:
    image = sheet()
    total = next(word for word in pages.upright(image) if word.text == "Total")
    left, top, right, bottom = ImageDraw.Draw(image).textbbox((40, 168), "Total", ImageFont.load_default(32))
    assert (total.box[0] * image.width, total.box[2] * image.width) == pytest.approx((left, right), abs=3)
    assert (total.box[1] * image.height, total.box[3] * image.height) == pytest.approx((top, bottom), abs=12)


@pytest.mark.parametrize("rotation", [0, 90, 180])
def test_each_line_of_a_page_is_read_once_whichever_way_it_lies(
    pages: _pages.Pages, rotation: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []

    def counting(picture: _lines.Grey) -> list[Character]:
        read.append(picture)
        return recognise(picture)

    recognise = pages._recognise
    monkeypatch.setattr(pages, "_recognise", counting)
    words, found, *_ = pages.any_way_up(sheet().rotate(rotation, expand=True))
    assert (text(words), found) == (" ".join(TEXT), rotation)
    assert len(read) == len(TEXT)


def test_a_page_whose_lines_do_not_tell_is_read_both_ways(pages: _pages.Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    class Unsure:
        def head_first(self, lines: Sequence[Line]) -> float:
            return 0.55

    monkeypatch.setattr(pages, "_orientation", Unsure())
    words, rotation, *_ = pages.any_way_up(sheet(TEXT[:2]))
    assert (text(words), rotation) == (" ".join(TEXT[:2]), 0)


def test_a_slanted_page_is_read(pages: _pages.Pages) -> None:
    words, rotation, *_ = pages.any_way_up(sheet().rotate(-8, expand=True, fillcolor=255))
    assert (sorted(text(words).split()), rotation) == (sorted(" ".join(TEXT).split()), 0)


def test_light_print_on_dark_paper_is_read(pages: _pages.Pages) -> None:
    assert text(pages.upright(sheet(TEXT[:2], "white", "black"))) == " ".join(TEXT[:2])


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> ppocr.PpOcr:
    engine = ppocr.PpOcr(1)
    engine.load()

    def fail(image: object) -> None:
        raise RuntimeError("secret words")

    monkeypatch.setattr(engine._pages, "upright", fail)
    return engine


def test_what_fails_in_the_engine_is_an_error_of_ocr_without_words_of_the_page(failing: ppocr.PpOcr) -> None:
    with pytest.raises(OcrError, match=r"^ppocr failed \(RuntimeError\)$"):
        failing.recognise(sheet())
