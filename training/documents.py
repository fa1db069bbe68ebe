"""Labelled documents for training: their pages, read once and kept in a folder, and their labels."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import scoring
from ix.config import Settings
from ix.extraction.page import Document, Page, ReadPage
from ix.extraction.reader import Reader

SETS = ("receipts", "receipts-more", "invoices", "foreign/invoices", "foreign/receipts")
"""Folders of the labelled data that are trained on where they are there; each holds `gold.jsonl`."""

MADE_UP = "made up"
"""Origin of documents that nobody sent (`training.letterheads`, `training.generated`): they are trained on, and never
judged."""
OTHER_LAYOUTS = "generated, other layouts"
"""Origin of documents of the generator's layouts for tests: they are judged, and never trained on."""


@dataclass(frozen=True)
class Labelled:
    """A labelled document. `origin` is its set and source, `issuer` who issued it (letters and digits only): documents
    of one issuer are never on both sides of a fold. Only fields that stand on the page are in `gold`; a list holds
    values of which any is right, and None says that the page has no such value."""

    name: str
    origin: str
    issuer: str
    pages: Sequence[Page]
    gold: Mapping[str, Any]

    @property
    def is_invoice(self) -> bool:
        """Whether its labels are those of an invoice, and not of a receipt."""
        return "company" not in self.gold

    def right(self, field: str, kind: str, value: object) -> bool:
        """Whether a value is what the label of a field says. `kind` is `text`, `date` or `amount`."""
        return any(scoring.compare(field, kind, gold, value).exact for gold in self.values(field))

    def values(self, field: str) -> list[Any]:
        """The values that are right for a field; none if it has none or is not labelled."""
        gold = self.gold.get(field)
        return [value for value in (gold if isinstance(gold, list) else [gold]) if value not in (None, "")]


def labelled(data: Path, kept: Path, sets: Sequence[str] = SETS) -> list[Labelled]:
    """Every labelled document of the sets that are there. Pages that were read before are taken from `kept`; the others
    are read, as the service reads them, and kept there."""
    labels = [
        (name, data / name, json.loads(line))
        for name in sets
        if (data / name / "gold.jsonl").is_file()
        for line in (data / name / "gold.jsonl").read_text().splitlines()
        if line.strip()
    ]
    kept.mkdir(parents=True, exist_ok=True)
    pages = asyncio.run(_pages([folder / label["file"] for _, folder, label in labels], kept))
    return [_document(name, label, found) for (name, _, label), found in zip(labels, pages, strict=True)]


def _document(name: str, label: Mapping[str, Any], pages: Sequence[Page]) -> Labelled:
    printed, gold = label.get("printed"), label["gold"]
    # rows are printed, though nothing says so of each
    shown = {
        field: value
        for field, value in gold.items()
        if printed is None or value is None or field == "lines" or printed.get(field)
    }
    if "company" in gold:
        shown.setdefault("company", None)
    for field in ("seller_name", "buyer_name"):
        if field in shown:
            shown[field] = _named(shown[field])
    origin = f"{name}:{label['source']}" if "source" in label else name
    return Labelled(f"{name}/{Path(label['file']).name}", origin, _issuer(label), pages, shown)


def _named(label: Any) -> Any:
    """A party's name by its label. XML has identifiers in it as well, each on a line of its own."""
    if not isinstance(label, str) or "\n" not in label.strip():
        return label
    return [label, *(line.strip() for line in label.splitlines() if not any(map(str.isdigit, line)))]


def _issuer(label: Mapping[str, Any]) -> str:
    gold = label["gold"].get("company") or label["gold"].get("seller_name") or label["file"]
    return scoring.letters(gold[0] if isinstance(gold, list) else gold)


async def _pages(files: Sequence[Path], kept: Path) -> list[list[Page]]:
    if missing := [file for file in files if not _kept(file, kept).is_file()]:
        reader = Reader(Settings(ocr="ppocr"))
        await reader.start()
        try:
            for file in missing:
                write(_kept(file, kept), await reader.pages([Document(file.read_bytes())]))
        finally:
            await reader.stop()
    return [[page.page() for page in read(_kept(file, kept))] for file in files]


def _kept(file: Path, folder: Path) -> Path:
    # by what is in it, so that a document that is changed is read again
    return folder / f"{hashlib.sha256(file.read_bytes()).hexdigest()[:24]}.jsonl"


def write(path: Path, pages: Sequence[ReadPage]) -> None:
    """Keeps the pages of a document: for each one line with its head and one with its words."""
    path.write_text("".join(f"{json.dumps(page.head())}\n{page.words.decode()}\n" for page in pages))


def read(path: Path) -> Iterator[ReadPage]:
    """The pages that `write` kept."""
    lines = path.read_text().splitlines()
    for head, words in zip(lines[::2], lines[1::2], strict=True):
        yield ReadPage.of(json.loads(head), words.encode())
