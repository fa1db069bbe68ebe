"""A writer of small office documents and mails: what a test needs, nothing hidden."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import xlsxwriter
from aspose.email_foss import cfb, msg

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
ODF = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{full}:1.0"'
    for name, full in (
        ("office", "office"),
        ("text", "text"),
        ("table", "table"),
        ("style", "style"),
        ("draw", "drawing"),
        ("fo", "xsl-fo-compatible"),
    )
)
PAGE_BREAK = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'


def package(entries: Mapping[str, str | bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP of these entries, in this order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as archive:
        for name, data in entries.items():
            archive.writestr(name, data, zipfile.ZIP_STORED if name == "mimetype" else packing)
    return buffer.getvalue()


def run(text: str, props: str = "") -> str:
    """A run of a Word document."""
    return f'<w:r><w:rPr>{props}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def para(text: str) -> str:
    """A paragraph of a Word document."""
    return f"<w:p>{run(text)}</w:p>"


def word_table(*rows: Sequence[str]) -> str:
    """A table of a Word document."""
    cells = ("".join(f"<w:tc>{para(cell)}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def docx(body: str, **parts: str) -> bytes:
    """A Word document of this body; `parts` are its headers, footers and notes by name."""
    entries = {"[Content_Types].xml": "<Types/>", "word/document.xml": f"<w:document {W} {MC}><w:body>{body}</w:body>"}
    entries["word/document.xml"] += "</w:document>"
    more = {f"word/{name}.xml": f"<w:part {W}>{content}</w:part>" for name, content in parts.items()}
    return package({**entries, **more})


def odf(kind: str, body: str, *, styles: str = "", content_styles: str = "") -> bytes:
    """An OpenDocument `text` or `spreadsheet` of this body."""
    content = f"<office:automatic-styles>{content_styles}</office:automatic-styles>"
    content += f"<office:body><office:{kind}>{body}</office:{kind}></office:body>"
    return package(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": f"<office:document-content {ODF}>{content}</office:document-content>",
            "styles.xml": f"<office:document-styles {ODF}>{styles}</office:document-styles>",
        }
    )


def odf_table(*rows: Sequence[str]) -> str:
    """A table of OpenDocument."""
    cells = ("".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in row) for row in rows)
    return f"<table:table>{''.join(f'<table:table-row>{row}</table:table-row>' for row in cells)}</table:table>"


def xlsx(*sheets: Sequence[Sequence[Any]], formats: Mapping[tuple[int, int], str] | None = None) -> bytes:
    """A workbook of these sheets; `formats` are those of cells of the first one, by row and column."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "dd.mm.yyyy"})
    for number, rows in enumerate(sheets):
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                code = (formats or {}).get((at, column), "") if not number else ""
                sheet.write(at, column, value, *([book.add_format({"num_format": code})] if code else []))
    book.close()
    return buffer.getvalue()


def mail(
    text: str = "", *, html: str = "", subject: str = "Rechnung für März", files: Mapping[str, bytes] | None = None
) -> EmailMessage:
    """A mail with these files attached."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "Müller GmbH <a@example.com>", "b@example.com", subject
    message["Date"] = "Mon, 05 Oct 2026 10:00:00 +0200"
    message["Message-ID"] = "<1@example.com>"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    for name, data in (files or {}).items():
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message


def outlook(message: EmailMessage) -> bytes:
    """The mail as Outlook saves it (.msg)."""
    document = msg.MapiMessage.from_email_message(message).to_msg_document()
    return bytes(msg.MsgWriter.to_bytes(document))


def xls(*sheets: Sequence[Sequence[str | float]]) -> bytes:
    """A workbook of Excel 97 (MS-XLS): numbers as NUMBER records, texts as LABEL records."""
    starts, body = [], b""
    for rows in sheets:
        starts.append(len(body))
        body += record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    text = struct.pack("<HB", len(value), 1) + value.encode("utf-16-le")
                    body += record(0x204, struct.pack("<HHH", at, column, 0) + text)
                else:
                    body += record(0x203, struct.pack("<HHHd", at, column, 0, value))
        body += record(0x0A, b"")
    head = record(0x809, struct.pack("<HHHHII", 0x600, 0x05, 0, 0, 0, 0))
    names = [f"Sheet{number}" for number in range(len(sheets))]
    before = len(head) + sum(len(_bound(0, name)) for name in names) + 4
    bounds = b"".join(_bound(before + start, name) for start, name in zip(starts, names, strict=True))
    stream = (head + bounds + record(0x0A, b"") + body).ljust(4096, b"\0")
    root = cfb.CFBStorage("Root Entry", children=[cfb.CFBStream("Workbook", stream)])
    return bytes(cfb.CFBWriter.to_bytes(cfb.CFBDocument(root)))


def _bound(start: int, name: str) -> bytes:
    return record(0x85, struct.pack("<IBBBB", start, 0, 0, len(name), 0) + name.encode())


def record(kind: int, data: bytes) -> bytes:
    """A record of a workbook of Excel 97."""
    return struct.pack("<HH", kind, len(data)) + data
