"""What of a PDF page looks like writing and is in no word: letterheads, stamps, totals that are pictures, letters drawn
as curves. OCR costs a hundred times what is done here, so that pictures without writing are told first, by their edges.

Looked at is the page in grey without its text, about a pixel a point: where print of 5 points and more still has an
edge at every stroke, and no two rows of pixels are alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PIL import Image, ImageChops

from ix.extraction.documents.pdf_drawing import MARKS
from ix.extraction.page import Box

EDGE = 32
"""Difference of neighbouring pixels, of 255, from which they are an edge of print: half of what black letters of 4
points leave at a pixel a point."""
EDGES = [0] * EDGE + [255] * (256 - EDGE)
"""Which differences are edges, for `Image.point`."""
FEWEST_EDGES = 7
"""Strokes of a row of pixels from which it may be writing: a price of four digits and its sign have 7 to 9."""
FEWEST_CHANGES = 4
"""Strokes of a row that begin elsewhere in the row above: lines, tables and bar codes go on downwards as they are."""
FEWEST_ROWS = 3
"""Rows of pixels, one below the other, from which they are a line of print: letters of 5 points have 4."""
LEAST = (16, 4)
"""Width and height of a picture, pixels, below which it has no writing that can be read."""
NEAR = 12
"""Distance of pictures, pixels, below which they are parts of one, such as the letters of a line."""
MARGIN = 4
"""Pixels around what is given to OCR, which wants some paper around print."""
SQUARE = 0.9
"""Shorter side of a square code, of the longer one, at least."""
FILLED = 0.97
"""Share of a square code's rows that have edges: print has blank rows between its lines."""
MAX_PICTURES = 500
"""Pictures of a page beyond which they count as one, as large as the page."""
COMPARED = 2
"""Pixels left of a frame and above it that its own are compared with."""
FEWEST_PIXELS = 40
"""Ink of text beside all words, pixels, below which it is the edges of these: four digits have 60 and more."""
Frame = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""


def unread(rest: Image.Image, pictures: Sequence[Box], words: Iterable[Box]) -> Box | None:
    """Around all that looks like writing within the `pictures` of a page, and is not where its visible `words` are;
    None where there is none. `rest` is the page in grey without its text; boxes are fractions of the page as given."""
    frames = joined([frame for box in pictures[:MAX_PICTURES] if (frame := pixels(box, rest)) and frame])
    if len(pictures) > MAX_PICTURES:
        frames = [(0, 0, rest.width, rest.height)]
    if not frames:
        return None
    left, top, right, bottom = union(frames)
    left, top = max(left - COMPARED, 0), max(top - COMPARED, 0)
    edges, changes = edges_of(
        rest.crop((left, top, right, bottom)), [moved(word, left, top) for word in frames_of(words, rest)]
    )
    places = [(frame, moved(frame, left, top)) for frame in frames]
    found = [inner for frame, at in places if (inner := writing(edges.crop(at), changes.crop(at), frame))]
    if not found:
        return None
    x0, y0, x1, y1 = union(found)
    wide, high = rest.size
    return (
        max(x0 - MARGIN, 0) / wide,
        max(y0 - MARGIN, 0) / high,
        min(x1 + MARGIN, wide) / wide,
        min(y1 + MARGIN, high) / high,
    )


def is_lost(text: Image.Image, words: Sequence[Box]) -> bool:
    """Whether there is writing in the ink of a page's text, in grey, where none of its words is: its font does not say
    what its characters mean, and they are left out of the text layer."""
    left = text.copy()
    # a pixel more, for what letters lean over
    erase(left, ((x0 - 1, y0 - 1, x1 + 2, y1 + 2) for x0, y0, x1, y1 in frames_of(words, text)))
    if (frame := left.getbbox()) is None:
        return False
    seen = left.crop(frame).point(MARKS)
    if (inner := seen.getbbox()) is None:
        return False
    # with the paper around it that tells where ink ends
    x0, y0, x1, y1 = inner
    part = seen.crop((x0 - COMPARED, y0 - COMPARED, x1 + COMPARED, y1 + COMPARED))
    if part.tobytes().count(255) < FEWEST_PIXELS:
        return False
    return unread(part, [(0.0, 0.0, 1.0, 1.0)], ()) is not None


def erase(image: Image.Image, frames: Iterable[Frame]) -> None:
    """Makes these parts of an image of its own 0, also those that reach beyond it."""
    # every word of a page is one: `Image.paste` looks at its arguments four times as long as this takes
    paste = image.im.paste
    for frame in frames:
        paste(0, frame)


