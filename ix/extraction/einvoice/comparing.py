"""What the pages of an electronic invoice say differently from its XML.

A value that the pages print is not different. One that they do not print is, where they print another in its place:

    read        the rules read another value of the field, by its label or its table's column
    reckoned    the other values of the XML make another value of it, and that one is printed (`reckoning`)
    alike       a value is printed that nothing in the XML says, and that differs from it by a letter or a day

And one that they print somewhere is all the same, where what the rules read is what is reckoned, or a date or number
that nothing in the XML says. Where the pages are of another invoice altogether, that is said once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

from rapidfuzz import fuzz

from ix.extraction.einvoice import columns, positions
from ix.extraction.einvoice.columns import Cell
from ix.extraction.einvoice.mapping import Mapped
from ix.extraction.einvoice.printing import Printing
from ix.extraction.einvoice.reckoning import fitting, reckoned
from ix.extraction.evidence.folding import folded
from ix.extraction.evidence.printed import amounts_in
from ix.extraction.findings import finding
from ix.extraction.models import Leaf, Tree
from ix.extraction.page import Page
from ix.extraction.values import as_decimal
from ix.fields import Field, Kind
from ix.job import Finding

NAMES: frozenset[Kind] = frozenset({"organisation", "person"})
ALIKE = 85.0
"""Likeness (`rapidfuzz.fuzz.partial_ratio`) from which two names are one: with its legal form, or without."""
LIKELY = 0.5
"""Confidence from which a name that the rules read contradicts the XML's."""
STRANGER = 0.5
"""Share of the values that tell invoices apart, above which different ones mean that the page is of another invoice."""
TELLING = ("invoice_number", "issue_date", "seller_name", "seller_vat_id", "net_total", "tax_total", "grand_total")
MOST_PAIRS = 40_000
"""Most pairs of rows that are compared: tables of 200 rows."""
LEAST_RECKONED = 1
"""Least amount that is looked for because it is reckoned: smaller numbers stand anywhere."""
CENTS = 2
"""Decimals that an amount of money is printed with."""
_ORPHANED: frozenset[Kind] = frozenset({"date", "iban"})
"""Kinds of which a labelled value that the XML does not know is a difference, whatever else is printed."""
_UNTOLD: frozenset[Kind] = frozenset({"text", "address", "boolean", "object", "rows"})
"""Kinds that are not compared: what is said at length is said in other words."""


_SIGNED = frozenset(
    {"line_total", "net_total", "tax_total", "grand_total", "due_amount", "quantity", "unit_price", "base", "amount"}
)
"""Fields of which a wrong sign is a difference."""
_DEDUCTED = ("allowances.", "charges.", "prepayments.")
"""What is printed with a minus or without, and has that within positions too, whose own are not compared."""


@dataclass(frozen=True, slots=True)
class Item:
    """One value of the XML: its field, its dotted path, whether a page prints it and how, and what the rules read for
    it."""

    value: Any
    field: Field
    path: str
    found: bool
    quote: str
    read: Any

    @property
    def in_row(self) -> bool:
        """Whether it is a column of a table."""
        return "." in self.path


def differences(
    fields: Sequence[Field], mapped: Mapped, read: Mapping[str, Tree], evidence: Any, pages: Sequence[Page]
) -> list[Finding]:
    """A finding `xml_mismatch` for each value of the XML (`mapped`) that the pages say differently, under the first
    field that has it. `evidence` is where they print the values, `read` what the rules read on them."""
    if not any(page.words for page in pages):
        return []
    items = list(_items(fields, mapped.values, _aligned(mapped.values, read), evidence, ""))
    printed = columns.printed_lines(pages)
    tables = columns.tables(mapped.values, evidence, pages, printed)
    printing = Printing(pages, [item.value for item in items])
    said = _Said(printing, reckoned(mapped.values), _cells(tables, mapped), tables)
    found = [(item, other) for item in items if (other := _other(item, said)) is not None]
    if strange := _strangers(items, found):
        return [_finding(*one) for one in strange]
    # the last of those that come from one element stays, so that from behind the first does
    once = {mapped.paths[item.path]: (item, other) for item, other in reversed(found)}
    return [
        *(_finding(*one) for one in reversed(once.values())),
        *positions.differences(tables, mapped.values, evidence, printed),
    ]


