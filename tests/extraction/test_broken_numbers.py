"""Numbers of a text layer of which a part cannot be seen: with a digit hidden, one is another number."""

from __future__ import annotations

import pytest

from ix.extraction.documents import Limits, OpenedPage, pdf_numbers, read
from tests.extraction.pdfs import PARAGRAPH, Sheet, line, pdf

X, DIGIT = 300.0, 6.672
"""Where the number begins, and the width of a digit of Helvetica in 12 points."""


def opened(content: str) -> OpenedPage:
    """A page with a text layer that needs no OCR, and this."""
    (page,) = read(pdf(Sheet(PARAGRAPH + content)), Limits(10, 1_000_000))
    return page


def number(text: str, x: float = X, before: str = "") -> str:
    return line(text, x=x, y=300, before=before)


def covered(first: float, width: float) -> str:
    """A white rectangle upon a part of the number, from so many digits on."""
    return f"1 g {X + first * DIGIT} 296 {width * DIGIT} 16 re f "


def text(shown: str) -> str:
    return f"q BT /F1 12 Tf {X} 300 Td {shown} ET Q "


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (number("9100.00") + covered(0, 1), "9100.00"),
        (number("1900.00") + covered(1, 1), "1900.00"),
        (number("100.0099") + covered(5.5, 2.2), "100.0099"),
        (number("-100.00") + covered(-0.1, 0.75), "-100.00"),
        (f"q {X + DIGIT} 200 200 200 re W n " + number("9100.00") + "Q ", "9100.00"),
        (number("100.00", X + DIGIT) + number("9", before="1 g"), "9100.00"),
        (text("3 Tr (9) Tj 0 Tr (100.00) Tj"), "9100.00"),
        (text("(100) Tj 3 Tr (000) Tj 0 Tr (.00) Tj"), "100000.00"),
        (text("0 g (1) Tj 1 g (9) Tj 0 g (00.00) Tj"), "1900.00"),
        (line("92345.67", x=X, y=300, matrix="0 1 -1 0") + f"1 g 285 300 16 {DIGIT} re f ", "92345.67"),
    ],
    ids=[
        "first",
        "middle",
        "last",
        "sign",
        "clipped",
        "white",
        "invisible",
        "invisible within",
        "white within",
        "standing",
    ],
)
def test_a_number_with_a_hidden_digit_is_left_to_ocr(content: str, said: str) -> None:
    page = opened(content)
    assert [word.text for word in page.words if word.hidden] == [said]
    assert page.unread


@pytest.mark.parametrize(
    "content",
    [
        number("111111.11"),
        "".join(line("2.2, 1.111,11", x=X, y=300 + 10 * size, size=size) for size in (4, 5, 6, 7, 8)),
        *(text(f"{spacing} Tc (12345.67) Tj") for spacing in (1, 3, 8)),
        text("(1) Tj 7 0 Td (2) Tj 7 0 Td (3) Tj"),
        text("/F1 12 Tf (12) Tj /F1 6 Tf 4 Ts (99) Tj"),
        number("1234.56") + "1 w 290 304 m 400 304 l S ",
        "0.3 g 290 290 150 30 re f " + number("1234.56", before="1 0 0 rg"),
        line("12345.67", x=X, y=300, matrix="0.985 0.174 -0.174 0.985"),
        number("............ -12.00"),
    ],
    ids=[
        "ones",
        "small",
        "set",
        "set wide",
        "set widest",
        "by glyph",
        "raised",
        "struck",
        "of its ground's grey",
        "slanted",
        "dots",
    ],
)
def test_a_number_that_is_seen_is_believed(content: str) -> None:
    page = opened(content)
    assert not any(word.hidden for word in page.words)
    assert not page.unread


POINT = X + 2 * DIGIT
"""Where a number of two digits ends, and its point would begin."""


