"""The reader: documents in, pages of words out, whatever the documents do."""

from __future__ import annotations

import asyncio
import io
import os
import sys
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
import pytest
import pytest_asyncio
from PIL import Image

from ix.config import Settings
from ix.errors import DocumentError, JobError, OcrError, TimeLimitExceeded
from ix.extraction import reader as reading
from ix.extraction.page import Document, ReadPage
from ix.extraction.processes.children import Children
from ix.extraction.reader import Reader
from tests.extraction import pdfs
from tests.extraction.pdfs import PARAGRAPH, Sheet, line, lines, pdf
from tests.extraction.test_documents import marked, saved
from tests.extraction.test_merging import page_with
from tests.extraction.test_ocr import TEXT, sheet

pytestmark = pytest.mark.asyncio(loop_scope="module")

PLAIN = Document(b"hello there\nagain")
PARAGRAPH_WORDS = [word for number in range(10) for word in f"line {number} has seven words of text".split()]
DATA = Path(os.environ.get("IX_DATA_DIR") or Path(__file__).parents[2].parent / "shared" / "data")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reader() -> AsyncIterator[Reader]:
    """A reader without OCR."""
    reader = Reader(Settings(ocr="off", max_pages=5))
    await reader.start()
    yield reader
    await reader.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ocr_reader() -> AsyncIterator[Reader]:
    """A reader with the default OCR engine."""
    reader = Reader(Settings())
    await reader.start()
    yield reader
    await reader.stop()


async def with_reader(settings: Settings, *documents: Document) -> list[Any]:
    """What a reader of its own makes of these documents, one after another: pages, or an error."""
    reader = Reader(settings)
    results: list[Any] = []
    for document in documents:
        try:
            results.append(await reader.pages([document]))
        except JobError as error:
            results.append(error)
    await reader.stop()
    return results


def text(page: ReadPage) -> str:
    return " ".join(word.text for word in page.page().words)


# reading


async def test_pages_that_are_asked_for_keep_their_own_numbers(reader: Reader, ocr_reader: Reader) -> None:
    data = pdf(*(Sheet(lines(f"page {number}")) for number in range(1, 8)))
    # more pages than are allowed, of which only some are read
    parts = [Document(data, pages=pages) for pages in ("6-", "2,4")]
    pages = await reader.pages(parts)
    assert [(page.document, page.number, text(page)) for page in pages] == [
        (0, 6, "page 6"),
        (0, 7, "page 7"),
        (1, 2, "page 2"),
        (1, 4, "page 4"),
    ]
    assert (await reader.image(Document(data), 7)).startswith(b"\x89PNG")
    scans = saved(marked(), "TIFF", save_all=True, append_images=[sheet()])
    [page] = await ocr_reader.pages([Document(scans, pages="2")])
    assert (page.number, page.source) == (2, "ocr")
    assert text(page).startswith(TEXT[0])


async def test_pages_come_in_order_with_their_document_and_number(reader: Reader) -> None:
    two = Document(pdf(Sheet(line("first page")), Sheet(line("second page"))))
    pages = await reader.pages([two, PLAIN])
    assert [(page.document, page.number, page.source, text(page)) for page in pages] == [
        (0, 1, "text", "first page"),
        (0, 2, "text", "second page"),
        (1, 1, "text", "hello there again"),
    ]
    assert (pages[0].width, pages[0].height, pages[0].rotation, pages[0].warnings) == (600, 800, 0, ())


async def test_names_and_media_types_are_not_believed(reader: Reader) -> None:
    (page,) = await reader.pages([Document(pdf(Sheet(line("a pdf"))), name="photo.jpg", media_type="image/jpeg")])
    assert text(page) == "a pdf"


async def test_hidden_words_are_marked(reader: Reader) -> None:
    (page,) = await reader.pages([Document(pdf(Sheet(PARAGRAPH + line("secret", y=300, before="3 Tr"))))])
    assert [word.text for word in page.page().words if word.hidden] == ["secret"]


async def test_a_turned_page_says_so(reader: Reader) -> None:
    (page,) = await reader.pages([Document(pdf(Sheet(line("two words", x=300, y=400, matrix="0 1 -1 0"))))])
    assert (page.rotation, page.width, page.height) == (90, 800, 600)


async def test_no_documents_are_no_pages(reader: Reader) -> None:
    assert await reader.pages([]) == []


