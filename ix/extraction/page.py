"""What reading a document gives, whichever way it was read: pages of words with boxes.

All boxes are `(x0, y0, x1, y1)` as fractions of the page, origin at the top left, after the page's own rotation has
been applied, so that they can be drawn on the page as a person sees it at any size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Box = tuple[float, float, float, float]
Source = Literal["text", "ocr"]


@dataclass(frozen=True, slots=True)
class Document:
    """A document as submitted: raw bytes, and what the client says of them, which is for people and never believed."""

    data: bytes
    name: str = ""
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """One word. `confidence` is 0..1 (1.0 for a text layer). `hidden` marks text that a person cannot see."""

    text: str
    box: Box
    confidence: float = 1.0
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `number` is 1-based within its document, `document` 0-based within the job. `width` and `height` are in
    points (1/72 inch) for PDFs and in pixels for images; only their ratio matters. Words are in reading order as the
    source gives it. A page that lies on its side or head is rotated before it is read: `rotation` says by how many
    degrees clockwise (0, 90, 180, 270), and size and boxes are those of the rotated page."""

    number: int
    width: float
    height: float
    words: tuple[Word, ...] = ()
    source: Source = "text"
    document: int = 0
    warnings: tuple[str, ...] = ()
    rotation: int = 0
