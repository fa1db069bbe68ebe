"""Kinds of documents: what is recognised, what is read, what is refused."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image, ImageDraw

from ix.errors import DocumentError
from ix.extraction import documents
from ix.extraction.documents import Limits, OpenedPage
from tests.extraction import pdfs
from tests.extraction.pdfs import PARAGRAPH, Sheet, line, pdf

LIMITS = Limits(pages=3, pixels=1_000_000)


def read(data: bytes, limits: Limits = LIMITS) -> list[OpenedPage]:
    return documents.read(data, limits)


def picture(data: bytes, *, page: int = 0, dpi: int = 72, longest: int = 1000, rotation: int = 0) -> Image.Image:
    return documents.picture(data, LIMITS, page, dpi, longest, rotation).image


def code(data: bytes) -> str:
    with pytest.raises(DocumentError) as raised:
        picture(data) if read(data) else None
    return raised.value.code


def visible(page: OpenedPage) -> list[str]:
    return [word.text for word in page.words if not word.hidden]


def hidden(page: OpenedPage) -> list[str]:
    return [word.text for word in page.words if word.hidden]


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def marked(width: int = 200, height: int = 300) -> Image.Image:
    """White paper with a black top left corner."""
    image = Image.new("RGB", (width, height), "white")
    ImageDraw.Draw(image).rectangle((0, 0, width // 4, height // 4), "black")
    return image


def dark_corner(image: Image.Image) -> str:
    grey = image.convert("L")
    places = {"top left": (5, 5), "top right": (-6, 5), "bottom left": (5, -6), "bottom right": (-6, -6)}
    dark = [name for name, (x, y) in places.items() if int(grey.getpixel((x % grey.width, y % grey.height))) < 128]  # type: ignore[arg-type]
    assert len(dark) == 1
    return dark[0]


# kinds


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_images_are_told_by_their_bytes(kind: str) -> None:
    (page,) = read(saved(marked(), kind))
    assert (page.width, page.height, page.unread, page.words) == (200, 300, True, [])


def test_every_module_with_a_format_is_registered() -> None:
    names = [one.name for one in documents.formats()]
    assert {"PDF", "plain text", "CSV"} < set(names)
    assert names[-1] == "plain text"


@pytest.mark.parametrize(
    "data",
    [
        b"PK\3\4" + bytes(range(256)),
        b"PK\3\4" + b"packed to what looks like text " * 20,
        b"\x1f\x8b\x08\0" + b"packed to what looks like text " * 20,
        b"\0asm" + bytes(40),
        b"<note><p>hello</note>",
    ],
    ids=["zip", "zip like text", "gzip like text", "wasm", "xml"],
)
def test_other_kinds_are_refused_with_a_list_of_what_is_accepted(data: bytes) -> None:
    with pytest.raises(DocumentError, match=r"accepted are .*PDF, .*plain text$") as raised:
        read(data)
    assert raised.value.code == "document_unsupported"


@pytest.mark.parametrize("data", [b"", b" \n\t", b"\0\0\0"])
def test_an_empty_document_is_unreadable(data: bytes) -> None:
    assert code(data) == "document_unreadable"


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5])
def test_a_pdf_of_which_no_page_is_left_is_unreadable(share: float) -> None:
    """One that has lost less is read as far as it goes: see `test_pdf_cut`."""
    data = pdf(Sheet(PARAGRAPH))
    assert code(data[: int(len(data) * share)]) == "document_unreadable"


# PDF text layers


def test_words_have_boxes_from_the_top_left() -> None:
    (page,) = read(pdf(Sheet(line("Total 12.50", x=60, y=720, size=20))))
    total, amount = page.words
    assert (total.text, amount.text, total.confidence, page.unread) == ("Total", "12.50", 1.0, False)
    assert total.box[0] == pytest.approx(0.1, abs=0.005)
    assert total.box[1] < (800 - 720 - 10) / 800 < total.box[3]
    assert amount.box[0] > total.box[2]


@pytest.mark.parametrize(
    ("rotate", "corner"), [(0, "top left"), (90, "top right"), (180, "bottom right"), (270, "bottom left")]
)
def test_boxes_follow_the_rotation_of_the_page(rotate: int, corner: str) -> None:
    text = line("many upright words that say where up is", x=200, y=400) if rotate == 0 else ""
    data = pdf(Sheet("0 700 100 100 re f " + text + line("corner", x=20, y=640), entries=f"/Rotate {rotate}"))
    image = picture(data)
    assert dark_corner(image) == corner


def test_words_lie_where_the_picture_shows_them() -> None:
    for rotate in (0, 90, 180, 270):
        data = pdf(Sheet(line("X", x=100, y=650, size=40), entries=f"/Rotate {rotate} /CropBox [50 100 550 750]"))
        (page,) = read(data)
        image = picture(data, rotation=page.rotation).convert("L")
        assert image.width / image.height == pytest.approx(page.width / page.height, abs=0.01)
        x0, y0, x1, y1 = page.words[0].box
        inside = image.crop(
            (int(x0 * image.width), int(y0 * image.height), int(x1 * image.width) + 1, int(y1 * image.height) + 1)
        )
        dark = sum(image.point(lambda v: v < 128, "L").histogram()[1:])
        assert dark > 50
        assert sum(inside.point(lambda v: v < 128, "L").histogram()[1:]) == dark


@pytest.mark.parametrize(
    ("matrix", "rotate", "rotation"),
    [("0 1 -1 0", 0, 90), ("-1 0 0 -1", 0, 180), ("0 -1 1 0", 0, 270), ("1 0 0 1", 90, 270)],
)
def test_a_page_of_rotated_text_is_rotated_upright(matrix: str, rotate: int, rotation: int) -> None:
    (page,) = read(pdf(Sheet(line("sideways words", x=300, y=400, matrix=matrix), entries=f"/Rotate {rotate}")))
    first, second = page.words
    assert page.rotation == rotation
    assert first.box[2] < second.box[0]
    assert first.box[1] == pytest.approx(second.box[1], abs=0.02)


@pytest.mark.parametrize(
    "content",
    [
        line("secret", y=300, before="3 Tr"),
        line("secret", y=300, before="7 Tr"),
        line("secret", y=300, x=900),
        line("secret", y=-50),
        line("secret", y=300, size=1),
        line("secret", y=300, matrix="0.05 0 0 0.05"),
        line("secret", y=300, before="1 1 1 rg"),
        line("secret", y=300, before="0.97 0.97 0.97 rg"),
        "0 0 0.4 rg 0 280 600 60 re f " + line("secret", y=300, before="0 0 0.4 rg"),
        line("secret", y=300) + "1 g 0 280 600 60 re f ",
        line("secret", y=300) + "q 600 0 0 60 0 280 cm /Im Do Q ",
        "q 600 0 0 60 0 280 cm /Im Do Q " + line("secret", y=300, before="1 1 1 rg"),
    ],
    ids=[
        *("invisible", "clip", "right of the page", "below the page", "tiny", "scaled to tiny", "white", "near white"),
        *("blue on blue", "behind a white area", "behind an image", "white on a white image"),
    ],
)
def test_text_that_a_person_cannot_see_is_flagged(content: str) -> None:
    white = {"Im": pdfs.image(Image.new("L", (60, 6), "white"))}
    (page,) = read(pdf(Sheet(PARAGRAPH + content, resources=white)))
    assert hidden(page) == ["secret"]
    assert len(visible(page)) == 70


def test_white_text_on_a_dark_bar_is_seen() -> None:
    (page,) = read(pdf(Sheet("0 0 0.4 rg 0 680 600 40 re f " + line("Description Amount", before="1 1 1 rg"))))
    assert visible(page) == ["Description", "Amount"]


def test_text_on_a_stamp_and_under_a_line_is_seen() -> None:
    stamp = "q 0.8 1 0.8 rg 0 280 600 60 re f Q " + line("PAID", y=300) + "0 304 m 600 304 l S "
    (page,) = read(pdf(Sheet(PARAGRAPH + stamp)))
    assert hidden(page) == []


def test_a_page_with_a_large_jpeg_2000_image_is_not_drawn_to_be_opened_and_says_so() -> None:
    picture = pdfs.stream(b"", "/Type /XObject /Subtype /Image /Width 1001 /Height 999")
    picture = picture.replace(b"/FlateDecode", b"/JPXDecode")
    (page,) = documents.read(
        pdf(Sheet(PARAGRAPH + "/Im Do", resources={"Im": picture})), Limits(pages=1, pixels=2_000_000)
    )
    assert page.unverified == []
    (page,) = documents.read(
        pdf(Sheet(PARAGRAPH + "/Im Do", resources={"Im": picture.replace(b"/Width 1001", b"/Width 1002")})),
        Limits(1, 2_000_000),
    )
    assert "JPEG 2000" in page.unverified[0]


def test_text_outside_the_crop_box_is_hidden() -> None:
    (page,) = read(pdf(Sheet(PARAGRAPH + line("secret", y=60), entries="/CropBox [0 300 600 800]")))
    assert hidden(page) == ["secret"]
    assert (page.width, page.height) == (600, 500)


def test_form_fields_are_read() -> None:
    look = pdfs.stream(
        b"/Tx BMC BT /F1 12 Tf 2 4 Td (filled) Tj ET EMC",
        "/Subtype /Form /BBox [0 0 200 20] /Resources << /Font << /F1 3 0 R >> >>",
    )
    widget = b"<< /Subtype /Widget /FT /Tx /T (a) /V (filled) /F 4 /Rect [50 100 250 120] /AP << /N 1001 0 R >> >>"
    form = {"extra": {1000: widget, 1001: look}, "catalog": "/AcroForm << /Fields [1000 0 R] >>"}
    (page,) = read(pdf(Sheet(PARAGRAPH, entries="/Annots [1000 0 R]"), **form))  # type: ignore[arg-type]
    assert "filled" in visible(page)


# which pages need OCR


def test_a_page_of_text_needs_no_ocr_and_an_empty_one_neither() -> None:
    assert [page.unread for page in read(pdf(Sheet(PARAGRAPH), Sheet()))] == [False, False]


def test_a_scan_needs_ocr_with_and_without_an_invisible_layer_or_a_stamp() -> None:
    layers = ["", line("read before", before="3 Tr"), line("PAID", y=300)]
    assert [read(pdfs.scan(marked(), over=layer))[0].unread for layer in layers] == [True, True, True]


def test_text_on_a_letterhead_needs_none() -> None:
    assert not read(pdfs.scan(marked().point(lambda value: 200 + value // 5), over=PARAGRAPH))[0].unread


def test_a_photo_inside_a_group_counts() -> None:
    group = pdfs.stream(
        b"q 600 0 0 800 0 0 cm /Im Do Q",
        "/Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources << /XObject << /Im 1000 0 R >> >>",
    )
    data = pdf(Sheet("/G Do " + line("PAID", y=300), resources={"G": group}), extra={1000: pdfs.image(marked())})
    assert read(data)[0].unread


def test_a_garbled_layer_needs_ocr() -> None:
    private = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 1001 0 R >>"
    cmap = b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> endcodespacerange "
    cmap += b"1 beginbfrange <20> <7e> <E020> endbfrange endcmap end"
    sheet = Sheet(PARAGRAPH.replace("/F1", "/F2"), entries="/Resources << /Font << /F2 1000 0 R >> >>")
    data = pdf(sheet, extra={1000: private, 1001: pdfs.stream(cmap)}).replace(
        b"/Resources << /Font << /F1 3 0 R >> /XObject <<  >> >>", b""
    )
    (page,) = read(data)
    assert page.words
    assert page.unread


# guards


def test_a_password_is_reported() -> None:
    assert code(pdfs.protected()) == "document_encrypted"


def test_pages_are_counted_before_they_are_read() -> None:
    assert len(read(pdf(*[Sheet()] * 3))) == 3
    assert code(pdf(*[Sheet()] * 4)) == "document_too_large"
    frames = [marked()] * 4
    assert len(read(saved(frames[0], "TIFF", save_all=True, append_images=frames[2:]))) == 3
    assert code(saved(frames[0], "TIFF", save_all=True, append_images=frames[1:])) == "document_too_large"
    assert len(read(b"a\n" * 180)) == 3
    assert code(b"a\n" * 181) == "document_too_large"


def bomb(width: int, height: int) -> bytes:
    """A PNG that says it is huge and holds nothing."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def test_pixels_are_counted_before_they_are_decoded() -> None:
    assert code(bomb(2002, 2000)) == "document_too_large"
    assert code(bomb(60_000, 60_000)) == "document_too_large"


