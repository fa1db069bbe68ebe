"""What is seen on a PDF page is what is read: a word counts if its own ink is on the page as it is drawn."""

from __future__ import annotations

import string

import pytest
from PIL import Image, ImageFont

from ix.errors import DocumentError
from ix.extraction.documents import OpenedPage, pdf_annotations, pdf_ciphers, pdf_placeholders
from tests.extraction import pdfs
from tests.extraction.pdfs import PARAGRAPH, Sheet, line, pdf
from tests.extraction.test_documents import hidden, read, visible

LAYER = "/OCProperties << /OCGs [1000 0 R] /D << /OFF [1000 0 R] >> >>"
LAYERED = "/Resources << /Font << /F1 3 0 R /F2 1001 0 R >> /Properties << /L 1000 0 R >> /XObject << /G 1002 0 R >> >>"


def sheet_of(content: str, **extra: bytes) -> bytes:
    """A PDF whose page has its own resources: a layer L that is off, a font F2 and a group G."""
    objects = {1000: b"<< /Type /OCG /Name (draft) >>", **{int(name[1:]): body for name, body in extra.items()}}
    data = pdf(Sheet(PARAGRAPH + content, entries=LAYERED), extra=objects, catalog=LAYER)
    return data.replace(b"/Resources << /Font << /F1 3 0 R >> /XObject <<  >> >>", b"")


def note(look: int, kind: str = "FreeText", entries: str = "/F 4", y: int = 100) -> bytes:
    """An annotation, drawn as the object `look` says, or as viewers do where that is 0."""
    drawn = f"/AP << /N {look} 0 R >>" if look else "/DA (/Helv 12 Tf 0 g)"
    rect = f"/Rect [50 {y} 250 {y + 20}]"
    return f"<< /Type /Annot /Subtype /{kind} /Contents (typed) {entries} {rect} {drawn} >>".encode()


def look(content: str = "BT /F1 12 Tf 2 4 Td (typed) Tj ET") -> bytes:
    return pdfs.stream(
        content.encode(), "/Type /XObject /Subtype /Form /BBox [0 0 200 20] /Resources << /Font << /F1 3 0 R >> >>"
    )


def noted(*notes: bytes, content: str = PARAGRAPH, drawn: bytes = look()) -> OpenedPage:
    """A page with these annotations, drawn as object 1099."""
    extra = {1000 + at: body for at, body in enumerate(notes)}
    listed = " ".join(f"{number} 0 R" for number in extra)
    (page,) = read(pdf(Sheet(content, entries=f"/Annots [{listed}]"), extra={**extra, 1099: drawn}))
    return page


# what lies over a page


@pytest.mark.parametrize("kind", ["FreeText", "Stamp"])
def test_notes_and_stamps_are_read_where_they_stand(kind: str) -> None:
    page = noted(note(1099, kind))
    assert visible(page)[-1] == "typed"
    assert page.words[-1].box[1] == pytest.approx((800 - 118) / 800, abs=0.01)


def test_a_note_that_does_not_say_how_it_is_drawn_is_read_and_a_page_of_nothing_else_too() -> None:
    assert visible(noted(note(0), content="")) == ["typed"]


def test_notes_that_a_screen_does_not_show_are_not_read() -> None:
    page = noted(note(1099, entries="/F 2"), note(1099, entries="/F 32", y=200), note(1099, y=300))
    assert visible(page)[70:] == ["typed"]


def test_a_page_may_have_so_many_notes_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_annotations, "MOST", 2)
    assert visible(noted(note(0), note(0, y=200)))[-2:] == ["typed", "typed"]
    with pytest.raises(DocumentError, match="3 notes, more than the 2 allowed") as caught:
        noted(note(0), note(0, y=200), note(0, y=300))
    assert caught.value.code == "document_too_large"


def test_a_page_with_links_alone_is_not_loaded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    monkeypatch.setattr(pdf_annotations, "hide_print_only", lambda page, count: looks.append(count))
    noted(note(0, "Link"))
    assert looks == []
    noted(note(0, "Link"), note(1099))
    assert looks == [2]


def test_what_an_annotation_covers_is_hidden() -> None:
    cover = note(1099, "Square", y=295)
    page = noted(cover, content=PARAGRAPH + line("secret", y=300), drawn=look("1 g 0 0 200 20 re f"))
    assert hidden(page) == ["secret"]