def pointed(point: str, digits: str = "12", rest: str = "50", size: int = 12) -> str:
    """A number whose point, or what is shown for it, is drawn by itself."""
    return text(f"/F1 {size} Tf ({digits}) Tj {point} ({rest}) Tj")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (pointed("3 Tr (.) Tj 0 Tr"), "12.50"),
        (pointed("1 g (.) Tj 0 g"), "12.50"),
        (pointed("1 g (,) Tj 0 g"), "12,50"),
        (pointed("0.98 g (.) Tj 0 g", size=6), "12.50"),
        (pointed("3 Tr (.) Tj 0 Tr", size=5), "12.50"),
        (text("3 Tr (-) Tj 0 Tr (12.50) Tj"), "-12.50"),
        (text("3 Tr ($) Tj 0 Tr (12.50) Tj"), "$12.50"),
        (text("(12.50) Tj 1 g (-) Tj"), "12.50-"),
        (number("12.50") + f"1 g {POINT + 0.5} 299 2.4 3 re f ", "12.50"),
        (number("12.50") + f"1 G 2 w {POINT} 300.5 m {POINT + 3.3} 300.5 l S ", "12.50"),
        (number("12.50") + f"q 0 g {X - 2} 297 40 5 re f Q ", "12.50"),
        (f"q {X} 302 100 20 re W n " + number("12.50") + "Q ", "12.50"),
        (line("12.50", x=X, y=300, matrix="0 1 -1 0") + f"1 g {X - 2} {300 + 2 * DIGIT} 4 3.3 re f ", "12.50"),
        (line("12.50", x=X, y=300, size=12) + number(".", POINT, before="1 g"), "12.50"),
    ],
    ids=[
        "invisible point",
        "white point",
        "white comma",
        "pale and small",
        "invisible and smaller",
        "invisible sign",
        "invisible currency",
        "white sign after it",
        "covered by a box",
        "covered by a line",
        "under a bar",
        "clipped below",
        "standing",
        "covered by white ink",
    ],
)
def test_a_number_with_a_hidden_point_or_sign_is_left_to_ocr(content: str, said: str) -> None:
    page = opened(content)
    assert said in [word.text for word in page.words if word.hidden]
    assert page.unread


def dotted(size: float, step: float) -> str:
    """Numbers of one size at places that fall differently upon pixels."""
    places = ((X + at * (6 * size + step), 300 + at * step) for at in range(3))
    return "".join(
        line(shown, x=x, y=y, size=size) for (x, y), shown in zip(places, ("1.1", "-7.50", "4,444.40"), strict=True)
    )


@pytest.mark.parametrize(
    "content",
    [
        *(dotted(size, step) for size in (4, 5, 6, 7, 8, 9, 10, 12, 20) for step in (1.3, 0.37)),
        text("-1.4 Tc (12.50 -7.4) Tj"),
        number("1,250.00", before="0.75 g"),
        text("1 Tr 0.2 w (12.50) Tj"),
        text("120 Tz (12.50) Tj 40 Tz (12.50) Tj"),
        number("12:30 1.000=1 7'000 50% #12 *12.50* 12/24 12_50 (12.50)"),
        "0.9 g 290 290 200 30 re f 0 g " + number("12.50") + f"0.3 w {X} 298.6 m {X + 60} 298.6 l S ",
        pointed(f"3 Tr (.) Tj 0 Tr ET q 0 g {POINT + 1.1} 300 1.2 1.2 re f Q BT /F1 12 Tf {POINT + 3.34} 300 Td"),
        line("12.50", x=X, y=300, matrix="0 1 -1 0"),
        line("-12.50", x=X, y=300, matrix="-1 0 0 -1"),
    ],
)
def test_a_number_whose_thin_glyphs_are_seen_is_believed(content: str) -> None:
    page = opened(content)
    assert [word.text for word in page.words if word.hidden] == []
    assert not page.unread


def test_of_too_many_doubtful_numbers_none_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_numbers, "is_whole", lambda number, ink: False)
    monkeypatch.setattr(pdf_numbers, "is_broken", lambda page, number: False)
    monkeypatch.setattr(pdf_numbers, "MOST_DOUBTED", 10)
    # the paragraph has ten numbers of one digit, of which none can be hidden in part
    ten, eleven = ("".join(line("12", x=X + 20 * at, y=300) for at in range(count)) for count in (10, 11))
    assert not opened(ten).unread
    assert opened(eleven).unread
