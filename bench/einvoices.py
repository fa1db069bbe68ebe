"""`python -m bench.einvoices FOLDER`: what is said of electronic invoices whose pages say something else.

FOLDER holds `gold.jsonl` as for `ix eval`, PDFs with an electronic invoice in them. Two figures: of the values of
the XML as it came, the share that is flagged (`xml_mismatch`), by the pages of the very same document; and of
differences that are made on purpose (`bench.plants`), one at a time, the share that is flagged, by kind and by value.
Runs in this process, without a service."""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from bench.plants import KINDS, Plant, Read
from ix.cli.evaluating import labels
from ix.extraction import documents
from ix.extraction.documents import Limits
from ix.extraction.einvoice import electronic
from ix.extraction.models import Question
from ix.extraction.page import Page
from ix.fields import asked
from ix.use_cases.invoice import USE_CASE


def read(name: str, data: bytes, xml: bytes | None = None) -> Read | None:
    """A PDF with its electronic invoice, or with another one in its place; None where it has none."""
    opened = documents.read(data, Limits(pages=100, pixels=50_000_000))
    pages = [Page(at, one.width, one.height, tuple(one.words)) for at, one in enumerate(opened, 1)]
    own = next((one.invoice for one in opened if one.invoice), b"")
    return answered(name, pages, xml or own) if own else None


def answered(name: str, pages: Sequence[Page], xml: bytes) -> Read | None:
    """What the XML and the pages say; None where the XML cannot be read."""
    found, _ = electronic.taken([(0, xml)], USE_CASE.schema, Question(pages, asked(USE_CASE.schema)))
    return Read(name, pages, xml, found, found.placed(USE_CASE.schema, pages)) if found else None


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.einvoices", description="Differences that are found.")
    parser.add_argument("folder", type=Path, help="holds gold.jsonl and the PDFs it names")
    parser.add_argument("--each", type=int, default=10, help="differences of each kind that are made in each document")
    parser.add_argument("--seed", type=int, default=1, help="which ones, and to what")
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), choices=list(KINDS), help="of these kinds alone")
    arguments = parser.parse_args()
    files = [arguments.folder / label.file for label in labels.read(arguments.folder)]
    found = [one for file in files if (one := read(file.name, file.read_bytes()))]
    print("\n".join(untouched(found)))
    print("\n".join(planted(found, arguments.each, arguments.seed, arguments.kinds)))


def untouched(found: Sequence[Read]) -> Iterator[str]:
    """What is flagged in the documents as they are."""
    flags = [(one.name, path) for one in found for path in one.flagged()]
    values = sum(not path.startswith("other_values") for one in found for path in one.found.mapped.paths)
    yield from (f"  {name}  {path}" for name, path in flags)
    yield f"untouched: {len(flags)} of {values} values flagged ({len(flags) / values:.2%}) in {len(found)} documents"


def planted(found: Sequence[Read], each: int, seed: int, kinds: Sequence[str]) -> Iterator[str]:
    """What is flagged of the differences that are made, in documents of which nothing was flagged before."""
    clean = [one for one in found if not one.flagged()]
    total = Counter[str]()
    for kind in kinds:
        counts, hits = Counter[str](), Counter[str]()
        # its own chance for each kind, so that one alone is what it is among others
        chance = random.Random(seed)
        for one in clean:
            for plant in islice(KINDS[kind](one, chance), each):
                name = re.sub(r"\.\d+(?=\.|$)", "", plant.where)
                counts[name] += 1
                hits[name] += (is_found := _is_found(one, plant))
                if not is_found:
                    yield f"  missed: {kind}  {one.name}  {plant.where}"
        yield f"{kind:18}{sum(hits.values()):>5} of {sum(counts.values())}"
        yield from (f"    {name:20}{hits[name]:>5} of {counts[name]}" for name in sorted(counts) if len(counts) > 1)
        total += Counter({"hits": sum(hits.values()), "planted": sum(counts.values())})
    share = total["hits"] / max(total["planted"], 1)
    yield f"planted: {total['hits']} of {total['planted']} found ({share:.1%}) in {len(clean)} documents"


def _is_found(one: Read, plant: Plant) -> bool:
    other = answered(one.name, plant.pages, plant.xml)
    return other is not None and bool(plant.paths & set(other.flagged()))


if __name__ == "__main__":
    main()