async def test_progress_counts_documents_and_their_pages(reader: Reader) -> None:
    heard: list[tuple[str, int | None, int | None]] = []

    def hear(step: str, done: int | None = None, of: int | None = None) -> None:
        heard.append((step, done, of))

    await reader.pages([PLAIN, Document(pdf(Sheet(PARAGRAPH), Sheet(PARAGRAPH)))], hear)
    assert heard == [("opening", 1, 2), ("opening", 2, 2), ("reading", 1, 3), ("reading", 2, 3), ("reading", 3, 3)]


async def test_without_ocr_a_scan_has_no_words_and_a_warning(reader: Reader) -> None:
    (page,) = await reader.pages([Document(saved(marked(), "PNG"))])
    assert not page.has_words
    assert page.warnings[0] == "this page needs OCR, and OCR is off"
    assert await reader.probe_ocr() == "off"


async def test_the_first_bad_document_fails_all(reader: Reader) -> None:
    with pytest.raises(DocumentError, match="password"):
        await reader.pages([PLAIN, Document(pdfs.protected()), PLAIN])


# pictures of pages


async def test_a_picture_of_a_page_is_a_png_as_a_person_sees_it(reader: Reader) -> None:
    document = Document(pdf(Sheet(), Sheet("0 700 100 100 re f", entries="/Rotate 90")))
    image = Image.open(io.BytesIO(await reader.image(document, 2, dpi=36)))
    assert (image.format, image.size) == ("PNG", (400, 300))
    rotated = Image.open(io.BytesIO(await reader.image(document, 2, dpi=36, rotation=270)))
    assert rotated.size == (300, 400)


async def test_a_page_that_is_not_there_has_no_picture(reader: Reader) -> None:
    for number in (0, 2):
        with pytest.raises(DocumentError):
            await reader.image(PLAIN, number)


# OCR


async def test_a_photo_is_read_by_ocr(ocr_reader: Reader) -> None:
    (page,) = await ocr_reader.pages([Document(saved(sheet(), "JPEG", quality=90))])
    assert (page.source, page.rotation, text(page)) == ("ocr", 0, " ".join(TEXT))
    assert (page.width, page.height) == sheet().size


async def test_only_pages_without_a_good_text_layer_are_read_by_ocr(ocr_reader: Reader) -> None:
    scan = pdfs.scan(sheet(), over=line("a text layer that lies", y=100, before="3 Tr"))
    pages = await ocr_reader.pages([Document(pdf(Sheet(PARAGRAPH))), Document(scan)])
    assert [page.source for page in pages] == ["text", "ocr"]
    assert text(pages[1]) == " ".join(TEXT)


async def test_what_a_page_shows_beside_its_text_layer_is_read_too(ocr_reader: Reader) -> None:
    (page,) = await ocr_reader.pages([Document(page_with(sheet(), wide=210))])
    assert (page.source, page.warnings, page.unverified) == ("both", (), ())
    assert 0.8 < page.confidence <= 1.0
    words = [word.text for word in page.page().words]
    assert {"Total", "2024.00"} <= {*words}
    assert [word for word in words if word in PARAGRAPH_WORDS] == PARAGRAPH_WORDS


async def test_without_ocr_such_a_page_says_that_it_was_not_looked_at(reader: Reader) -> None:
    (page,) = await reader.pages([Document(page_with(sheet(), wide=210))])
    assert (page.source, page.warnings) == ("text", ())
    assert page.unverified == ("it shows writing beside its text layer, and OCR is off",)


async def test_where_ocr_fails_a_page_has_its_text_layer_all_the_same() -> None:
    reader = Reader(Settings())
    reader._ocr = Children("tests.extraction.no_such_task", 1)
    (page,) = await reader.pages([Document(page_with(sheet(), wide=210))])
    await reader.stop()
    assert (page.source, len(page.page().words)) == ("text", len(PARAGRAPH_WORDS))
    assert page.unverified == ("it shows writing beside its text layer, and OCR failed",)


async def test_a_scan_on_its_side_is_read_upright(ocr_reader: Reader) -> None:
    (page,) = await ocr_reader.pages([Document(pdfs.scan(sheet(), rotation=270))])
    assert (page.rotation, text(page)) == (90, " ".join(TEXT))
    assert page.width / page.height == pytest.approx(sheet().width / sheet().height, abs=0.01)
    tops = [word.box[1] for word in page.page().words if word.text in ("Corner", "Bread", "Total", "Thank")]
    assert all(upper < lower for upper, lower in pairwise(tops))


