"""PDF, by way of pdfium."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image

from ix.errors import DocumentError
from ix.extraction.documents import (
    Limits,
    OpenedPage,
    chosen,
    locked,
    pdf_annotations,
    pdf_attachments,
    pdf_calls,
    pdf_ciphers,
    pdf_codes,
    pdf_cut,
    pdf_drawing,
    pdf_ink,
    pdf_marks,
    pdf_objects,
    pdf_pictures,
    pdf_placeholders,
    pdf_strokes,
    pdf_words,
    too_many_pixels,
    within,
)
from ix.extraction.layout import around, clamped
from ix.extraction.page import Box, Word, rotated

MAX_SIDE = 14_400
"""Longest side of a page, points: 200 inches, the limit of ISO 32000-1 annex C."""
HEADER = 1024
"""Readers accept bytes before the header, as long as it starts within the first 1024 (ISO 32000-1 annex H, note 13)."""
PHOTO_SHARE = 0.5
"""Share of a page that images cover, from which it is a scan if it has fewer visible words than `PHOTO_WORDS`."""
PHOTO_WORDS = 25
"""Words that a scanner's or mail system's stamp stays below."""
GARBAGE_SHARE = 0.2
"""Share of characters without a meaning from which a text layer is no use."""
PAGE_MEMORY = 28 << 20
"""What a page's objects and words may take, bytes (28 MiB): packed a thousand times, they say nothing of it before.
Invoices take 15 MiB, and 10 more where a code is drawn and read."""
JPX_PIXELS = 1_000_000
"""Pixels of JPEG 2000 above which a page is not drawn while it is opened: pdfium decodes all of them at once, 12 bytes
each."""
UNGIVEN = "the document is protected by a password, and none was given"
WRONG = "the document is protected by a password, and the one that was given does not open it"
UNCHECKED = "its text may be hidden: it was not looked at, because of a large JPEG 2000 image"


class PdfFormat:
    """PDF of any version that pdfium reads, with a text layer or without."""

    name = "PDF"
    rank = 10
    memory = PAGE_MEMORY

    def recognises(self, data: bytes) -> bool:
        return b"%PDF-" in data[:HEADER]

    def open(self, data: bytes, limits: Limits) -> PdfDocument:
        return PdfDocument(data, limits)


class PdfDocument:
    """A PDF without a password, or with the one that was given."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._limits = limits
        with readable(limits.password):
            self._pdf, self._warnings = pdf_cut.opened(data, limits.password or None)
        with readable():
            self._chosen = chosen(len(self._pdf), limits)
            pdf_placeholders.refuse(self._pdf, data)
            # without a form environment, what is filled into a form is neither drawn nor read
            if self._pdf.get_formtype() != pdfium_c.FORMTYPE_NONE:
                self._pdf.init_forms()

    def __len__(self) -> int:
        return len(self._pdf)

    def pages(self) -> Iterator[OpenedPage]:
        fonts = pdf_ciphers.Fonts()
        for index in self._chosen:
            with self._page(index) as page:
                drawn = pdf_objects.drawn(page)
                self._require_bearable(page, index, drawn.images)
                opened = opened_page(page, drawn, fonts)
                if index == self._chosen[0]:
                    warnings = [*self._warnings, *opened.warnings]
                    opened = replace(opened, warnings=warnings, invoice=pdf_attachments.einvoice(self._pdf))
                yield opened

    def image(self, page: int, dpi: int, longest: int) -> Image.Image:
        with self._page(page) as opened:
            return rendered(opened, self._scale(opened, dpi, longest))

    def rest(self, page: int, dpi: int, longest: int) -> Image.Image:
        with self._page(page) as opened, pdf_drawing.switched_off(pdf_objects.drawn(opened).texts):
            return rendered(opened, self._scale(opened, dpi, longest))

    def close(self) -> None:
        self._pdf.close()

    def _require_bearable(self, page: pdfium.PdfPage, index: int, images: Iterable[int]) -> None:
        """Raises `DocumentError` where drawing an image would take too much. Four grey pixels count as one in colour,
        as for image files: scanners pack A3 at 600 dpi in black and white into PDFs."""
        for image in images:
            count = pdf_objects.pixels(image)
            if count > self._limits.pixels and count >> 2 * pdf_objects.is_grey(page, image) > self._limits.pixels:
                raise too_many_pixels(index, count, self._limits)

    def _scale(self, page: pdfium.PdfPage, dpi: int, longest: int) -> float:
        """Pixels a point: `dpi`, or less where that makes too many pixels."""
        width, height = page.get_size()
        return float(min(dpi / 72, within(width, height, longest), (self._limits.pixels / (width * height)) ** 0.5))

    @contextmanager
    def _page(self, index: int) -> Iterator[pdfium.PdfPage]:
        """A page of a sensible size, its form fields and notes drawn into it."""
        with readable():
            page = self._flat(index)
            try:
                check_size(page, index)
                yield page
            finally:
                page.close()

    def _flat(self, index: int) -> pdfium.PdfPage:
        """The page with what lies over it made a part of its content, for which it is loaded again."""
        page = self._pdf[index]
        if not pdf_annotations.flatten(page):
            return page
        page.close()
        return self._pdf[index]


def check_size(page: pdfium.PdfPage, index: int) -> None:
    """Raises `DocumentError` for a page that no printer takes."""
    width, height = page.get_size()
    if max(width, height) > MAX_SIDE:
        message = f"page {index + 1} is {width:.0f} x {height:.0f} points, more than the {MAX_SIDE} allowed"
        raise DocumentError(message, code="document_too_large")
    if min(width, height) <= 0:
        raise DocumentError(f"page {index + 1} has no area")


def most_pixels(images: Iterable[int]) -> int:
    """Pixels of the largest of these images."""
    return max(map(pdf_objects.pixels, images), default=0)


