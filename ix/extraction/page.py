"""What reading a document gives, whichever way it was read: pages of words with boxes.

All boxes are `(x0, y0, x1, y1)` as fractions of the page, origin at the top left, after the page's own rotation has
been applied, so that they can be drawn on the page as a person sees it at any size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal, NamedTuple

from pydantic_core import to_json

from ix import untrusted
from ix.errors import DocumentError, InvalidInput

Box = tuple[float, float, float, float]
Quad = tuple[float, float, float, float, float, float, float, float]
"""Where the corners of a page made straight lie on the page as it is drawn, see `ix.extraction.straight`."""
Source = Literal["text", "ocr", "both"]
"""How a page was read: by its text layer, by OCR, or by the layer and OCR where that is silent."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document as submitted: raw bytes, and what the client says of them, which is for people and never believed.
    `sha256` (hex) is that of the bytes, where it is known already. `pages` are those that are read, as `Ranges` writes
    them, empty for all. `password` opens the document where it is encrypted."""

    data: bytes
    name: str = ""
    media_type: str = ""
    sha256: str = ""
    pages: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Word:
    """One word. `confidence` is 0..1 (1.0 for a text layer). `hidden` marks text that a person cannot see."""

    text: str
    box: Box
    confidence: float = 1.0
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """A QR or bar code: what it says, as people would write it, the symbology (`QR Code`, `Code 128`), and where it
    is."""

    text: str
    kind: str
    box: Box


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `number` is 1-based within its document, `document` 0-based within the job. `width` and `height` are in
    points (1/72 inch) for PDFs and in pixels for images; only their ratio matters. Words are in reading order as the
    source gives it. A page that lies on its side or head is rotated before it is read: `rotation` says by how many
    degrees clockwise (0, 90, 180, 270), and size and boxes are those of the rotated page. `laid_out` says that nobody
    drew it: its words were laid out from data. Words of a page that lies askew have a `quad`: their boxes are those on
    the page made straight, which evidence takes back to the page as it is drawn; boxes of codes are as they are."""

    number: int
    width: float
    height: float
    words: tuple[Word, ...] = ()
    source: Source = "text"
    document: int = 0
    warnings: tuple[str, ...] = ()
    rotation: int = 0
    codes: tuple[Code, ...] = ()
    laid_out: bool = False
    quad: Quad | None = None
    memory: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What was made of the page once, for all who ask."""


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page as it goes through the engine, which does not look into it: `words` are JSON as a child process made it,
    `[[text, x0, y0, x1, y1, confidence, hidden], …]` with the last two left out at will, and `hidden` counts those that
    a person cannot see. Codes are among them, with an eighth member, their kind, so that they go wherever words go, and
    so is the page's quad, which has nine: an empty text and its numbers.
    `confidence` is how sure OCR is of what it read of the page, 1.0 where it read nothing. `unverified` says what of
    the page could not be looked at. `invoice` is the electronic invoice that its document carries, on one of its pages.
    All else is as in `Page`. Only child processes unpack it."""

    number: int
    width: float
    height: float
    words: bytes = b"[]"
    source: Source = "text"
    document: int = 0
    warnings: tuple[str, ...] = ()
    rotation: int = 0
    hidden: int = 0
    confidence: float = 1.0
    unverified: tuple[str, ...] = ()
    invoice: bytes = b""
    laid_out: bool = False

    @property
    def has_words(self) -> bool:
        """Whether there is any word on it, also a hidden one, or a code."""
        return len(self.words) > len(b"[]")

    def head(self) -> dict[str, Any]:
        """The page as JSON, but for its words and its invoice."""
        return {name: getattr(self, name) for name in _HEAD}

    @classmethod
    def of(cls, head: Mapping[str, Any], words: bytes) -> ReadPage:
        """The page that has this head."""
        texts = {name: tuple(head[name]) for name in ("warnings", "unverified")}
        return cls(**{**head, **texts}, words=words)

    def page(self) -> Page:
        """The page with its words. Raises `DocumentError` where whoever read it wrote no words."""
        words, codes, quad = contents(self.words)
        return Page(
            self.number,
            self.width,
            self.height,
            words,
            self.source,
            self.document,
            self.warnings,
            self.rotation,
            codes,
            self.laid_out,
            quad,
        )


_HEAD = tuple(member.name for member in fields(ReadPage) if member.name not in ("words", "invoice"))


def rotated(box: Box, degrees: int) -> Box:
    """Where a box is once its page is rotated clockwise by a multiple of 90 degrees."""
    # each step takes the point (x, y) to (1 - y, x)
    x0, y0, x1, y1 = box
    for _ in range(degrees % 360 // 90):
        x0, y0, x1, y1 = 1 - y1, x0, 1 - y0, x1
    return x0, y0, x1, y1


class Contents(NamedTuple):
    """What of a page travels as its words."""

    words: tuple[Word, ...]
    codes: tuple[Code, ...]
    quad: Quad | None


def packed_words(words: Sequence[Word], codes: Sequence[Code] = (), quad: Quad | None = None) -> bytes:
    """Words, codes and quad as they travel in a `ReadPage`."""
    return to_json(
        [
            *(
                [text, *w.box, w.confidence, w.hidden]
                for text, w in zip(untrusted.cleaned([w.text for w in words]), words, strict=True)
            ),
            # nobody sees what a code says
            *([untrusted.clean(code.text), *code.box, 1.0, True, code.kind] for code in codes),
            *([] if quad is None else [["", *quad]]),
        ]
    )


def unpacked(packed: bytes) -> tuple[tuple[Word, ...], tuple[Code, ...]]:
    """Words and codes that `packed_words` packed. Raises `DocumentError` where whoever read the page wrote none."""
    words, codes, _ = contents(packed)
    return words, codes


def contents(packed: bytes) -> Contents:
    """All that `packed_words` packed. Raises `DocumentError` where whoever read the page wrote none."""
    words, codes, quad = [], [], None
    try:
        for each in untrusted.parse_table(packed):
            if len(each) == _WORD_MEMBERS:
                text, x0, y0, x1, y1, confidence, hidden = each
                words.append(Word(text, (x0, y0, x1, y1), confidence, hidden))
            elif len(each) == _CODE_MEMBERS:
                text, x0, y0, x1, y1, _, _, kind = each
                codes.append(Code(text, kind, (x0, y0, x1, y1)))
            elif len(each) == _QUAD_MEMBERS:
                x0, y0, x1, y1, x2, y2, x3, y3 = map(float, each[1:])
                quad = x0, y0, x1, y1, x2, y2, x3, y3
            else:
                text, x0, y0, x1, y1, *rest = each
                words.append(Word(text, (x0, y0, x1, y1), *rest))
    except (InvalidInput, TypeError, ValueError):
        raise DocumentError("the words of a page cannot be read: whatever read it broke its own rules") from None
    return Contents(tuple(words), tuple(codes), quad)


_WORD_MEMBERS, _CODE_MEMBERS, _QUAD_MEMBERS = 7, 8, 9
