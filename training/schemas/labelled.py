"""Labelled invoices and receipts, asked through schemas with other names: how many points that costs against the
built-in use case, which is asked the same pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench import scoring
from bench.labelled import labelled, use_case_of
from ix.config import Settings
from ix.extraction.models.rules.answer import answer
from ix.extraction.page import Document, Page
from ix.extraction.reader import Reader
from ix.fields import asked
from ix.use_cases.invoice import USE_CASE as INVOICE
from ix.use_cases.receipt import USE_CASE as RECEIPT
from training.schemas.renamed import INVOICES, RECEIPTS, Renamed, at


class Counted(NamedTuple):
    """Values of the labels that each way of asking got right: the built-in use case, then the renamed schemas."""

    right: Sequence[int]
    of: int


async def measured(folder: Path, limit: int | None = None) -> Counted:
    """Reads the documents of a folder with a `gold.jsonl` once, and asks each in every way."""
    labels = labelled(folder)[:limit]
    is_invoice = use_case_of(labels) == "invoice"
    renamed = INVOICES if is_invoice else RECEIPTS
    fields = scoring.INVOICE_FIELDS if is_invoice else scoring.RECEIPT_FIELDS
    plain = asked((INVOICE if is_invoice else RECEIPT).schema)
    # of the fields that every way has
    places = [{name: name for name in renamed[0].places}, *(one.places for one in renamed)]
    schemas = [plain, *(one.schema for one in renamed)]
    ways = [Renamed(schema, place) for schema, place in zip(schemas, places, strict=True)]
    counts: Counter[int] = Counter()
    wanted = 0
    async for label, pages in _read(folder, labels):
        gold = {name: label["gold"][name] for name in fields if _is_scored(label, name) and name in places[0]}
        wanted += len(gold)
        for number, way in enumerate(ways):
            tree = answer(pages, way.schema)
            found = {name: at(tree, way.places[name]) for name in gold}
            counts[number] += sum(_is_right(name, fields[name], gold[name], found[name]) for name in gold)
    return Counted([counts[number] for number in range(len(ways))], wanted)


async def _read(
    folder: Path, labels: Sequence[Mapping[str, Any]]
) -> AsyncIterator[tuple[Mapping[str, Any], Sequence[Page]]]:
    reader = Reader(Settings())
    await reader.start()
    try:
        for label in labels:
            data = (folder / label["file"]).read_bytes()
            yield label, [page.page() for page in await reader.pages([Document(data, label["file"])])]
    finally:
        await reader.stop()


def _is_scored(label: Mapping[str, Any], name: str) -> bool:
    """Whether the label has a value that stands on the page."""
    printed = label.get("printed")
    return label["gold"].get(name) not in (None, "") and (printed is None or bool(printed.get(name)))


def _is_right(name: str, kind: str, gold: Any, found: Any) -> bool:
    return any(scoring.compare(name, kind, one, found).exact for one in _options(gold))


def _options(gold: Any) -> Iterator[Any]:
    yield from (gold if isinstance(gold, list) else [gold])
