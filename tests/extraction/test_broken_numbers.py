"""Numbers of a text layer of which a part cannot be seen: with a digit hidden, one is another number."""

from __future__ import annotations

import pytest

from ix.extraction.documents import Limits, OpenedPage, pdf_ink, read
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


def test_of_too_many_doubtful_numbers_none_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_ink, "GAP", 0.0)
    monkeypatch.setattr(pdf_ink, "is_broken", lambda page, word: False)
    monkeypatch.setattr(pdf_ink, "MOST_DOUBTED", 10)
    # the paragraph has ten numbers of one digit, of which none can be hidden in part
    ten, eleven = ("".join(line("12", x=X + 20 * at, y=300) for at in range(count)) for count in (10, 11))
    assert not opened(ten).unread
    assert opened(eleven).unread
