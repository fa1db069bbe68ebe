"""Made-up letterheads: the heads and feet of invoices in many layouts and languages, with whose name is whose.

Labelled invoices are few, and of few layouts; these show what layouts are common, without any real business. Words of
eight languages come from a table here, names are put together of syllables."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ix.extraction.page import Page, Word
from training.countries import COUNTRIES, Country
from training.documents import MADE_UP, Labelled

LINES, LETTER = 64, 0.0088
"""Lines of a page, and the width of a letter, as a fraction of it."""


SYLLABLES = [
    "al",
    "ber",
    "cor",
    "dan",
    "el",
    "fen",
    "gar",
    "hol",
    "in",
    "jor",
    "kal",
    "lum",
    "mar",
    "nor",
    "or",
    "pel",
    "quin",
    "ros",
    "sel",
    "tor",
    "ul",
    "ver",
    "wen",
    "yar",
    "zel",
]
TRADES = [
    "Logistics",
    "Software",
    "Bakery",
    "Consulting",
    "Garten",
    "Print",
    "Energy",
    "Design",
    "Motors",
    "Foods",
    "Studio",
    "Technik",
    "Transport",
]
PEOPLE = ["Anna", "Marc", "Ines", "Tom", "Clara", "Jan", "Sofia", "Ravi", "Emma", "Luis", "Nora", "Paul"]
SLOGANS = ("Everything for your garden.", "we make it happen", "Qualität seit 1954", "Print - Web - Media")


@dataclass
class Sheet:
    """A page that is written on: words with their boxes, and the line to go on at."""

    chance: random.Random
    words: list[Word] = field(default_factory=list)
    line: float = 2.0

    def put(self, left: float, line: float, text: str, size: float = 1.0) -> None:
        """Writes a text at a line, so many times the usual size."""
        for word in text.split():
            right = left + len(word) * LETTER * size
            top = line / LINES
            self.words.append(Word(word, (left, top, min(right, 1.0), top + 0.75 * size / LINES)))
            left = right + LETTER * 0.6 * size

    def block(self, left: float, line: float, lines: list[str], size: float = 1.0) -> float:
        """Writes lines one below the other; gives the line after them."""
        for text in lines:
            self.put(left, line, text, size)
            line += size
        return line


def made_up(count: int, seed: int) -> Iterator[Labelled]:
    """So many letterheads, the same ones for a seed."""
    chance = random.Random(seed)
    for number in range(count):
        yield _letter(chance, number)


def _letter(chance: random.Random, number: int) -> Labelled:
    country = chance.choice(COUNTRIES)
    seller, buyer = _party(chance, country, 0.95), _party(chance, country, 0.6)
    sheet = Sheet(chance)
    chance.choice(LAYOUTS)(sheet, country, seller, buyer)
    _table(sheet, country)
    if chance.random() < 0.7 and sheet.words[-1].box[1] < 0.9 * 60 / LINES:
        _foot(sheet, country, seller)
    page = Page(1, 595, 842, tuple(sheet.words))
    gold = {"seller_name": seller[0], "buyer_name": buyer[0], "seller_address": " ".join(seller[1:])}
    return Labelled(f"{MADE_UP} {number}", MADE_UP, f"{number}", (page,), gold)


def _party(chance: random.Random, country: Country, business: float) -> list[str]:
    """Lines of a party: name, street, city, and often a country."""
    stem = "".join(chance.sample(SYLLABLES, chance.choice((2, 2, 3)))).capitalize()
    if chance.random() < business:
        trade = [chance.choice(TRADES)] if chance.random() < 0.6 else []
        name = " ".join(part for part in (stem, *trade, chance.choice(country.forms)) if part)
        name = name.upper() if chance.random() < 0.2 else name
    else:
        name = f"{chance.choice(PEOPLE)} {stem}"
    lines = [name, _filled(chance, chance.choice(country.streets)), _city(chance, country)]
    return [*lines, country.country] if chance.random() < 0.35 else lines


def _city(chance: random.Random, country: Country) -> str:
    return _filled(chance, country.city.replace("C", "\0")).replace("\0", chance.choice(country.cities))


def _filled(chance: random.Random, text: str) -> str:
    """House numbers, digits and letters in the place of N, 9 and A where these stand for one."""
    words = []
    for word in text.split(" "):
        if word.strip("(),-/") == "N":
            word = word.replace("N", str(chance.randint(1, 200)))
        if set(word.strip("(),-/.")) <= set("9A") or "99" in word:
            word = "".join(chance.choice({"9": "123456789", "A": "BCDFGHKLMNPRSTW"}.get(c, c)) for c in word)
        words.append(word)
    return " ".join(words)


def _details(sheet: Sheet, country: Country, left: float, line: float) -> float:
    """Number and date of the document."""
    chance = sheet.chance
    number, date = f"{chance.randint(100, 99999)}", f"{chance.randint(1, 28)}.{chance.randint(1, 12)}.2021"
    facts = [(country.number, number), (country.date, date), *_told(chance, country)]
    if chance.random() < 0.5:
        return sheet.block(left, line, [f"{name}: {value}" for name, value in facts])
    return _pairs(sheet, left, left + chance.choice((0.16, 0.2, 0.25)), line, facts)


def _told(chance: random.Random, country: Country) -> list[tuple[str, str]]:
    """Facts whose values are words, which are no names of parties, however much they look like them."""
    person = f"{chance.choice(PEOPLE)} {chance.choice(SYLLABLES).capitalize()}mann"
    values = [f"{chance.choice(TRADES)} {chance.choice(SYLLABLES)}", chance.choice(SYLLABLES), person,
              chance.choice(TRADES)]  # fmt: skip
    return chance.sample(list(zip(country.keys[2:], values, strict=True)), chance.choice((0, 0, 1, 2, 3)))


def _pairs(sheet: Sheet, left: float, right: float, line: float, pairs: list[tuple[str, str]]) -> float:
    """Keys, and their values beside them; gives the line after them."""
    mark = sheet.chance.choice((("", ""), (":", ""), ("", ": ")))
    for at, (name, value) in enumerate(pairs):
        sheet.put(left, line + at, name and name.rstrip(" :") + mark[0])
        sheet.put(right, line + at, mark[1] + value)
    return line + len(pairs)


def _contact(chance: random.Random, seller: list[str], country: Country) -> list[str]:
    domain = seller[0].split()[0].lower()
    lines = [f"Tel. 0{chance.randint(100, 999)} {chance.randint(10000, 99999)}", f"info@{domain}.example.com",
             f"www.{domain}.com", _filled(chance, country.tax)]  # fmt: skip
    return chance.sample(lines, chance.randint(0, 3))


def _addressed(sheet: Sheet, country: Country, buyer: list[str], left: float, line: float) -> float:
    """The buyer's block, with or without a heading, a form of address and who is meant there."""
    chance = sheet.chance
    headed = chance.random() < 0.55
    lines = [chance.choice(country.buyer)] if headed else []
    if not headed and country.greeting and chance.random() < 0.3:
        lines.append(chance.choice(country.greeting))
    lines.append(buyer[0])
    if chance.random() < 0.2:
        lines.append(f"{chance.choice(PEOPLE)} {chance.choice(SYLLABLES).capitalize()}mann")
    lines += buyer[1:]
    if chance.random() < 0.2:
        lines.append(_filled(chance, country.tax))
    if chance.random() < 0.2:
        lines.append(f"office@{buyer[0].split()[0].lower()}.example")
    if headed and chance.random() < 0.3:
        other = buyer if chance.random() < 0.5 else _party(chance, country, 0.5)
        shipped = [chance.choice(country.ship), *other]
        sheet.block(left + 0.35, line, shipped)
    return sheet.block(left, line, lines)