def with_image(width: int, height: int, colours: str = "Gray", bits: int = 8, entries: str = "") -> bytes:
    """A page with an image that says so much of itself and holds nothing."""
    size = f"/Width {width} /Height {height} /ColorSpace /Device{colours} /BitsPerComponent {bits} {entries}"
    picture = pdfs.stream(b"", f"/Type /XObject /Subtype /Image {size}")
    return pdf(Sheet(PARAGRAPH + "/Im Do", resources={"Im": picture}))


def test_pixels_of_an_image_on_a_page_are_counted_before_they_are_decoded() -> None:
    for data in (with_image(1001, 1000, "RGB"), with_image(2002, 2000), with_image(2002, 2000, bits=1)):
        assert code(data) == "document_too_large"


def test_four_grey_pixels_on_a_page_count_as_one_in_colour() -> None:
    assert len(read(with_image(2000, 2000))) == len(read(with_image(2000, 2000, bits=1))) == 1


def test_a_huge_frame_behind_a_small_one_is_refused() -> None:
    assert (
        code(saved(marked(), "TIFF", save_all=True, append_images=[Image.new("RGB", (2000, 1000))]))
        == "document_too_large"
    )


def test_a_huge_page_is_refused() -> None:
    assert code(pdf(Sheet(PARAGRAPH, (14_401, 10)))) == "document_too_large"


