"""`python -m bench.einvoices FOLDER`: what is said of electronic invoices whose pages say something else.

FOLDER holds `gold.jsonl` as for `bench.extract`, PDFs with an electronic invoice in them. Two figures: of the values of
the XML as it came, the share that is flagged (`xml_mismatch`), by the pages of the very same document; and of values
that are changed in the XML, one at a time, the share that is flagged. Changed are amounts, dates, numbers, VAT ids and
IBANs that stand on the page. Runs in this process, without a service."""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bench.extract import labelled
from ix.extraction import documents
from ix.extraction.documents import Limits
from ix.extraction.einvoice import electronic
from ix.extraction.einvoice.electronic import Electronic
from ix.extraction.einvoice.parsing import Element, parsed
from ix.extraction.evidence import Placed
from ix.extraction.models import Question
from ix.extraction.page import Page
from ix.fields import asked
from ix.use_cases.invoice import USE_CASE

HEAD = (
    *("invoice_number", "issue_date", "due_date", "seller_vat_id", "buyer_vat_id", "iban"),
    *("line_total", "net_total", "tax_total", "grand_total", "prepaid", "due_amount"),
)
COLUMNS = {"lines": ("quantity", "unit_price", "line_total"), "taxes": ("base", "amount")}
DAYS, STEPS = (1, -3, 10, 31, 365), (1, -1, 10, 100, 0.5)


@dataclass(frozen=True, slots=True)
class Read:
    """One document: its pages, its XML, what became of it, and where its values stand."""

    name: str
    pages: Sequence[Page]
    xml: bytes
    found: Electronic
    placed: Placed

    def flagged(self) -> list[str]:
        """The paths of the values that the pages are said to contradict."""
        return [one.path for one in self.found.findings(self.placed) if one.code == "xml_mismatch"]

    def printed(self) -> list[str]:
        """The paths of the values to change: those of `HEAD` and `COLUMNS` that a page prints."""
        rows = [(name, at) for name in COLUMNS for at in range(len(self.placed.result[name]))]
        paths = [*HEAD, *(f"{name}.{at}.{column}" for name, at in rows for column in COLUMNS[name])]
        return [path for path in paths if path in self.found.mapped.paths and self.node(path)["match"] != "none"]

    def node(self, path: str) -> Any:
        """The evidence of one value."""
        node: Any = self.placed.evidence
        for part in path.split("."):
            node = node[int(part)] if isinstance(node, list) else node[part]
        return node


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


def changed(one: Read, path: str, chance: random.Random) -> bytes | None:
    """The XML with another value at the path; None where no other is to be had."""
    where = one.found.mapped.paths[path]
    element = next(each for each in parsed(one.xml).walk() if each.path == where)
    other = _other(element.text, path.rpartition(".")[2], chance)
    return None if other is None or other == element.text else _replaced(one.xml, element, other)


def _other(text: str, name: str, chance: random.Random) -> str | None:
    if name.endswith("date"):
        if not (day := re.fullmatch(r"(\d{4})-?(\d\d)-?(\d\d)", text)):
            return None
        moved = date(*map(int, day.groups())) + timedelta(days=chance.choice(DAYS))
        return moved.strftime("%Y-%m-%d" if "-" in text else "%Y%m%d")
    if name in ("invoice_number", "seller_vat_id", "buyer_vat_id", "iban"):
        if not (digits := [at for at, letter in enumerate(text) if letter.isdigit()]):
            return None
        at = chance.choice(digits)
        return f"{text[:at]}{(int(text[at]) + chance.randint(1, 9)) % 10}{text[at + 1 :]}"
    return f"{float(text) + chance.choice(STEPS):.2f}" if float(text) else None


def _replaced(xml: bytes, element: Element, other: str) -> bytes:
    """The XML with another text in the element, which is found by counting its name."""
    root = element
    while root.parent is not None:
        root = root.parent
    before = [each for each in root.walk() if each.name == element.name]
    number = next(at for at, each in enumerate(before) if each is element)
    starts = list(re.finditer(rb"<(?:[\w.-]+:)?" + element.name.encode() + rb"(?=[\s>/])[^>]*>", xml))
    start = starts[number].end()
    end = xml.index(b"<", start)
    return xml[:start] + other.encode() + xml[end:]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.einvoices", description="Differences that are found.")
    parser.add_argument("folder", type=Path, help="holds gold.jsonl and the PDFs it names")
    parser.add_argument("--each", type=int, default=10, help="values that are changed in each document")
    parser.add_argument("--seed", type=int, default=1, help="which ones, and to what")
    parsed_arguments = parser.parse_args()
    files = [parsed_arguments.folder / label["file"] for label in labelled(parsed_arguments.folder)]
    found = [one for file in files if (one := read(file.name, file.read_bytes()))]
    print("\n".join(untouched(found)))
    print("\n".join(planted(found, parsed_arguments.each, random.Random(parsed_arguments.seed))))


def untouched(found: Sequence[Read]) -> Iterator[str]:
    """What is flagged in the documents as they are."""
    flags = [(one.name, path) for one in found for path in one.flagged()]
    values = sum(not path.startswith("other_values") for one in found for path in one.found.mapped.paths)
    yield from (f"  {name}  {path}" for name, path in flags)
    yield f"untouched: {len(flags)} of {values} values flagged ({len(flags) / values:.2%}) in {len(found)} documents"


def planted(found: Sequence[Read], each: int, chance: random.Random) -> Iterator[str]:
    """What is flagged of the values that are changed, in documents of which nothing was flagged before."""
    counts, hits = Counter[str](), Counter[str]()
    clean = [one for one in found if not one.flagged()]
    for one in clean:
        paths = one.printed()
        for path in chance.sample(paths, min(each, len(paths))):
            xml = changed(one, path, chance)
            other = answered(one.name, one.pages, xml) if xml else None
            if other is None:
                continue
            name = re.sub(r"\.\d+\.", ".", path)
            counts[name] += 1
            hits[name] += path in (flags := other.flagged())
            if path not in flags:
                yield f"  missed: {one.name}  {path}"
    yield from (f"{name:20}{hits[name]:>5} of {counts[name]}" for name in counts)
    right, total = sum(hits.values()), sum(counts.values())
    yield f"planted: {right} of {total} found ({right / max(total, 1):.1%}) in {len(clean)} documents"


if __name__ == "__main__":
    main()