def _window(sheet: Sheet, country: Country, seller: list[str], buyer: list[str]) -> None:
    """A sender's line over the window, details to the right."""
    chance = sheet.chance
    if chance.random() < 0.6:
        sheet.put(chance.choice((0.08, 0.6)), 2, seller[0].split()[0], chance.choice((1.5, 2.5)))
    separator = chance.choice((" · ", " - ", " | ", ", "))
    sheet.put(0.1, 8, separator.join(seller[:3]), 0.7)
    below = _addressed(sheet, country, buyer, 0.1, chance.choice((9, 10, 11)))
    _details(sheet, country, 0.62, 10)
    sheet.put(0.1, max(below + 2, 18), chance.choice(country.title), 1.5)
    sheet.line = max(below + 5, 21)


def _stacked(sheet: Sheet, country: Country, seller: list[str], buyer: list[str]) -> None:
    """The seller on top, the buyer under it, title and details at the right."""
    chance = sheet.chance
    left = chance.choice((0.07, 0.07, 0.38))
    size = chance.choice((1.0, 1.0, 1.6, 2.2))
    sheet.put(left, 2, seller[0], size)
    slogan = [chance.choice(SLOGANS)] if chance.random() < 0.2 else []
    below = sheet.block(left, 2 + size, [*slogan, *seller[1:], *_contact(chance, seller, country)])
    sheet.put(0.68, 2, chance.choice(country.title), chance.choice((1.0, 2.0)))
    after = _addressed(sheet, country, buyer, 0.07, below + chance.choice((1, 2, 3)))
    _details(sheet, country, 0.65, chance.choice((5, below + 2)))
    sheet.line = after + 2


