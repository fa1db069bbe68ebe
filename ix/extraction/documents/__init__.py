"""Kinds of documents, told by their bytes and never by their name. Everything here runs in a child process.

To add a kind, add a module to this folder with a `FORMAT`: an object that satisfies `Format`. Nothing else names it.
Formats are tried in the order of their `rank`; text, which has no magic bytes, comes last. What a format imports takes
time at the start of every process: it imports heavy libraries, and its own modules that begin with an underscore, when
a document is first opened.

As the task of a child (`handle`), it answers these calls, each with the document as its only blob:

    {"do": "open", "limits": …}                             {"pages": [opened page without its words, …]}
                                                            and the words of each, see `ReadPage`; then the
                                                            electronic invoice of each page that has `"invoice": true`
    {"do": "image", "limits": …, "page": 0, "dpi": 150, "longest": 2000, "rotation": 0, "kind": "grey"}
                                                            {"width", "height", "warnings": [text, …]} and 8-bit
                                                            grey samples and the codes among them, or a file of the
                                                            kind that is named: PNG, WEBP
    {"do": "rest", as for an image, "area": box}            the same, of a part of the page, without its text layer; no
                                                            codes

and one with two lists of words, as `ReadPage` has them, those of a page's text layer and those that OCR read in an area
of it, after it rotated that by so many degrees:

    {"do": "merge", "area": box, "rotation": 0}             {"warnings": [text, …]} and the words of both

or those of a text layer that cannot be seen or believed, and those that OCR read of the whole page:

    {"do": "agree", "rotation": 0}                          {} and what OCR read, spelled as in the layer
                                                            where they agree
    {"do": "sheet", …}                                      see `ix.extraction.sheets.sheet`
"""

from __future__ import annotations

import importlib
import io
import math
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

from ix.errors import DocumentError
from ix.extraction.documents import agreeing, merging
from ix.extraction.documents.barcodes import codes_in
from ix.extraction.documents.budget import PICTURE_SECONDS, Budget
from ix.extraction.page import Box, Code, Word, packed_words
from ix.extraction.processes.frames import Body, Frame
from ix.extraction.ranges import ALL, Ranges
from ix.extraction.sheets import sheet
from ix.extraction.words import held

if TYPE_CHECKING:
    from PIL.Image import Image

UNOPENED = "the document is protected by a password; only PDFs are opened with one: save it without, and send it again"
MAX_WORDS = 200_000
"""Most words of one document; a printed page has about 500."""
STRIP = 3.0
"""How much longer than wide a page is that counts as a strip."""
LONGEST_STRIP = 6
"""Times that a strip may be longer than other pages: it has 36 times its width then, and letters as small as theirs."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document may cost: pages, and pixels of one page's image. `ranges` are the pages that are read, and only
    these count; `password` opens a document that is encrypted."""

    pages: int
    pixels: int
    ranges: Ranges = ALL
    password: str = field(default="", repr=False)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Limits:
        """The limits that a call names."""
        return cls(told["pages"], told["pixels"], Ranges.parse(told.get("ranges", "")), told.get("password", ""))

    @property
    def reach(self) -> int:
        """How many pages of a document are looked for at most, where they have to be made one after the other."""
        return max(self.pages, self.ranges.reach(self.pages))


@dataclass(frozen=True, slots=True)
class OpenedPage:
    """One page without OCR. `number`, 1-based, is its own in the document, and filled in by `read`. `unread` says that
    its words, if any, are not what a person sees, so that OCR should read it. `area` is around what looks like writing
    and is in no word of a page that is not, None where all is in words. `rotation` says by how many degrees clockwise
    it must be rotated to read upright; sizes and boxes are those of the rotated page. `unverified` says what of it
    could not be looked at, so that its words may not be what is seen. `invoice` is the electronic invoice (XML) that
    the document carries, on the first page that is read; `laid_out` says that the words were laid out from it, so that
    nobody has drawn such a page."""

    width: float
    height: float
    words: list[Word] = field(default_factory=list)
    unread: bool = False
    rotation: int = 0
    warnings: list[str] = field(default_factory=list)
    area: Box | None = None
    unverified: list[str] = field(default_factory=list)
    codes: list[Code] = field(default_factory=list)
    invoice: bytes = b""
    laid_out: bool = False
    number: int = 1


class OpenedDocument(Protocol):
    """A document within its limits, opened by its `Format`. Its methods raise `DocumentError`s."""

    def __len__(self) -> int:
        """How many pages it has, at least up to the last one that is read."""

    def pages(self) -> Iterator[OpenedPage]:
        """Those of its pages that `Limits.ranges` names, in order, each read when it is asked for, so that a limit is
        met before all are in memory."""

    def image(self, page: int, dpi: int, longest: int) -> Image:
        """The page (0-based) as a person sees it, at `dpi` where it has a size on paper, and no larger than `within`
        says of `longest`, pixels."""

    def close(self) -> None:
        """Gives back what it holds."""


