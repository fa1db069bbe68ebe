"""`python -m bench.skewed [FOLDER]`: scans that lie askew, and photos of sheets on a table.

FOLDER is labelled as `bench.ocr` and `ix eval` have it. Each document is rotated or warped by code, the same way
each time, and read as in a job, with the default engine and the rules, in this process. For each way are printed:

    F1      words, without regard to case, as often as they stand on the page
    rows    share of the labelled lines beside each other that are found in one row
    whole   share of the labelled lines whose words were all read, within the line's box as it lies on the picture
    IoU     intersection over union of such a line's upright box and the one around its words, mean
    values  share of the labelled values that are exact, of those that were printed
    CPU     processor seconds a page"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from typing import Any

import cv2
import numpy as np
from PIL import Image
from pydantic_core import to_json

from bench import ocr as labels_of
from bench import scoring
from bench.ocr import RECEIPTS, Label, overlaps
from ix.config import Settings
from ix.extraction import answering, layout, models, ocr
from ix.extraction.page import Page, ReadPage
from ix.extraction.straight import drawn
from ix.use_cases import receipt

Points = Any
TABLE = 70
"""Grey of the table around a photographed sheet."""
HEADING = f"{'':12}{'F1':>8}{'rows':>8}{'whole':>8}{'IoU':>8}{'values':>8}{'CPU':>8}"


def rotated(degrees: float) -> Callable[[random.Random], Points]:
    """What rotates a sheet to either side."""

    def corners(chance: random.Random) -> Points:
        angle = math.radians(degrees * chance.choice((-1, 1)))
        unit = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64)
        turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
        return lambda wide, high: unit * (wide, high) @ turn

    return corners


def seen_from(share: float) -> Callable[[random.Random], Points]:
    """What draws each corner of a sheet in by up to this share of its sides, as a photo from aside does."""

    def corners(chance: random.Random) -> Points:
        # two corners of one side, and a little of the others
        near, side = chance.choice((0.0, 0.25)), chance.randrange(4)
        moves = [near * share] * 4
        moves[side] = moves[(side + 1) % 4] = share * chance.uniform(0.7, 1)
        inward = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)], np.float64) * np.array(moves)[:, None]
        unit = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64) + inward
        angle = math.radians(chance.uniform(-3, 3))
        turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
        return lambda wide, high: unit * (wide, high) @ turn

    return corners


WAYS: Mapping[str, tuple[Callable[[random.Random], Points], int]] = {
    "straight": (rotated(0), 255),
    **{f"{degrees:g} degrees": (rotated(degrees), 255) for degrees in (0.5, 1, 2, 3, 5, 7, 10)},
    "aside 5 %": (seen_from(0.05), TABLE),
    "aside 10 %": (seen_from(0.10), TABLE),
    "aside 15 %": (seen_from(0.15), TABLE),
}
"""Where a sheet's corners go, and the grey of what is around it."""


@dataclass(slots=True)
class Tally:
    """What was found of the documents of one way."""

    counts: Counter[str] = field(default_factory=Counter)
    overlaps: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def add(self, page: Page, lines: Sequence[tuple[Label, Label]], size: tuple[int, int]) -> None:
        """Counts what was read; each line as it was printed and as it lies on the picture."""
        read = Counter(text for word in page.words for text in word.text.casefold().split())
        labelled = Counter(text for line, _ in lines for text in line.text.casefold().split())
        pairs = list(beside([line for line, _ in lines]))
        rows = ["".join(row.text.casefold().split()) for row in layout.lines(page)]
        self.counts.update(
            right=(read & labelled).total(),
            read=read.total(),
            labelled=labelled.total(),
            pairs=len(pairs),
            joined=sum(any(one in row and other in row for row in rows) for one, other in pairs),
            lines=len(lines),
        )
        boxes = [(word.text, drawn(word.box, page.quad)) for word in page.words]
        wide, high = size
        words = [(text, (x0 * wide, y0 * high, x1 * wide, y1 * high)) for text, (x0, y0, x1, y1) in boxes]
        self.overlaps += overlaps(words, [laid for _, laid in lines])

    def row(self, name: str) -> str:
        """A line of the table."""
        shares = [
            2 * self.counts["right"] / max(self.counts["read"] + self.counts["labelled"], 1),
            self.counts["joined"] / max(self.counts["pairs"], 1),
            len(self.overlaps) / max(self.counts["lines"], 1),
            fmean(self.overlaps or [0]),
            self.counts["exact"] / max(self.counts["values"], 1),
        ]
        return f"{name:12}{''.join(f'{share:>8.3f}' for share in shares)}{fmean(self.cpu):>8.2f}"


