"""PDFs that end too early: the file's own table, its trailer, and the objects that say which are pages are lost in
turn."""

from __future__ import annotations

import pytest

from ix.extraction.documents.pdf_cut import CUT_OFF
from tests.extraction.pdfs import Sheet, line, pdf, protected, written
from tests.extraction.test_documents import code, read

PAGES = [Sheet(line("Total 12.50")), Sheet(line("Thank you"))]
WHOLE = pdf(*PAGES)


def texts(data: bytes) -> list[str]:
    return [" ".join(word.text for word in page.words) for page in read(data)]


def cut(data: bytes, mark: bytes, kept: int = 0) -> bytes:
    """The file up to the last such mark, and so many bytes of that."""
    return data[: data.rindex(mark) + kept]


@pytest.mark.parametrize(("mark", "kept"), [(b"trailer", 12), (b"trailer", 0), (b"xref\n0 ", 40), (b"xref\n0 ", 0)])
def test_a_pdf_without_its_table_is_read(mark: bytes, kept: int) -> None:
    data = cut(WHOLE, mark, kept)
    assert texts(data) == ["Total 12.50", "Thank you"]
    assert [CUT_OFF in page.warnings for page in read(data)] == [True, False]


def test_a_pdf_that_is_cut_within_a_page_is_read_without_that() -> None:
    assert texts(cut(WHOLE, b"21 0 obj", 60)) == ["Total 12.50", ""]


def test_pages_are_found_without_their_tree() -> None:
    """Writers that stream their pages put catalogue and tree at the end."""
    content = b"<< /Length 40 >>\nstream\nBT /F1 12 Tf 50 700 Td (Total 12.50) Tj ET\nendstream"
    resources = b"/MediaBox [0 0 600 800] /Resources << /Font << /F1 3 0 R >> >>"
    page = b"<< /Type /Page /Parent 8 0 R " + resources + b" /Contents 2 0 R >>"
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    tree = b"<< /Type /Pages /Kids [5 0 R] /Count 1 >>"
    data = written({1: b"null", 2: content, 3: font, 5: page, 8: tree, 9: b"<< /Type /Catalog /Pages 8 0 R >>"})
    assert texts(cut(data, b"8 0 obj", 5)) == ["Total 12.50"]


def test_the_newest_catalogue_counts() -> None:
    newest = b"\n1 0 obj\n<< /Type /Catalog /Pages 90 0 R >>\nendobj\n"
    tree = b"90 0 obj\n<< /Type /Pages /Kids [20 0 R] /Count 1 >>\nendobj\n"
    assert texts(cut(WHOLE, b"xref\n0 ") + newest + tree) == ["Thank you"]


@pytest.mark.parametrize(
    "data", [cut(WHOLE, b"11 0 obj"), WHOLE[:20], b"%PDF-1.7\n" + b"9 " * 50_000, protected()[:-200]]
)
def test_where_nothing_is_left_it_is_unreadable(data: bytes) -> None:
    assert code(data) == "document_unreadable"


def test_a_whole_pdf_says_nothing_of_it() -> None:
    assert read(WHOLE)[0].warnings == []