@runtime_checkable
class Layered(Protocol):
    """A document whose pages have a text layer beside what is drawn, hence an `OpenedPage.area`."""

    def rest(self, page: int, dpi: int, longest: int) -> Image:
        """The page as in `OpenedDocument.image`, without its text layer. Raises `DocumentError`."""


@runtime_checkable
class Decoded(Protocol):
    """A document whose pages are decoded to be drawn."""

    @property
    def remarks(self) -> list[str]:
        """What was found wanting while its pages were drawn."""

    def pixels(self, page: int) -> int:
        """How many pixels are decoded to draw the page (0-based)."""


class Format(Protocol):
    """A kind of document. `name` is what people call it; formats are tried from the lowest `rank` on; `memory` is what
    opening one page may take (see `Budget`), bytes, None where it is known before anything is decoded."""

    name: str
    rank: int
    memory: int | None

    def recognises(self, data: bytes) -> bool:
        """Whether these are such a document's bytes."""

    def open(self, data: bytes, limits: Limits) -> OpenedDocument:
        """Opens it. Raises `DocumentError`: encrypted, unreadable, too large."""


@cache
def formats() -> tuple[Format, ...]:
    """The `FORMAT` of every module of this folder that has one, by rank."""
    names = (module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return tuple(sorted((module.FORMAT for module in modules if hasattr(module, "FORMAT")), key=lambda one: one.rank))


def recognised(data: bytes) -> Format:
    """The first format that recognises the document. Raises `DocumentError`: empty, or `document_unsupported`."""
    # a file of blanks or zeros is what a full disk or a broken upload leaves
    if not any(part.strip(b"\0\t\n\f\r ") for part in (data[:64], data)):
        raise DocumentError("the document is empty")
    for candidate in formats():
        if candidate.recognises(data):
            return candidate
    raise _unsupported(data)


def _unsupported(data: bytes) -> DocumentError:
    """What to convert a document to, where its kind is known."""
    # imported here, since it needs what formats need
    from ix.extraction.documents import unsupported

    if unsupported.is_locked(data):
        return locked()
    told = unsupported.advice(data)
    what = f"the document is {told}" if told else "the document is of no kind that can be read"
    names = ", ".join(one.name for one in formats())
    return DocumentError(f"{what}; accepted are {names}", code="document_unsupported")


@contextmanager
def opened(data: bytes, limits: Limits) -> Iterator[OpenedDocument]:
    """A document of any format, closed at the end. Raises `DocumentError`."""
    document = recognised(data).open(data, limits)
    try:
        yield document
    finally:
        document.close()


def read(data: bytes, limits: Limits, next_page: Callable[[], None] = lambda: None) -> list[OpenedPage]:
    """The pages of a document that are asked for, without OCR. Calls `next_page` after each. Raises `DocumentError`."""
    pages: list[OpenedPage] = []
    words = 0
    with opened(data, limits) as document:
        numbers, absent = limits.ranges.of(len(document)), _absent(limits.ranges, len(document))
        for number, page in zip(numbers, document.pages(), strict=True):
            next_page()
            kept, warnings = held(page.words)
            remarks = [*page.warnings, *warnings, *([] if pages else absent)]
            pages.append(replace(page, number=number, words=kept, warnings=remarks))
            words += len(kept)
            if words > MAX_WORDS:
                raise DocumentError(f"the document has more than {MAX_WORDS} words", code="document_too_large")
    return pages


def _absent(ranges: Ranges, count: int) -> list[str]:
    """What there is to say of pages that were asked for and that a document of so many does not have. Raises
    `DocumentError` where it has none of them."""
    has = "1 page" if count == 1 else f"{count} pages"
    if not ranges.of(count):
        message = f"the document has {has}: there is nothing to read of the pages that were asked for, {ranges}"
        raise DocumentError(message, code="pages_missing")
    missing = ranges.missing(count)
    return [f"pages_missing: the document has {has}: there is no {missing}"] if missing.parts else []


class Picture(NamedTuple):
    """One page as an image, and what was found wanting while it was drawn."""

    image: Image
    warnings: list[str]


def picture(
    data: bytes,
    limits: Limits,
    page: int,
    dpi: int,
    longest: int,
    rotation: int,
    area: Box | None = None,
    decodes: Callable[[int], None] = lambda pixels: None,
) -> Picture:
    """One page, rotated clockwise by `rotation` degrees; with an `area`, that part of it alone, without its text layer.
    Calls `decodes` before so many pixels are decoded. Raises `DocumentError`."""
    with opened(data, limits) as document:
        if not 0 <= page < len(document):
            raise DocumentError(f"the document has no page {page + 1}")
        decoded = document if isinstance(document, Decoded) else None
        if decoded:
            decodes(decoded.pixels(page))
        drawing = document.rest if area is not None and isinstance(document, Layered) else document.image
        image = drawing(page, dpi, longest)
        # Pillow counts counter-clockwise
        upright = image.rotate(-rotation, expand=True) if rotation else image
        cut = upright if area is None else upright.crop(merging.frame(area, upright.size))
        return Picture(cut, decoded.remarks if decoded else [])


def handle(body: Body, blobs: list[bytes]) -> Frame:
    """The task of a child: opens a document or draws one of its pages, as the module says. Raises `DocumentError`."""
    for do, work in (("merge", merging.handle), ("agree", agreeing.handle), ("sheet", sheet.handle)):
        if body["do"] == do:
            return work(body, blobs)
    limits, (data,) = Limits.of(body["limits"]), blobs
    if body["do"] == "open":
        with Budget(len(data), recognised(data).memory) as budget:
            pages = read(data, limits, budget.page)
            words = [packed_words(page.words, page.codes) for page in pages]
            return {"pages": [packed(page) for page in pages]}, words + [page.invoice for page in pages if page.invoice]
    # no limit of memory but the process's own: a drawing has at most `Limits.pixels`
    with Budget(len(data), None, PICTURE_SECONDS) as budget:
        wanted = body["page"], body["dpi"], body["longest"], body["rotation"]
        of_a_part = body["do"] == "rest"
        image, warnings = picture(data, limits, *wanted, body["area"] if of_a_part else None, budget.decodes)
        grey = image.convert("L") if body["kind"] == "grey" else None
        # those beside a text layer were found when it was opened
        codes = codes_in(grey) if grey and not of_a_part else []
    head = {"width": image.width, "height": image.height, "warnings": warnings}
    return head, [grey.tobytes(), packed_words([], codes)] if grey else [saved(image, body["kind"])]


def packed(page: OpenedPage) -> dict[str, Any]:
    """A page as JSON, but for its words."""
    return {
        "number": page.number,
        "width": page.width,
        "height": page.height,
        "rotation": page.rotation,
        "unread": page.unread,
        "warnings": page.warnings,
        "area": page.area,
        "unverified": page.unverified,
        "hidden": sum(word.hidden for word in page.words),
        "count": len(page.words),
        "invoice": bool(page.invoice),
        "laid_out": page.laid_out,
    }


def within(width: float, height: float, longest: int) -> float:
    """What to multiply the sides of a page by that is to be no longer than `longest` pixels. Of a strip, such as the
    receipt of a large purchase, the shorter side counts, or its letters would vanish: it may have as many pixels as a
    square of that side."""
    shorter, longer = sorted((width, height))
    if longer <= STRIP * shorter:
        return longest / longer
    by_pixels: float = longest / math.sqrt(shorter * longer)
    return min(longest / STRIP / shorter, by_pixels, LONGEST_STRIP * longest / longer)


def saved(image: Image, kind: str) -> bytes:
    """The image as a file: its pixels alone, nothing of what the document says of it."""
    buffer = io.BytesIO()
    bare = image if image.mode == "L" else image.convert("RGB")
    bare.info = {}
    bare.save(buffer, kind)
    return buffer.getvalue()


def chosen(count: int, limits: Limits) -> list[int]:
    """The pages (0-based) that are read of a document of so many. Raises `DocumentError`: more than allowed."""
    numbers = limits.ranges.of(count)
    if len(numbers) > limits.pages:
        raise too_many_pages(len(numbers), limits)
    return [number - 1 for number in numbers]


def too_many_pages(count: int, limits: Limits) -> DocumentError:
    """The error for a document of `count` pages; formats raise it before they read any."""
    what = f"the document has {count} pages" if limits.ranges == ALL else f"{count} pages of the document are asked for"
    return DocumentError(f"{what}, more than the {limits.pages} allowed", code="document_too_large")


def locked(message: str = UNOPENED) -> DocumentError:
    """The error for a document that cannot be opened for want of a password."""
    return DocumentError(message, code="document_encrypted")


def too_many_pixels(index: int, count: int, limits: Limits) -> DocumentError:
    """The error for a page (0-based `index`) of `count` pixels; formats raise it before they decode it."""
    message = f"page {index + 1} has {count} pixels, more than the {limits.pixels} allowed"
    return DocumentError(message, code="document_too_large")
