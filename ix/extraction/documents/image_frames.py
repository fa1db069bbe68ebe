"""Which frames of a TIFF are pages: thumbnails and masks of pages are not."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from contextlib import suppress

from PIL import Image

from ix.errors import DocumentError
from ix.extraction.documents import Limits
from ix.extraction.ranges import OPEN

SUBFILE_TYPE = 254
"""Tag NewSubfileType (TIFF 6.0, section 8)."""
REDUCED, MASK = 1, 4
"""Its bits: a smaller version of another frame, a transparency mask of one."""
OLD_SUBFILE_TYPE, OLD_REDUCED = 255, 2
"""Tag SubfileType and its value for a smaller version, of TIFF 5."""
FRAMES_A_PAGE = 3
"""Most frames that are looked at for each page that is allowed; scanners add a thumbnail, a mask or both."""
MAX_FRAMES = 4_000
"""Most frames that are looked at for pages far behind those that are allowed; so many take a second."""
SMALLER = 0.5
"""Share of a page's sides up to which an unmarked frame may be its thumbnail."""
RATIO = 0.05
"""By how much the proportions of a thumbnail may differ from the page's; 90 pixels are rounded by a hundredth."""
SAMPLE, ALIKE = 32, 0.9
"""Side of the samples in which two frames are compared, pixels, and the correlation of their grey values from which
they show the same: thumbnails have 0.95 and more, two pages of one letterhead 0.5 to 0.8."""


def pages_of(image: Image.Image, limits: Limits) -> list[int]:
    """The frames of a TIFF that are pages, in order. As each has to be read to find the next, they are counted no
    further than needed. Raises `DocumentError`: more pages than allowed."""
    sizes: list[tuple[int, int]] = []
    pages: list[int] = []
    most, frames = limits.reach, _most_frames(limits)
    for index in range(frames):
        try:
            image.seek(index)
        except EOFError:
            break
        sizes.append(image.size)
        if not _is_marked(image):
            pages.append(index)
        if len(pages) > most and limits.ranges.last == OPEN:
            raise DocumentError(
                f"the document has more than the {limits.pages} pages allowed", code="document_too_large"
            )
    else:
        if len(pages) < limits.ranges.last < OPEN:
            message = f"the pages that are asked for lie behind the {frames} pictures that are looked at"
            raise DocumentError(message, code="document_too_large")
    # a file whose every frame says that it is another's thumbnail has its first for a page
    return _without_repetitions(image, pages or [0], sizes, limits.pixels)


def _most_frames(limits: Limits) -> int:
    """How many frames are looked at: those of the pages allowed, or up to the last page that is asked for."""
    asked = min(FRAMES_A_PAGE * limits.reach, MAX_FRAMES)
    return max(FRAMES_A_PAGE * limits.pages, asked) + 1


def _is_marked(image: Image.Image) -> bool:
    tags: Callable[[int, int], object] = image.tag_v2.get  # type: ignore[attr-defined]
    kind = tags(SUBFILE_TYPE, 0)
    return (isinstance(kind, int) and bool(kind & (REDUCED | MASK))) or tags(OLD_SUBFILE_TYPE, 0) == OLD_REDUCED


def _without_repetitions(image: Image.Image, pages: list[int], sizes: list[tuple[int, int]], pixels: int) -> list[int]:
    """The pages without those that are far smaller than the one before or after them, and show the same. No more than
    so many pixels are decoded to find out."""
    samples: dict[int, bytes] = {}

    def is_seen(index: int) -> bool:
        nonlocal pixels
        if index not in samples and (pixels := pixels - sizes[index][0] * sizes[index][1]) >= 0:
            samples[index] = _sample(image, index)
        return index in samples

    def repeats(one: int, other: int) -> bool:
        may_repeat = is_miniature(sizes[one], sizes[other]) and is_seen(one) and is_seen(other)
        return may_repeat and _likeness(samples[one], samples[other]) >= ALIKE

    neighbours = zip(pages, [None, *pages], [*pages[1:], None], strict=False)
    return [
        page
        for page, before, after in neighbours
        if not any(other is not None and repeats(page, other) for other in (before, after))
    ]


def is_miniature(size: tuple[int, int], whole: tuple[int, int]) -> bool:
    """Whether a picture of this size may be a thumbnail of the other."""
    if not min(size) or not min(whole):
        return False
    wide, high = size[0] / whole[0], size[1] / whole[1]
    return max(wide, high) <= SMALLER and abs(wide / high - 1) <= RATIO


def _sample(image: Image.Image, index: int) -> bytes:
    image.seek(index)
    return image.convert("L").resize((SAMPLE, SAMPLE), Image.Resampling.BOX).tobytes()


def _likeness(one: bytes, other: bytes) -> float:
    """Correlation of two samples; two of one colour each are alike."""
    with suppress(statistics.StatisticsError):
        return statistics.correlation(one, other)
    return float(len(set(one)) == len(set(other)))
