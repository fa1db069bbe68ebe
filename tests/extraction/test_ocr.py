"""OCR engines: the contract that every one keeps, and rotating pages upright."""

from __future__ import annotations

import importlib
import shutil
import socket
import subprocess
import sys

import pytest
from PIL import Image, ImageDraw, ImageFont

from ix.config.choices import plugins
from ix.errors import OcrError
from ix.extraction import ocr
from ix.extraction.ocr import OcrEngine, rapidocr, tesseract
from ix.extraction.page import Word

TEXT = ["Corner shop receipt", "Bread and butter 12.50", "Total amount 2024.00", "Thank you very much"]


def sheet(lines: list[str] = TEXT) -> Image.Image:
    """A page of these lines."""
    image = Image.new("L", (500, 80 + 60 * len(lines)), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(32)
    for row, line in enumerate(lines):
        draw.text((40, 40 + 60 * row), line, "black", font)
    return image


@pytest.fixture(scope="module", params=ocr.engines())
def engine(request: pytest.FixtureRequest) -> OcrEngine:
    try:
        return ocr.engine(request.param, 1)
    except OcrError as error:
        pytest.skip(str(error))


def test_the_engines_are_the_modules_of_the_folder_and_the_choices_of_the_setting() -> None:
    assert tuple(ocr.engines()) == plugins("extraction/ocr")
    assert {"ppocr", "rapidocr", "tesseract"} <= set(ocr.engines())


@pytest.mark.parametrize("name", ocr.engines())
def test_an_engine_says_what_memory_it_takes_before_its_library_is_imported(name: str) -> None:
    script = f"import sys; from ix.extraction import ocr; print(ocr.memory({name!r})); print(*sys.modules)"
    memory, loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    ).stdout.splitlines()
    assert memory == "None" or int(memory) > 100_000_000
    assert not {"PIL", "numpy", "onnxruntime", "rapidocr", "cv2"} & set(loaded.split())


def test_no_engine_takes_no_memory() -> None:
    assert ocr.memory("off") is None


@pytest.mark.parametrize(("name", "package"), [("ppocr", "rapidocr"), ("rapidocr", "rapidocr"), ("off", "off")])
def test_an_engine_names_the_distribution_that_has_its_models(name: str, package: str) -> None:
    assert ocr.package(name) == package


# the contract


def test_an_engine_reads_words_in_order(engine: OcrEngine) -> None:
    words = engine.recognise(sheet())
    assert " ".join(word.text for word in words).split() == " ".join(TEXT).split()
    assert all(" " not in word.text and 0.5 < word.confidence <= 1 for word in words)


def test_boxes_lie_around_the_ink(engine: OcrEngine) -> None:
    image = sheet()
    words = engine.recognise(image)
    total = next(word for word in words if word.text == "Total")
    x0, y0, x1, y1 = total.box
    assert 30 < x0 * image.width < 60 < x1 * image.width < 140
    assert 150 < y0 * image.height < 180 < y1 * image.height < 220


def test_an_engine_reads_nothing_from_an_empty_page(engine: OcrEngine) -> None:
    assert engine.recognise(Image.new("L", (400, 400), "white")) == []
    assert engine.recognise(Image.new("L", (1, 1), "white")) == []


def test_an_engine_works(engine: OcrEngine) -> None:
    assert ocr.works(engine)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_page_is_rotated_upright(engine: OcrEngine, rotation: int) -> None:
    words, found, *_ = ocr.recognise(engine, sheet().rotate(rotation, expand=True))
    assert found == rotation
    assert "".join(word.text for word in words) == "".join(TEXT).replace(" ", "")
    assert words[0].box[1] < words[-1].box[1]


