"""Pictures of every kind: told by their bytes, bounded before they are decoded, saved where they are cut off, and shown
as a person sees them."""

from __future__ import annotations

import io
import struct
from functools import cache

import pillow_heif
import pytest
from PIL import Image, ImageDraw, ImageFont, TiffImagePlugin

from ix.errors import DocumentError
from ix.extraction import documents
from ix.extraction.documents import Limits
from ix.extraction.documents.image_kinds import kind_of
from tests.extraction.test_documents import code, dark_corner, marked, picture, read, saved

KINDS = ("JPEG", "PNG", "TIFF", "WEBP", "HEIF", "AVIF", "GIF", "BMP", "JPEG2000")
LIMITS = Limits(pages=3, pixels=100_000)


@cache
def file(kind: str, width: int = 200, height: int = 300) -> bytes:
    """A picture with a dark corner in a file of that kind."""
    image = marked(width, height).convert("RGB")
    if kind != "HEIF":
        return saved(image, kind)
    buffer = io.BytesIO()
    pillow_heif.from_pillow(image).save(buffer)
    return buffer.getvalue()


def drawn(data: bytes, limits: Limits = LIMITS, longest: int = 1000) -> documents.Picture:
    return documents.picture(data, limits, 0, 72, longest, 0)


def grey_at(image: Image.Image, x: int, y: int) -> int:
    return int(image.convert("L").getpixel((x, y)))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_told_by_its_bytes_and_drawn(kind: str) -> None:
    data = file(kind)
    assert kind_of(data) == kind
    (page,) = read(data)
    assert (page.width, page.height, page.unread) == (200, 300, True)
    assert dark_corner(picture(data)) == "top left"


def test_a_bare_codestream_and_a_large_tiff_are_pictures_too() -> None:
    assert kind_of(saved(marked(), "JPEG2000", no_jp2=True)) == "JPEG2000"
    assert kind_of(saved(marked(), "TIFF", big_tiff=True)) == "TIFF"
    assert dark_corner(picture(saved(marked(), "TIFF", big_tiff=True))) == "top left"


@pytest.mark.parametrize(
    "data", [b"BMW AG\nTotal 12.50\nthis is a text and no bitmap", b"BM", b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", b"ftyp"]
)
def test_other_bytes_are_no_picture(data: bytes) -> None:
    assert kind_of(data) is None


@pytest.mark.parametrize("kind", KINDS)
def test_no_other_decoder_gets_near_a_file(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[tuple[str, ...]] = []
    opened = Image.open

    def noted(file: object, *, formats: tuple[str, ...]) -> Image.Image:
        tried.append(formats)
        return opened(file, formats=formats)  # type: ignore[arg-type]

    monkeypatch.setattr(Image, "open", noted)
    read(file(kind))
    assert tried == [(kind,)]


# limits


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("JPEG", "JPEG2000")])
def test_too_many_pixels_are_refused_where_all_have_to_be_decoded(kind: str) -> None:
    with pytest.raises(DocumentError, match="60000 pixels, more than the 59999") as raised:
        documents.read(file(kind), Limits(pages=1, pixels=59_999))
    assert raised.value.code == "document_too_large"


@pytest.mark.parametrize(("mode", "kind"), [("1", "TIFF"), ("L", "PNG"), ("L", "TIFF")])
def test_four_grey_pixels_take_the_memory_of_one_in_colour(mode: str, kind: str) -> None:
    """A scan of A3 at 600 dpi in black and white has 70 million."""
    grey = saved(marked(200, 300).convert(mode), kind)
    assert grey_at(drawn(grey, Limits(1, 15_000)).image, 5, 5) < 60
    with pytest.raises(DocumentError, match="60000 pixels, more than the 14999"):
        documents.read(grey, Limits(1, 14_999))


def test_grey_pixels_that_are_partly_transparent_count_as_colour() -> None:
    data = saved(marked(200, 300).convert("L"), "PNG", transparency=0)
    with pytest.raises(DocumentError, match="60000 pixels, more than the 59999"):
        documents.read(data, Limits(1, 59_999))


