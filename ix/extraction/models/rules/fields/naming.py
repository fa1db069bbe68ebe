"""Naming: the signs by which learned weights tell whose name a run of words is.

A name is described by its place among the lines (`Place`), by the lines that it stands among (`Paragraph`), by the
looks of its words, and by those of the lines above and below it (`weighing.looks`). `FEATURES` lists them all, in
order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz

from ix.extraction.layout import Span
from ix.extraction.models.rules.fields.names import Name, above, column, heading_over, left_of, pool, tallest
from ix.extraction.models.rules.fields.paragraphs import Paragraph, is_name_key, paragraph, parts
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.models.rules.vocabulary import names, parties
from ix.extraction.models.rules.vocabulary.captions import is_caption
from ix.extraction.models.rules.vocabulary.folding import fold
from ix.extraction.models.rules.weighing.looks import Looks, address_weight, ends_address, is_locality, looks

_DOMAIN = re.compile(r"(?:www\.|@|https?://)(?:www\.)?([\w-]{3,40})\.[a-z]{2,}", re.I)
# a shop that writes from gmail.com is not called Gmail
_MAIL_HOSTS = frozenset(("gmail", "yahoo", "hotmail", "outlook", "web", "gmx", "icloud", "live", "aol", "orange"))
_TAX = re.compile(r"\b(?:vat|ust|tva|btw|gst|abn|ein|mwst|siret|kvk|iban|hrb|iva|moms)\b", re.I)
_PERSON = re.compile(r"(?:[^\W\d_][\w.'’-]*\s+){1,3}[^\W\d_][\w'’-]+")
_REACH = 6
"""Lines above a name in which its party's heading may stand."""


class Place(NamedTuple):
    """Where a name stands and what is around it."""

    line: float
    """Its line on the page, in units of 16, up to 2."""
    first: float
    """It is the first name of the page; and the second."""
    second: float
    top: float
    left: float
    right: float
    centred: float
    """How far its middle is from the page's."""
    alone: float
    """Nothing else stands on its line."""
    two_lines: float
    three_lines: float
    height: float
    """Of print, in that of the page's text, up to 4."""
    tallest: float
    """Of print, in that of the tallest name."""
    gap_above: float
    """To the next line above and below, in heights, up to 5."""
    gap_below: float
    address_below: float
    """1 for the next line, a half for the one after it, and so on; 0 for none. So for a locality, for what ends an
    address, and for tax numbers and bank accounts."""
    locality_below: float
    stop_below: float
    tax_below: float
    registration_below: float
    greeted: float
    """A form of address stands alone above it, or before it."""
    of_sender: float
    repeated: float
    """How often its words stand elsewhere, up to 3, in units of 3."""
    domain: float
    """Likeness to the domain of a web or mail address on the pages."""
    bank_line: float
    """It is the holder of the account that is to be paid."""
    person: float
    """It may be a person's."""
    after_money: float
    """A line with an amount stands above it; and the headings of a table."""
    after_table: float
    depth: float
    """Lines of its own block above it, up to its heading, in units of 4: 0 for a block's first."""
    addressee: float
    """It is the first of a block with an address, in the upper part of the page and before any table."""
    footer: float
    headed_issuer: float
    """A heading of the issuer stands above it, the nearer the more, before it, or leads it; and one of the party
    addressed; and another's."""
    headed_counterpart: float
    headed_other: float


_AROUND = ("own", "over", "under")
FEATURES: tuple[str, ...] = (
    *Place._fields,
    *(f"among_{sign}" for sign in Paragraph._fields),
    *(f"{part}_{sign}" for part in _AROUND for sign in Looks._fields),
    # how much nearer the issuer's heading is to another name of the page, and the heading of the party addressed: one
    # that stands under nothing is the party's where nothing is headed
    "less_headed_issuer",
    "less_headed_counterpart",
)
_CROSSED: dict[parties.Side, parties.Side] = {"issuer": "counterpart", "counterpart": "issuer"}
_NOTHING = Looks(*(0.0 for _ in Looks._fields))
Vector = tuple[float, ...]


