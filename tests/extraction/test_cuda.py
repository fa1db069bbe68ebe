"""PP-OCR on a graphics processor: it says what is missing, starts nothing without a device, and its few shapes of input
change nothing of what is read. On a machine with a device the contract of engines holds it, too."""

from __future__ import annotations

import os

import onnxruntime
import pytest

from ix.config import Settings
from ix.errors import ConfigError, OcrError
from ix.extraction.ocr import _pages, needs_device
from ix.extraction.ocr._cuda import PROVIDER, STEP, in_few_shapes
from ix.extraction.ocr._lines import HEIGHT
from ix.extraction.ocr._orientation import VOTERS, WIDTH
from ix.extraction.ocr._session import Session
from ix.extraction.ocr._weights import Floats, Model
from ix.extraction.ocr.ppocr_cuda import ENGINE
from ix.extraction.reader import Reader
from tests.extraction.test_ppocr import sheet, text

THERE = PROVIDER in onnxruntime.get_available_providers()
without_device = pytest.mark.skipif(THERE, reason="there is a CUDA device")


@without_device
def test_without_a_device_it_says_what_to_do() -> None:
    with pytest.raises(OcrError, match="IX_OCR=ppocr") as caught:
        ENGINE(1).load()
    assert caught.value.code == "ocr_missing"


@without_device
async def test_an_engine_does_not_start_without_the_device() -> None:
    assert needs_device("ppocr_cuda")
    assert not needs_device("ppocr")
    reader = Reader(Settings(postgres_url="postgres://nowhere", ocr="ppocr_cuda"))
    try:
        with pytest.raises(ConfigError, match="IX_OCR: onnxruntime has no CUDA here"):
            await reader.start()
    finally:
        await reader.stop()


@pytest.mark.parametrize("size", [18, 32], ids=["small", "large"])
def test_few_shapes_read_what_the_right_ones_do(size: int) -> None:
    seen: set[tuple[int, ...]] = set()

    def few(model: bytes, threads: int) -> Model:
        session = Session(model, threads)

        def noted(values: Floats) -> list[Floats]:
            seen.add(values.shape)
            return session(values)

        return in_few_shapes(noted)

    page = sheet([f"Item {n} of many {'and more ' * (n % 4)}{n}.50" for n in range(12)], size=size)
    own = _pages.Pages(os.cpu_count() or 1, Session).upright(page)
    filled = _pages.Pages(os.cpu_count() or 1, few).upright(page)
    assert text(filled) == text(own)
    for one, other in zip(filled, own, strict=True):
        assert one.box == pytest.approx(other.box, abs=0.01)
    few_sides = {1, 3, VOTERS, HEIGHT, WIDTH}
    assert all(side % STEP == 0 or side in few_sides for shape in seen for side in shape)
