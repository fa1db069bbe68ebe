"""`python -m bench.stacks DATA`: stacks of labelled documents, how well they are split, and what `auto` takes them for.

DATA holds folders of labelled documents (`receipts/`, `invoices/`, `foreign/`, …), each with `gold.jsonl`. Stacks are
drawn from them by a fixed seed, so that their boundaries are known; documents of several pages are among them, whose
own pages are no boundaries. PDFs are read by their text layers and pictures by OCR, or by the labelled lines beside
them (`boxes/`) where there are any; with `--scanned` every page is read by OCR as a scan is."""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pypdfium2 as pdfium

from ix import use_cases
from ix.cli.evaluating import grounding
from ix.config import Settings
from ix.extraction.page import Document, Page, Word
from ix.extraction.reader import Reader
from ix.extraction.sorting import boundaries, kinds
from ix.extraction.sorting.views import View
from ix.use_cases import Extraction

SEED = 20261130
KINDS = {
    "receipts": "receipt",
    "receipts-more": "receipt",
    "invoices": "invoice",
    "foreign/invoices": "invoice",
    "foreign/receipts": "receipt",
}
MIXES: Mapping[str, Sequence[str]] = {
    "receipts": ("receipts", "receipts-more"),
    "foreign receipts": ("foreign/receipts",),
    "invoices": ("invoices",),
    "foreign invoices": ("foreign/invoices",),
    "all of them": tuple(KINDS),
}
LETTERS = {
    "letter": "Maple Grove School\n12 Hill Road\nBristol BS1 4AA\n\n3 May 2024\n\nDear parents,\n"
    "the summer fair takes place on 15 June. Total strangers are welcome, too.\nYours sincerely\nJ. Brown",
    "quotation": "Nordic Tools AB\nQuotation\nQuotation no 2024-118\nDate 3 May 2024\nDrill 2 x 80.00 160.00\n"
    "Total 160.00 EUR\nThis offer is valid for 30 days.",
    "delivery note": "Muster GmbH\nLieferschein\nLieferschein-Nr 4711\nDatum 03.05.2024\nMenge 4 Schrauben M8\n"
    "Menge 2 Dübel",
    "contract": "Mietvertrag\nzwischen Frau Meier und Herrn Schulz\nDie monatliche Miete beträgt 800,00 EUR.\n"
    "Die Kaution beträgt 2.400,00 EUR.",
    "prose": "The history of the lighthouse begins in 1821, when the first keeper was paid 12 pounds a year.\n"
    "Its lamp burned oil.",
    "reminder": "Muster GmbH\nZahlungserinnerung\nzu Ihrer Rechnung 2024-17 vom 03.04.2024\nOffener Betrag 119,00 EUR\n"
    "Bitte zahlen Sie bis 20.05.2024.",
    "curriculum": "Curriculum vitae\nJane Doe\nborn 3 May 1990\n2012-2016 University of Leeds\n2016 to date: engineer",
    "minutes": "Protokoll der Sitzung vom 03.05.2024\nAnwesend: Meier, Schulz\nTOP 1: Haushalt\n"
    "Die Einnahmen betragen 12.000,00 EUR.",
}


class Known(NamedTuple):
    """A labelled document: where it is from, and its pages."""

    folder: str
    file: str
    pages: Sequence[Page]


class Counted(NamedTuple):
    """What was found of the boundaries of some stacks."""

    stacks: int
    right: int
    boundaries: int
    found: int
    wrong: int


def main() -> None:
    parsed = arguments()
    documents = asyncio.run(read(parsed.data, parsed.scanned, parsed.most))
    rng = random.Random(SEED)
    print(f"{'stacks of':20} stacks  all right  boundaries  precision  recall")
    for name, folders in MIXES.items():
        pool = [one for one in documents if one.folder in folders]
        if pool:
            print(row(name, counted([drawn(pool, rng) for _ in range(parsed.stacks)], parsed.failures)))
    alone = [[one] for one in documents if len(one.pages) > 1]
    print(row("one of many pages", counted(alone, parsed.failures)))
    print(f"\n{'auto':20} documents  right  unknown  wrong")
    for folder in KINDS:
        told = [recognised(one, parsed.failures) for one in documents if one.folder == folder]
        print(tally(folder, told, KINDS[folder]))
    letters = [kinds.recognised([written(text)], known())[0] for text in LETTERS.values()]
    print(tally("other text", letters, ""))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.stacks", description="Stacks, split and recognised.")
    parser.add_argument("data", type=Path, help="holds the folders of labelled documents")
    parser.add_argument("--stacks", type=int, default=200, help="of each mix")
    parser.add_argument("--most", type=int, help="only so many documents of each folder")
    parser.add_argument("--scanned", action="store_true", help="reads every page by OCR, as a scan")
    parser.add_argument("--failures", action="store_true", help="lists what was missed and what was cut wrongly")
    return parser.parse_args()


