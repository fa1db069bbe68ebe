"""Office documents: what is read of them, in which order, and what is said of the rest."""

from __future__ import annotations

from datetime import datetime

import pytest

from ix.errors import DocumentError
from ix.extraction import documents
from ix.extraction.documents import Limits, OpenedPage, packages
from ix.extraction.documents.cellformats import cell_format, shown
from tests.extraction.offices import PAGE_BREAK, docx, odf, odf_table, package, para, run, word_table, xls, xlsx

LIMITS = Limits(pages=3, pixels=1_000_000)


def read(data: bytes) -> list[OpenedPage]:
    return documents.read(data, LIMITS)


def texts(page: OpenedPage) -> list[str]:
    return [word.text for word in page.words]


def text(data: bytes) -> str:
    (page,) = read(data)
    return " ".join(texts(page))


def lefts(page: OpenedPage, *wanted: str) -> set[float]:
    """Where these words begin."""
    found = {word.text: word.box[0] for word in page.words}
    return {found[one] for one in wanted}


def tops(page: OpenedPage, *wanted: str) -> set[float]:
    return {word.box[1] for word in page.words if word.text in wanted}


def code(data: bytes) -> str:
    with pytest.raises(DocumentError) as raised:
        read(data)
    return raised.value.code


# Word


def test_a_word_document_is_read_in_order_with_header_and_footer() -> None:
    body = para("Rechnung 45") + word_table(["Artikel", "Summe"], ["Bolzen", "12,50 €"]) + para("Danke")
    assert text(docx(body, footer1=para("IBAN"), header1=para("Müller GmbH"))) == (
        "Müller GmbH Rechnung 45 Artikel Summe Bolzen 12,50 € Danke IBAN"
    )


def test_columns_of_a_word_table_are_columns_of_the_page() -> None:
    (page,) = read(docx(word_table(["Artikel", "Menge", "Summe"], ["Bolzen M4", "2", "12,50"])))
    assert len(lefts(page, "Artikel", "Bolzen")) == len(lefts(page, "Summe", "12,50")) == 1
    assert len(tops(page, "Bolzen", "2", "12,50")) == 1
    assert len(lefts(page, "Artikel", "Menge", "Summe")) == 3


def test_a_table_of_one_cell_a_row_is_no_table() -> None:
    inner = word_table(["a", "b"], ["c", "d"])
    layout = f"<w:tbl><w:tr><w:tc>{para('x' * 90)}</w:tc></w:tr><w:tr><w:tc>{inner}</w:tc></w:tr></w:tbl>"
    (page,) = read(docx(layout))
    assert len(lefts(page, "x" * 90, "a", "c")) == 1


def test_content_controls_text_boxes_and_insertions_of_word_are_read_and_deletions_are_not() -> None:
    control = f"<w:sdt><w:sdtPr/><w:sdtContent>{para('controlled')}</w:sdtContent></w:sdt>"
    box = f"<w:txbxContent>{para('boxed')}</w:txbxContent>"
    both = f"<mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
    changed = f"<w:ins>{run('new')}</w:ins><w:del><w:r><w:delText>old</w:delText></w:r></w:del>"
    field = "<w:r><w:instrText>PAGE</w:instrText></w:r>"
    row = f"<w:tbl><w:tr><w:trPr><w:del/></w:trPr><w:tc>{para('100.00')}</w:tc></w:tr></w:tbl>"
    assert text(docx(f"{control}<w:p>{changed}{field}<w:r>{both}</w:r></w:p>{row}")) == "controlled new boxed"


def test_hidden_text_and_pictures_of_word_are_told_and_not_read() -> None:
    picture = "<w:r><w:drawing><a:blip xmlns:a='a'/></w:drawing></w:r>"
    secret = run("secret", "<w:vanish/>")
    seen = run("seen", '<w:vanish w:val="0"/>')
    (page,) = read(docx(f"<w:p>{secret}{seen}{picture}</w:p>"))
    assert texts(page) == ["seen"]
    assert page.warnings == [
        "pictures that were not read: 1",
        "parts that a person cannot see and that were not read: 1",
    ]


def test_breaks_of_word_part_pages() -> None:
    laid_out = "<w:p><w:r><w:t>one</w:t><w:lastRenderedPageBreak/><w:t>two</w:t></w:r></w:p>"
    assert list(map(texts, read(docx(laid_out + PAGE_BREAK + para("three"))))) == [["one"], ["two"], ["three"]]


