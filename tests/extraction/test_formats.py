"""Every format of the folder keeps the contract of `ix.extraction.documents`. New ones are found by file; only a sample
of each is named here."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

import pytest

from ix.errors import DocumentError
from ix.extraction import documents
from ix.extraction.documents import Format, Limits
from tests.extraction.einvoice.invoices import ubl
from tests.extraction.offices import PAGE_BREAK, docx, mail, odf, odf_table, para, xls, xlsx
from tests.extraction.pdfs import PARAGRAPH, Sheet, pdf
from tests.extraction.test_documents import marked, saved

SAMPLES: Mapping[str, bytes] = {
    "PDF": pdf(Sheet(PARAGRAPH), Sheet(PARAGRAPH)),
    "JPEG, PNG, TIFF, WebP, HEIC, AVIF, GIF, BMP, JPEG 2000": saved(
        marked(), "TIFF", save_all=True, append_images=[marked()]
    ),
    "e-mail (.eml, .msg)": mail("Please pay.", files={"bill.txt": b"Total 12.50"}).as_bytes(),
    "DOCX": docx(para("one") + PAGE_BREAK + para("Total 12.50")),
    "ODT, ODS": odf("spreadsheet", odf_table(["one"]) + odf_table(["Total", "12.50"])),
    "XLSX": xlsx([["one"]], [["Total", 12.5]]),
    # a note that fills the rest of the first page with lines
    "electronic invoice (XML)": ubl("<cbc:Note>" + "words\n" * 30 + "</cbc:Note>"),
    "XLS": xls([["one"]], [["Total", 12.5]]),
    "HTML": b"<!DOCTYPE html><body>" + b"<div>Total 12.50</div>" * 70,
    "CSV": b"Item;Quantity;Price\n" + b"Bolt;10;1,50\n" * 70,
    "plain text": b"one\fTotal 12.50",
}
"""A document of two pages of each format."""
LIMITS = Limits(pages=2, pixels=1_000_000)


@pytest.fixture(params=documents.formats(), ids=lambda found: found.name)
def found(request: pytest.FixtureRequest) -> Format:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def sample(found: Format) -> bytes:
    assert found.name in SAMPLES, f"name in SAMPLES a document of two pages of the format {found.name}"
    return SAMPLES[found.name]


def test_each_has_a_rank_of_its_own() -> None:
    ranks = [one.rank for one in documents.formats()]
    assert ranks == sorted(set(ranks))


def test_a_document_is_recognised_by_its_format_alone(found: Format, sample: bytes) -> None:
    assert documents.recognised(sample) is found
    assert not any(other.recognises(sample) for other in documents.formats() if other is not found)


def test_its_pages_have_a_size_and_words_on_them(found: Format, sample: bytes) -> None:
    with documents.opened(sample, LIMITS) as document:
        pages = list(document.pages())
        assert len(pages) == len(document) == 2
    assert all(page.width > 0 and page.height > 0 and page.rotation in (0, 90, 180, 270) for page in pages)
    assert all(page.words or page.unread for page in pages)
    assert all(0 <= edge <= 1 for page in pages for word in page.words for edge in word.box)


def test_each_page_can_be_drawn_no_larger_than_asked_for(found: Format, sample: bytes) -> None:
    with documents.opened(sample, LIMITS) as document:
        assert all(0 < max(document.image(page, 300, 120).size) <= 120 for page in range(2))


def test_pages_beyond_the_limit_are_refused(found: Format, sample: bytes) -> None:
    with pytest.raises(DocumentError) as raised:
        documents.read(sample, Limits(pages=1, pixels=1_000_000))
    assert raised.value.code == "document_too_large"


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_part_of_a_document_is_read_or_refused(found: Format, sample: bytes, part: float) -> None:
    with contextlib.suppress(DocumentError):
        documents.read(sample[: int(len(sample) * part)], LIMITS)