def described(reading: Reading, crossed: bool = False) -> list[tuple[Name, Vector]]:
    """Every name of the first page with its features, as if no label of a field announced it. Headings are those of an
    invoice; `crossed` takes them the other way round, as on an order, which the buyer issues."""
    return reading.once((described, crossed), lambda: _described(reading, crossed))


def _described(reading: Reading, crossed: bool) -> list[tuple[Name, Vector]]:
    found = pool(reading)
    page = _Page(reading, found, crossed)
    vectors = [page.vector(name) for name in found]
    start = _HEADED[0]
    most = [max((vector[at] for vector in vectors), default=0.0) for at in (start, start + 1)]
    return [
        (name, (*vector, most[0] - vector[start], most[1] - vector[start + 1]))
        for name, vector in zip(found, vectors, strict=True)
    ]


_HEADED = Place._fields.index("headed_issuer"), Place._fields.index("headed_other") + 1


def labelled(vector: Vector, is_issuer: bool, score: float) -> Vector:
    """The features of a name that a label of a party's very field announces as surely as `score` says: as a heading of
    the party would."""
    heads = (score, 0.0, 0.0) if is_issuer else (0.0, score, 0.0)
    less = (0.0, vector[-1]) if is_issuer else (vector[-2], 0.0)
    start, end = _HEADED
    return (*vector[:start], *heads, *vector[end:-2], *less)


def may_be_addressed(vector: Vector) -> bool:
    """Whether a name may be that of the party addressed: it stands above tables and amounts, or under its heading."""
    place = Place(*vector[: len(Place._fields)])
    # below a table stand the issuer's bank and directors, who look like addressees
    return place.headed_counterpart > 0 or not (place.after_table or place.after_money)


