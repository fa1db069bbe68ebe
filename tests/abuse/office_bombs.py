"""Hostile office documents, mails and texts: packages that swell, cells without end, parts in parts in parts. See
`tests.abuse.bombs`."""

from __future__ import annotations

import io
import struct
import zipfile

from tests.abuse import pdf_bombs
from tests.abuse.swelling import MIB, laughing_xml
from tests.extraction.offices import MC, ODF, W, docx, mail, odf, package, para, run, xls
from tests.extraction.pdfs import laughs

SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
BOOK = {
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    '<sheet r:id="a"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<R><Relationship Id="a" Target="worksheets/a.xml"/></R>',
}


def swollen(name: str, start: str, piece: str, size: int, **entries: str) -> bytes:
    """A package with an entry of about so many bytes, the piece over and over."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for other, text in entries.items():
            archive.writestr(other, text, zipfile.ZIP_STORED)
        with archive.open(name, "w") as entry:
            entry.write(start.encode())
            block = (piece * (MIB // len(piece))).encode()
            for _ in range(size // MIB):
                entry.write(block)
    return buffer.getvalue()


def laughing_docx() -> bytes:
    """A Word document of entities of entities."""
    return package({"word/document.xml": laughing_xml()})


def deep_docx() -> bytes:
    """100,000 elements in each other."""
    return docx("<w:sdt>" * 100_000 + "</w:sdt>" * 100_000)


def deep_tables() -> bytes:
    """Tables in each other, as deep as the parser allows."""
    return docx("<w:tbl><w:tr><w:tc>" * 80 + para("deepest") + "</w:tc></w:tr></w:tbl>" * 80)


def paragraphs() -> bytes:
    """A Word document of 10 MiB of empty paragraphs, which is less than an entry may have."""
    start = f"<w:document {W} {MC}><w:body>"
    return swollen("word/document.xml", start, "<w:p/>", 10 * MIB)


def allowed_paragraphs() -> bytes:
    """A Word document of as many empty paragraphs as its tree may have."""
    return docx("<w:p/>" * 270_000)


def attributes() -> bytes:
    """An element of 300,000 attributes."""
    many = " ".join(f"a{number}='x'" for number in range(300_000))
    return docx(f"<w:p {many}>{run('x')}</w:p>")


def lying_size() -> bytes:
    """A Word document of 64 MiB that says it has a thousand bytes."""
    data = bytearray(swollen("word/document.xml", "<x>", "<y/>", 64 * MIB))
    at = data.rindex(b"PK\x01\x02")
    struct.pack_into("<I", data, at + 24, 1_000)
    return bytes(data)


def many_entries() -> bytes:
    """A package of 12,000 empty entries."""
    return package({"word/document.xml": "", **{f"{number}": "" for number in range(12_000)}}, zipfile.ZIP_STORED)


def cells() -> bytes:
    """A workbook of some million cells."""
    return swollen("xl/worksheets/a.xml", SHEET, "<row><c><v>1</v></c></row>", 40 * MIB, **BOOK)


def billion_cells() -> bytes:
    """A workbook whose sheet has 64 MiB."""
    return swollen("xl/worksheets/a.xml", SHEET, "<row><c><v>1</v></c></row>", 64 * MIB, **BOOK)


def one_row() -> bytes:
    """A workbook of one row without end."""
    return swollen("xl/worksheets/a.xml", SHEET + "<row>", "<c><v>1</v></c>", 40 * MIB, **BOOK)


def shared_texts() -> bytes:
    """A workbook of millions of shared texts."""
    start = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    sheet = {"xl/worksheets/a.xml": f"{SHEET}</sheetData></worksheet>"}
    return swollen("xl/sharedStrings.xml", start, "<si><t>x</t></si>", 40 * MIB, **BOOK, **sheet)


def far_cell() -> bytes:
    """A workbook of two cells as far apart as can be."""
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    return package({**BOOK, "xl/worksheets/a.xml": f"{SHEET}{rows}</sheetData></worksheet>"})


def far_old_cell() -> bytes:
    """A workbook of before 2007 whose two cells are as far apart as can be."""
    return xls([["one"], *[[]] * 65_534, [*[""] * 255, "two"]])


def repeated_cells() -> bytes:
    """A sheet of a cell that is repeated a million times in a row that is, too."""
    cell = '<table:table-cell table:number-columns-repeated="1000000"><text:p>x</text:p></table:table-cell>'
    row = f'<table:table-row table:number-rows-repeated="1000000">{cell}</table:table-row>'
    return odf("spreadsheet", f"<table:table>{row * 200}</table:table>")


def swollen_odt() -> bytes:
    """A text of 64 MiB, packed."""
    start = f"<office:document-content {ODF}><office:body><office:text>"
    return swollen("content.xml", start, "<text:p/>", 64 * MIB, mimetype=MIMETYPE)


MIMETYPE = "application/vnd.oasis.opendocument.text"


def deep_html() -> bytes:
    """100,000 elements in each other."""
    return b"<!DOCTYPE html>" + b"<div>" * 100_000 + b"deep"


def selectors() -> bytes:
    """A style sheet whose selectors are dear, over many elements."""
    sheet = "".join(f"div div div div > p:nth-child({number}n+1) ~ p {{display:none}}" for number in range(300))
    return f"<!DOCTYPE html><style>{sheet}</style>{'<div><p>a</p><p>b</p></div>' * 20_000}".encode()


def spans() -> bytes:
    """Cells that reach over a thousand million columns and rows."""
    return b"<table>" + b"<tr>" + b"<td colspan=999999999 rowspan=999999>x" * 200


def mails_in_mails() -> bytes:
    """200 mails in each other."""
    head = "Message-ID: <1>\nSubject: mail\nMIME-Version: 1.0\nContent-Type: message/rfc822\n\n"
    return (head * 200 + "Message-ID: <1>\nSubject: deepest\n\nTotal 12.50\n").encode()


def parts_in_parts() -> bytes:
    """2,000 containers in each other."""
    parts = (f"Content-Type: multipart/mixed; boundary={n}\n\n--{n}\n" for n in range(2_000))
    return ("Message-ID: <1>\nMIME-Version: 1.0\n" + "".join(parts)).encode()


def many_attachments() -> bytes:
    """A mail of 2,000 files."""
    part = "--b\nContent-Disposition: attachment; filename=a.txt\n\nTotal 12.50\n"
    return ("Message-ID: <1>\nContent-Type: multipart/mixed; boundary=b\n\n" + part * 2_000 + "--b--\n").encode()


def mailed(data: bytes) -> bytes:
    """A mail with this document attached."""
    return mail("See the file.", files={"a.bin": data}).as_bytes()


def mailed_laughs() -> bytes:
    """A mail with a PDF of groups of groups of words."""
    return mailed(laughs())


def mailed_flate() -> bytes:
    """A mail with a PDF of a gigabyte."""
    return mailed(pdf_bombs.flate())


def mailed_docx() -> bytes:
    """A mail with a Word document of 64 MiB."""
    return mailed(swollen("word/document.xml", "<x>", "<y/>", 64 * MIB))


def separated() -> bytes:
    """Rows of nothing but delimiters."""
    return b"a;b\n1;2\n" + b";" * 3_000_000