def pixels(box: Box, rest: Image.Image) -> Frame | None:
    """The part of a box that is on the page, in pixels; None where it is off it."""
    return next(iter(frames_of([box], rest)), None)


def frames_of(boxes: Iterable[Box], rest: Image.Image) -> list[Frame]:
    """The parts of boxes that are on the page, in pixels, without those that are off it."""
    # asked of the image once: that takes longer than all else
    width, height = rest.size
    found = []
    for x0, y0, x1, y1 in boxes:
        frame = int(x0 * width), int(y0 * height), int(x1 * width) + 1, int(y1 * height) + 1
        # most lie on the page as a whole
        if not (0 <= x0 <= x1 < 1 and 0 <= y0 <= y1 < 1):
            left, top, right, bottom = frame
            frame = max(left, 0), max(top, 0), min(right, width), min(bottom, height)
        if frame[2] > frame[0] and frame[3] > frame[1]:
            found.append(frame)
    return found


def joined(frames: Sequence[Frame]) -> list[Frame]:
    """The frames, with those near each other made one, and none that is too small for writing."""
    groups: list[Frame] = []
    for frame in sorted(frames, key=lambda frame: (frame[1], frame[0])):
        touched = [other for other in groups if near(frame, other)]
        groups = [other for other in groups if other not in touched]
        groups.append(union([frame, *touched]))
    return [frame for frame in groups if frame[2] - frame[0] >= LEAST[0] and frame[3] - frame[1] >= LEAST[1]]


def union(frames: Sequence[Frame]) -> Frame:
    """The smallest frame around all of them."""
    x0, y0, x1, y1 = zip(*frames, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def near(one: Frame, other: Frame) -> bool:
    """Whether two frames touch, or nearly."""
    return (
        one[0] - NEAR < other[2] and other[0] - NEAR < one[2] and one[1] - NEAR < other[3] and other[1] - NEAR < one[3]
    )


def moved(frame: Frame, left: int, top: int) -> Frame:
    """The frame in a part of the page that begins there."""
    return frame[0] - left, frame[1] - top, frame[2] - left, frame[3] - top


def edges_of(rest: Image.Image, words: Iterable[Frame]) -> tuple[Image.Image, Image.Image]:
    """Where pixels begin to differ from those left of them, and where that is unlike the row above: 255, else 0. What
    is known as a word has no edges."""
    edges = ImageChops.difference(rest, ImageChops.offset(rest, 1, 0)).point(EDGES)
    # a stroke of print is a pixel wide: both its sides count as one, and so do the steps of a blurred side
    edges = ImageChops.subtract(edges, ImageChops.offset(edges, 1, 0))
    changes = ImageChops.difference(edges, ImageChops.offset(edges, 0, 1))
    # an offset brings in the other side of the image
    sides = (0, 0, 1, rest.height), (0, 0, rest.width, 1)
    width, height = rest.size
    # most words are elsewhere, where only a part of the page is looked at
    known = [(x0, y0, x1 + 1, y1 + 1) for x0, y0, x1, y1 in words if x1 >= 0 <= y1 and x0 < width and y0 < height]
    for image in (edges, changes):
        erase(image, [*sides, *known])
    return edges, changes


def writing(edges: Image.Image, changes: Image.Image, frame: Frame) -> Frame | None:
    """The part of a frame that looks like writing, on the page; None where nothing does."""
    crossed, changed = across(edges), across(changes)
    rows = [many >= FEWEST_EDGES and new >= FEWEST_CHANGES for many, new in zip(crossed, changed, strict=True)]
    lines = [at for at in range(len(rows) - FEWEST_ROWS + 1) if all(rows[at : at + FEWEST_ROWS])]
    if not lines:
        return None
    first, last = lines[0], lines[-1] + FEWEST_ROWS
    inner = edges.crop((0, first, edges.width, last)).getbbox()
    if inner is None or is_code(inner[2] - inner[0], crossed):
        return None
    return frame[0] + inner[0], frame[1] + first, frame[0] + inner[2], frame[1] + last


def across(image: Image.Image) -> list[float]:
    """How many pixels of each row are set."""
    return [value * image.width / 255 for value in image.resize((1, image.height), Image.Resampling.BOX).tobytes()]


def is_code(width: int, crossed: Sequence[float]) -> bool:
    """Whether these rows are a square code (QR and its like): as wide as high, and full of edges from top to bottom."""
    filled = [at for at, edges in enumerate(crossed) if edges >= 1]
    height = filled[-1] - filled[0] + 1
    return min(width, height) >= SQUARE * max(width, height) and len(filled) >= FILLED * height
