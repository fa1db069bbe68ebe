"""Pages that lie askew are read as if they lay straight, and evidence is where their print is."""

from __future__ import annotations

import math
from importlib.util import find_spec
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from ix.extraction.documents import merging
from ix.extraction.evidence.boxes import line_boxes
from ix.extraction.layout import lines
from ix.extraction.page import Code, Page, Quad, ReadPage, Word, contents, packed_words, unpacked
from ix.extraction.straight import as_drawn, drawn, straightened

WHOLE: Quad = (0, 0, 1, 0, 1, 1, 0, 1)
LEANING: Quad = (0.1, 0.05, 0.95, 0.15, 0.85, 1.02, -0.05, 0.9)
ITEMS = (
    "Bread",
    "Butter",
    "Coffee",
    "Apples",
    "Honey",
    "Pasta",
    "Pepper",
    "Cheese",
    "Salmon",
    "Yogurt",
    "Flour",
    "Tea",
)

needs_models = pytest.mark.skipif(
    find_spec("rapidocr") is None or find_spec("onnxruntime") is None, reason="rapidocr or onnxruntime is missing"
)


def corners(quad: Quad) -> list[tuple[float, float]]:
    return list(zip(quad[::2], quad[1::2], strict=True))


# between the page as it is drawn and the straight one


def test_a_straight_page_has_its_boxes_where_they_are_drawn() -> None:
    assert drawn((0.1, 0.2, 0.3, 0.4), None) == straightened((0.1, 0.2, 0.3, 0.4), None) == (0.1, 0.2, 0.3, 0.4)
    assert drawn((0.1, 0.2, 0.3, 0.4), WHOLE) == pytest.approx((0.1, 0.2, 0.3, 0.4))


@pytest.mark.parametrize(("x", "y", "corner"), [(0, 0, 0), (1, 0, 1), (1, 1, 2), (0, 1, 3)])
def test_corners_of_the_straight_page_lie_on_those_of_its_quad(x: float, y: float, corner: int) -> None:
    assert drawn((x, y, x, y), LEANING) == pytest.approx(corners(LEANING)[corner] * 2)


def test_a_box_is_around_all_four_corners_of_what_it_covers() -> None:
    xs, ys = zip(*corners(LEANING), strict=True)
    assert drawn((0, 0, 1, 1), LEANING) == pytest.approx((min(xs), min(ys), max(xs), max(ys)))


def test_a_point_that_goes_to_the_page_as_drawn_comes_back() -> None:
    for point in ((0.3, 0.7), (0.9, 0.1), (0.5, 0.5)):
        assert straightened(drawn(point * 2, LEANING), LEANING) == pytest.approx(point * 2)


# as it travels


def test_the_quad_goes_along_with_words_and_codes() -> None:
    words, codes = [Word("total", (0.1, 0.2, 0.3, 0.4), 0.5)], [Code("text", "QR Code", (0.1, 0.7, 0.3, 0.9))]
    packed = packed_words(words, codes, LEANING)
    assert contents(packed) == (tuple(words), tuple(codes), LEANING)
    assert unpacked(packed) == (tuple(words), tuple(codes))
    assert ReadPage(1, 100, 200, packed).page().quad == LEANING
    assert ReadPage(1, 100, 200, packed_words(words)).page().quad is None


def test_evidence_is_where_the_print_is_on_the_page_as_it_is_drawn() -> None:
    word = Word("12.50", (0.4, 0.3, 0.5, 0.32))
    assert line_boxes([word], LEANING) == [[pytest.approx(edge, abs=1e-4) for edge in drawn(word.box, LEANING)]]


def test_words_of_an_area_that_lies_askew_are_merged_where_they_are_drawn() -> None:
    read = [Word("stamp", (0.2, 0.2, 0.4, 0.3))]
    body = {"do": "merge", "area": (0.5, 0.5, 1.0, 1.0), "rotation": 0}
    _, (merged,) = merging.handle(body, [packed_words([]), packed_words(read, (), LEANING)])
    ((word,), _) = unpacked(merged)
    x0, y0, x1, y1 = drawn(read[0].box, LEANING)
    assert word.box == pytest.approx((0.5 + x0 / 2, 0.5 + y0 / 2, 0.5 + x1 / 2, 0.5 + y1 / 2))


# reading