# OpenDocument


def test_an_opendocument_text_is_read_in_order() -> None:
    master = (
        "<office:master-styles><style:master-page><style:header><text:p>Head</text:p></style:header>"
        "<style:footer><text:p>Foot</text:p></style:footer></style:master-page></office:master-styles>"
    )
    hiding = '<style:style style:name="H"><style:text-properties text:display="none"/></style:style>'
    body = (
        "<text:tracked-changes><text:p>old</text:p></text:tracked-changes><text:h>Rechnung</text:h>"
        '<text:p>Nr<text:tab/>45<text:s text:c="3"/><text:span text:style-name="H">secret</text:span>x'
        "<draw:frame><draw:text-box><text:p>boxed</text:p></draw:text-box></draw:frame></text:p>"
        "<text:list><text:list-item><text:p>item</text:p></text:list-item></text:list>"
    )
    data = odf("text", body + odf_table(["Summe", "1.234,50 €"]), styles=master, content_styles=hiding)
    assert text(data) == "Head Rechnung Nr 45 x boxed item Summe 1.234,50 € Foot"


def test_cells_of_an_opendocument_sheet_are_read_as_they_are_shown() -> None:
    empty = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    price = '<table:table-cell office:value="1234.5"><text:p>1.234,50 €</text:p></table:table-cell>'
    gap = '<table:table-cell table:number-columns-repeated="3"/>'
    rows = f"<table:table-row><table:table-cell><text:p>Summe</text:p></table:table-cell>{gap}{price}</table:table-row>"
    first, second = read(odf("spreadsheet", f"<table:table>{rows}{empty}</table:table>" + odf_table(["next"])))
    assert (texts(first), texts(second)) == (["Summe", "1.234,50", "€"], ["next"])


# Excel


def test_cells_of_a_workbook_are_read_as_they_are_shown() -> None:
    rows: list[list[object]] = [
        ["Rechnung mit einem Titel, der über die Spalten reicht"],
        ["Datum", datetime(2026, 10, 5), "Nr", 45],
        ["Menge", "Preis", "", "Summe"],
        [2.5, 3.3000000000000003, "", 1234.5],
    ]
    (page,) = read(xlsx(rows, formats={(3, 1): '#,##0.00 "€"', (3, 3): "[$CHF-807] #,##0.00"}))
    told = " ".join(texts(page))
    assert told.endswith("reicht Datum 2026-10-05 Nr 45 Menge Preis Summe 2.5 3.30 € CHF 1234.50")
    assert len(lefts(page, "Menge", "2.5")) == len(lefts(page, "Summe", "CHF")) == 1


def test_sheets_are_pages_and_a_stray_cell_is_no_reason_for_millions() -> None:
    far: list[list[object]] = [["one"], *[[]] * 5_000, ["two"]]
    pages = read(xlsx(far, [["next"]]))
    assert [texts(page) for page in pages] == [["one", "two"], ["next"]]


@pytest.mark.parametrize(
    ("number", "form", "expected"),
    [
        (1234.5, "General", "1234.5"),
        (4711.0, "General", "4711"),
        (0.1 + 0.2, "General", "0.3"),
        (12.345, "General", "12.3450"),
        (12.345, "0.000", "12.3450"),
        (12.5, "0.000", "12.5"),
        (2.675, "0.00", "2.68"),
        (1234.5, '#,##0.00 "€"', "1234.50 €"),
        (1234.5, "[$€-407] #,##0.00;[Red]-[$€-407] #,##0.00", "€1234.50"),
        (-1234.5, '_($* #,##0.00_);_($* (#,##0.00);_($* "-"??_);_(@_)', "$-1234.50"),
        (1234.0, "00000", "01234"),
        (0.19, "0%", "19%"),
        (46300.0, "dd.mm.yyyy", "2026-10-05"),
        (46300.5, "m/d/yy h:mm", "2026-10-05 12:00"),
        (0.25, "[h]:mm", "06:00"),
        (5.0, '"Rechnung "0', "Rechnung 5"),
        (5.0, '0" Stk."', "5 Stk."),
        (3.0, '0;"none"', "3"),
        (1500, "0.0,", "1.5"),
        (2_500_000, "#,##0.00,,", "2.50"),
        (1234.5, '0.0,"k"', "1.2 k"),
        (888, '"paid"', "paid"),
        (888, 'General" kg"', "888 kg"),
    ],
)
def test_numbers_are_shown_in_their_format(number: float, form: str, expected: str) -> None:
    assert shown(number, cell_format(form)) == expected


