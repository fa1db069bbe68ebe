"""Differences between an electronic invoice and its page, made on purpose, by kind."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, TypeAlias

from ix.extraction.einvoice.electronic import Electronic
from ix.extraction.einvoice.parsing import Element, parsed
from ix.extraction.evidence import Placed
from ix.extraction.page import Page, Word

DATES = ("issue_date", "due_date", "delivery_date")
CODES = ("invoice_number", "seller_vat_id", "buyer_vat_id", "iban")
TOTALS = ("line_total", "net_total", "tax_total", "grand_total", "prepaid", "due_amount")
COLUMNS = {"lines": ("quantity", "unit_price", "line_total"), "taxes": ("base", "amount")}
DAYS, STEPS = (1, -3, 10, 31, 365), (1, -1, 10, 100, 0.5)
IBANS = ("FR1420041010050500013M02606", "NL91ABNA0417164300", "AT611904300234573201")


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

    def printed(self, names: Sequence[str], columns: Mapping[str, Sequence[str]]) -> list[str]:
        """The paths of those values that a page prints."""
        rows = [(name, at) for name in columns for at in range(len(self.placed.result[name]))]
        paths = [*names, *(f"{name}.{at}.{column}" for name, at in rows for column in columns[name])]
        return [path for path in paths if path in self.found.mapped.paths and self.is_printed(path)]

    def is_printed(self, path: str) -> bool:
        """Whether a page prints the value."""
        node = self.node(path)
        return bool(node) and node["match"] != "none"

    def node(self, path: str) -> Any:
        """The evidence of one value."""
        node: Any = self.placed.evidence
        for part in path.split("."):
            node = node[int(part)] if isinstance(node, list) else (node or {}).get(part)
        return node

    def element(self, path: str) -> Element:
        """Where the XML has the value."""
        where = self.found.mapped.paths[path]
        return next(each for each in parsed(self.xml).walk() if each.path == where)


@dataclass(frozen=True, slots=True)
class Plant:
    """A document in which one thing is different, and the paths under any of which that is found."""

    where: str
    xml: bytes
    pages: Sequence[Page]
    paths: frozenset[str]


Kind: TypeAlias = Callable[[Read, random.Random], Iterator[Plant]]


def values(one: Read, chance: random.Random) -> Iterator[Plant]:
    """Amounts, quantities, dates, numbers and codes, changed by a little or a lot."""
    paths = one.printed([*CODES, *DATES[:2], *TOTALS], COLUMNS)
    for path in chance.sample(paths, len(paths)):
        yield from _changed(one, path, _other(one.element(path).text, path.rpartition(".")[2], chance))


def days(one: Read, chance: random.Random) -> Iterator[Plant]:
    """Dates by a day."""
    for path in one.printed(DATES, {}):
        yield from _changed(one, path, _moved(one.element(path).text, chance.choice((1, -1))))


def swapped_digits(one: Read, chance: random.Random) -> Iterator[Plant]:
    """Two neighbouring digits in each other's place."""
    paths = one.printed([*CODES, *TOTALS], COLUMNS)
    for path in chance.sample(paths, len(paths)):
        text = one.element(path).text
        # of an amount only what stands before its point, and no zero that would come first
        spots = [m.start() for m in re.finditer(r"(?=(\d)(?!\1)\d)", text.partition(".")[0])]
        if spots := [at for at in spots if path.split(".")[-1] in CODES or text[at + 1] != "0"]:
            at = chance.choice(spots)
            yield from _changed(one, path, f"{text[:at]}{text[at + 1]}{text[at]}{text[at + 2 :]}")


def signs(one: Read, chance: random.Random) -> Iterator[Plant]:
    """Amounts of the other sign."""
    paths = one.printed([name for name in TOTALS if name != "prepaid"], COLUMNS)
    for path in chance.sample(paths, len(paths)):
        text = one.element(path).text
        if re.search("[1-9]", text):
            yield from _changed(one, path, text[1:] if text.startswith("-") else f"-{text}")


def currencies(one: Read, chance: random.Random) -> Iterator[Plant]:
    """Another currency."""
    if one.is_printed("currency"):
        text = one.element("currency").text
        yield from _changed(one, "currency", chance.choice([other for other in ("CHF", "USD", "EUR") if other != text]))


def ibans(one: Read, chance: random.Random) -> Iterator[Plant]:
    """Another account."""
    for path in one.printed(["iban"], {}):
        yield from _changed(one, path, chance.choice(IBANS))


def rates(one: Read, chance: random.Random) -> Iterator[Plant]:
    """Another rate of tax, of the breakdown or of a position."""
    for path in one.printed([], {"taxes": ("rate",), "lines": ("details.tax_rate",)}):
        text = one.element(path).text
        yield from _changed(one, path, chance.choice([each for each in ("7", "19", "20", "5.5") if each not in text]))