def test_an_engine_needs_no_network(engine: OcrEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("an engine wants the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    fresh = type(engine)(1)
    fresh.load()
    assert ocr.works(fresh)


# rotating


class Rotating:
    """An engine that says how a page lies."""

    memory: int | None = None

    def load(self) -> None: ...

    def recognise(self, image: Image.Image) -> list[Word]:
        raise AssertionError("the page is read as it lies")

    def recognise_rotated(self, image: Image.Image) -> tuple[list[Word], int]:
        return words(0.3), 270


def test_an_engine_that_says_how_a_page_lies_is_asked_once() -> None:
    assert ocr.recognise(Rotating(), sheet())[:2] == (words(0.3), 270)


class Scripted:
    """An engine whose answers are known, to see which rotations are tried."""

    memory: int | None = None

    def __init__(self, *answers: list[Word]) -> None:
        self.answers = list(answers)

    def load(self) -> None: ...

    def recognise(self, image: Image.Image) -> list[Word]:
        return self.answers.pop(0)


LYING = (0.1, 0.1, 0.3, 0.15)
STANDING = (0.1, 0.1, 0.15, 0.3)


def words(confidence: float, box: tuple[float, float, float, float] = LYING, text: str = "word") -> list[Word]:
    return [Word(text, box, confidence)]


def test_a_legible_page_is_read_once() -> None:
    assert ocr.recognise(Scripted(words(0.9)), sheet())[:2] == (words(0.9), 0)


def test_an_empty_page_is_read_once() -> None:
    assert ocr.recognise(Scripted([]), sheet())[:2] == ([], 0)


def test_standing_words_are_never_taken_for_upright() -> None:
    engine = Scripted(words(0.99, STANDING), words(0.99, STANDING), words(0.9))
    assert ocr.recognise(engine, Image.new("L", (100, 100)))[:2] == (words(0.9), 90)


def test_a_page_that_stays_hard_to_read_is_taken_as_it_gives_most() -> None:
    engine = Scripted(words(0.6), words(0.5), words(0.7), words(0.65))
    assert ocr.recognise(engine, sheet())[:2] == (words(0.7), 90)


def test_short_words_do_not_tell_how_a_page_lies() -> None:
    assert not ocr.stands([Word("1", STANDING), Word("of", STANDING), Word("total", LYING)], 1.0)


# engines


def test_an_unknown_engine_is_missing() -> None:
    with pytest.raises(OcrError, match="there are ppocr, ppocr_cuda, ppocr_openvino, rapidocr, tesseract") as raised:
        ocr.engine("none", 1)
    assert raised.value.code == "ocr_missing"


def test_a_missing_tesseract_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(OcrError, match="apt-get install tesseract-ocr") as raised:
        tesseract.Tesseract(1).load()
    assert raised.value.code == "ocr_missing"


def test_a_missing_rapidocr_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(OcrError, match="pip install") as raised:
        rapidocr.RapidOcr(1).load()
    assert raised.value.code == "ocr_missing"


def test_a_missing_model_is_not_fetched(tmp_path: object) -> None:
    with pytest.raises(OcrError) as raised:
        rapidocr.model(tmp_path, "det")  # type: ignore[arg-type]
    assert raised.value.code == "ocr_missing"


def test_a_line_is_cut_at_its_spaces_by_the_pieces_that_spell_its_words() -> None:
    pieces = [
        ("引", 0.8, (0.0, 0.0, 10.0, 9.0)),
        ("物", 0.6, (10.0, 1.0, 20.0, 10.0)),
        ("PC", 1.0, (30.0, 0.0, 50.0, 9.0)),
    ]
    line = rapidocr.Line(("引物 PC", 0.9, (0.0, 0.0, 50.0, 10.0)), pieces)
    assert line.by_pieces() == [
        ("引物", pytest.approx(0.7), (0.0, 0.0, 20.0, 10.0)),
        ("PC", 1.0, (30.0, 0.0, 50.0, 9.0)),
    ]


def test_a_line_whose_pieces_do_not_spell_it_is_cut_by_length() -> None:
    line = rapidocr.Line(("ab cd", 0.9, (0.0, 0.0, 50.0, 10.0)), [("abc", 1.0, (0.0, 0.0, 20.0, 10.0))])
    assert line.by_pieces() == []
    assert line.by_length() == [("ab", 0.9, (0.0, 0.0, 20.0, 10.0)), ("cd", 0.9, (30.0, 0.0, 50.0, 10.0))]