class _Page:
    """What all names of a page are compared with, worked out once."""

    def __init__(self, reading: Reading, found: Sequence[Name], crossed: bool) -> None:
        self.reading, self.tallest = reading, tallest(found)
        self.sides = _CROSSED if crossed else {}
        self.firsts = list(dict.fromkeys(name.first.at for name in found))[:2]
        self.lines = [fold(row.text) for row in reading.rows]
        self.text = "\n".join(self.lines)
        self.domains = _domains(reading)
        self.table = next((row.at for row in reading.on_first_page if _heads_table(row)), len(reading.rows))
        self.money = next((row.at for row in reading.on_first_page if _is_priced(row)), len(reading.rows))

    def vector(self, name: Name) -> Vector:
        over = above(self.reading, name.first, name.cell)
        under = list(column(self.reading, name.last, name.cell))
        place = self._place(name, over[1] if over else None, [span for _, span in under])
        return (
            *place,
            *paragraph(self.reading, name),
            *looks(name.text),
            *(looks(over[1].text) if over else _NOTHING),
            *(looks(under[0][1].text) if under else _NOTHING),
        )

    def _place(self, name: Name, over: Span | None, under: Sequence[Span]) -> Place:
        cell, last = name.cell, name.span.words[-1].box
        left, top, right, _ = cell.box
        texts = [span.text for span in under]
        heads = {self.sides.get(side, side): near for side, near in self._headings(name).items()}
        depth = self._depth(name)
        has_address = any(is_locality(text) or address_weight(text) >= 1 for text in texts)
        return Place(
            line=min((name.first.at - self.reading.on_first_page[0].at) / 16, 2.0),
            first=float(name.first.at in self.firsts[:1]),
            second=float(name.first.at in self.firsts[1:]),
            top=top,
            left=left,
            right=right,
            centred=abs((left + right) / 2 - 0.5),
            alone=float(len(name.first.cells) == 1),
            two_lines=float(name.lines == 2),
            three_lines=float(name.lines == 3),
            height=min(cell.height / max(self.reading.text_height, 1e-6), 4.0),
            tallest=cell.height / max(self.tallest, 1e-6),
            gap_above=_gap(over.box[3], top, cell.height) if over else 5.0,
            gap_below=_gap(last[3], under[0].box[1], cell.height) if under else 5.0,
            address_below=_nearness(address_weight(text) >= 1 for text in texts),
            locality_below=_nearness(map(is_locality, texts)),
            stop_below=_nearness(map(ends_address, texts)),
            tax_below=_nearness(bool(_TAX.search(text)) for text in texts),
            registration_below=_nearness(names.is_registration(text) for text in texts),
            greeted=float(self._is_greeted(name, over)),
            of_sender=float(name.of_sender),
            repeated=self._repeats(name) / 3,
            domain=self._domain(name),
            bank_line=heads.get("holder", 0.0),
            person=float(bool(_PERSON.fullmatch(name.text)) and not names.has_form(name.text)),
            after_money=float(name.first.at > self.money),
            after_table=float(name.first.at > self.table),
            depth=depth / 4,
            addressee=float(depth == 0 and has_address and top < 0.6 and name.first.at < min(self.money, self.table)),
            footer=float(top > 0.85),
            headed_issuer=heads.get("issuer", 0.0),
            headed_counterpart=heads.get("counterpart", 0.0),
            headed_other=heads.get("other", 0.0),
        )

    def _headings(self, name: Name) -> dict[parties.Side, float]:
        """How near the nearest heading of a party is: 1 in the name's own cell or before it, less for each line."""
        if name.side:
            return {name.side: 1.0}
        before = left_of(name.first, name.cell)
        if before and (headed := parties.heading(before.text)):
            return {headed.side: 0.9}
        # of a form's section the heading stands over the keys, and not over what they announce
        row, cell = name.first, before if before and is_name_key(before.text) else name.cell
        for distance in range(_REACH):
            over = above(self.reading, row, cell, 2)
            if over is None:
                break
            row, cell = over
            if headed := heading_over(row, cell):
                return {headed.side: 0.9 - 0.1 * distance}
        return {}

    def _depth(self, name: Name) -> int:
        """How many lines stand close above a name in its column, up to a heading or a form of address."""
        row, cell = name.first, name.cell
        for depth in range(4):
            over = above(self.reading, row, cell, 2)
            if over is None or parts(*over, cell):
                return depth
            row, cell = over
        return 4

    def _is_greeted(self, name: Name, over: Span | None) -> bool:
        before = name.cell.text[: max(name.cell.text.find(name.span.words[0].text), 0)]
        return bool(before and names.salutation(before)) or bool(over and names.salutation(over.text) == len(over.text))

    def _repeats(self, name: Name) -> float:
        text = fold(name.text)
        # a few letters stand in other words by chance
        if len(text) < 4:
            return 0.0
        start, end = name.first.at, name.last.at + 1
        # most names stand nowhere else, which all lines together tell sooner than one by one
        if self.text.count(text) == "\n".join(self.lines[start:end]).count(text):
            return 0.0
        elsewhere = sum([text in line for line in (*self.lines[:start], *self.lines[end:])])
        return min(float(elsewhere), 3.0)

    def _domain(self, name: Name) -> float:
        text = fold(name.text)
        if len(text) < 3:
            return 0.0
        return max((_likeness(domain, text) for domain in self.domains), default=0.0)


def _is_priced(row: Row) -> bool:
    """Whether a line has an amount in a cell of its own: one within a sentence may be a company's capital."""
    return row.has_money and len(row.cells) > 1


def _heads_table(row: Row) -> bool:
    """Whether most of a line's cells are headings of columns."""
    cells = [cell.text for _, cell in row.cells]
    return len(cells) > 2 and sum(map(is_caption, cells)) >= 0.6 * len(cells)


def _likeness(domain: str, name: str) -> float:
    if name.startswith(domain) or domain.startswith(name):
        return 1.0
    # half of the letters are alike by chance, so that likeness counts from there
    return max(fuzz.partial_ratio(domain, name) / 100 - 0.5, 0.0) * 2 if len(domain) > 4 else 0.0


def _domains(reading: Reading) -> list[str]:
    found = dict.fromkeys(fold(match) for match in _DOMAIN.findall(reading.text[:50_000]))
    return [domain for domain in found if domain not in _MAIL_HOSTS][:5]


def _gap(bottom: float, top: float, height: float) -> float:
    return min(max((top - bottom) / max(height, 1e-6), 0.0), 5.0)


def _nearness(signs: Iterable[bool]) -> float:
    """1 where the first line has the sign, a half for the second, and so on; 0 for none."""
    return next((1 / at for at, sign in enumerate(signs, 1) if sign), 0.0)