def test_a_large_page_is_rendered_within_the_limits() -> None:
    data = pdf(Sheet(PARAGRAPH, (14_000, 14_000)))
    assert picture(data, dpi=600, longest=900).size == (900, 900)
    assert picture(data, dpi=600, longest=5000).size == (1000, 1000)


def test_words_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_WORDS", 69)
    assert code(pdf(Sheet(PARAGRAPH))) == "document_too_large"


# pictures


def test_a_page_is_rendered_at_its_resolution_and_rotated() -> None:
    data = pdf(Sheet("0 700 100 100 re f"))
    assert picture(data, dpi=36).size == (300, 400)
    assert dark_corner(picture(data)) == "top left"
    assert picture(data, dpi=36, rotation=90).size == (400, 300)
    assert dark_corner(picture(data, rotation=90)) == "top right"


@pytest.mark.parametrize(
    ("orientation", "corner"), [(1, "top left"), (3, "bottom right"), (6, "top right"), (8, "bottom left")]
)
def test_photos_are_turned_as_the_camera_says(orientation: int, corner: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(marked(), "JPEG", exif=exif)
    (page,) = read(data)
    image = picture(data)
    expected = [300, 200] if orientation in (6, 8) else [200, 300]
    assert [*image.size] == expected
    assert [page.width, page.height] == expected
    assert dark_corner(image) == corner


def test_large_photos_are_shrunk() -> None:
    assert picture(saved(marked(600, 900), "JPEG"), longest=300).size == (200, 300)


def test_each_frame_of_a_tiff_is_a_page() -> None:
    data = saved(marked(), "TIFF", save_all=True, append_images=[marked().rotate(180)])
    assert [dark_corner(picture(data, page=number)) for number in (0, 1)] == ["top left", "bottom right"]


def test_only_the_first_picture_of_an_animation_is_a_page() -> None:
    assert len(read(saved(marked(), "WEBP", save_all=True, append_images=[marked().rotate(180)]))) == 1


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "CMYK", "I;16"])
def test_every_kind_of_pixel_becomes_dark_on_white(mode: str) -> None:
    image = marked().convert("L")
    if mode == "I;16":
        image = image.convert("I").point(lambda value: value * 257).convert("I;16")
    elif mode in ("LA", "RGBA"):
        image = Image.new("L", image.size).convert(mode)
        image.putalpha(marked().convert("L").point(lambda value: 255 - value))
    else:
        image = image.convert(mode)
    assert dark_corner(picture(saved(image, "TIFF" if mode == "CMYK" else "PNG"))) == "top left"


