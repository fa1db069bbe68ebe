"""Grounding: does an answered value stand where its evidence says?

A folder of labelled documents may have `boxes/`: for each document a CSV of the lines of its first page, four corners
and a text: `x,y,x,y,x,y,x,y,text`, in pixels. A labelled value's own box is cut out of its lines by the widths of
characters, a box a line. Where the value stands on several places, each is right.

    true positive    the value is right, and its boxes cover their share of the labelled ones: intersection over union
                     of the areas of at least `ENOUGH`
    precision        of the values that were answered
    recall           of the values that were labelled

Fields whose value is found nowhere in the labelled lines are left out: an address that runs through two columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps
from rapidfuzz import fuzz

from ix.cli.evaluating.comparing import NUMBERS, choices, compare, day, is_empty, letters, number
from ix.extraction.evidence.cutting import Cutter
from ix.extraction.page import Box, Page, Word
from ix.extraction.values import find_amounts, find_dates

ENOUGH = 0.5
"""Least intersection over union of a box that is right, as in PASCAL VOC."""
_LIKE = 85.0
"""Likeness (`rapidfuzz.fuzz.partial_ratio_alignment`) of a labelled text to the lines that print it: transcripts have
slips of their own."""


@dataclass(frozen=True, slots=True)
class Grounded:
    """One labelled value: whether the answer has it, has it right, and how well its boxes cover the labelled ones."""

    answered: bool
    right: bool
    covered: float


def labelled_lines(folder: Path, file: str) -> Page | None:
    """The labelled lines of a document as a page, a word a line; None where the folder has none."""
    path = folder / "boxes" / f"{Path(file).stem}.csv"
    if not path.is_file():
        return None
    with Image.open(folder / file) as picture:
        width, height = ImageOps.exif_transpose(picture).size
    rows = (line.split(",", 8) for line in path.read_text().splitlines() if line.count(",") >= 8)
    words = tuple(Word(row[8], _around(row[:8], width, height)) for row in rows)
    return Page(1, width, height, words)


def _around(corners: Sequence[str], width: int, height: int) -> Box:
    across, down = [int(x) / width for x in corners[::2]], [int(y) / height for y in corners[1::2]]
    return min(across), min(down), max(across), max(down)


def grounded(
    page: Page, gold: Mapping[str, Any], response: Mapping[str, Any], fields: Mapping[str, str]
) -> Iterator[Grounded]:
    """How each labelled value that is found in the labelled lines is answered; `fields` are kinds by name."""
    answer, evidence = response.get("result") or {}, response.get("evidence") or {}
    for name, kind in fields.items():
        labels = [one for one in choices(gold.get(name)) if not is_empty(one)]
        if not (found := [place for label in labels for place in places(page, kind, label)]):
            continue
        boxes = [tuple(box) for box in (evidence.get(name) or {}).get("boxes", ())]
        is_right = compare(kind, labels, answer.get(name)).exact
        yield Grounded(not is_empty(answer.get(name)), is_right, max(_covered(boxes, place) for place in found))


def summary(found: Iterable[Grounded]) -> dict[str, float]:
    """The figures of the report; empty where nothing is labelled."""
    all_found = list(found)
    right = [one for one in all_found if one.right]
    if not all_found:
        return {}
    answered = sum(one.answered for one in all_found)
    return {
        "labelled": len(all_found),
        "right": len(right),
        "missed": sum(one.covered < ENOUGH for one in right),
        "f1": _f1(sum(one.covered >= ENOUGH for one in right), answered, len(all_found)),
        "f1_overlapping": _f1(sum(one.covered > 0 for one in right), answered, len(all_found)),
    }


def _f1(hits: int, answered: int, labelled: int) -> float:
    # 2PR / (P + R), with P = hits / answered and R = hits / labelled
    return round(2 * hits / (answered + labelled), 4)


# Where a labelled value stands


def places(page: Page, kind: str, value: object) -> Iterator[list[Box]]:
    """The boxes of each place where the words of a page print a value, a box a word or line."""
    cutter = Cutter(page)
    if kind not in NUMBERS and kind != "date":
        yield from _text_places(page, cutter, letters(value))
        return
    for word in page.words:
        for start, end in _parts(word.text, kind, value):
            yield [cutter.part(word, start, end).box]


def _parts(text: str, kind: str, value: object) -> Iterator[tuple[int, int]]:
    """The characters of a line that print an amount or a date."""
    if kind in NUMBERS:
        wanted = number(value)
        yield from ((found.start, found.end) for found in find_amounts(text) if found.value == wanted)
    else:
        wanted_day = day(value)
        yield from ((found.start, found.end) for found in find_dates(text) if found.value == wanted_day)


def _text_places(page: Page, cutter: Cutter, wanted: str) -> Iterator[list[Box]]:
    """Where the letters of a text stand in the lines, read one after another."""
    origin = [
        (at, offset)
        for at, word in enumerate(page.words)
        for offset, char in enumerate(word.text)
        for _ in letters(char)
    ]
    printed = "".join(letters(char) for word in page.words for char in word.text)
    found = fuzz.partial_ratio_alignment(wanted, printed, score_cutoff=_LIKE) if len(printed) >= len(wanted) else None
    at = printed.find(wanted)
    while wanted and at >= 0:
        yield _boxes(page, cutter, origin[at : at + len(wanted)])
        at = printed.find(wanted, at + 1)
    if wanted not in printed and found is not None and found.dest_end > found.dest_start:
        yield _boxes(page, cutter, origin[found.dest_start : found.dest_end])


def _boxes(page: Page, cutter: Cutter, touched: Sequence[tuple[int, int]]) -> list[Box]:
    spans: dict[int, list[int]] = {}
    for line, offset in touched:
        spans.setdefault(line, []).append(offset)
    return [cutter.part(page.words[line], min(own), max(own) + 1).box for line, own in spans.items()]


# Areas


def _covered(one: Sequence[Sequence[float]], other: Sequence[Sequence[float]]) -> float:
    """Intersection over union of the areas that two sets of boxes cover."""
    across = sorted({box[at] for box in (*one, *other) for at in (0, 2)})
    down = sorted({box[at] for box in (*one, *other) for at in (1, 3)})
    shared = united = 0.0
    for (left, right), (top, bottom) in product(pairwise(across), pairwise(down)):
        inside = [
            any(b[0] <= left and right <= b[2] and b[1] <= top and bottom <= b[3] for b in own) for own in (one, other)
        ]
        area = (right - left) * (bottom - top)
        shared, united = shared + area * all(inside), united + area * any(inside)
    return shared / united if united else 0.0