@dataclass(frozen=True, slots=True)
class _Said:
    """What the pages print, what the values should be by each other, and what stands in the columns of rows."""

    printing: Printing
    made: Mapping[str, Sequence[float]]
    cells: Mapping[str, Cell]
    tables: Mapping[str, columns.Table]

    def on_line(self, item: Item) -> frozenset[Decimal]:
        """The numbers on the line of the value's row; none where it is in no row, or nobody knows the line."""
        table = self.tables.get(item.path.partition(".")[0]) if item.in_row else None
        return table.printed_in(item.path) if table else frozenset()

    def signed(self, item: Item) -> Decimal | None:
        """The number that a page prints for the value, with its sign."""
        if cell := self.cells.get(item.path):
            return cell.shown
        return next(iter(amounts_in(item.quote)), None) if item.found else None


def _cells(tables: Mapping[str, columns.Table], mapped: Mapped) -> dict[str, Cell]:
    cells = {path: cell for table in tables.values() for path, cell in table.cells()}
    for price, total in fitting(mapped.values):
        # a page may print the price before its discount, where the XML has the one after it
        if price in cells and not cells[price].same and (total not in cells or cells[total].same):
            del cells[price]
    return cells


def _other(item: Item, said: _Said) -> Any:
    """What the pages say in place of the value; None where they say the same, or nothing."""
    if item.field.kind in _UNTOLD:
        return None
    made = said.made.get(item.path, ())
    if (
        item.field.name in _SIGNED
        and not item.path.startswith(_DEDUCTED)
        and (shown := said.signed(item)) is not None
        and _has_other_sign(item.value, shown, made)
    ):
        return float(shown)
    if cell := said.cells.get(item.path):
        return None if cell.same or _same(item.value, cell.shown, item.field) else float(cell.shown)
    others = [one for one in made if not _equal(one, item.value)]
    beside = said.on_line(item)
    number = as_decimal(item.value)
    # the same number elsewhere on the page is another row's
    if number is not None and beside and abs(number) not in beside:
        others_there = [one for one in others if abs(Decimal(str(one))) in beside]
        if others_there:
            return others_there[0]
    # what is read and reckoned alike, or reckoned in two ways and printed, is sure, be it only a rounding away
    if item.read is not None and any(_equal(item.read, one) for one in others):
        return item.read
    if sure := [one for one in others if others.count(one) > 1 and one and said.printing.has_amount(one)]:
        return sure[0]
    return _unreckoned(item, others, said.printing)


def _has_other_sign(value: Any, shown: Decimal, made: Sequence[float]) -> bool:
    """Whether the page and the other values give the number another sign: a credit may be printed without its
    minus."""
    number = as_decimal(value)
    return (
        number is not None
        and number == -shown
        and any(_equal(one, value) and (one < 0) != (number < 0) for one in made)
    )


def _unreckoned(item: Item, others: Sequence[float], printing: Printing) -> Any:
    read = None if _same(item.value, item.read, item.field) else item.read
    orphaned = read is not None and printing.is_orphan(read, item.field)
    # a currency is what stands beside amounts: its short names are parts of other words as well
    if item.found and item.field.kind == "currency":
        return printing.priced_otherwise(item.value)
    if item.found:
        return read if orphaned and item.field.kind in _ORPHANED else None
    # in a row, the price before its discount stands where the one after it may
    if read is not None and (orphaned or not item.in_row):
        return read
    least = 0 if item.field.kind == "percentage" else LEAST_RECKONED
    if printed := [one for one in others if abs(one) >= least and printing.has_amount(one)]:
        return printed[0]
    return None if item.field.kind in NAMES else printing.alike(item.value, item.field)


def _strangers(items: Sequence[Item], found: Sequence[tuple[Item, Any]]) -> list[tuple[Item, Any]]:
    """The first difference alone, where so much is different that the page is another invoice's."""
    telling = [item for item in items if item.path in TELLING]
    apart = [(item, other) for item, other in found if item.path in TELLING and not item.found]
    return apart[:1] if len(apart) > STRANGER * len(telling) else []