# plain text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_is_read_in_the_usual_encodings(encoding: str) -> None:
    (page,) = read("Größe 5 €".encode(encoding))
    assert visible(page) == ["Größe", "5", "€"]


def test_words_of_text_lie_on_a_grid() -> None:
    (page,) = read(b"item        1.00\n\n\ttotal  1.00\n")
    item, price, total, sum_ = page.words
    assert price.box[2] == pytest.approx(sum_.box[2] + (16 - 19) / (19 + 4))
    assert item.box[1] == price.box[1] < total.box[1]
    assert total.box[0] - item.box[0] == pytest.approx(8 / (19 + 4))
    assert page.width / page.height < 1


def test_long_lines_are_folded_and_long_texts_are_cut_into_pages() -> None:
    pages = read(("word " * 100 + "\n" + "x" * 250 + "\n" + "row\n" * 60 + "\fnext").encode())
    assert [len(page.words) for page in pages] == [100 + 3 + 52, 8, 1]
    assert all(0 <= value <= 1 for page in pages for word in page.words for value in word.box)


def test_control_characters_are_dropped() -> None:
    assert visible(read(b"to\0tal \x1b" + b"and more text " * 20 + b"\x1a")[0])[:2] == ["total", "and"]


def test_text_can_be_looked_at() -> None:
    image = picture(b"total 1.00", dpi=72)
    x0, y0, x1, y1 = read(b"total 1.00")[0].words[0].box
    across, down = image.size
    darkest = image.crop((int(x0 * across), int(y0 * down), int(x1 * across), int(y1 * down))).getextrema()[0]
    assert darkest < 128  # type: ignore[operator]


def test_letters_and_signs_beyond_ascii_are_drawn_each_in_its_cell() -> None:
    words = ["Müller", "Straße", "12,50", "€", "£", "Łódź", "Ж"]
    data = " ".join(words).encode()
    image, (page,) = picture(data, dpi=144, longest=2000).convert("L"), read(data)
    across, down = image.size
    for word in page.words:
        x0, y0, x1, y1 = word.box
        cells = image.crop((round(x0 * across), round(y0 * down), round(x1 * across), round(y1 * down)))
        width = cells.width / len(word.text)
        for at in range(len(word.text)):
            cell = cells.crop((round(at * width), 0, round((at + 1) * width), cells.height))
            assert cell.getextrema()[0] < 128, word.text[at]  # type: ignore[operator]
    assert image.crop((0, 0, across, int(page.words[0].box[1] * down) - 2)).getextrema() == (255, 255)
    assert picture("ü".encode()).tobytes() != picture("\u0416".encode()).tobytes()