def _titled(sheet: Sheet, country: Country, seller: list[str], buyer: list[str]) -> None:
    """The title on top, then the parties, each under its heading or beside the other."""
    chance = sheet.chance
    sheet.put(0.07, 1.5, chance.choice(country.title), chance.choice((1.5, 2.5)))
    details_first = chance.random() < 0.5
    line = _details(sheet, country, 0.07, 5) + 1 if details_first else 5.0
    beside = chance.random() < 0.6
    headed = chance.random() < 0.7
    lines = [*([chance.choice(country.seller)] if headed else []), *seller, *_contact(chance, seller, country)]
    swapped = beside and chance.random() < 0.25
    below = sheet.block(0.58 if swapped else 0.07, line, lines)
    heading = [chance.choice(country.buyer)] if headed or chance.random() < 0.5 else []
    at = line if beside else below + 1
    below = max(below, sheet.block(0.07 if swapped or not beside else 0.58, at, [*heading, *buyer]))
    sheet.line = (below if details_first else _details(sheet, country, 0.07, below + 1)) + 2


def _crossed(sheet: Sheet, country: Country, seller: list[str], buyer: list[str]) -> None:
    """The seller at the top right, the buyer at the left a little lower."""
    chance = sheet.chance
    sheet.block(0.64, 3, [*seller, *_contact(chance, seller, country)])
    if chance.random() < 0.6:
        sheet.put(0.08, 3, chance.choice(country.title), chance.choice((1.0, 2.0)))
    below = _addressed(sheet, country, buyer, 0.08, chance.choice((6, 8, 10)))
    _details(sheet, country, 0.08, below + 1.5)
    sheet.line = below + 5


def _listed(sheet: Sheet, country: Country, seller: list[str], buyer: list[str]) -> None:
    """The seller on top, and the buyer's name behind its label in a list."""
    chance = sheet.chance
    sheet.put(0.07, 2, seller[0], chance.choice((1.0, 1.8)))
    below = sheet.block(0.07, 4, [*seller[1:], *_contact(chance, seller, country)])
    label = chance.choice(country.buyer).rstrip(":")
    below = _details(sheet, country, 0.07, below + 1)
    if chance.random() < 0.5:
        sheet.put(0.07, below, f"{label}: {buyer[0]}")
    else:
        sheet.put(0.07, below, label)
        sheet.put(0.3, below, buyer[0])
    sheet.block(0.3, below + 1, buyer[1:])
    sheet.line = below + 6


