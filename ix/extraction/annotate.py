"""A picture of a page with its evidence marked: translucent boxes on the page, and a card in the margin for each value.

For people, not for programs: the boxes come from the evidence tree (`ix.extraction.evidence`), the page's picture from
whoever rendered it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

    Font = FreeTypeFont | ImageFont

Colour = tuple[int, int, int]
Point = tuple[float, float]

# Pixels of the finished picture.
PAGE_WIDTH = 760
LEGEND_WIDTH = 400
MARGIN = 28
CARD_GAP = 12
OVERSAMPLE = 2
"""Everything is drawn this many times larger and scaled down, because Pillow draws lines without anti-aliasing."""
PALETTE: tuple[Colour, ...] = (
    (37, 99, 235),
    (219, 39, 119),
    (5, 150, 105),
    (217, 119, 6),
    (124, 58, 237),
    (8, 145, 178),
    (220, 38, 38),
    (101, 163, 13),
)
INK, FAINT, PAPER, CARD, EDGE = (17, 24, 39), (107, 114, 128), (243, 244, 246), (255, 255, 255), (209, 213, 219)


@dataclass(frozen=True, slots=True)
class Mark:
    """One card: what it is called, what it says, and its boxes as fractions of the page. `note` is the small print."""

    label: str
    value: str
    boxes: tuple[tuple[float, float, float, float], ...] = ()
    note: str = ""

    @property
    def top(self) -> float:
        """Where it stands on the page; a mark with no boxes comes last."""
        # below every page, whose bottom is 1.0
        return min((box[1] for box in self.boxes), default=2.0)


def marks_of(result: Any, evidence: Any, document: int = 0, page: int = 1) -> list[Mark]:
    """The marks of one page, from the top: a card for each value, one for each row of a list."""
    return sorted(_marks(result, evidence, (document, page), ""), key=lambda mark: mark.top)


def _marks(result: Any, evidence: Any, where: tuple[int, int], label: str) -> Iterator[Mark]:
    if isinstance(result, Mapping):
        for name, value in result.items():
            yield from _marks(value, (evidence or {}).get(name), where, f"{label} {name}".strip())
    elif isinstance(result, list):
        for at, (value, node) in enumerate(zip(result, evidence or []), 1):
            yield from _row(list(_marks(value, node, where, "")), f"{label} {at}")
    elif evidence and (evidence["document"], evidence["page"]) == where:
        yield Mark(label.replace("_", " "), _said(result), tuple(map(tuple, evidence["boxes"])), _note(evidence))


def _row(members: list[Mark], label: str) -> Iterator[Mark]:
    if members:
        boxes = tuple(box for member in members for box in member.boxes)
        note = members[0].note if len({member.note for member in members}) == 1 else ""
        yield Mark(label, "  ·  ".join(member.value for member in members), boxes, note)


def _said(value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:.0f}" if value.is_integer() else f"{value:.2f}"


def _note(evidence: Mapping[str, Any]) -> str:
    return f"{evidence.get('source', evidence['match'])} {evidence['confidence']:.2f}"


def annotate(png: bytes, marks: Sequence[Mark]) -> bytes:
    """The page's picture (PNG or JPEG) with the marks drawn on it and a legend beside it, as PNG. Raises
    `PIL.UnidentifiedImageError`."""
    from PIL import Image

    canvas = drawn(Image.open(io.BytesIO(png)).convert("RGB"), marks)
    return _png(canvas.resize((canvas.width // OVERSAMPLE, canvas.height // OVERSAMPLE), Image.Resampling.LANCZOS))


def drawn(page: Image, marks: Sequence[Mark]) -> Image:
    """The page with the marks and the legend, `OVERSAMPLE` times as large as the finished picture: the page's left and
    upper edge are `MARGIN` times as many pixels from the picture's, and it is `PAGE_WIDTH` times as many wide."""
    from PIL import Image, ImageDraw

    scale = OVERSAMPLE
    page = page.resize(
        (PAGE_WIDTH * scale, round(page.height * PAGE_WIDTH * scale / page.width)), Image.Resampling.LANCZOS
    )
    cards = _cards(marks, MARGIN * scale, scale)
    height = max(page.height + 2 * MARGIN * scale, cards[-1].bottom + MARGIN * scale if cards else 0)
    canvas = Image.new("RGB", ((PAGE_WIDTH + LEGEND_WIDTH + 3 * MARGIN) * scale, height), PAPER)
    canvas.paste(page, (MARGIN * scale, MARGIN * scale))
    cards = _settle(cards, page.height, height, scale)
    canvas = _painted(canvas, cards, page.size, scale)
    draw = ImageDraw.Draw(canvas)
    for card in cards:
        card.draw(draw)
    return canvas


