"""Print that does not show on its ground, or is too small to be seen, is not read; what shows on a dark one is: in
every format that says colours."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
import xlsxwriter

from ix.extraction import documents
from ix.extraction.documents import Limits
from ix.extraction.documents.cellformats import cell_format
from ix.extraction.documents.colours import BLACK, WHITE, contrast, of_css, shows
from tests.extraction.offices import docx, odf, para, run

LIMITS = Limits(pages=3, pixels=1_000_000)
TOLD = ("parts that a person cannot see", "sheets, rows, columns and cells that are hidden")


def read(data: bytes) -> tuple[str, bool]:
    """What is read, and whether it is said that some was not."""
    page, *_ = documents.read(data, LIMITS)
    return " ".join(word.text for word in page.words), any(one.startswith(TOLD) for one in page.warnings)


def html(style: str) -> bytes:
    return f"<html><body><p>seen</p><p style='{style}'>more</p></body></html>".encode()


def word(props: str, style: str = "") -> bytes:
    return docx(para("seen") + f"<w:p>{run('more', props)}</w:p>", **({"styles": style} if style else {}))


def text(props: str) -> bytes:
    style = f'<style:style style:name="S" style:family="text"><style:text-properties {props}/></style:style>'
    body = '<text:p>seen <text:span text:style-name="S">more</text:span></text:p>'
    return odf("text", body, content_styles=style)


def sheet(**form: str) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    page = book.add_worksheet()
    page.write(0, 0, "seen")
    page.write(1, 0, "more", book.add_format(form))
    book.close()
    return buffer.getvalue()


FAINT: dict[str, Callable[[], bytes]] = {
    "html white": lambda: html("color: #FFF"),
    "html nearly white": lambda: html("color:#f4f4f4 !important"),
    "html transparent": lambda: html("color: rgba(0, 0, 0, 0.02)"),
    "html black on black": lambda: html("background: black"),
    "html one on one": lambda: html("background-color: navy; color: #000080"),
    "html out of the page": lambda: html("position:absolute; left:-9999px"),
    "html cut away": lambda: html("position:absolute; clip: rect(0 0 0 0)"),
    "html no width": lambda: html("width:0; overflow:hidden"),
    "html hardly there": lambda: html("opacity: .01"),
    "html font element": lambda: b"<html><body>seen <font color=white>more</font></body></html>",
    "html sheet": lambda: b"<html><style>.x{color:#FFFFFF}</style><body>seen <b class=x>more</b></body></html>",
    "html dialog": lambda: b"<html><body>seen <dialog>more</dialog></body></html>",
    "docx white": lambda: word('<w:color w:val="FFFFFF"/>'),
    "docx tiny": lambda: word('<w:sz w:val="2"/>'),
    "docx black on black": lambda: word('<w:shd w:val="clear" w:fill="000000"/>'),
    "docx hidden style": lambda: word(
        '<w:rStyle w:val="V"/>', '<w:style w:styleId="V"><w:rPr><w:vanish/></w:rPr></w:style>'
    ),
    "docx style of a style": lambda: word(
        '<w:rStyle w:val="V"/>',
        '<w:style w:styleId="V"><w:basedOn w:val="B"/></w:style>'
        '<w:style w:styleId="B"><w:rPr><w:color w:val="FEFEFE"/></w:rPr></w:style>',
    ),
    "docx paper of a theme": lambda: word('<w:color w:val="auto" w:themeColor="background1"/>'),
    "docx line of no height": lambda: docx(
        f'{para("seen")}<w:p><w:pPr><w:spacing w:line="20" w:lineRule="exact"/></w:pPr>{run("more")}</w:p>'
    ),
    "docx hidden row": lambda: docx(
        f"{para('seen')}<w:tbl><w:tr><w:trPr><w:hidden/></w:trPr><w:tc>{para('more')}</w:tc></w:tr></w:tbl>"
    ),
    "odt white": lambda: text('fo:color="#ffffff"'),
    "odt tiny": lambda: text('fo:font-size="1pt"'),
    "odt black on black": lambda: text('fo:color="#000000" fo:background-color="#000000"'),
    "xlsx white": lambda: sheet(font_color="white"),
    "xlsx one on one": lambda: sheet(font_color="#123456", bg_color="#123456"),
    "xlsx format": lambda: sheet(num_format=";;;"),
}
SEEN: dict[str, Callable[[], bytes]] = {
    "html white on blue": lambda: html("background: #003366; color: white"),
    "html white on an image": lambda: html("background: url(x.png) no-repeat; color: white"),
    "html unknown colour": lambda: html("color: var(--text)"),
    "html grey": lambda: html("color: #999"),
    "html white on a row": lambda: b"<table bgcolor=#000><tr style=color:#fff><td>seen<td>more</table>",
    "html spacer": lambda: html("border-width: 0; min-width: 0"),
    "docx shade of a theme's paper": lambda: word(
        '<w:color w:val="auto" w:themeColor="background1" w:themeShade="80"/>'
    ),
    "docx line of twelve points": lambda: docx(
        f'{para("seen")}<w:p><w:pPr><w:spacing w:line="240" w:lineRule="exact"/></w:pPr>{run("more")}</w:p>'
    ),
    "docx white on black": lambda: word('<w:color w:val="FFFFFF"/><w:shd w:val="clear" w:fill="000000"/>'),
    "docx white marked": lambda: word('<w:color w:val="FFFFFF"/><w:highlight w:val="darkBlue"/>'),
    "docx not hidden": lambda: word('<w:vanish w:val="0"/>'),
    "docx automatic": lambda: word('<w:color w:val="auto"/>'),
    "odt white on black": lambda: text('fo:color="#ffffff" fo:background-color="#000000"'),
    "odt grey": lambda: text('fo:color="#808080"'),
    "xlsx white on black": lambda: sheet(font_color="white", bg_color="black"),
    "xlsx in a format": lambda: sheet(num_format="0.00;-0.00;0;@"),
}


@pytest.mark.parametrize("kind", FAINT)
def test_what_does_not_show_is_told_and_not_read(kind: str) -> None:
    assert read(FAINT[kind]()) == ("seen", True)


@pytest.mark.parametrize("kind", SEEN)
def test_what_shows_is_read(kind: str) -> None:
    assert read(SEEN[kind]()) == ("seen more", False)


def test_white_print_in_a_cell_of_a_table_shows_where_the_cell_is_dark() -> None:
    """The style of a table may be its ground too."""
    white = run("more", '<w:color w:val="FFFFFF"/>')
    cell = f'<w:tc><w:tcPr><w:shd w:val="clear" w:fill="{{}}"/></w:tcPr><w:p>{white}</w:p></w:tc>'
    for fill, expected in (("1F3864", "seen more"), ("FFFFFF", "seen")):
        body = para("seen") + f"<w:tbl><w:tr>{cell.format(fill)}</w:tr></w:tbl>"
        assert read(docx(body))[0] == expected


def test_a_header_of_a_sheet_shows_by_the_ground_of_its_cell() -> None:
    styles = (
        '<style:style style:name="C"><style:table-cell-properties fo:background-color="#003366"/>'
        '<style:text-properties fo:color="#ffffff"/></style:style>'
        '<style:style style:name="W"><style:text-properties fo:color="#ffffff"/></style:style>'
    )
    row = '<table:table-row><table:table-cell table:style-name="{}"><text:p>more</text:p></table:table-cell>'
    first = "<table:table-row><table:table-cell><text:p>seen</text:p></table:table-cell></table:table-row>"
    for name, expected in (("C", ("seen more", False)), ("W", ("seen", True))):
        table = f"<table:table>{first}{row.format(name)}</table:table-row></table:table>"
        assert read(odf("spreadsheet", table, content_styles=styles)) == expected


@pytest.mark.parametrize(
    ("code", "blanks"),
    [("0.00", ""), (";;;", "pnzt"), ("0;;", "nz"), ("0;-0;;@", "z"), (";-0", "pz"), ('0" ; "', ""), ("0;-0", "")],
)
def test_sections_that_are_empty_show_nothing(code: str, blanks: str) -> None:
    form = cell_format(code)
    assert "".join(kind for kind, value in zip("pnzt", ("5", "-5", "0.0", None), strict=True) if form.hides(value)) == (
        blanks
    )


def test_in_quirks_mode_tables_have_the_colour_of_the_body() -> None:
    table = "<div style='color:white'><table><tr><td>seen</table></div>"
    assert read(f"<html><body>{table}".encode()) == ("seen", False)
    # with a doctype the cell is as white as what is around it
    page, *_ = documents.read(f"<!DOCTYPE html><p>a</p>{table}".encode(), LIMITS)
    assert [word.text for word in page.words] == ["a"]


@pytest.mark.parametrize(
    ("name", "colour"),
    [
        ("#abc", (170, 187, 204)),
        ("rgb(1 2 3)", (1, 2, 3)),
        ("rgba(1, 2, 3, 0.5)", (1, 2, 3)),
        ("hsl(120, 100%, 50%)", (0, 255, 0)),
        ("RebeccaPurple", (102, 51, 153)),
        ("currentcolor", None),
        ("rgb(a,b,c)", None),
    ],
)
def test_colours_of_style_sheets(name: str, colour: tuple[int, int, int] | None) -> None:
    assert of_css(name) == (colour, False)


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast(BLACK, WHITE) == pytest.approx(21)
    assert not shows((250, 250, 250), WHITE)
    assert shows((221, 221, 221), WHITE)
    assert shows(None, WHITE)
    assert shows(WHITE, None)