async def test_an_empty_scan_has_no_words_and_a_warning(ocr_reader: Reader) -> None:
    (page,) = await ocr_reader.pages([Document(saved(Image.new("L", (300, 300), "white"), "PNG"))])
    assert (page.page().words, page.warnings) == ((), ("no words were found on this page",))


async def test_the_probe_reads_an_image(ocr_reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "FRESH", -1.0)
    assert await ocr_reader.probe_ocr() == "ok"


async def test_the_probe_fails_where_the_engine_does() -> None:
    reader = Reader(Settings())
    reader._ocr = Children("tests.extraction.no_such_task", 1)
    assert await reader.probe_ocr() == "fail"
    with pytest.raises(OcrError) as raised:
        await reader.pages([Document(saved(marked(), "PNG"))])
    await reader.stop()
    assert raised.value.code == "ocr_failed"


# what hostile documents do


async def test_a_document_that_takes_for_ever_is_ended_and_the_next_is_read() -> None:
    settings = Settings(ocr="off", reader_timeout=2, reader_workers=1)
    slow, after = await with_reader(settings, Document(pdfs.tiles()), PLAIN)
    assert isinstance(slow, TimeLimitExceeded)
    assert str(slow) == "opening a document took longer than 2 seconds"
    assert text(after[0]) == "hello there again"


@pytest.mark.skipif(sys.platform != "linux", reason="macOS has no limit of the address space")
async def test_a_document_that_takes_too_much_memory_is_ended_and_the_next_is_read() -> None:
    greedy, after = await with_reader(Settings(ocr="off", reader_workers=1), Document(pdfs.laughs()), PLAIN)
    assert isinstance(greedy, DocumentError)
    assert "asks for more memory or time" in str(greedy)
    assert text(after[0]) == "hello there again"


async def test_the_processors_time_counts_too() -> None:
    slow, after = await with_reader(Settings(ocr="off", reader_workers=1), Document(pdfs.tiles()), PLAIN)
    assert isinstance(slow, DocumentError)
    assert "asks for more memory or time" in str(slow)
    assert text(after[0]) == "hello there again"


async def test_caps_come_from_the_settings() -> None:
    settings = Settings(ocr="off", max_pages=1, max_pixels=1000, max_document_bytes=10_000)
    documents = [pdf(Sheet(), Sheet()), saved(marked(), "PNG"), b"x" + b" " * 10_000]
    errors = await with_reader(settings, *map(Document, documents))
    assert [getattr(error, "code", None) for error in errors] == ["document_too_large"] * 3


async def test_a_cancelled_job_leaves_the_reader_usable() -> None:
    reader = Reader(Settings(ocr="off", reader_workers=1))
    first_is_open = asyncio.Event()
    opening = asyncio.create_task(reader.pages([PLAIN, Document(pdfs.laughs())], lambda *_: first_is_open.set()))
    await first_is_open.wait()
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert text((await reader.pages([PLAIN]))[0]) == "hello there again"
    await reader.stop()


async def test_stop_leaves_no_process_and_no_task() -> None:
    others = set(asyncio.all_tasks())
    before = {child.pid for child in psutil.Process().children()}
    reader = Reader(Settings())
    await reader.start()
    await reader.pages([PLAIN])
    await reader.stop()
    assert {child.pid for child in psutil.Process().children()} <= before
    assert set(asyncio.all_tasks()) <= others


# labelled documents


async def test_rotated_scans_of_others_read_upright(ocr_reader: Reader) -> None:
    if not (folder := DATA / "awkward").is_dir():
        pytest.skip(f"no documents in {folder}")
    for path in sorted(folder.glob("ocr_test*.pdf")):
        (page,) = await ocr_reader.pages([Document(path.read_bytes())])
        assert text(page).startswith("Docling bundles PDF document conversion")


async def test_a_photo_that_is_cut_off_is_read_and_says_so(ocr_reader: Reader) -> None:
    whole = saved(sheet(), "JPEG", quality=90)
    (page,) = await ocr_reader.pages([Document(whole[: int(len(whole) * 0.8)])])
    assert text(page).startswith(TEXT[0])
    assert "of its rows are missing" in page.warnings[0]