def test_hidden_sheets_rows_and_columns_are_told_and_not_read() -> None:
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cols>'
        '<col min="2" max="2" hidden="1"/></cols><sheetData><row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c>'
        '<c r="C1"><f>1+1</f></c></row><row r="2" hidden="1"><c r="A2"><v>3</v></c></row></sheetData></worksheet>'
    )
    entries = {"xl/worksheets/sheet1.xml": sheet, **workbook(("sheet1", "visible"), ("sheet1", "hidden"))}
    (page,) = read(package(entries))
    assert texts(page) == ["1"]
    assert page.warnings == [
        "sheets, rows, columns and cells that are hidden and were not read: 3",
        "formulas whose results the file does not hold: 1",
    ]


def workbook(*sheets: tuple[str, str]) -> dict[str, str]:
    """A workbook's own entries, with its sheets and their states."""
    spaces = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r='
    spaces += '"http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    named = "".join(f'<sheet state="{state}" r:id="{name}"/>' for name, state in sheets)
    targets = "".join(f'<Relationship Id="{name}" Target="worksheets/{name}.xml"/>' for name, _ in sheets)
    return {
        "xl/workbook.xml": f"<workbook {spaces}><sheets>{named}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships>{targets}</Relationships>",
    }


def test_an_old_workbook_is_read_and_says_what_is_not() -> None:
    pages = read(xls([["Artikel", "Summe"], ["Bolzen", 12.5], ["Stück", 3.0]], [["next", 12.345]]))
    assert [texts(page) for page in pages] == [
        ["Artikel", "Summe", "Bolzen", "12.5", "Stück", "3"],
        ["next", "12.3450"],
    ]
    assert len(lefts(pages[0], "Summe", "12.5", "3")) == 1
    assert ".xlsx" in pages[0].warnings[0]


# guards


def test_an_entry_is_not_unpacked_beyond_what_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    data = docx(para("word"))
    assert text(data) == "word"
    monkeypatch.setattr(packages, "MAX_XML", 100)
    assert code(data) == "document_too_large"


def test_xml_that_declares_a_type_is_refused() -> None:
    declared = '<!DOCTYPE x [<!ENTITY e "secret">]><w:document xmlns:w="w"><w:p><w:t>&e;</w:t></w:p></w:document>'
    assert code(package({"word/document.xml": declared})) == "document_unreadable"
    book = {**workbook(("a", "visible")), "xl/worksheets/a.xml": '<!DOCTYPE x [<!ENTITY e "1">]><worksheet/>'}
    book["xl/worksheets/a.xml"] = (
        '<!DOCTYPE x [<!ENTITY e "1">]><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        "<row><c><v>1</v></c></row></worksheet>"
    )
    assert code(package(book)) == "document_unreadable"


def test_more_rows_than_fit_onto_the_pages_are_refused() -> None:
    assert len(read(xlsx([["a"]] * 180))) == 3
    # met before anything is laid out
    with pytest.raises(DocumentError, match="the workbook has more rows"):
        read(xlsx([["a"]] * 181))
    assert code(xlsx([["a"]] * 100, [["b"]] * 90)) == "document_too_large"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "save it as .docx or PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "PowerPoint Document".encode("utf-16-le"), "export it as PDF"),
        (b"{\\rtf1 hello}", "save it as .docx or PDF"),
        (package({"ppt/presentation.xml": "x"}), "export it as PDF"),
        (package({"a.pdf": "x"}), "unpack it"),
        (odf("presentation", ""), "export it as PDF"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(40), "unpack it"),
        (b"%!PS-Adobe-3.0\n", "convert it to PDF"),
        (b"<?xml version='1.0'?><a/>", "send it as PDF"),
    ],
    ids=["doc", "ppt", "rtf", "pptx", "zip", "odp", "7z", "ps", "xml"],
)
def test_what_is_not_read_says_what_to_convert_it_to(data: bytes, told: str) -> None:
    with pytest.raises(DocumentError, match="accepted are") as raised:
        read(data)
    assert raised.value.code == "document_unsupported"
    assert told in raised.value.message


def test_an_office_document_behind_a_password_says_so() -> None:
    assert code(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")) == "document_encrypted"