async def read(data: Path, scanned: bool, most: int | None) -> list[Known]:
    """All labelled documents under a folder, read."""
    reader = Reader(Settings(postgres_url="postgres://none/none", ocr="ppocr", ocr_dpi=150))
    await reader.start()
    try:
        found = []
        for folder in KINDS:
            labels = data / folder / "gold.jsonl"
            for line in labels.read_text().splitlines()[:most] if labels.is_file() else ():
                file = json.loads(line)["file"]
                found.append(Known(folder, file, await pages_of(reader, data / folder, file, scanned)))
        return found
    finally:
        await reader.stop()


async def pages_of(reader: Reader, folder: Path, file: str, scanned: bool) -> Sequence[Page]:
    """The pages of a document: as labelled, as its text layer says, or by OCR."""
    if not scanned and (labelled := grounding.labelled_lines(folder, file)):
        return [replace(labelled, words=tuple(word for line in labelled.words for word in parted(line)))]
    data = (folder / file).read_bytes()
    pictures = drawn_pages(data) if scanned and file.endswith(".pdf") else [data]
    pages = [page for picture in pictures for page in await reader.pages([Document(picture)])]
    return [replace(page.page(), number=number) for number, page in enumerate(pages, 1)]


def drawn_pages(data: bytes) -> list[bytes]:
    """The pages of a PDF as a scanner would see them, as PNG at 150 dots per inch."""
    pictures = []
    for page in pdfium.PdfDocument(data):
        saved = io.BytesIO()
        page.render(scale=150 / 72).to_pil().convert("L").save(saved, "PNG")
        pictures.append(saved.getvalue())
    return pictures


def parted(line: Word) -> list[Word]:
    """The words of a labelled line, each as wide as its letters."""
    x0, y0, x1, y1 = line.box
    step, at, words = (x1 - x0) / max(len(line.text), 1), 0, []
    for text in line.text.split(" "):
        if text:
            words.append(Word(text, (x0 + at * step, y0, x0 + (at + len(text)) * step, y1)))
        at += len(text) + 1
    return words


def written(text: str) -> Page:
    """A page of a letter's shape with these lines."""
    lines = enumerate(text.split("\n"))
    words = [Word(line, (0.1, 0.05 + n * 0.02, 0.1 + 0.009 * len(line), 0.064 + n * 0.02)) for n, line in lines if line]
    return Page(1, 595, 842, tuple(word for line in words for word in parted(line)))


def drawn(pool: Sequence[Known], rng: random.Random) -> list[Known]:
    """A stack of two to six documents."""
    return rng.sample(pool, min(rng.randint(2, 6), len(pool)))


def counted(stacks: Sequence[Sequence[Known]], failures: bool) -> Counted:
    """How the boundaries that are found compare with those that there are."""
    right = found = wrong = count = 0
    for stack in stacks:
        pages = [page for one in stack for page in one.pages]
        pages = [replace(page, number=number) for number, page in enumerate(pages, 1)]
        starts = {1 + sum(len(one.pages) for one in stack[:at]) for at in range(1, len(stack))}
        cuts = {part.pages[0].number for part in boundaries.parts(pages)[1:]}
        right, found, wrong = right + (cuts == starts), found + len(cuts & starts), wrong + len(cuts - starts)
        count += len(starts)
        if failures and cuts != starts:
            explain(stack, pages, starts ^ cuts, cuts)
    return Counted(len(stacks), right, count, found, wrong)


def explain(stack: Sequence[Known], pages: Sequence[Page], odd: set[int], cuts: set[int]) -> None:
    """Prints what was weighed at boundaries that were missed or cut wrongly."""
    owners = [f"{one.folder}/{one.file}" for one in stack for _ in one.pages]
    for before, after in pairwise(map(View, pages)):
        if (number := after.page.number) in odd:
            said = [
                f"{one.weight:+} {one.why}"
                for each in (boundaries._numbered, boundaries._named, boundaries._headed, boundaries._ended)
                for one in each(before, after)
            ]
            print("WRONG" if number in cuts else "missed", owners[number - 2], owners[number - 1], said)


def known() -> dict[str, dict[str, object]]:
    """The kinds of the use cases that ix has."""
    return {name: one.kind for name, one in use_cases.load().items() if isinstance(one, Extraction) and one.kind}


def recognised(one: Known, failures: bool) -> str:
    """What a document is taken for."""
    kind, reason = kinds.recognised(one.pages, known())
    if failures and kind != KINDS[one.folder]:
        print(f"{one.folder}/{one.file}: {kind or 'unknown'}: {reason}")
    return kind


def row(name: str, one: Counted) -> str:
    """A line of the first table."""
    cuts = one.found + one.wrong
    precision, recall = one.found / cuts if cuts else 1.0, one.found / one.boundaries if one.boundaries else 1.0
    return (
        f"{name:20} {one.stacks:6}  {one.right / one.stacks:9.1%}  {one.boundaries:10}  {precision:9.1%}  {recall:6.1%}"
        + (f"  ({one.wrong} wrong cuts)" if one.wrong else "")
    )


def tally(name: str, told: Sequence[str], right: str) -> str:
    """A line of the second table."""
    wrong = sum(kind not in ("", right) for kind in told)
    unknown = sum(kind == "" for kind in told) if right else 0
    return f"{name:20} {len(told):9}  {sum(kind == right for kind in told):5}  {unknown:7}  {wrong:5}"


if __name__ == "__main__":
    main()