@pytest.mark.parametrize("kind", ["JPEG", "JPEG2000"])
def test_more_pixels_are_decoded_to_fewer(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[tuple[int, int]] = []
    large, limits, load = file(kind, 4000, 100), Limits(pages=1, pixels=150_000), Image.Image.load

    def noted(image: Image.Image) -> object:
        sizes.append(image.size)
        return load(image)

    monkeypatch.setattr(Image.Image, "load", noted)
    assert documents.read(large, limits)[0].width == 4000
    image = drawn(large, limits, longest=1900).image
    # a strip is not made smaller than it is decoded
    assert image.size == (2000, 50)
    assert grey_at(image, 50, 5) < 60
    assert grey_at(image, 1850, 40) > 200
    assert max(sizes) <= (2000, 50)


def test_a_long_receipt_is_decoded_small_as_well() -> None:
    assert drawn(file("JPEG", 300, 4100), Limits(1, 500_000), longest=2000).image.size == (150, 2050)


def test_a_jpeg_of_more_pixels_than_can_be_unpacked_in_time_is_refused() -> None:
    data = file("JPEG", 8000, 200)
    assert documents.read(data, Limits(pages=1, pixels=210_000))
    with pytest.raises(DocumentError) as raised:
        documents.read(data, Limits(pages=1, pixels=190_000))
    assert raised.value.code == "document_too_large"


def test_a_progressive_jpeg_is_refused_where_its_coefficients_take_too_much() -> None:
    data = saved(marked(4000, 400).convert("RGB"), "JPEG", progressive=True, subsampling=0)
    assert documents.read(data, Limits(pages=1, pixels=650_000))
    with pytest.raises(DocumentError, match="more than memory allows") as raised:
        documents.read(data, Limits(pages=1, pixels=500_000))
    assert raised.value.code == "document_too_large"


def test_a_png_that_says_nothing_of_its_orientation_is_not_decoded_to_be_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Image.Image, "load", lambda image: pytest.fail("decoded"))
    assert read(file("PNG"))


# files that are cut off


def noise(kind: str, **options: object) -> bytes:
    """A picture whose rows all differ, so that a share of the file is one of the rows."""
    return saved(Image.effect_noise((200, 200), 80), kind, **options)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "TIFF"])
@pytest.mark.parametrize(("share", "missing"), [(0.9, 10), (0.65, 35)])
def test_the_rows_of_a_file_that_is_cut_off_are_read(kind: str, share: float, missing: int) -> None:
    data = noise(kind)
    image, warnings = drawn(data[: int(len(data) * share)])
    assert image.size == (200, 200)
    (warning,) = warnings
    said = int(warning.removeprefix("the image is cut off: ").split("%")[0])
    # a JPEG is cut in blocks of 8 rows
    assert abs(said - missing) <= 6
    # what is missing is white, as paper is
    assert grey_at(image, 100, 0 if kind == "BMP" else 199) == 255


def test_a_jpeg_without_its_last_bytes_is_read_whole() -> None:
    data = noise("JPEG")
    image, warnings = drawn(data[:-2])
    assert warnings == ["the image is damaged or cut off: it was read as far as it goes"]
    assert image.tobytes() == drawn(data).image.tobytes()


def test_a_progressive_jpeg_that_is_cut_off_is_read_as_far_as_it_goes() -> None:
    data = saved(marked(400, 400), "JPEG", progressive=True)
    image, warnings = drawn(data[: int(len(data) * 0.8)], Limits(1, 200_000))
    assert "as far as it goes" in warnings[0]
    assert dark_corner(image) == "top left"


def test_an_interlaced_picture_that_is_cut_off_is_read_as_far_as_it_goes() -> None:
    assert drawn(noise("GIF")[:30_000]).warnings == ["the image is damaged or cut off: it was read as far as it goes"]


@pytest.mark.filterwarnings("ignore:Truncated File Read")
@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_which_nothing_can_be_decoded_is_unreadable(kind: str) -> None:
    data = noise("JPEG") if kind == "JPEG" else file(kind)
    # after the header of its only scan
    end = data.index(b"\xff\xda") + 10 if kind == "JPEG" else 60
    assert code(data[:end]) == "document_unreadable"


