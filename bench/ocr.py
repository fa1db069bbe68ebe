"""`python -m bench.ocr [FOLDER]`: OCR engines side by side on scans whose words are known, in one run.

FOLDER holds `documents/NAME.jpg` and `boxes/NAME.csv`: a line of print in each row, its four corners in pixels and its
text, as ICDAR 2019 has them. Each engine runs in a process of its own with as many threads, and every scan goes to one
engine after the other, to another one first each time, so that what else the machine does hits all alike.

ix's engines read as they do in a job (`ix.extraction.ocr.recognise`), plain ones as their own documentation calls them
(`bench.ocr_engines`); those that are not installed are left out (`pip install faster-paddle`). What is printed:

    F1      words, without regard to case, as often as they stand on the page
    whole   share of the labelled lines whose words were all read, within the line's box
    IoU     intersection over union of such a line's box and the one around its words, mean
    CPU     processor seconds a page, the median and the mean; programs' with it
    wall    seconds a page, likewise
    MiB     most memory that the process held"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, median
from typing import Any, NamedTuple

from PIL import Image, ImageOps

from bench.ocr_engines import CONTENDERS
from ix.extraction.layout import around
from ix.extraction.page import Box
from ix.extraction.processes.children import inherited_environment
from ix.extraction.reader import OCR_SIDE, environment

RECEIPTS = Path("../shared/data/receipts")
HEADING = f"{'':17}{'F1':>8}{'whole':>8}{'IoU':>8}{'CPU':>8}{'mean':>8}{'wall':>8}{'mean':>8}{'MiB':>8}"


class Label(NamedTuple):
    """A line of print and its box in pixels."""

    text: str
    box: Box


@dataclass(slots=True)
class Tally:
    """What an engine did so far."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    overlaps: list[float] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    memory: float = 0.0

    def add(self, answer: dict[str, Any], lines: Sequence[Label]) -> None:
        """Counts what an engine said of a page."""
        read = Counter(text for whole, _ in answer["words"] for text in whole.casefold().split())
        labelled = Counter(text for line in lines for text in line.text.casefold().split())
        self.counts.update(right=(read & labelled).total(), read=read.total(), labelled=labelled.total())
        self.counts.update(lines=len(lines))
        self.overlaps += overlaps(answer["words"], lines)
        self.cpu.append(answer["cpu"])
        self.wall.append(answer["wall"])
        self.memory = answer["memory"]

    @property
    def f1(self) -> float:
        """Harmonic mean of the share of words read that are right and of the share of words printed that are read."""
        return 2 * self.counts["right"] / max(self.counts["read"] + self.counts["labelled"], 1)

    def row(self, name: str) -> str:
        """A line of the table."""
        whole = len(self.overlaps) / max(self.counts["lines"], 1)
        times = (part(values) for values in (self.cpu, self.wall) for part in (median, fmean))
        shares = f"{self.f1:>8.4f}{whole:>8.3f}{fmean(self.overlaps or [0]):>8.3f}"
        return f"{name:17}{shares}{''.join(f'{time:>8.2f}' for time in times)}{self.memory:>8.0f}"


class Process:
    """A process that reads for one engine, run by a Python that has it."""

    def __init__(self, name: str, threads: int, python: str = sys.executable) -> None:
        self._process = subprocess.Popen(
            [python, "-m", "bench.ocr_engines", name, str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**inherited_environment(), **environment(threads)},
        )

    def ask(self, image: Image.Image) -> dict[str, Any]:
        """What the engine reads of a scan. Raises `RuntimeError` where the process ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(b"%d %d\n" % image.size + image.tobytes())
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"an engine ended with {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()


def main() -> None:
    parsed = arguments()
    documents = labelled(parsed.folder)[:: parsed.every][: parsed.limit]
    names = [name for name in parsed.only or CONTENDERS if CONTENDERS[name].is_there()]
    tallies = {name: Tally() for name in names}
    with ExitStack() as stack:
        processes = {name: stack.enter_context(Process(name, parsed.threads)) for name in names}
        for number, document in enumerate(documents):
            image, lines, first = opened(document), labels(parsed.folder, document), number % len(names)
            for name in names[first:] + names[:first]:
                tallies[name].add(processes[name].ask(image), lines)
            print(f"{number + 1}/{len(documents)}", end="\r", file=sys.stderr, flush=True)
    print(f"{len(documents)} pages, {parsed.threads} threads an engine")
    print("\n".join([HEADING, *(tally.row(name) for name, tally in tallies.items())]))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.ocr", description="OCR engines side by side.")
    parser.add_argument("folder", type=Path, nargs="?", default=RECEIPTS, help="holds documents/ and boxes/")
    parser.add_argument("--limit", type=int, help="only the first so many documents")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every nth document")
    parser.add_argument("--threads", type=int, default=2, help="processors that each engine may use")
    parser.add_argument("--only", nargs="+", choices=CONTENDERS, metavar="ENGINE", help=", ".join(CONTENDERS))
    return parser.parse_args()


def labelled(folder: Path) -> list[Path]:
    """The scans that have labels. Exits with a message where there are none."""
    found = [path for path in sorted((folder / "documents").glob("*")) if boxes(folder, path).is_file()]
    return found or sys.exit(f"{folder} has no documents/ with boxes/: name a folder that has")


def opened(path: Path) -> Image.Image:
    """A scan as ix gives it to OCR: upright by its own word, and no larger than that."""
    image = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    image.thumbnail((OCR_SIDE, OCR_SIDE))
    return image


def boxes(folder: Path, document: Path) -> Path:
    """The file that says what is printed on a document."""
    return folder / "boxes" / f"{document.stem}.csv"


def labels(folder: Path, document: Path) -> list[Label]:
    """The lines printed on a document."""
    # a line's text may have commas and quotation marks, and nothing is quoted
    rows = (row.split(",", 8) for row in boxes(folder, document).read_text(errors="replace").splitlines() if row)
    return [Label(text, around((x, y, x, y) for x, y in corners(row))) for *row, text in rows]


def corners(row: Sequence[str]) -> Iterator[tuple[float, float]]:
    """The points of a row of eight numbers."""
    yield from ((float(x), float(y)) for x, y in zip(row[::2], row[1::2]))


def overlaps(words: Sequence[tuple[str, Box]], lines: Sequence[Label]) -> Iterator[float]:
    """The overlap of each line's box with the one around the words in it, for the lines that these spell, whatever
    the spaces."""
    for line in lines:
        own = sorted((box[0], text, box) for text, box in words if is_within(box, line.box))
        spelt = "".join(text for _, text, _ in own).casefold().replace(" ", "")
        if own and spelt == line.text.casefold().replace(" ", ""):
            yield overlap(line.box, around(box for _, _, box in own))


def is_within(box: Box, other: Box) -> bool:
    """Whether the middle of a box lies in another one."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return other[0] < x < other[2] and other[1] < y < other[3]


def overlap(one: Box, other: Box) -> float:
    """Intersection over union of two boxes."""
    across, down = (max(min(one[k + 2], other[k + 2]) - max(one[k], other[k]), 0.0) for k in (0, 1))
    both = across * down
    return both / max(sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)) - both, 1e-9)


if __name__ == "__main__":
    main()
