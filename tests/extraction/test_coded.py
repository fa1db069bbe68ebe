"""QR and bar codes on pages: found where a person sees them, carried with the words, and compared with print."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from ix.extraction import documents, ocr
from ix.extraction.documents import Limits, OpenedPage, pdf_codes
from ix.extraction.evidence import Placed, compared, place
from ix.extraction.models import Leaf
from ix.extraction.page import Code, Page, ReadPage, Word, packed_words
from tests.extraction import pdfs
from tests.extraction.pdfs import PARAGRAPH, Sheet, pdf
from tests.extraction.test_evidence import page, schema
from tests.extraction.values.test_barcodes import EPC, swiss

LIMITS = Limits(pages=3, pixels=5_000_000)
BILL = swiss()


@cache
def code(text: str = BILL, kind: str = "QRCode", **options: object) -> Image.Image:
    made = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind), **options)
    return Image.fromarray(zxingcpp.write_barcode_to_image(made, scale=4))


def sheet(text: str = BILL) -> Image.Image:
    """A page of 1000 x 1400 with a code at its bottom left."""
    paper = Image.new("L", (1000, 1400), "white")
    paper.paste(code(text), (100, 1000))
    return paper


def drawn(data: bytes, rotation: int = 0) -> list[Code]:
    """The codes of the first page, as a child gives them with its picture."""
    body = {
        "do": "image",
        "limits": {"pages": 3, "pixels": 5_000_000},
        "page": 0,
        "dpi": 150,
        "longest": 2600,
        "rotation": rotation,
        "kind": "grey",
    }
    head, (samples, codes) = documents.handle(body, [data])
    assert len(samples) == head["width"] * head["height"]
    return list(ReadPage(1, 1, 1, codes).page().codes)


def png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


# finding


def test_a_code_on_a_photo_is_found_with_its_place() -> None:
    (found,) = drawn(png(sheet()))
    assert (found.text, found.kind) == (BILL, "QR Code")
    x0, y0, x1, y1 = found.box
    side = code().width / 1000
    assert 0.1 < x0 < 0.13
    assert 1000 / 1400 < y0 < 0.74
    assert side * 0.7 < x1 - x0 < side
    assert abs((y1 - y0) * 1.4 - (x1 - x0)) < 0.01


@pytest.mark.parametrize("kind", ["QRCode", "DataMatrix", "Code128"])
def test_application_identifiers_are_written_in_brackets(kind: str) -> None:
    text = "(8007)DE89370400440532013000(3912)97812345"
    assert [found.text for found in drawn(png(code(text, kind, gs1=True)))] == [text]


def test_a_page_of_text_without_codes_has_none() -> None:
    assert drawn(pdf(Sheet(PARAGRAPH))) == []


# pages with a good text layer


def opened(*sheets: Sheet, extra: dict[int, bytes] | None = None) -> list[OpenedPage]:
    return documents.read(pdf(*sheets, extra=extra), LIMITS)


def placed_image(image: Image.Image, *, before: str = "", after: str = "", entries: str = "") -> OpenedPage:
    """A page of text with a picture of 150 points at its bottom left."""
    content = f"{PARAGRAPH} {before} q 150 0 0 150 60 60 cm /Im Do Q {after}"
    (found,) = opened(Sheet(content, entries=entries, resources={"Im": pdfs.image(image)}))
    assert not found.unread
    return found


def modules(text: str = BILL) -> str:
    """A code of filled squares of two points, from its bottom left corner."""
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    dots = Image.fromarray(zxingcpp.write_barcode_to_image(made, scale=1, add_quiet_zones=False))
    return "".join(
        f"{60 + 2 * x} {200 - 2 * y} 2 2 re "
        for y in range(dots.height)
        for x in range(dots.width)
        if not dots.getpixel((x, y))
    )


def test_a_code_that_is_an_image_beside_text_is_found() -> None:
    (found,) = placed_image(code()).codes
    assert found.text == BILL
    assert 0.1 < found.box[0] < found.box[2] < 0.35
    assert 0.73 < found.box[1] < found.box[3] < 0.93


def test_its_place_follows_the_page() -> None:
    (found,) = placed_image(code(), entries="/Rotate 90").codes
    # the page is rotated back, since its text would lie on its side
    (upright,) = placed_image(code()).codes
    assert found.box == pytest.approx(upright.box, abs=0.01)


@pytest.mark.parametrize("fill", ["f", None], ids=["one shape", "many shapes"])
def test_a_code_that_is_drawn_is_found(fill: str | None) -> None:
    content = f"{modules()} f" if fill else modules().replace("re ", "re f ")
    assert [found.text for found in opened(Sheet(PARAGRAPH + content))[0].codes] == [BILL]
    grouped = Sheet(PARAGRAPH + "/X Do", resources={"X": pdfs.form(content)})
    assert [found.text for found in opened(grouped)[0].codes] == [BILL]


def test_a_code_that_a_person_cannot_see_is_none() -> None:
    assert placed_image(code(), after="1 g 50 50 200 200 re f").codes == []
    assert placed_image(code(), before="0 0 1 1 re W n").codes == []


def test_a_page_without_what_may_be_a_code_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_codes, "codes_in", lambda *_, **__: pytest.fail("looked for codes"))
    logo = Image.linear_gradient("L").resize((300, 90))
    assert placed_image(logo).codes == []
    assert opened(Sheet(PARAGRAPH + "0 0 300 20 re f " * 50))[0].codes == []


def test_a_picture_that_is_no_code_does_not_draw_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_codes, "_part", lambda *_: pytest.fail("drew the page"))
    assert placed_image(Image.linear_gradient("L")).codes == []


# carrying


class Reading:
    """An OCR engine that reads one word, of a page that stands on its side."""

    memory = None

    def __init__(self, threads: int) -> None: ...

    def load(self) -> None: ...

    def recognise(self, image: Image.Image) -> list[Word]:
        upright = image.width > image.height
        return [Word("word", (0.1, 0.1, 0.3, 0.12) if upright else (0.1, 0.1, 0.12, 0.5), 0.99)]


def test_codes_are_turned_with_the_page_and_carried_with_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "engine", lambda name, threads: Reading(threads))
    codes = packed_words([], [Code("text", "QR Code", (0.1, 0.7, 0.3, 0.9))])
    body = {"do": "read", "engine": "reading", "threads": 1, "width": 10, "height": 14}
    head, (words,) = ocr.handle(body, [bytes(140), codes])
    assert head["rotation"] == 90
    read = ReadPage(1, 1, 1, words).page()
    assert [word.text for word in read.words] == ["word"]
    (found,) = read.codes
    assert (found.text, found.kind) == ("text", "QR Code")
    assert found.box == pytest.approx((0.1, 0.1, 0.3, 0.3))


# comparing with print

WANTED = schema(
    iban="iban", grand_total="money", due_amount="money", currency="currency", seller_name="organisation"
) | {"x-ix": {}}
WANTED["properties"] |= schema(payment_reference="identifier", invoice_number="identifier")["properties"]
BOX = (0.1, 0.7, 0.3, 0.9)


def answered(values: dict[str, Any], *texts: str, pages: tuple[Page, ...] = ()) -> Placed:
    """What becomes of an answer on a page that prints its values and has codes with these texts."""
    printed = page(*(str(value) for value in values.values()))
    coded = Page(2, 800, 1000, codes=tuple(Code(text, "QR Code", BOX) for text in texts))
    leaves = {name: Leaf(value, None) for name, value in values.items()}
    shown = (*(pages or (printed,)), coded)
    return compared(place(leaves, WANTED, shown), WANTED, shown)


def mismatches(found: Placed) -> list[str]:
    return [finding.path for finding in found.findings if finding.code == "code_mismatch"]


def test_what_print_does_not_give_comes_from_the_code() -> None:
    found = answered({"invoice_number": "4711"}, BILL)
    assert found.result == {
        "iban": "CH4431999123000889012",
        "grand_total": 1949.75,
        "due_amount": 1949.75,
        "currency": "CHF",
        "seller_name": "Max Muster & Söhne",
        "payment_reference": "210000000003139471430009017",
        "invoice_number": "4711",
    }
    assert found.evidence["iban"] == {
        "method": "extract",
        "match": "exact",
        "document": 0,
        "page": 2,
        "quote": "CH4431999123000889012",
        "boxes": [[0.1, 0.7, 0.3, 0.9]],
        "confidence": 1.0,
        "source": "code",
    }
    assert found.findings == ()


def test_what_both_say_alike_stays_as_it_is_printed() -> None:
    values = {"iban": "BE72000000001616", "grand_total": 1.0, "due_amount": 1.0, "currency": "EUR"}
    found = answered({**values, "seller_name": "RED CROSS OF BELGIUM vzw"}, "\n".join(EPC))
    assert found.result["seller_name"] == "RED CROSS OF BELGIUM vzw"
    assert mismatches(found) == []
    assert "source" not in found.evidence["iban"]


def test_what_both_say_differently_is_found_and_the_printed_value_stays() -> None:
    found = answered({"iban": "DE89370400440532013000", "grand_total": 19.5, "seller_name": "Example AG"}, BILL)
    assert mismatches(found) == ["iban", "grand_total", "seller_name"]
    assert found.result["iban"] == "DE89370400440532013000"
    first = next(finding.message for finding in found.findings if finding.path == "iban")
    assert first == (
        "iban: print says DE89370400440532013000, the QR Code on document 0, page 2 says CH4431999123000889012"
    )


def test_the_amount_of_a_code_is_what_is_due() -> None:
    found = answered({"grand_total": 2500.0, "due_amount": 1949.75}, BILL)
    assert mismatches(found) == []
    assert mismatches(answered({"grand_total": 1949.75, "due_amount": 2500.0}, BILL)) == ["due_amount"]


def test_codes_that_contradict_each_other_add_nothing_and_either_may_agree() -> None:
    found = answered({}, BILL, swiss(_18="5.00"))
    assert (found.result["due_amount"], found.result["currency"]) == (None, "CHF")
    assert mismatches(answered({"due_amount": 5.0}, BILL, swiss(_18="5.00"))) == []


def test_a_value_without_support_in_print_is_supported_by_the_code() -> None:
    found = answered({"iban": "CH4431999123000889012"}, BILL, pages=(page("nothing here"),))
    assert found.evidence["iban"]["source"] == "code"
    assert found.findings == ()


def test_other_codes_change_nothing() -> None:
    found = answered({"iban": "DE89370400440532013000"}, "https://example.com", "(01)09521234543213")
    assert found.result["due_amount"] is None
    assert found.findings == ()
