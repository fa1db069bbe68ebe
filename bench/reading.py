"""8. Reading: what pages cost, by the same files, beside what users would use instead.

Text layers of born-digital invoices: processor time a page, the parts of a job told apart; peers read words and answer
nothing. Scanned receipts: processor and wall seconds a scan, and how many of its words are read (F1, see `bench.ocr`).
Each contender has a process of its own, new in each repetition, and each file goes to one after the other."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import Any

from bench import ocr, peer
from bench.book import Bench
from bench.contestants import ContestantFailed
from bench.reading_texts import CONTENDERS as READERS
from ix.extraction.processes.children import inherited_environment

SECTION = "reading"
DATA = "BENCH_DATA"
"""Names the folder of labelled documents; `../shared/data` by default."""
PARTS = ("reading", "ink", "rules", "placing", "rest")
"""What a page costs; reading samples of its fonts is a document's cost and told apart."""
SCANNERS = {
    "ppocr": "rapidocr",
    "plain rapidocr": "rapidocr",
    "plain tesseract": "tesseract",
    "faster-paddle": "faster_paddle",
}
"""What reads scans, by the names that `bench.ocr_engines` has for it, and the package or the program that it needs."""
THREADS = 2
NO_DOCLING = "docling is left out: it needs models that are fetched; docling-parse is what it reads text layers with"


@dataclass(frozen=True, slots=True)
class Runner:
    """A contender that takes turns."""

    name: str


class Process:
    """A process that reads texts for one contender."""

    def __init__(self, name: str) -> None:
        package = READERS[name].package
        self._process = subprocess.Popen(
            [interpreter(package), "-m", "bench.reading_texts", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=peer.ROOT,
            env=inherited_environment(),
            text=True,
        )

    def ask(self, file: Path) -> dict[str, Any]:
        """What reading a file cost. Raises `ContestantFailed` where the process ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{file}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise ContestantFailed(f"it ended with {self._process.wait()} over {file.name}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()


def run(bench: Bench) -> None:
    """Texts, then scans."""
    folder = Path(os.environ.get(DATA, "../shared/data")).resolve()
    bench.book.notes.append((SECTION, NO_DOCLING))
    files = sorted((folder / "invoices" / "documents").glob("*.pdf"))[: bench.sizes.texts]
    if not files:
        bench.book.notes.append((SECTION, f"no documents in {folder}: {DATA} names the folder that has some"))
        return
    for runner in bench.turns(SECTION, [Runner(name) for name in READERS]):
        with bench.attempt(SECTION, runner.name), Process(runner.name) as process:
            texts(bench, runner.name, process, files)
    with bench.attempt(SECTION, "scans"):
        scans(bench, folder / "receipts")


def texts(bench: Bench, name: str, process: Process, files: Sequence[Path]) -> None:
    """Every file once; the first one twice, since what is loaded when first used is no page's."""
    process.ask(files[0])
    answers = [process.ask(file) for file in files]
    pages, seconds = sum(answer["pages"] for answer in answers), Counter[str]()
    for answer in answers:
        seconds.update(answer["cpu"])
    add = bench.book.add
    add(SECTION, name, "a text page", 1000 * sum(seconds[part] for part in PARTS) / pages, "ms")
    for part in PARTS if len(seconds) > 1 else ():
        add(SECTION, name, part, 1000 * seconds[part] / pages, "ms")
    if len(seconds) > 1:
        add(SECTION, name, "samples, a document", 1000 * seconds["samples"] / len(files), "ms")
    add(SECTION, name, "memory", answers[-1]["memory"], "MiB")


def scans(bench: Bench, folder: Path) -> None:
    """Scans spread over the folder, each to one engine after the other, as `bench.ocr` does."""
    every = ocr.labelled(folder)
    documents = every[:: max(len(every) // bench.sizes.scans, 1)][: bench.sizes.scans]
    tallies: dict[str, ocr.Tally] = {}
    with ExitStack() as stack:
        processes = {}
        for name, needed in SCANNERS.items():
            with bench.attempt(SECTION, name):
                python = sys.executable if shutil.which(needed) else interpreter(needed)
                processes[name] = stack.enter_context(ocr.Process(name, THREADS, python))
                tallies[name] = ocr.Tally()
        for number, document in enumerate(documents):
            bench.log(f"{SECTION} scan {number + 1}/{len(documents)}")
            image, lines, first = ocr.opened(document), ocr.labels(folder, document), number % len(processes)
            for name in [*processes][first:] + [*processes][:first]:
                tallies[name].add(processes[name].ask(image), lines)
    for name, tally in tallies.items():
        bench.book.add(SECTION, name, "a scan", fmean(tally.cpu), "CPU s")
        bench.book.add(SECTION, name, "a scan, wall", fmean(tally.wall), "s")
        bench.book.add(SECTION, name, "word F1", tally.f1, "of 1", "higher")
        bench.book.add(SECTION, name, "memory", tally.memory, "MiB")


@cache
def interpreter(package: str) -> str:
    """A Python that has a package: this one, or the peers'. Raises `ContestantFailed` where neither has it."""
    for python in (sys.executable, str(peer.python())):
        script = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({package!r}) is None)"
        if Path(python).exists() and subprocess.run([python, "-c", script], cwd=peer.ROOT).returncode == 0:
            return python
    raise ContestantFailed(f"{package} is not installed")