# ways to hide


@pytest.mark.parametrize(
    "content",
    [
        "/OC /L BDC " + line("secret", y=300) + "EMC ",
        "q 0 0 0 0 re W n " + line("secret", y=300) + "Q ",
        "q 0 290 50 20 re W n " + line("secret", y=300, x=40) + "Q ",
        line("secret", y=300) + "1 g 40 295 400 20 re f 0 g " + line("other words", y=300),
        line("secret", y=300).replace("/F1", "/F2"),
        "/G Do ",
    ],
    ids=["switched off", "clipped away", "mostly clipped", "under another word", "blank glyphs", "group switched off"],
)
def test_whatever_leaves_no_ink_is_hidden(content: str) -> None:
    blank = (
        b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1 1] /FontMatrix [0.6 0 0 0.6 0 0] /FirstChar 97 /LastChar 122 "
        b"/Widths [" + b"1 " * 26 + b"] /Encoding << /Differences [97 "
    )
    letters = b"".join(b"/%c " % letter for letter in range(97, 123))
    blank += letters + b"] >> /CharProcs << " + b"".join(b"/%c 1003 0 R " % at for at in range(97, 123)) + b">> >>"
    group = pdfs.stream(
        line("secret", y=300).encode(),
        "/Type /XObject /Subtype /Form /BBox [0 0 600 800] /OC 1000 0 R /Resources << /Font << /F1 3 0 R >> >>",
    )
    data = sheet_of(content, _1001=blank, _1002=group, _1003=pdfs.stream(b"1 0 0 0 1 1 d1"))
    (page,) = read(data)
    assert hidden(page) == ["secret"]
    assert len(visible(page)) >= 70


GRAPHICS = "/ExtGState << /S << /SMask << /S /Luminosity /G 1001 0 R >> >> /M << /BM /Multiply >> /A << /ca 0.02 >> >>"
PATTERNS = "/Pattern << /P 1000 0 R >> /ColorSpace << /N [/Separation /None /DeviceGray 1004 0 R] >>"
SHADES = "/Shading << /H << /ShadingType 2 /ColorSpace /DeviceGray /Coords [0 0 600 0] /Function 1004 0 R >> >>"
LAYERS = "/Properties << /L 1005 0 R >> /XObject << /I 1002 0 R /C 1003 0 R >>"


def drawn_with(content: str, membership: str = "/VE [/And 1006 0 R]") -> OpenedPage:
    """A page with all that may hide text: a black soft mask, blending, a white pattern and image, shades of white, and
    a layer that is off, of which the content marked L is a member."""
    resources = f"/Resources << /Font << /F1 3 0 R >> {GRAPHICS} {PATTERNS} {SHADES} {LAYERS} >>"
    white = "/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 10 10] /XStep 10 /YStep 10 /Resources << >>"
    extra = {
        1000: pdfs.stream(b"1 g 0 0 10 10 re f", white),
        1001: pdfs.form("0 g 0 0 600 800 re f").replace(b"/Subtype", b"/Group << /S /Transparency >> /Subtype", 1),
        1002: pdfs.image(Image.new("L", (10, 10), "white")),
        1003: pdfs.image(Image.new("L", (10, 10), "white")).replace(b"/Subtype", b"/SMask 1007 0 R /Subtype", 1),
        1004: b"<< /FunctionType 2 /Domain [0 1] /C0 [1] /C1 [0.95] /N 1 >>",
        1005: f"<< /Type /OCMD /OCGs [1006 0 R] {membership} >>".encode(),
        1006: b"<< /Type /OCG /Name (draft) >>",
        1007: pdfs.image(Image.new("L", (10, 10), "black")),
    }
    layers = "/OCProperties << /OCGs [1006 0 R] /D << /OFF [1006 0 R] >> >>"
    data = pdf(Sheet(PARAGRAPH + content, entries=resources), extra=extra, catalog=layers)
    (page,) = read(data.replace(b"/Resources << /Font << /F1 3 0 R >> /XObject <<  >> >>", b""))
    return page


SECRET = line("secret", y=300)


