"""Documents behind a password: opened with the right one, and with the guards that any document meets."""

from __future__ import annotations

import pytest

from ix.config import Settings
from ix.errors import DocumentError
from ix.extraction import documents
from ix.extraction.documents import Limits
from ix.extraction.page import Document
from ix.extraction.ranges import Ranges
from ix.extraction.reader import Reader
from tests.extraction import pdfs
from tests.extraction.locked import AES, PASSWORD, locked
from tests.extraction.offices import docx, mail, para
from tests.extraction.pdfs import Sheet, lines, pdf, stream


def limits(password: str = "", pages: str = "") -> Limits:
    return Limits(3, 1_000_000, Ranges.parse(pages), password)


def words(data: bytes, password: str) -> list[str]:
    return [word.text for page in documents.read(data, limits(password)) for word in page.words]


def refused(data: bytes, password: str = "") -> DocumentError:
    with pytest.raises(DocumentError) as raised:
        documents.read(data, limits(password))
    return raised.value


@pytest.mark.parametrize(
    ("data", "password"),
    [
        (locked(), PASSWORD),
        (locked("Schl\xfcssel"), "Schl\xfcssel"),
        (AES, "Schl\xfcssel"),
        (pdf(Sheet(lines("Total 12.50"))), "nobody asked for it"),
    ],
    ids=["rc4", "rc4 and more than ASCII", "aes", "not locked"],
)
def test_a_password_opens_its_document(data: bytes, password: str) -> None:
    assert words(data, password) == ["Total", "12.50"]
    drawn = documents.picture(data, limits(password), 0, 72, 800, 0).image.convert("L")
    assert drawn.getextrema() == (0, 255)


def test_a_password_that_is_missing_and_one_that_is_wrong_are_told_apart() -> None:
    for data in (locked(), AES):
        assert refused(data).code == refused(data, "Open Sesame").code == "document_encrypted"
        assert "none was given" in refused(data).message
        assert "does not open it" in refused(data, "Open Sesame").message
        assert "Sesame" not in refused(data, "Open Sesame").message


def test_what_no_password_opens_says_so() -> None:
    unknown = pdfs.protected().replace(b"/Filter /Standard", b"/Filter /Unheard")
    assert refused(unknown, PASSWORD).code == "document_encrypted"
    assert "no password opens" in refused(unknown, PASSWORD).message
    # how Office writes a document with a password: not as a package
    office = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage\0".encode("utf-16-le")
    assert refused(office, PASSWORD).code == "document_encrypted"
    assert "only PDFs" in refused(office, PASSWORD).message


def test_pages_of_a_locked_document_can_be_asked_for() -> None:
    data = locked(data=pdf(*(Sheet(lines(f"page {number}")) for number in range(1, 8))))
    with pytest.raises(DocumentError, match="7 pages"):
        documents.read(data, limits(PASSWORD))
    assert [page.number for page in documents.read(data, limits(PASSWORD, "6-"))] == [6, 7]


def test_a_locked_attachment_is_opened_with_the_password_of_its_mail() -> None:
    data = mail("hello", files={"bill.pdf": locked()}).as_bytes()
    assert words(data, PASSWORD)[-2:] == ["Total", "12.50"]
    assert "none was given" in documents.read(data, limits())[0].warnings[0]


@pytest.mark.parametrize("packs_catalog", [False, True])
def test_the_cover_of_a_locked_portfolio_is_refused(packs_catalog: bool) -> None:
    attached = {1000: stream(b"a bill", "/Type /EmbeddedFile"), 1001: b"<< /Type /Filespec /EF << /F 1000 0 R >> >>"}
    names = "/Names << /EmbeddedFiles << /Names [(a) 1001 0 R] >> >> /Collection << /View /T >>"
    data = locked(
        data=pdf(Sheet(lines("Open this elsewhere")), extra=attached, catalog=names), packs_catalog=packs_catalog
    )
    assert (b"/Collection" in data) is not packs_catalog
    assert refused(data, PASSWORD).code == "document_placeholder"


def test_an_office_document_with_a_password_that_it_does_not_need_is_read() -> None:
    assert words(docx(para("Total 12.50")), PASSWORD) == ["Total", "12.50"]


@pytest.mark.asyncio
async def test_the_reader_passes_passwords_on_and_tells_nobody() -> None:
    document = Document(locked(), "bill.pdf", password=PASSWORD)
    assert PASSWORD not in repr(document)
    assert PASSWORD not in repr(limits(PASSWORD))
    reader = Reader(Settings(ocr="off"))
    try:
        [page] = await reader.pages([document])
        assert [word.text for word in page.page().words] == ["Total", "12.50"]
        assert (await reader.image(document, 1)).startswith(b"\x89PNG")
    finally:
        await reader.stop()
