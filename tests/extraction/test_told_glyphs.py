"""Numbers whose font says other characters than it draws, for one of its glyphs, and what looks like that and is
none."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from PIL import ImageFont

from ix.extraction.documents import OpenedPage
from tests.extraction import pdfs
from tests.extraction.pdfs import PARAGRAPH, Sheet, line, pdf
from tests.extraction.test_documents import read

SECOND = "/Differences [200 /one 201 /period 202 /hyphen]"
"""Other codes for glyphs that have one."""


def cmap(wrong: Mapping[str, str]) -> bytes:
    """A map from codes to characters that says something else of some."""
    said = "".join(
        f"<{code:02x}> <{wrong.get(chr(code), chr(code)).encode('utf-16-be').hex()}>\n" for code in range(32, 203)
    )
    head = "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> endcodespacerange "
    return f"{head}171 beginbfchar\n{said}endbfchar endcmap end".encode()


def told(
    text: str, wrong: Mapping[str, str], embedded: bool = True, before: str = "", matrix: str = "1 0 0 1"
) -> OpenedPage:
    """A page with this text in a font of its own, or in Helvetica, that is said to mean `wrong`."""
    outlines = ImageFont.load_default(10).path.getvalue()  # type: ignore[union-attr]
    encoding = f"/Encoding << /BaseEncoding /WinAnsiEncoding {SECOND} >> /ToUnicode 1004 0 R"
    own = f"/Subtype /TrueType /BaseFont /ABCDEF+Own /FirstChar 32 /LastChar 202 /Widths [{'560 ' * 171}]"
    kind = f"{own} /FontDescriptor 1003 0 R" if embedded else "/Subtype /Type1 /BaseFont /Helvetica"
    described = "<< /Type /FontDescriptor /FontName /ABCDEF+Own /Flags 32 /FontBBox [0 -200 1000 900] /Ascent 900 "
    described += "/Descent -200 /ItalicAngle 0 /CapHeight 700 /StemV 80 /FontFile2 1005 0 R >>"
    extra = {
        1001: f"<< /Type /Font {kind} {encoding} >>".encode(),
        1003: described.encode(),
        1004: pdfs.stream(cmap(wrong)),
        1005: pdfs.stream(outlines, f"/Length1 {len(outlines)}"),
    }
    content = PARAGRAPH + line(
        text, x=500 if matrix.startswith("-1") else 50, y=300, before=before, matrix=matrix
    ).replace("/F1", "/F2")
    fonts = "/Resources << /Font << /F1 3 0 R /F2 1001 0 R >> >>"
    (page,) = read(
        pdf(Sheet(content, entries=fonts), extra=extra).replace(
            b"/Resources << /Font << /F1 3 0 R >> /XObject <<  >> >>", b""
        )
    )
    return page


@pytest.mark.parametrize("embedded", [True, False])
@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("1234.56", {"1": "7"}),
        ("1234.56", {".": ","}),
        ("1,234", {",": "."}),
        ("1234.56", {".": "0"}),
        ("1234.56", {".": "\u200b"}),
        ("1234.56", {".": "\u00ad"}),
        ("-1234.56", {"-": "9"}),
        ("$1234.56", {"$": "\u00a3"}),
        ("1234.56", {"1": "10"}),
    ],
)
def test_a_font_that_says_another_character_for_one_of_its_glyphs_is_not_believed(
    text: str, wrong: Mapping[str, str], embedded: bool
) -> None:
    assert told(f"Total {text} until 2024", wrong, embedded).unread


@pytest.mark.parametrize(
    ("text", "wrong"),
    [("\\310234.56", {"\u00c8": "7"}), ("234\\31156", {"\u00c9": ","}), ("5\\312234.56", {"\u00ca": " "})],
)
def test_another_code_for_the_same_glyph_does_not_make_it_another_character(
    text: str, wrong: Mapping[str, str]
) -> None:
    assert told(f"Total {text} until 2024", wrong).unread


@pytest.mark.parametrize("embedded", [True, False])
@pytest.mark.parametrize(
    ("before", "matrix"),
    [
        ("", "1 0 0 1"),
        ("70 Tz", "1 0 0 1"),
        ("", "1 0 0.33 1"),
        ("", "0.98 0.17 -0.17 0.98"),
        ("", "0 1 -1 0"),
        ("", "-1 0 0 -1"),
    ],
    ids=["plain", "narrow", "slanted", "askew", "standing", "on its head"],
)
def test_a_font_that_tells_the_truth_is_believed_however_it_is_set(before: str, matrix: str, embedded: bool) -> None:
    page = told("Total 1,234.56 -7.80 $0.12 EUR 9:30 until 2024-05-06", {}, embedded, before, matrix)
    assert not page.unread
    assert "1,234.56" in [word.text for word in page.words if not word.hidden]


@pytest.mark.parametrize(
    ("given", "seen"),
    [("(123.45)", "999.99"), ("<FEFF0031>", "999.99"), ("(total)", None)],
    ids=["number", "digit", "word"],
)
def test_digits_count_as_they_are_drawn(given: str, seen: str | None) -> None:
    drawn = line("999.99" if seen else "t0tal", y=300)
    (page,) = read(pdf(Sheet(PARAGRAPH + f"/Span << /ActualText {given} >> BDC {drawn} EMC")))
    assert page.words[-1].text == (seen or "total")


def test_writing_in_a_pattern_is_left_to_ocr() -> None:
    tile = pdfs.stream(
        line("Painted 4711 letters", y=30).encode(),
        "/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 600 100] /XStep 600 /YStep 100 "
        "/Resources << /Font << /F1 3 0 R >> >>",
    )
    entries = "/Resources << /Font << /F1 3 0 R >> /Pattern << /P 1000 0 R >> >>"
    filled = PARAGRAPH + "/Pattern cs /P scn 0 300 600 100 re f"
    data = pdf(Sheet(filled, entries=entries), extra={1000: tile})
    (page,) = read(data.replace(b"/Resources << /Font << /F1 3 0 R >> /XObject <<  >> >>", b""))
    assert page.area is not None
    assert not page.unread


NUMBER = 50 + 2 * 6.672
"""Where the point of a number of two digits before it begins."""


def shaped(content: str) -> OpenedPage:
    (page,) = read(pdf(Sheet(PARAGRAPH + content)))
    return page


@pytest.mark.parametrize(
    "content",
    [
        line("12", y=300) + line("50", x=NUMBER + 3.34, y=300) + f"0 g {NUMBER + 1} 300 1.3 1.3 re f ",
        line("1250", y=300) + f"{NUMBER - 0.6} 300 1.2 1.2 re f ",
        line("12.50", y=300) + "46 303.5 3 0.9 re f ",
        line("12.50", y=300) + "0.8 w 45.5 304 m 48.9 304 l S ",
    ],
    ids=["point between", "point within", "filled minus", "stroked minus"],
)
def test_points_and_signs_that_are_shapes_leave_the_page_to_ocr(content: str) -> None:
    assert shaped(content).unread


@pytest.mark.parametrize(
    "content",
    [
        "0.8 w 48 298 m 90 298 l S ",
        "0.8 w 48 304 m 90 304 l S ",
        "".join(f"{50 + 3 * at} 299 1 1 re f " for at in range(12)),
        "".join(f"{50 + 3 * at} 296.5 1 1 re f " for at in range(2)),
        "0.5 w 40 290 m 40 315 l 120 315 l 120 290 l h S ",
        "30 301 6 6 re f ",
        "".join(f"0.5 w {20 + at * 6} 315 m {23 + at * 6} 315 l S " for at in range(20)),
    ],
    ids=["underlined", "struck", "dotted", "dots below", "boxed", "bullet", "dashed"],
)
def test_lines_and_boxes_about_a_number_are_no_part_of_it(content: str) -> None:
    page = shaped(line("1,250.00", y=300) + content)
    assert not page.unread
    assert page.words[-1].text == "1,250.00"


def test_words_of_characters_without_a_meaning_are_read_by_ocr() -> None:
    page = told("Total 12.50 due", {chr(code): chr(0xE000 + code) for code in range(33, 127)})
    assert len(page.words) == 70
    assert page.area is not None
    assert page.area[1] < 0.62 < page.area[3]
    assert not page.unread
