"""Pages as they come from the processes that open documents, and what becomes of them once OCR has read them too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from ix.extraction.page import Box, ReadPage

NEEDS_OCR = "this page needs OCR, and OCR is off"
DOUBTFUL = "its text layer may not be what is seen, and OCR is off"
FAILED = "it shows writing beside its text layer, and OCR failed"
UNLOOKED = "it shows writing beside its text layer, and OCR is off"


class Opened(NamedTuple):
    """A page as its text layer gives it, whether OCR is to read it instead, the `area` in which OCR is to read what the
    layer does not say, and how many words it has."""

    page: ReadPage
    unread: bool
    area: Box | None
    words: int

    @property
    def wants_ocr(self) -> bool:
        """Whether there is anything for OCR to read."""
        return self.unread or self.area is not None


class Read(NamedTuple):
    """A page that OCR has read, and how sure it is."""

    page: ReadPage
    confidence: float | None


def all_opened(heads: Sequence[Mapping[str, Any]], blobs: Sequence[bytes], document: int) -> list[Opened]:
    """A document's pages as the child that opened it gave them: the words of each, then the electronic invoice of each
    that says it has one."""
    invoices = iter(blobs[len(heads) :])
    return [
        opened(head, words, next(invoices) if head["invoice"] else b"", document)
        for head, words in zip(heads, blobs, strict=False)
    ]


def opened(packed: Mapping[str, Any], words: bytes, invoice: bytes, document: int) -> Opened:
    """A page as the child that opened it gave it (`documents.packed`)."""
    page = ReadPage(
        packed["number"],
        packed["width"],
        packed["height"],
        words,
        document=document,
        warnings=tuple(packed["warnings"]),
        rotation=packed["rotation"],
        hidden=packed["hidden"],
        unverified=tuple(packed["unverified"]),
        invoice=invoice,
        laid_out=packed["laid_out"],
    )
    area = packed["area"]
    return Opened(page, packed["unread"], None if area is None else tuple(area), packed["count"])


def unread(opened: Opened) -> ReadPage:
    """A page that OCR does not read, either because it need not or because it is off."""
    page = opened.page
    if opened.area is not None:
        page = doubted(page, UNLOOKED)
    if opened.unread and opened.words > page.hidden:
        page = doubted(page, DOUBTFUL)
    return remarked(page, NEEDS_OCR if opened.unread else "")


def kept(opened: Opened, page: ReadPage) -> ReadPage:
    """A page as an earlier attempt has read it, with what is not kept."""
    with_invoice = replace(page, invoice=opened.page.invoice)
    if opened.unread:
        return with_invoice
    return replace(with_invoice, source="both", unverified=opened.page.unverified)


def unlooked(opened: Opened) -> Read:
    """A page of whose area OCR could make nothing."""
    return Read(doubted(opened.page, FAILED), None)


def recognised(page: ReadPage, answer: Mapping[str, Any], words: bytes, warnings: Sequence[str]) -> Read:
    """The page as OCR read it, `answer` being what OCR said, which rotated the picture by so many degrees more."""
    rotation, confidence = int(answer["rotation"]), answer.get("confidence")
    width, height = (page.height, page.width) if rotation % 180 else (page.width, page.height)
    whole = (page.rotation + rotation) % 360
    turned = replace(page, width=width, height=height, rotation=whole)
    # what the text layer left in doubt is so no more
    read = replace(turned, words=words, source="ocr", hidden=0, unverified=())
    return Read(remarked(sure(read, confidence), *answer.get("warnings", ()), *warnings), confidence)


def merged(page: ReadPage, answer: Mapping[str, Any], words: bytes, warnings: Sequence[str]) -> Read:
    """The page with the words of its text layer and of OCR, `answer` being what OCR said."""
    read, confidence = replace(page, words=words, source="both"), answer.get("confidence")
    return Read(remarked(sure(read, confidence), *answer.get("warnings", ()), *warnings), confidence)


def sure(page: ReadPage, confidence: float | None) -> ReadPage:
    """The page with how sure OCR is of it; where it does not say, or has read nothing, nothing speaks against it."""
    return replace(page, confidence=confidence) if confidence else page


def doubted(page: ReadPage, *remarks: str) -> ReadPage:
    """The page with what could not be looked at."""
    return replace(page, unverified=(*page.unverified, *remarks))


def remarked(page: ReadPage, *remarks: str) -> ReadPage:
    """The page with what there is to say of it."""
    # a page without words is no error: the other pages may say all that is asked for
    said = [*filter(None, remarks), *([] if page.has_words else ["no words were found on this page"])]
    return replace(page, warnings=(*page.warnings, *said)) if said else page