@dataclass(frozen=True, slots=True)
class Card:
    """A mark's card in the legend, in pixels of the large canvas."""

    mark: Mark
    colour: Colour
    lines: tuple[str, ...]
    left: int
    top: int
    scale: int

    @property
    def height(self) -> int:
        """Label, value lines and padding, pixels."""
        return (36 + 21 * len(self.lines)) * self.scale

    @property
    def bottom(self) -> int:
        """The card's lower edge, in pixels."""
        return self.top + self.height

    def draw(self, draw: ImageDraw) -> None:
        """Draws the card: its colour along the left edge, label and note on top, the value's lines below."""
        scale, right = self.scale, self.left + LEGEND_WIDTH * self.scale
        draw.rounded_rectangle((self.left, self.top, right, self.bottom), 8 * scale, CARD, EDGE, scale)
        draw.rounded_rectangle((self.left, self.top, self.left + 6 * scale, self.bottom), 3 * scale, self.colour)
        x, y = self.left + 20 * scale, self.top + 9 * scale
        draw.text((x, y), self.mark.label.upper(), self.colour, font(11 * scale, self.mark.label))
        draw.text((right - 14 * scale, y), self.mark.note, FAINT, font(11 * scale, self.mark.note), anchor="ra")
        for number, line in enumerate(self.lines):
            draw.text((x, y + (17 + 21 * number) * scale), line, INK, font(16 * scale, line))


def _cards(marks: Sequence[Mark], top: int, scale: int) -> list[Card]:
    cards: list[Card] = []
    for number, mark in enumerate(sorted(marks, key=lambda mark: mark.top)):
        lines = tuple(_wrapped(mark.value, (LEGEND_WIDTH - 36) * scale, 16 * scale))
        card = Card(mark, PALETTE[number % len(PALETTE)], lines, (PAGE_WIDTH + 2 * MARGIN) * scale, top, scale)
        cards.append(card)
        top = card.bottom + CARD_GAP * scale
    return cards


def _settle(cards: list[Card], page_height: int, height: int, scale: int) -> list[Card]:
    """Moves the cards down towards their boxes as far as those below them allow: from the last one up."""
    lowest, settled = height - MARGIN * scale, []
    for card in reversed(cards):
        wanted = round(MARGIN * scale + min(card.mark.top, 1.0) * page_height - 12 * scale)
        top = max(card.top, min(wanted, lowest - card.height))
        settled.append(replace(card, top=top))
        lowest = top - CARD_GAP * scale
    return settled[::-1]


def _painted(canvas: Image, cards: Sequence[Card], page: tuple[int, int], scale: int) -> Image:
    """The canvas with the translucent boxes and the lines that tie them to their cards."""
    from PIL import Image, ImageDraw

    layer = Image.new("RGBA", canvas.size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    for card in cards:
        boxes = [_pixels(box, page, scale) for box in card.mark.boxes]
        for box in boxes:
            draw.rounded_rectangle(box, 4 * scale, (*card.colour, 56), (*card.colour, 230), 2 * scale)
        if boxes:
            # the line starts at the right end of the value's first line, though that may be several boxes
            first = max((box for box in boxes if box[1] <= boxes[0][3]), key=lambda box: box[2])
            start, end = (first[2], (first[1] + first[3]) / 2), (card.left, card.top + 18 * scale)
            draw.line(_curve(start, end), (*card.colour, 150), round(1.5 * scale), joint="curve")
    return Image.alpha_composite(canvas.convert("RGBA"), layer).convert("RGB")


def _pixels(box: Sequence[float], page: tuple[int, int], scale: int) -> tuple[float, float, float, float]:
    pad, (x0, y0, x1, y1) = 2 * scale, box
    left, top = MARGIN * scale - pad, MARGIN * scale - pad
    return left + x0 * page[0], top + y0 * page[1], left + x1 * page[0] + 2 * pad, top + y1 * page[1] + 2 * pad


def _curve(start: Point, end: Point, steps: int = 40) -> list[Point]:
    """A cubic Bézier that leaves and arrives horizontally, as `steps` straight pieces."""
    middle = (start[0] + end[0]) / 2
    points = (start, (middle, start[1]), (middle, end[1]), end)
    return [_bezier(points, step / steps) for step in range(steps + 1)]


def _bezier(points: Sequence[Point], t: float) -> Point:
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
    return sum(w * p[0] for w, p in zip(weights, points)), sum(w * p[1] for w, p in zip(weights, points))


def _wrapped(text: str, width: int, size: int, most: int = 3) -> Iterator[str]:
    """The text in lines that fit, an ellipsis where it is cut."""
    used, line = 0, ""
    for word in text.split(" "):
        # measured as a whole, because of kerning and of fonts that change with the letters
        longer = f"{line} {word}" if line else word
        if line and font(size, longer).getlength(longer) > width:
            used += 1
            if used == most:
                yield line + "…"
                return
            yield line
            line = word
        else:
            line = longer
    yield line


def font(size: int, text: str) -> Font:
    """Pillow's own font, or for letters that it lacks one of the system's."""
    return _font(size, text.replace("·", "").isascii())


@lru_cache(maxsize=64)
def _font(size: int, ascii_only: bool) -> Font:
    from PIL import ImageFont

    for name in () if ascii_only else ("DejaVuSans.ttf", "LiberationSans-Regular.ttf", "Arial.ttf", "Helvetica.ttc"):
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)


def _png(image: Image) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    # 256 colours make a file of a fifth of the size, and MAXCOVERAGE keeps those of the marks among them
    few = image.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)
    few.save(out, "PNG", optimize=True)
    return out.getvalue()