def swapped_amounts(one: Read, chance: random.Random) -> Iterator[Plant]:
    """The amounts of two positions in each other's place."""
    for first, second in pairwise(one.printed([], {"lines": ("line_total",)})):
        texts = one.element(first).text, one.element(second).text
        if texts[0] != texts[1]:
            xml = replaced(replaced(one.xml, one.element(first), texts[1]), one.element(second), texts[0])
            yield Plant(first, xml, one.pages, frozenset({first, second, "lines"}))


def swapped_positions(one: Read, chance: random.Random) -> Iterator[Plant]:
    """Two positions in each other's place."""
    rows = _rows(one)
    for (start, end), (begin, stop) in pairwise(rows):
        text = one.xml
        xml = text[:start] + text[begin:stop] + text[end:begin] + text[start:end] + text[stop:]
        yield Plant("lines", xml, one.pages, frozenset({"lines"}))


def more_on_the_page(one: Read, chance: random.Random) -> Iterator[Plant]:
    """A position less in the XML."""
    rows = _rows(one)
    for at, (start, end) in enumerate(rows):
        if len(rows) > 1 and len(one.printed([], {"lines": COLUMNS["lines"]})) == 3 * len(rows):
            yield Plant(f"lines.{at}", one.xml[:start] + one.xml[end:], one.pages, frozenset({"lines"}))


def less_on_the_page(one: Read, chance: random.Random) -> Iterator[Plant]:
    """A position less on the page: the words of its lines are taken away."""
    rows = one.placed.result["lines"]
    for at in range(len(rows)):
        nodes = [one.node(f"lines.{at}.{name}") for name in ("name", *COLUMNS["lines"])]
        if len(rows) > 1 and all(node and node["boxes"] for node in nodes):
            places = [(node["document"], node["page"], box[1], box[3]) for node in nodes for box in node["boxes"]]
            pages = [
                replace(page, words=tuple(w for w in page.words if not _is_at(w, page, places))) for page in one.pages
            ]
            paths = [f"lines.{at}", *(f"lines.{at}.{name}" for name in COLUMNS["lines"])]
            yield Plant(f"lines.{at}", one.xml, pages, frozenset(paths))


KINDS: Mapping[str, Kind] = {
    kind.__name__.replace("_", " "): kind
    for kind in (values, days, swapped_digits, signs, currencies, ibans, rates, swapped_amounts, swapped_positions)
} | {"more on the page": more_on_the_page, "less on the page": less_on_the_page}


def _changed(one: Read, path: str, other: str | None) -> Iterator[Plant]:
    element = one.element(path)
    if other is not None and other != element.text:
        yield Plant(path, replaced(one.xml, element, other), one.pages, frozenset({path}))


def _other(text: str, name: str, chance: random.Random) -> str | None:
    if name.endswith("date"):
        return _moved(text, chance.choice(DAYS))
    if name in CODES:
        if not (digits := [at for at, letter in enumerate(text) if letter.isdigit()]):
            return None
        at = chance.choice(digits)
        return f"{text[:at]}{(int(text[at]) + chance.randint(1, 9)) % 10}{text[at + 1 :]}"
    return f"{float(text) + chance.choice(STEPS):.2f}" if float(text) else None


def _moved(text: str, by: int) -> str | None:
    if not (day := re.fullmatch(r"(\d{4})-?(\d\d)-?(\d\d)", text)):
        return None
    moved = date(*map(int, day.groups())) + timedelta(days=by)
    return moved.strftime("%Y-%m-%d" if "-" in text else "%Y%m%d")


def replaced(xml: bytes, element: Element, other: str) -> bytes:
    """The XML with another text in the element, which is found by counting its name."""
    start = _start(xml, element)
    return xml[:start] + other.encode() + xml[xml.index(b"<", start) :]


def _start(xml: bytes, element: Element) -> int:
    """Where the element's text begins."""
    root = element
    while root.parent is not None:
        root = root.parent
    before = [each for each in root.walk() if each.name == element.name]
    number = next(at for at, each in enumerate(before) if each is element)
    starts = list(re.finditer(rb"<(?:[\w.-]+:)?" + element.name.encode() + rb"(?=[\s>/])[^>]*>", xml))
    return starts[number].end()


def _rows(one: Read) -> list[tuple[int, int]]:
    """Where the positions begin and end in the XML."""
    pattern = rb"<((?:[\w.-]+:)?(?:IncludedSupplyChainTradeLineItem|InvoiceLine|CreditNoteLine))[\s>].*?</\1>"
    return [found.span() for found in re.finditer(pattern, one.xml, re.DOTALL)]


def _is_at(word: Word, page: Page, places: Sequence[tuple[int, int, float, float]]) -> bool:
    middle = (word.box[1] + word.box[3]) / 2
    return any(
        (document, number) == (page.document, page.number) and top < middle < bottom
        for document, number, top, bottom in places
    )