@pytest.mark.parametrize(
    "content",
    [
        f"q /S gs {SECRET} Q",
        "q /M gs " + line("secret", y=300, before="1 g") + "Q",
        f"q /A gs {SECRET} Q",
        line("secret", y=300, before="/Pattern cs /P scn"),
        SECRET + "/Pattern cs /P scn 40 295 300 20 re f",
        SECRET + "q 40 295 300 20 re W n /H sh Q",
        SECRET + "q 300 0 0 20 40 295 cm /I Do Q",
        line("secret", y=300, before="/N cs 1 scn"),
        line("secret", y=300, before="7 Tr"),
        line("secret", y=300, before="1 Tr 1 G"),
        line("secret", y=300, before="0.97 g"),
        line("secret", y=300, size=0.1),
        line("secret", y=300, matrix="1 0 0 0.02"),
        f"/OC /L BDC {SECRET} EMC",
    ],
    ids=[
        "mask",
        "multiply",
        "clear",
        "pattern",
        "tiles",
        "shades",
        "image",
        "separation",
        "clip",
        "outline",
        "pale",
        "tiny",
        "flat",
        "layer",
    ],
)
def test_nobody_sees_what_is_drawn_so(content: str) -> None:
    page = drawn_with(content)
    assert hidden(page) == ["secret"]
    assert len(visible(page)) == 70


@pytest.mark.parametrize(
    "content",
    [SECRET + "q 300 0 0 20 40 295 cm /C Do Q", line("secret", y=300, size=0.1, matrix="120 0 0 120")],
    ids=["under a clear image", "small and enlarged"],
)
def test_everybody_sees_what_is_drawn_so(content: str) -> None:
    assert hidden(drawn_with(content)) == []


@pytest.mark.parametrize(
    ("membership", "seen"), [("/P /AllOff", True), ("/P /AnyOn", False), ("/VE [/Not 1006 0 R]", True)]
)
def test_a_member_of_layers_shows_as_its_policy_says(membership: str, seen: bool) -> None:
    page = drawn_with(f"/OC /L BDC {SECRET} EMC", membership)
    assert hidden(page) == ([] if seen else ["secret"])


def test_letters_cut_out_of_a_fill_are_left_to_ocr() -> None:
    cut_out = line("Painted 4711 letters", y=300, before="7 Tr").removesuffix("Q\n") + "0 g 0 290 600 30 re f Q"
    page = drawn_with(cut_out)
    assert (len(visible(page)), hidden(page), page.unread) == (70, [], False)
    assert page.area is not None
    assert page.area[1] < 0.62 < page.area[3]
    assert drawn_with(line("Painted 4711 letters", y=300, before="7 Tr")).area is None


def test_text_of_its_grounds_grey_in_another_colour_is_seen() -> None:
    # red of luminance 76 on grey of 76: no difference in grey
    page = read(pdf(Sheet("0.3 g 0 280 600 60 re f " + line("seen", y=300, before="1 0 0 rg"))))[0]
    assert visible(page) == ["seen"]


def test_the_same_word_drawn_twice_is_bold_and_seen() -> None:
    page = read(pdf(Sheet(line("total", y=300) + line("total", x=40.4, y=300))))[0]
    assert hidden(page) == []


def test_text_of_a_negative_font_size_stands_as_it_is_drawn() -> None:
    (page,) = read(pdf(Sheet(line("upright words", size=-12, matrix="-1 0 0 -1"))))
    assert (page.rotation, hidden(page)) == (0, [])
    assert page.words[0].box[0] < page.words[1].box[0]


# text layers that are a cipher


def shifted(characters: str) -> dict[str, str]:
    """Each character and the one after it, the last and the first."""
    return dict(zip(characters, characters[1:] + characters[0], strict=True))


def lettered(wrong: dict[str, str], text: str = "Total amount due 123.45 until 2024") -> OpenedPage:
    """A page in a font of its own, whose characters are said to mean `wrong`."""
    outlines = ImageFont.load_default(10).path.getvalue()  # type: ignore[union-attr]
    chars = "".join(f"<{code:02x}> <{ord(wrong.get(chr(code), chr(code))):04x}>\n" for code in range(32, 127))
    cmap = "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> endcodespacerange "
    cmap += f"95 beginbfchar\n{chars}endbfchar endcmap end"
    font = "<< /Type /Font /Subtype /TrueType /BaseFont /ABCDEF+Own /Encoding /WinAnsiEncoding "
    font += f"/FirstChar 32 /LastChar 126 /Widths [{'560 ' * 95}] /FontDescriptor 1003 0 R /ToUnicode 1004 0 R >>"
    described = "<< /Type /FontDescriptor /FontName /ABCDEF+Own /Flags 32 /FontBBox [0 -200 1000 900] /Ascent 900 "
    described += "/Descent -200 /ItalicAngle 0 /CapHeight 700 /StemV 80 /FontFile2 1005 0 R >>"
    objects = {
        "_1001": font.encode(),
        "_1003": described.encode(),
        "_1004": pdfs.stream(cmap.encode()),
        "_1005": pdfs.stream(outlines, f"/Length1 {len(outlines)}"),
    }
    (page,) = read(sheet_of(line(text, y=300).replace("/F1", "/F2"), **objects))
    return page