def _same(value: Any, other: Any, field: Field) -> bool:
    if other is None:
        return True
    one, two = as_decimal(value), as_decimal(other)
    if field.kind in ("money", "number", "percentage") and one is not None and two is not None:
        # a credit is printed with its minus or without
        return abs(one) == abs(two) or _is_rounded(one, two, field)
    one_text, two_text = folded(str(value)), folded(str(other))
    if field.kind in NAMES:
        return fuzz.partial_ratio(one_text, two_text) >= ALIKE
    return one_text.replace(" ", "") == two_text.replace(" ", "")


def _equal(one: Any, other: Any) -> bool:
    """Whether two values are one number, whatever its sign."""
    left, right = as_decimal(one), as_decimal(other)
    return left is not None and right is not None and abs(left) == abs(right)


def _is_rounded(exact: Decimal, printed: Decimal, field: Field) -> bool:
    """Whether the page prints a quantity, or a price of parts of a cent, with fewer decimals."""
    decimals, shown = -int(exact.normalize().as_tuple().exponent), -int(printed.normalize().as_tuple().exponent)
    if decimals <= max(shown, 0) or (decimals <= CENTS and field.kind == "money"):
        return False
    # a half is not printed as a whole
    place = Decimal(1).scaleb(-max(shown, 1))
    return any(abs(exact).quantize(place, way) == abs(printed) for way in (ROUND_HALF_UP, ROUND_DOWN))


def _items(fields: Sequence[Field], values: Any, read: Any, evidence: Any, at: str) -> Iterator[Item]:
    for one in fields:
        path = f"{at}.{one.name}" if at else one.name
        tree, other = values.get(one.name), read.get(one.name) if isinstance(read, Mapping) else None
        node = evidence.get(one.name) if isinstance(evidence, Mapping) else None
        if isinstance(tree, Leaf):
            if tree.value is not None and node is not None:
                said = other.value if isinstance(other, Leaf) and _is_likely(other, one) else None
                yield Item(tree.value, one, path, node["match"] != "none", node["quote"] or "", said)
        elif isinstance(tree, dict):
            yield from _items(one.fields, tree, other, node, path)
        elif isinstance(tree, list) and one.name != "other_values":
            for number, row in enumerate(tree):
                known = other[number] if isinstance(other, list) and number < len(other) else None
                yield from _items(one.fields, row, known, node[number] if node else None, f"{path}.{number}")


def _is_likely(read: Leaf, field: Field) -> bool:
    """Whether the rules have more than a guess: of a page without a name some line is the likeliest one."""
    return field.kind not in NAMES or read.confidence is None or read.confidence >= LIKELY


# Rows


def _aligned(values: Mapping[str, Tree], read: Mapping[str, Tree]) -> dict[str, Tree]:
    """What the rules read, with the rows of each table beside those of the XML that they are; rows that are none's are
    left out."""
    return {name: _beside(values.get(name), tree) if isinstance(tree, list) else tree for name, tree in read.items()}


def _beside(rows: Tree | None, known: list[Tree]) -> list[Tree]:
    if not isinstance(rows, list) or len(rows) * len(known) > MOST_PAIRS:
        return []
    left = list(known)
    return [_row_of(row, left) for row in rows]


def _row_of(row: Tree, left: list[Tree]) -> Tree:
    """The row of the table that is this position: the one that agrees in most columns, in two at least."""
    scores = [_agreements(row, other) for other in left]
    best = max(scores, default=0)
    # of two rows that agree alike, none is known to be the one
    return left.pop(scores.index(best)) if best > 1 and scores.count(best) == 1 else {}


def _agreements(row: Tree, other: Tree) -> int:
    if not isinstance(row, dict) or not isinstance(other, dict):
        return 0
    return sum(_agree(name, row.get(name), tree) for name, tree in other.items())


def _agree(name: str, one: Tree | None, other: Tree | None) -> bool:
    if not isinstance(one, Leaf) or not isinstance(other, Leaf) or None in (one.value, other.value):
        return False
    kind: Kind = "organisation" if isinstance(one.value, str) else "money"
    return _same(one.value, other.value, Field(name, name, kind))


def _finding(item: Item, other: Any) -> Finding:
    return finding("xml_mismatch", item.path, field=item.field.name, value=_said(item.value), other=_said(other))


def _said(value: Any) -> str:
    number = None if isinstance(value, str) else as_decimal(value)
    return str(value) if number is None else f"{number:f}"
