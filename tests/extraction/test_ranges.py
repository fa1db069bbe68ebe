"""Ranges of pages: how they are written, and that only those pages are read, under their own numbers."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from ix.errors import DocumentError, InvalidInput
from ix.extraction import documents
from ix.extraction.documents import Limits, grid
from ix.extraction.documents.pdf import PdfDocument
from ix.extraction.ranges import Ranges
from tests.extraction.einvoice.invoices import carrier, cii, ubl
from tests.extraction.offices import mail, xlsx
from tests.extraction.pdfs import Sheet, lines, pdf
from tests.extraction.test_documents import marked, saved
from tests.extraction.test_formats import SAMPLES

LIMITS = Limits(pages=3, pixels=1_000_000)
FIVE = pdf(*(Sheet(lines(f"page {number}")) for number in range(1, 6)))
FIVE_OF_TEXT = "\f".join(f"page {number}" for number in range(1, 6)).encode()


def wanted(text: str, limits: Limits = LIMITS) -> Limits:
    return replace(limits, ranges=Ranges.parse(text))


def numbers(data: bytes, text: str, limits: Limits = LIMITS) -> list[int]:
    return [page.number for page in documents.read(data, wanted(text, limits))]


def refused(data: bytes, text: str) -> DocumentError:
    with pytest.raises(DocumentError) as raised:
        documents.read(data, wanted(text))
    return raised.value


# how they are written


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("1-3,5", "1-3,5"),
        ("2-", "2-"),
        (" 5, 1 - 3 ", "1-3,5"),
        ("1,2,3", "1-3"),
        ("1-4,2-3,5", "1-5"),
        ("4-,2,3", "2-"),
        ("7,3-,9-12", "3-"),
        ("3\u20134", "3-4"),
        ("007", "7"),
        ("1-", ""),
        ("1-5,3-", ""),
        ("", ""),
        (" ", ""),
    ],
)
def test_the_same_pages_are_written_in_one_way(text: str, normal: str) -> None:
    assert str(Ranges.parse(text)) == normal
    assert Ranges.parse(normal) == Ranges.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "0-3",
        "3-1",
        "-3",
        "-",
        "1,,2",
        ",",
        "1-2-3",
        "a",
        "1;2",
        "1.5",
        "\u0663",
        "1000000",
        "9" * 30,
        "1," * 150 + "1",
    ],
)
def test_what_names_no_pages_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        Ranges.parse(text)


@pytest.mark.parametrize("text", ["1-3,5", "2-", "4,6-9", "1", "12", ""])
def test_they_say_the_same_however_they_are_asked(text: str) -> None:
    ranges = Ranges.parse(text)
    for count, before in itertools.product([0, 1, 3, 5, 20], [0, 1, 4, 30]):
        assert ranges.of(count) == [number for number in range(1, count + 1) if number in ranges]
        behind = [number + before for number in ranges.after(before).of(count)]
        assert behind == [number for number in ranges.of(before + count) if number > before]
        closed = [number for number in ranges.of(100) if number > count and not text.endswith("-") and text]
        assert ranges.missing(count).of(100) == closed


# which pages are read


@pytest.mark.parametrize("name", SAMPLES)
def test_every_format_reads_the_pages_asked_for_under_their_own_numbers(name: str) -> None:
    data, first_alone = SAMPLES[name], Limits(pages=1, pixels=1_000_000)
    whole = documents.read(data, LIMITS)
    for number in (1, 2):
        [page] = documents.read(data, wanted(str(number), first_alone))
        assert (page.number, page.words, page.unread) == (number, whole[number - 1].words, whole[number - 1].unread)
        assert documents.packed(page)["number"] == number
        drawn = documents.picture(data, wanted(str(number), first_alone), number - 1, 50, 200, 0)
        assert drawn.image.tobytes() == documents.picture(data, LIMITS, number - 1, 50, 200, 0).image.tobytes()
    assert refused(data, "3-").code == "pages_missing"


@pytest.mark.parametrize("data", [FIVE, FIVE_OF_TEXT, mail("hello", files={"a.pdf": FIVE}).as_bytes()])
def test_only_pages_that_are_read_count(data: bytes) -> None:
    assert numbers(data, "1-2,5") == [1, 2, 5]
    assert numbers(data, "4-")[:2] == [4, 5]
    assert refused(data, "1-4").code == refused(data, "").code == "document_too_large"


def test_a_tiff_of_more_pages_than_allowed_is_read_in_part() -> None:
    data = saved(marked(), "TIFF", save_all=True, append_images=[marked() for _ in range(5)])
    assert numbers(data, "2,6") == [2, 6]
    assert numbers(data, "4-") == [4, 5, 6]
    assert refused(data, "2-").code == refused(data, "").code == "document_too_large"


def test_a_table_of_more_rows_than_allowed_is_read_in_part() -> None:
    rows = [[f"row {number}", "x" * 9, number] for number in range(1000)]
    for data in (
        "\n".join(f"row {a};{b};{a}" for a, b in zip(range(1000), "x" * 1000, strict=True)).encode(),
        xlsx(rows),
    ):
        assert refused(data, "").code == "document_too_large"
        [page] = documents.read(data, wanted("2"))
        assert [word.text for word in page.words[:2]] == ["row", "60"]


def test_a_page_that_nobody_asked_for_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[int] = []
    flat = PdfDocument._flat

    def counted(self: PdfDocument, index: int) -> Any:
        loaded.append(index)
        return flat(self, index)

    monkeypatch.setattr(PdfDocument, "_flat", counted)
    documents.read(FIVE, wanted("4"))
    documents.read(mail("hello", files={"a.pdf": FIVE}).as_bytes(), wanted("3"))
    assert loaded == [3, 1]


def test_text_behind_the_last_page_asked_for_is_not_laid_out() -> None:
    endless = grid.GridDocument((["line"] for _ in itertools.count()), wanted("2,4"))
    assert [len(endless), len(list(endless.pages()))] == [4, 2]


def test_attachments_behind_the_last_page_asked_for_are_not_opened() -> None:
    data = mail("hello", files={"a.txt": b"one\ftwo", "b.pdf": b"%PDF-1.4 damaged"}).as_bytes()
    assert "attachment_unread" in documents.read(data, LIMITS)[0].warnings[0]
    [page] = documents.read(data, wanted("3"))
    assert [word.text for word in page.words] == ["two"]
    assert not any("attachment_unread" in warning for warning in page.warnings)


# what is not there


def test_pages_beyond_the_end_are_named_where_others_are_read() -> None:
    first, _ = documents.read(FIVE, wanted("4-9,12"))
    assert first.warnings == ["pages_missing: the document has 5 pages: there is no 6-9,12"]
    assert not documents.read(FIVE, wanted("4-"))[0].warnings


def test_a_document_with_none_of_the_pages_says_how_many_it_has() -> None:
    assert "has 5 pages" in refused(FIVE, "6-").message
    assert "has 1 page:" in refused(b"hello", "2").message


# what the first page carries


def test_an_electronic_invoice_is_carried_by_the_first_page_that_is_read() -> None:
    data = carrier(("factur-x.xml", cii()), before=[Sheet(lines("covering letter"))])
    assert [page.invoice for page in documents.read(data, wanted("2"))] == [cii()]
    assert [page.invoice for page in documents.read(data, LIMITS)] == [cii(), b""]
    bill = ubl("<cbc:Note>" + "words\n" * 30 + "</cbc:Note>")
    assert [page.invoice for page in documents.read(bill, wanted("2"))] == [bill]
    assert [page.invoice for page in documents.read(bill, LIMITS)] == [bill, b""]