def _opposite(sheet: Sheet, country: Country, seller: list[str], buyer: list[str]) -> None:
    """The seller at the left, and the buyer at the right of it or a little lower, mostly without a heading."""
    chance = sheet.chance
    size = chance.choice((1.0, 1.4, 2.0))
    sheet.put(0.07, 2, seller[0], size)
    below = sheet.block(0.07, 2 + size, [*seller[1:], *_contact(chance, seller, country)])
    at = chance.choice((3.0, below - 1, below + 2))
    after = _addressed(sheet, country, buyer, chance.choice((0.5, 0.55, 0.6)), at)
    if chance.random() < 0.6:
        sheet.put(0.07, max(below, after) + 1, chance.choice(country.title), chance.choice((1.0, 1.6)))
    sheet.line = _details(sheet, country, 0.07, max(below, after) + 3)


def _footed(sheet: Sheet, country: Country, seller: list[str], buyer: list[str]) -> None:
    """A word of the seller's on top, all of it in small print at the bottom, and the buyer in between."""
    chance = sheet.chance
    sheet.put(chance.choice((0.07, 0.7)), 2, seller[0].split()[0], chance.choice((1.5, 2.5)))
    left = chance.choice((0.07, 0.1, 0.55))
    below = _addressed(sheet, country, buyer, left, chance.choice((8, 10, 12)))
    _details(sheet, country, 0.07 if left > 0.5 else 0.6, chance.choice((8, below + 1)))
    sheet.put(0.07, below + 4, chance.choice(country.title), 1.5)
    sheet.block(0.07, 60, [" - ".join([*seller[:3], *_contact(chance, seller, country)])], 0.8)
    sheet.line = below + 6


def _formed(sheet: Sheet, country: Country, seller: list[str], buyer: list[str]) -> None:
    """A form of sections, each party's with keys and values in two columns."""
    chance = sheet.chance
    sheet.put(0.07, 2, chance.choice(country.title), 1.5)
    line = _details(sheet, country, 0.07, 4) + 1
    parties = [(country.seller, seller), (country.buyer, buyer)]
    for headings, party in parties if chance.random() < 0.7 else reversed(parties):
        sheet.put(0.07, line, chance.choice(headings))
        rows = [(country.keys[0], party[0]), (country.keys[1], party[1]), *(("", text) for text in party[2:])]
        if chance.random() < 0.4:
            rows.insert(chance.choice((0, len(rows))), (country.number, f"{chance.randint(100, 9999)}"))
        line = _pairs(sheet, 0.07, 0.33, line + 1, rows) + 1
    sheet.line = line


LAYOUTS: tuple[Callable[[Sheet, Country, list[str], list[str]], None], ...] = (
    _window,
    _stacked,
    _titled,
    _crossed,
    _listed,
    _opposite,
    _footed,
    _formed,
)


def _table(sheet: Sheet, country: Country) -> None:
    chance, line = sheet.chance, sheet.line + 1
    for left, text in zip((0.07, 0.6, 0.82), country.columns, strict=True):
        sheet.put(left, line, text)
    for _ in range(chance.randint(1, 5)):
        line += 1.5
        sheet.put(0.07, line, f"{chance.choice(TRADES)} {chance.choice(SYLLABLES)}")
        sheet.put(0.6, line, f"{chance.randint(1, 9)}")
        sheet.put(0.82, line, f"{chance.randint(10, 900)}.{chance.randint(10, 99)}")
    sheet.put(0.6, line + 2, country.total)
    sheet.put(0.82, line + 2, f"{chance.randint(1000, 9000)}.00")
    sheet.line = line + 4


def _foot(sheet: Sheet, country: Country, seller: list[str]) -> None:
    """Bank account and register, in a line or in columns."""
    chance = sheet.chance
    account = f"{country.holder}: {seller[0]}"
    register = _filled(chance, country.register).replace("C", country.cities[0])
    if chance.random() < 0.4:
        sheet.put(0.07, max(sheet.line, 52), account)
    if chance.random() < 0.5:
        sheet.block(0.07, 58, [f"{', '.join(seller[:3])} - {register}", _filled(chance, country.tax)], 0.8)
    else:
        sheet.block(0.07, 57, seller[:3], 0.8)
        sheet.block(0.38, 57, [register, _filled(chance, country.tax)], 0.8)
        sheet.block(0.68, 57, [f"{chance.choice(country.cities)} Bank", f"IBAN DE{chance.randint(10**9, 10**10)}"], 0.8)