def beside(lines: Sequence[Label]) -> Iterator[tuple[str, str]]:
    """The texts of neighbours in one row of print."""
    for left, right in pairwise(sorted(lines, key=lambda line: (round(line.box[1] / 12), line.box[0]))):
        middle = (right.box[1] + right.box[3]) / 2
        if left.box[1] < middle < left.box[3] and left.box[2] <= right.box[0]:
            one, other = ("".join(line.text.casefold().split()) for line in (left, right))
            yield one, other


def warped(image: Image.Image, corners: Points, around: int) -> tuple[Image.Image, Any]:
    """The sheet with its corners there, all of it in the picture, and the matrix that takes its points along."""
    wide, high = image.size
    target = corners(wide, high)
    target = target - target.min(0) + (20 if around != 255 else 0)
    across, down = (math.ceil(side) + (20 if around != 255 else 0) for side in target.max(0))
    source = np.array([(0, 0), (wide, 0), (wide, high), (0, high)], np.float32)
    matrix = cv2.getPerspectiveTransform(source, target.astype(np.float32))
    grey: Any = np.asarray(image.convert("L"))
    flags = cv2.INTER_AREA if max(across, down) < max(wide, high) else cv2.INTER_LINEAR
    laid = cv2.warpPerspective(grey, matrix, (across, down), flags=flags, borderValue=(around,))
    return Image.fromarray(laid), matrix


def laid(label: Label, matrix: Any) -> Label:
    """A line with the upright box around where it lies now."""
    x0, y0, x1, y1 = label.box
    points = cv2.perspectiveTransform(np.array([[(x0, y0), (x1, y0), (x1, y1), (x0, y1)]], np.float64), matrix)[0]
    return Label(label.text, (*points.min(0).tolist(), *points.max(0).tolist()))


class Reading:
    """Reads pictures and answers a use case's schema by the rules, as an engine's children do."""

    def __init__(self, threads: int) -> None:
        settings = Settings()
        self._engine = {"engine": settings.ocr, "threads": threads}
        self._schema = to_json(receipt.USE_CASE.schema)
        self._body = {
            "do": "ask",
            "backend": models.module_of(settings),
            "settings": models.told(settings),
            "instructions": "",
            "documents": 1,
            "shape": None,
            "timings": {},
            "invoices": [],
        }

    def page(self, image: Image.Image) -> ReadPage:
        """The picture as OCR reads it."""
        body = {"do": "read", **self._engine, "width": image.width, "height": image.height}
        head, (words,) = ocr.handle(body, [image.tobytes()])
        wide, high = image.size if head["rotation"] % 180 == 0 else image.size[::-1]
        return ReadPage(1, wide, high, words, "ocr", rotation=head["rotation"], confidence=head["confidence"])

    def answer(self, page: ReadPage) -> dict[str, Any]:
        """The values that the rules find on it."""
        _, (written,) = answering.handle({**self._body, "pages": [page.head()]}, [self._schema, page.words])
        found: dict[str, Any] = json.loads(written)["result"]
        return found


def main() -> None:
    parsed = arguments()
    golds = {Path(row["file"]).name: row for row in map(json.loads, (parsed.folder / "gold.jsonl").open())}
    documents = labels_of.labelled(parsed.folder)[:: parsed.every][: parsed.limit]
    reading = Reading(parsed.threads)
    print(f"{len(documents)} documents, {parsed.threads} threads\n{HEADING}")
    for name in parsed.only or WAYS:
        tally = Tally()
        for number, document in enumerate(documents):
            measure(tally, reading, document, name, number, golds.get(document.name))
        print(tally.row(name), flush=True)


def measure(
    tally: Tally, reading: Reading, document: Path, way: str, number: int, gold: Mapping[str, Any] | None
) -> None:
    """Reads a document laid this way, and counts what was found."""
    corners, around = WAYS[way]
    image, matrix = warped(labels_of.opened(document), corners(random.Random(number)), around)
    lines = [(line, laid(line, matrix)) for line in labels_of.labels(document.parent.parent, document)]
    began = time.process_time()
    read = reading.page(image)
    tally.cpu.append(time.process_time() - began)
    tally.add(read.page(), lines, image.size)
    if gold is not None:
        scores = scoring.score(gold["gold"], reading.answer(read), scoring.RECEIPT_FIELDS, gold.get("printed"))
        tally.counts.update(values=len(scores), exact=sum(score.exact for score in scores))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.skewed", description="Scans that lie askew.")
    parser.add_argument("folder", type=Path, nargs="?", default=RECEIPTS, help="holds documents/, boxes/, gold.jsonl")
    parser.add_argument("--limit", type=int, help="only the first so many documents")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every nth document")
    parser.add_argument("--threads", type=int, default=1, help="processors that OCR may use")
    parser.add_argument("--only", nargs="+", choices=WAYS, metavar="WAY", help=", ".join(WAYS))
    return parser.parse_args()


if __name__ == "__main__":
    main()