def receipt() -> tuple[Image.Image, list[tuple[str, str]]]:
    """Twelve items with their prices at the other side of the sheet."""
    image = Image.new("L", (520, 760), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(24)
    rows = [(item, f"{7 * at + 3}.{at + 10}") for at, item in enumerate(ITEMS)]
    for at, (item, price) in enumerate(rows):
        draw.text((40, 50 + 55 * at), item, "black", font)
        draw.text((480, 50 + 55 * at), price, "black", font, anchor="ra")
    draw.text((40, 710), "Thank you for shopping with us", "black", font)
    return image, rows


def warped(image: Image.Image, target: list[tuple[float, float]], around: int) -> tuple[Image.Image, Any]:
    """The sheet with its corners there, and what takes its points along."""
    import cv2
    import numpy as np

    wide, high = image.size
    low = np.min(target, 0)
    moved = (np.array(target) - low + 10).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(np.array([(0, 0), (wide, 0), (wide, high), (0, high)], np.float32), moved)
    size = [int(side) + 10 for side in moved.max(0)]
    return Image.fromarray(cv2.warpPerspective(np.asarray(image), matrix, size, borderValue=(around,))), matrix


def turned(degrees: float) -> list[tuple[float, float]]:
    """The corners of the receipt, rotated clockwise."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return [(x * c - y * s, x * s + y * c) for x, y in ((0, 0), (520, 0), (520, 760), (0, 760))]


LAID: dict[str, tuple[list[tuple[float, float]], int]] = {
    "3 degrees": (turned(3), 255),
    "10 degrees the other way": (turned(-10), 255),
    "from the right": ([(0, 90), (460, 0), (460, 760), (0, 670)], 70),
    "from a corner": ([(30, 0), (520, 70), (440, 760), (0, 640)], 70),
}


@needs_models
@pytest.mark.parametrize("way", LAID)
def test_rows_of_a_sheet_that_lies_askew_stay_whole(way: str) -> None:
    import cv2
    import numpy as np

    from ix.extraction import ocr

    image, rows = receipt()
    laid, matrix = warped(image, *LAID[way])
    read = ocr.recognise(ocr.engine("ppocr", 1), laid)
    page = Page(1, *laid.size, tuple(read.words), "ocr", quad=read.quad)
    found = ["".join(row.text.split()) for row in lines(page)]
    assert [item + price for item, price in rows] == [row for row in found if row[-1].isdigit()]
    # boxes lie on the print, in the picture that the client has
    for item in ("Bread", "Salmon"):
        (left, top, right, bottom) = ImageDraw.Draw(image).textbbox(
            (40, 50 + 55 * ITEMS.index(item)), item, ImageFont.load_default(24)
        )
        middle = cv2.perspectiveTransform(np.array([[((left + right) / 2, (top + bottom) / 2)]]), matrix)[0][0]
        (box,) = line_boxes([word for word in read.words if word.text == item], read.quad)
        assert [(box[0] + box[2]) / 2 * laid.width, (box[1] + box[3]) / 2 * laid.height] == pytest.approx(
            middle.tolist(), abs=6
        )
        assert (box[2] - box[0]) * laid.width < 1.4 * (right - left)


@needs_models
def test_a_straight_page_has_no_quad() -> None:
    from ix.extraction import ocr

    image, _ = receipt()
    assert ocr.recognise(ocr.engine("ppocr", 1), image).quad is None


def rectangles(slope: float, count: int, converging: float = 0.0, long: float = 300) -> list[Any]:
    """Lines below each other, which run along a slope that grows from one to the next."""
    import numpy as np

    found = []
    for at in range(count):
        own, y = slope + converging * (at - count / 2), 100 + 40 * at
        along, down = np.array((1, own)) * long, np.array((-own, 1)) * 20
        start = np.array((50, y))
        found.append(np.array([start, start + along, start + along + down, start + down], np.float32))
    return found


@needs_models
def test_what_runs_level_steeply_or_in_too_few_lines_is_left_as_it_is() -> None:
    from ix.extraction.ocr._straight import straightening

    shape = (800, 500)
    assert straightening(rectangles(0.003, 9), shape) is None
    assert straightening(rectangles(0.5, 9), shape) is None
    assert straightening(rectangles(0.05, 2), shape) is None
    assert straightening(rectangles(0.05, 9, long=30), shape) is None
    assert straightening(rectangles(0.05, 3), shape) is not None


@needs_models
def test_a_line_that_runs_another_way_than_all_others_does_not_count() -> None:
    from ix.extraction.ocr._straight import straightening

    lines = rectangles(0.06, 9)
    found = straightening([*lines, *rectangles(-0.3, 2, long=200)], (800, 500))
    assert found is not None
    for line in lines:
        corners = found.place(line)
        assert corners[0][1] == pytest.approx(corners[1][1], abs=0.002)


@needs_models
def test_rows_that_run_together_are_level_on_the_straight_page() -> None:
    from ix.extraction.ocr._straight import straightening

    lines = rectangles(0.0, 14, converging=0.01)
    found = straightening(lines, (800, 500))
    assert found is not None
    for line in lines:
        corners = found.place(line)
        assert corners[0][1] == pytest.approx(corners[1][1], abs=0.006)


def test_words_that_are_told_lie_on_the_page_as_it_is_drawn() -> None:
    words = [Word("Total", (0.1, 0.2, 0.3, 0.25), 0.9), Word('["",', (0.1, 0.3, 0.3, 0.35))]
    told = as_drawn(packed_words(words, quad=LEANING))
    assert told is not None
    assert [word.box for word in unpacked(told)[0]] == [drawn(word.box, LEANING) for word in words]
    assert as_drawn(packed_words(words[:1])) is None
