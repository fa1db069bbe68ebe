"""Mail: its body and what is attached to it, how much of that may be nested, and what is said of what is not read."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from email.message import EmailMessage

import pytest
from PIL import Image

from ix.errors import DocumentError
from ix.extraction import documents
from ix.extraction.documents import Limits, OpenedPage
from tests.extraction import pdfs
from tests.extraction.offices import docx, mail, outlook, para
from tests.extraction.pdfs import PARAGRAPH, Sheet, pdf
from tests.extraction.test_documents import dark_corner, marked, saved

LIMITS = Limits(pages=6, pixels=1_000_000)
LONG = "This is a body of more than ten words, so that it is what is read."


def read(message: EmailMessage | bytes, limits: Limits = LIMITS) -> list[OpenedPage]:
    data = message if isinstance(message, bytes) else message.as_bytes()
    return documents.read(data, limits)


def text(page: OpenedPage) -> str:
    return " ".join(word.text for word in page.words)


def code(message: EmailMessage) -> str:
    with pytest.raises(DocumentError) as raised:
        read(message)
    return raised.value.code


FILES: Mapping[str, bytes] = {
    "Rechnung ü.pdf": pdf(Sheet(PARAGRAPH), Sheet(PARAGRAPH)),
    "scan.png": saved(marked(), "PNG"),
    "offer.docx": docx(para("Angebot 7")),
    "items.csv": b"Item;Price\nBolt;1,50\n",
}
HEAD = "From: Müller GmbH <a@example.com> To: b@example.com Date: Mon, 05 Oct 2026 10:00:00 +0200 "
HEAD += "Subject: Rechnung für März"


@pytest.mark.parametrize("outlooks", [False, True], ids=["eml", "msg"])
def test_a_mail_is_its_body_and_then_its_attachments(outlooks: bool) -> None:
    message = mail(LONG, files=FILES)
    body, *attached = read(outlook(message) if outlooks else message)
    assert [page.warnings for page in [body, *attached]] == [
        [],
        *[["attachment Rechnung ü.pdf"]] * 2,
        ["attachment scan.png"],
        ["attachment offer.docx"],
        ["attachment items.csv"],
    ]
    assert [page.unread for page in attached] == [False, False, True, False, False]
    assert [text(page)[:20] for page in attached[3:]] == ["Angebot 7", "Item Price Bolt 1,50"]
    assert text(body).endswith(LONG)
    assert "Subject: Rechnung für März" in text(body)
    if not outlooks:
        assert text(body) == f"{HEAD} {LONG}"


def test_an_attachment_that_is_cut_off_after_a_single_letter_is_read_as_far_as_it_goes() -> None:
    packed = base64.b64encode(pdf(Sheet(PARAGRAPH)))
    cut = packed[: len(packed) // 4 * 4 - 3]
    head = b"From: a@example.com\nSubject: x\nMIME-Version: 1.0\nContent-Type: application/pdf; name=a.pdf\n"
    _, page = read(head + b"Content-Transfer-Encoding: base64\n\n" + cut + b"\n")
    assert len(page.words) == 70


def test_what_signs_a_mail_is_no_page_of_it() -> None:
    message = mail(LONG)
    for kind in ("pkcs7-signature", "pgp-signature"):
        message.add_attachment(b"-----BEGIN SIGNATURE-----", "application", kind, filename="signature.asc")
    (page,) = read(message)
    assert page.warnings == []


def test_pages_of_attachments_can_be_drawn() -> None:
    data = mail(LONG, files=FILES).as_bytes()
    picture, _ = documents.picture(data, LIMITS, 3, 72, 300, 0)
    assert (picture.size, dark_corner(picture)) == ((200, 300), "top left")
    assert documents.picture(data, LIMITS, 1, 72, 400, 0).image.size == (300, 400)
    with pytest.raises(DocumentError):
        documents.picture(data, LIMITS, 6, 72, 300, 0)


def test_an_attachment_that_cannot_be_read_is_a_warning() -> None:
    files = {"locked.pdf": pdfs.protected(), "all.zip": b"PK\3\4" + bytes(30), "bill.txt": b"Total 12.50"}
    body, bill = read(mail(LONG, files=files))
    assert text(bill) == "Total 12.50"
    locked, archive = body.warnings
    assert locked == (
        "attachment_unread: attachment locked.pdf was not read: the document is protected by a password, "
        "and none was given"
    )
    assert archive.startswith("attachment_unread: attachment all.zip was not read: the document is a ZIP archive")


def test_a_page_that_cannot_be_read_keeps_its_place() -> None:
    tiff = saved(marked(), "TIFF", save_all=True, append_images=[Image.new("RGB", (2_000, 1_000))])
    _, first, huge, bill = read(mail(LONG, files={"scan.tif": tiff, "bill.txt": b"Total 12.50"}))
    assert (first.unread, huge.unread, huge.words) == (True, False, [])
    assert "2000000 pixels" in huge.warnings[0]
    assert text(bill) == "Total 12.50"


def test_html_is_read_where_the_plain_body_says_little() -> None:
    html = "<p>Summe <b>1.234,50 €</b></p>"
    assert text(read(mail("See HTML.", html=html))[0]).endswith("März Summe 1.234,50 €")
    assert text(read(mail(LONG, html=html))[0]).endswith(LONG)


def test_mails_in_mails_are_read_up_to_a_depth() -> None:
    message = mail("deepest " + LONG)
    for depth in range(3):
        outer = mail(f"outer{depth} {LONG}")
        outer.add_attachment(message)
        message = outer
    pages = read(message)
    assert [name for page in pages for name in ("deepest", "outer0", "outer1", "outer2") if name in text(page)] == [
        "outer2",
        "outer1",
        "outer0",
    ]
    assert pages[2].warnings == ["attachment mail, attachment mail"]
    assert "3 mails are in each other" in pages[0].warnings[0]


def test_a_mail_in_a_mail_of_outlook_is_read() -> None:
    outer = mail(f"outer {LONG}")
    outer.add_attachment(mail(f"inner {LONG}", files={"bill.txt": b"Total 12.50"}))
    first, second, bill = read(outlook(outer))
    assert "outer" in text(first)
    assert "inner" in text(second)
    assert (text(bill), len(bill.warnings)) == ("Total 12.50", 1)
    assert bill.warnings[0].endswith(", attachment bill.txt")


def test_pages_and_attachments_of_a_mail_are_counted_together() -> None:
    two = pdf(Sheet(PARAGRAPH), Sheet(PARAGRAPH))
    assert len(read(mail(LONG, files={"a.pdf": two, "b.pdf": two}))) == 5
    assert code(mail(LONG, files={"a.pdf": two, "b.pdf": two, "c.pdf": two})) == "document_too_large"
    assert code(mail(LONG, files={f"{at}.bin": b"\0" for at in range(51)})) == "document_too_large"


@pytest.mark.parametrize("charset", ["iso-8859-2", "none-such", ""])
def test_bodies_are_read_in_the_encoding_that_the_mail_names_or_in_the_likeliest(charset: str) -> None:
    head = f"Message-ID: <1>\nSubject: x\nContent-Type: text/plain; charset={charset}\n\n"
    (page,) = read(head.encode() + "Zakład Usług, ul. Żwirki, do zapłaty 12,50 zł".encode("iso-8859-2"))
    assert text(page) == "Subject: x Zakład Usług, ul. Żwirki, do zapłaty 12,50 zł"


def test_pictures_of_the_body_are_read_where_they_are_no_decoration() -> None:
    def png(side: int) -> bytes:
        buffer = io.BytesIO()
        Image.effect_noise((side, side), 80).save(buffer, "PNG")
        return buffer.getvalue()

    message = mail(LONG)
    for side in (20, 300):
        message.add_attachment(png(side), "image", "png", disposition="inline", cid=f"<{side}>", filename=f"{side}.png")
    body, photo = read(message)
    assert body.warnings == ["small pictures of the body that were not read: 1"]
    assert (photo.width, photo.warnings) == (300, ["attachment 300.png"])


def test_text_that_begins_like_a_mail_is_no_mail() -> None:
    assert documents.recognised(b"Date: 05/03/2024\nTotal: 12.50\n").name == "plain text"
    assert documents.recognised(b"Received: from a\n by b\nSubject: x\n\nhello").name == "e-mail (.eml, .msg)"


@pytest.mark.parametrize("share", [0.6, 0.7])
def test_a_damaged_outlook_mail_is_unreadable(share: float) -> None:
    data = outlook(mail(LONG, files={"a.txt": b"x" * 5_000}))
    with pytest.raises(DocumentError, match=r"mail.* is damaged|damaged mail"):
        read(data[: int(len(data) * share)])