@pytest.mark.parametrize("kind", ["WEBP", "HEIF", "AVIF", "JPEG2000"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_kinds_that_are_decoded_as_a_whole_are_unreadable_when_cut_off(kind: str, share: float) -> None:
    data = file(kind)
    assert code(data[: int(len(data) * share)]) == "document_unreadable"


def test_a_whole_file_has_nothing_said_of_it() -> None:
    assert [drawn(file(kind)).warnings for kind in KINDS] == [[]] * len(KINDS)


# frames


def lettered(letters: str = "AB", size: tuple[int, int] = (240, 180)) -> Image.Image:
    image = Image.new("L", size, "white")
    ImageDraw.Draw(image).text((20, 20), letters, "black", ImageFont.load_default(80))
    return image


def frames(*images: tuple[Image.Image, dict[int, int]]) -> bytes:
    """A TIFF of these frames, each with these tags."""
    buffer = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(buffer, new=True) as writer:
        for image, tags in images:
            image.save(writer, "TIFF", tiffinfo=tags)
            writer.newFrame()
    return buffer.getvalue()


@pytest.mark.parametrize("tags", [{254: 1}, {254: 4}, {255: 2}])
def test_a_frame_that_says_that_it_is_a_thumbnail_or_a_mask_is_no_page(tags: dict[int, int]) -> None:
    other = (lettered("Q", (100, 150)), tags)
    assert [page.width for page in read(frames((lettered(), {}), other, (lettered("C"), {})))] == [240, 240]
    assert [page.width for page in read(frames(other, (lettered(), {})))] == [240]


def test_a_small_frame_that_repeats_its_neighbour_is_no_page() -> None:
    page, thumbnail = lettered(), lettered().resize((60, 45))
    assert len(read(frames((page, {}), (thumbnail, {})))) == 1
    assert [one.width for one in read(frames((thumbnail, {}), (page, {})))] == [240]


def test_a_small_frame_that_shows_something_else_is_a_page() -> None:
    assert len(read(frames((lettered(), {}), (lettered("QX").resize((60, 45)), {})))) == 2
    assert len(read(frames((lettered(), {}), (lettered().resize((60, 100)), {})))) == 2


def test_a_file_of_thumbnails_alone_has_a_page() -> None:
    assert len(read(frames((lettered(), {254: 1}), (lettered(), {254: 1})))) == 1


def test_frames_are_compared_for_no_more_pixels_than_one_page_may_have() -> None:
    data = frames((lettered(), {}), (lettered().resize((60, 45)), {}))
    assert len(documents.read(data, Limits(2, 240 * 180))) == 2
    assert len(documents.read(data, Limits(2, 240 * 180 + 60 * 45))) == 1


# transparency


def ink(*colours: str) -> Image.Image:
    """A bar of each colour, side by side, on nothing."""
    image = Image.new("RGBA", (200, 100), (0, 0, 0, 0))
    for number, colour in enumerate(colours):
        ImageDraw.Draw(image).rectangle((10 + 60 * number, 40, 50 + 60 * number, 60), colour)
    return image


@pytest.mark.parametrize("colours", [("white",), ("black",), ("white", "black"), ("lightyellow", "white")])
@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_ink_shows_on_transparent_ground(kind: str, colours: tuple[str, ...]) -> None:
    image = picture(saved(ink(*colours), kind, lossless=True))
    paper = grey_at(image, 5, 5)
    assert all(abs(grey_at(image, 30 + 60 * number, 50) - paper) >= 100 for number in range(len(colours)))


def test_round_corners_of_a_white_page_stay_white() -> None:
    page = Image.new("RGBA", (200, 100), "white")
    page.paste((0, 0, 0, 0), (0, 0, 5, 5))
    assert grey_at(picture(saved(page, "PNG")), 2, 2) == 255


def test_a_file_type_box_that_lies_of_its_length_harms_nobody() -> None:
    assert kind_of(struct.pack(">I", 2**32 - 1) + b"ftypheic" + bytes(1000)) == "HEIF"
    assert code(struct.pack(">I", 2**32 - 1) + b"ftypheic" + bytes(1000)) == "document_unreadable"
