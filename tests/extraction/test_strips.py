"""Long receipts: drawn at their width, and looked at in bands."""

from __future__ import annotations

import io
from importlib.util import find_spec

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ix.extraction import documents
from ix.extraction.documents import Limits, within
from ix.extraction.reader import OCR_SIDE
from tests.extraction import pdfs

LIMITS = Limits(pages=10, pixels=50_000_000)

needs_models = pytest.mark.skipif(
    find_spec("rapidocr") is None or find_spec("onnxruntime") is None, reason="rapidocr or onnxruntime is missing"
)


def strip(width: int, height: int, step: int) -> tuple[Image.Image, list[str]]:
    """A receipt with a line every so many pixels."""
    image = Image.new("L", (width, height), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(22)
    texts = [f"item {at + 10} at {at * 7 + 11}.50" for at in range((height - 60) // step)]
    for at, text in enumerate(texts):
        draw.text((20, 30 + at * step), text, "black", font)
    return image, texts


def png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("size", "fits"),
    [
        ((2000, 2600), (2000, 2600)),
        ((2000, 2601), (1999, 2600)),
        ((600, 7200), (600, 7200)),
        ((7200, 600), (7200, 600)),
        ((600, 12_000), (581, 11_628)),
        ((3000, 9000), (867, 2600)),
        # as many pixels as a square, and never more than six times as long
        ((10, 700_000), (1, 15_600)),
    ],
)
def test_the_shorter_side_of_a_strip_counts(size: tuple[int, int], fits: tuple[int, int]) -> None:
    scale = min(within(*size, OCR_SIDE), 1)
    found = size[0] * scale, size[1] * scale
    assert found == pytest.approx(fits, rel=0.001, abs=1)
    assert found[0] * found[1] <= OCR_SIDE**2 * 1.001


def test_a_strip_of_a_photo_and_of_a_pdf_keep_their_width() -> None:
    image, _ = strip(600, 7200, 600)
    assert documents.picture(png(image), LIMITS, 0, 150, OCR_SIDE, 0).image.size == (600, 7200)
    # 600 points long, 50 wide
    page = pdfs.pdf(pdfs.Sheet(size=(250, 3000)))
    assert documents.picture(page, LIMITS, 0, 150, OCR_SIDE, 0).image.size == (521, 6250)


@needs_models
@pytest.mark.parametrize("length", [32, 1280, 1312, 2560, 9600])
def test_bands_cover_a_strip_once_and_reach_over_their_borders(length: int) -> None:
    from ix.extraction.ocr._detection import BAND, MULTIPLE, SHARED, bands

    found = list(bands(length))
    assert [first for _, _, first, _ in found] == [0, *(last for _, _, _, last in found)][:-1]
    assert found[-1][3] == length
    for start, end, first, last in found:
        assert (end - start) % MULTIPLE == 0
        assert end - start <= BAND + MULTIPLE
        assert 0 <= start <= first < last <= end <= length
        assert first == 0 or first - start >= SHARED // 2 - 1
        assert last == length or end - last >= SHARED // 2 - 1


@needs_models
@pytest.mark.parametrize("along", [0, 1])
def test_what_is_seen_of_bands_is_put_together_as_it_lies(along: int) -> None:
    from ix.extraction.ocr._detection import Detection

    class Seeing:
        """Says of each pixel how dark it is."""

        def __init__(self) -> None:
            self.pixels: list[int] = []

        def __call__(self, values: np.ndarray) -> list[np.ndarray]:
            self.pixels.append(values.size)
            return [values]

    session = Seeing()
    small = np.random.default_rng(1).integers(0, 255, (64, 4000) if along else (4000, 64)).astype(np.uint8)
    found = Detection(session)._probabilities(small)
    assert np.allclose(found * 127.5 + 127.5, small, atol=1e-3)
    assert max(session.pixels) <= 64 * (1280 + 32)


@needs_models
def test_every_line_of_a_receipt_twelve_times_as_long_as_wide_is_read() -> None:
    from ix.extraction import ocr

    image, texts = strip(240, 2880, 160)
    read = ocr.recognise(ocr.engine("ppocr", 1), image)
    assert "".join(word.text for word in read.words) == "".join(texts).replace(" ", "")


def test_a_wide_strip_is_drawn_at_its_height() -> None:
    image, _ = strip(300, 3600, 600)
    assert documents.picture(png(image.rotate(90, expand=True)), LIMITS, 0, 150, OCR_SIDE, 0).image.size == (3600, 300)