def test_a_font_that_tells_the_truth_is_read() -> None:
    page = lettered({})
    assert visible(page)[70:] == ["Total", "amount", "due", "123.45", "until", "2024"]
    assert not page.unread


@pytest.mark.parametrize("wrong", [string.digits, string.ascii_lowercase, string.ascii_letters + string.digits])
def test_a_font_whose_characters_mean_others_condemns_the_text_layer(wrong: str) -> None:
    page = lettered(shifted(wrong))
    assert visible(page)[70:] != ["Total", "amount", "due", "123.45", "until", "2024"]
    assert page.unread


def test_a_font_that_was_looked_at_is_remembered_by_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    lettered({})

    def refuse(*_: object) -> None:
        raise AssertionError("it was looked at again")

    with monkeypatch.context() as patched:
        patched.setattr(pdf_ciphers, "glyph_of", refuse)
        assert not lettered({}).unread
    # the same file with another map to characters is another matter
    assert lettered(shifted(string.digits)).unread
    assert not lettered({}).unread


def test_no_more_fonts_are_remembered_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_ciphers, "MOST_REMEMBERED", 5)
    pdf_ciphers.MEMORY.clear()
    assert not lettered({}).unread
    assert len(pdf_ciphers.MEMORY) == 5


def test_text_that_means_nothing_and_is_in_no_word_condemns_the_text_layer_too() -> None:
    page = lettered(dict.fromkeys(string.digits + ".", " "))
    assert visible(page)[70:] == ["Total", "amount", "due", "until"]
    assert page.unread


# placeholders


@pytest.mark.parametrize(
    ("catalog", "pages", "refused"),
    [
        ("/AcroForm << /Fields [] /XFA 1000 0 R >> /NeedsRendering true", 1, True),
        ("/AcroForm << /Fields [] /XFA 1000 0 R >>", 1, True),
        ("/AcroForm << /Fields [] /XFA 1000 0 R >>", 2, False),
        ("/Collection << /View /D >> /Names << /EmbeddedFiles << /Names [(a) 1001 0 R] >> >>", 1, True),
        ("/Collection << /View /D >> /Names << /EmbeddedFiles << /Names [(a) 1001 0 R] >> >>", 2, False),
        ("/Names << /EmbeddedFiles << /Names [(a) 1001 0 R] >> >>", 1, False),
    ],
    ids=["dynamic", "one page without fields", "two pages", "portfolio", "portfolio of pages", "attachment"],
)
def test_pages_that_only_ask_for_another_reader_are_an_error(catalog: str, pages: int, refused: bool) -> None:
    extra = {
        1000: pdfs.stream(b"<xdp/>"),
        1001: b"<< /Type /Filespec /F (a) /EF << /F 1002 0 R >> >>",
        1002: pdfs.stream(b"attached", "/Type /EmbeddedFile"),
    }
    data = pdf(*[Sheet(line("Please wait"))] * pages, extra=extra, catalog=catalog)
    if not refused:
        assert len(read(data)) == pages
        return
    with pytest.raises(DocumentError) as raised:
        read(data)
    assert raised.value.code == "document_placeholder"


def test_a_portfolio_is_told_by_a_packed_catalog_too() -> None:
    packed = pdfs.stream(b"1 0 << /Type /Catalog /Collection << /View /D >> >>", "/Type /ObjStm /N 1 /First 4")
    assert not pdf_placeholders.is_portfolio(pdf(Sheet(PARAGRAPH)))
    assert pdf_placeholders.is_portfolio(pdf(Sheet(PARAGRAPH), extra={1000: packed}))