def opened_page(page: pdfium.PdfPage, drawn: pdf_objects.Drawn, fonts: pdf_ciphers.Fonts) -> OpenedPage:
    """The page's text layer, rotated upright, and whether it is what a person sees."""
    pdf_marks.take_digits_as_drawn(drawn.texts)
    layer, area, lost = pdf_words.layer(page), None, False
    width, height = page.get_size()
    drawable = most_pixels(pdf_objects.jpx(drawn.images)) <= JPX_PIXELS
    if drawable and any(not word.hidden for word in layer.words):
        pictures = pdf_ink.hide_unseen(page, layer.words, drawn.texts)
        to_fractions = pdf_words.fractions_of(page)
        lost = pictures.is_broken or pdf_pictures.is_lost(pictures.text, [word.box for word in layer.words])
        shapes = list(map(to_fractions, map(pdf_calls.bounds, drawn.shapes)))
        lost = lost or pdf_strokes.complete_numbers(shapes, layer.words, width / height)
        # letters that cut a shape out of a fill are text that no text object draws
        cut_out = drawn.surfaces if any(map(pdf_words.is_clip, layer.words)) else []
        if shown := [*drawn.pictures, *cut_out]:
            boxes = list(map(to_fractions, map(pdf_calls.bounds, shown)))
            area = pdf_pictures.unread(pictures.rest, boxes, [word.box for word in layer.words if not word.hidden])
        if area is not None and cut_out:
            layer.words = [word for word in layer.words if not (pdf_words.is_clip(word) and touches(word.box, area))]
        area = around_meaningless(layer, area)
    rotation = pdf_words.upright_rotation(layer.words)
    words = [entry.word(rotation) for entry in layer.words]
    size = (height, width) if rotation % 180 else (width, height)
    unread = lost or is_unread(page, words, layer.garbage) or fonts.condemn(layer.words, width / height)
    # where OCR reads the page, codes are looked for in what is drawn for it
    found = pdf_codes.codes(page, drawn.surfaces if drawable and not unread else [])
    return OpenedPage(
        *size,
        words,
        unread,
        rotation,
        area=None if area is None or unread else rotated(area, rotation),
        unverified=[] if drawable else [UNCHECKED],
        codes=[replace(code, box=rotated(code.box, rotation)) for code in found],
    )


def around_meaningless(layer: pdf_words.Layer, area: Box | None) -> Box | None:
    """The area that OCR reads, and with it what is said in words that mean nothing; the layer is without these then."""
    # with more of it the whole page is left to OCR
    if not 0 < layer.garbage <= GARBAGE_SHARE:
        return area
    lost = [word for word in layer.words if pdf_words.is_meaningless(word)]
    layer.words = [word for word in layer.words if not pdf_words.is_meaningless(word)]
    boxes = [word.box for word in lost] + ([area] if area else [])
    return clamped(around(boxes)) if boxes else None


def touches(box: Box, area: Box) -> bool:
    """Whether a word reaches into an area that OCR reads."""
    return box[0] < area[2] and area[0] < box[2] and box[1] < area[3] and area[1] < box[3]


def is_unread(page: pdfium.PdfPage, words: list[Word], garbage: float) -> bool:
    """Whether the text layer is not what a person sees: missing, garbled, or a few words on a scan."""
    visible = sum(not word.hidden for word in words)
    if not visible:
        # an empty page stays empty; one with anything on it may show text as a picture or as curves
        return any(True for _ in page.get_objects(max_depth=1))
    return garbage > GARBAGE_SHARE or (visible < PHOTO_WORDS and photo_share(page) > PHOTO_SHARE)


def photo_share(page: pdfium.PdfPage) -> float:
    """Share of the page that images cover. An estimate: a group that holds one counts as a whole, overlaps twice."""
    left, bottom, right, top = page.get_bbox()
    area = (right - left) * (top - bottom)
    covered = 0.0
    for thing in page.get_objects(max_depth=1):
        if thing.type == pdfium_c.FPDF_PAGEOBJ_IMAGE or (
            thing.type == pdfium_c.FPDF_PAGEOBJ_FORM and holds_image(thing)
        ):
            x0, y0, x1, y1 = thing.get_bounds()
            covered += max(min(x1, right) - max(x0, left), 0) * max(min(y1, top) - max(y0, bottom), 0)
    return float(covered / area)


def holds_image(form: pdfium.PdfObject) -> bool:
    """Whether a group of objects holds an image itself."""
    count = pdfium_c.FPDFFormObj_CountObjects(form)
    kinds = (pdfium_c.FPDFPageObj_GetType(pdfium_c.FPDFFormObj_GetObject(form, index)) for index in range(count))
    return pdfium_c.FPDF_PAGEOBJ_IMAGE in kinds


def rendered(page: pdfium.PdfPage, scale: float) -> Image.Image:
    """The page as a person sees it, `scale` pixels a point."""
    # rev_byteorder: pdfium draws blue first, Pillow wants red first
    bitmap = page.render(scale=scale, rev_byteorder=True)
    image: Image.Image = bitmap.to_pil().convert("RGB")
    bitmap.close()
    return image


@contextmanager
def readable(password: str = "") -> Iterator[None]:
    """Raises `DocumentError` for pdfium's exceptions: `document_encrypted` where a password is missing or wrong."""
    try:
        yield
    except pdfium.PdfiumError as error:
        if error.err_code == pdfium_c.FPDF_ERR_PASSWORD:
            raise locked(WRONG if password else UNGIVEN) from None
        if error.err_code == pdfium_c.FPDF_ERR_SECURITY:
            raise locked("the document is protected in a way that no password opens") from None
        raise DocumentError("the PDF is damaged") from None


FORMAT = PdfFormat()
