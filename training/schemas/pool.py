"""What made documents speak of: fields with the names that schemas give them, the captions that forms print in
several languages, and values. `pool.csv` lists them: a line without a table is a field of forms, else a column of
that table."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

LANGUAGES: Final = ("en", "de", "fr", "es")
_FIRST = (
    "Ada",
    "Bruno",
    "Carla",
    "Dmitri",
    "Elena",
    "Farid",
    "Greta",
    "Hugo",
    "Ines",
    "Jonas",
    "Karin",
    "Liam",
    "Mara",
)
_LAST = ("Ahlgren", "Becker", "Costa", "Dubois", "Eriksen", "Fontana", "Gruber", "Hansen", "Ivanova", "Kowalski", "Roy")
_LISTS: Final[Mapping[str, tuple[str, ...]]] = {
    "street": ("Mill Lane", "Harbour Road", "Lindenweg", "Rue Haute", "Calle Mayor", "Station Street", "Oak Avenue"),
    "city": ("Bristol", "Hamburg", "Lyon", "Sevilla", "Graz", "Leeds", "Nantes", "Bilbao", "Tartu", "Ghent"),
    "firm": ("Northwind Trading Ltd", "Silbersee GmbH", "Atelier Mercier SARL", "Talleres Rubio SL", "Blue Fjord AS"),
    "thing": ("hex bolts M8", "garden hose", "copper wire", "oak plank", "steel bracket", "paint roller", "LED lamp"),
    "note": ("fragile goods", "second floor, ring twice", "see attached plan", "call before arrival", "none so far"),
}
_DATES: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("%d %B %Y", "%Y-%m-%d", "%d/%m/%Y"),
    "de": ("%d.%m.%Y",),
    "fr": ("%d/%m/%Y",),
    "es": ("%d/%m/%Y",),
}


class Said(NamedTuple):
    """A value as the schema wants it, and as it is printed."""

    value: Any
    text: str


Make = Callable[[Random, str], Said]


class Concept(NamedTuple):
    """A field or a column: names that schemas give it, its schema, captions by language, what makes its values, and
    whether a column of them stands at its right edge."""

    names: tuple[str, ...]
    schema: Mapping[str, Any]
    captions: Mapping[str, tuple[str, ...]]
    make: Make
    is_right: bool = False


def _plain(random: Random, options: tuple[str, ...]) -> Said:
    text = random.choice(options)
    return Said(text, text)


def _person(random: Random, _: str) -> Said:
    return _plain(random, (f"{random.choice(_FIRST)} {random.choice(_LAST)}",))


def _day(random: Random, language: str) -> Said:
    # days that are no months, so that no date can be read in two ways
    value = (date(2019, 1, 13) + timedelta(days=random.randrange(2_000))).replace(day=random.randrange(13, 28))
    return Said(value.isoformat(), value.strftime(random.choice(_DATES[language])))


def _street(random: Random, _: str) -> Said:
    return _plain(random, (f"{random.choice(_LISTS['street'])} {random.randrange(1, 90)}",))


def _phone(random: Random, _: str) -> Said:
    return _plain(
        random, (f"+{random.randrange(30, 50)} {random.randrange(100, 999)} {random.randrange(10**5, 10**6)}",)
    )


def _mail(random: Random, _: str) -> Said:
    return _plain(random, (f"{random.choice(_FIRST).lower()}.{random.choice(_LAST).lower()}@example.org",))


_MAKERS: Final[Mapping[str, Make]] = {
    "person": _person,
    "day": _day,
    "street": _street,
    "phone": _phone,
    "mail": _mail,
}


def _number(low: float, high: float, decimals: int, unit: str) -> Make:
    def make(random: Random, language: str) -> Said:
        value = round(random.uniform(low, high), decimals)
        text = f"{value:,.{decimals}f}"
        if language != "en":
            text = text.translate(str.maketrans(",.", ".,"))
        return Said(value if decimals else int(value), f"{text} {unit}".strip())

    return make


def _money(low: float, high: float) -> Make:
    def make(random: Random, language: str) -> Said:
        said = _number(low, high, 2, "")(random, language)
        signed = f"${said.text}" if language == "en" else f"{said.text} €"
        return Said(said.value, random.choice((signed, said.text)))

    return make


def _maker(text: str) -> Make:
    name, *rest = text.split()
    if name == "code":
        return lambda random, _: _plain(random, ("".join([*rest[1:], *random.choices("0123456789", k=int(rest[0]))]),))
    if name == "number":
        return _number(float(rest[0]), float(rest[1]), int(rest[2]), " ".join(rest[3:]))
    if name == "money":
        return _money(float(rest[0]), float(rest[1]))
    if name == "one":
        options = tuple(one.strip() for one in text.removeprefix("one of").split(","))
        return lambda random, _: _plain(random, options)
    return _MAKERS.get(name) or (lambda random, _: _plain(random, _LISTS[name]))


def _schema(kind: str, description: str) -> dict[str, Any]:
    made = {"type": kind} if kind in ("string", "number", "integer") else {"type": "string", "format": kind}
    return {**made, "description": description} if description else made


def _concept(line: Mapping[str, str]) -> Concept:
    values, is_right = line["values"].removesuffix(" >"), line["values"].endswith(">")
    captions = {language: tuple(line[language].split("|")) for language in LANGUAGES}
    names = tuple(line["names"].split("|"))
    return Concept(names, _schema(line["type"], line["description"]), captions, _maker(values), is_right)


def _read() -> tuple[tuple[Concept, ...], dict[str, list[Concept]]]:
    fields: list[Concept] = []
    tables: dict[str, list[Concept]] = {}
    with Path(__file__).with_name("pool.csv").open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file, delimiter=";"):
            (tables.setdefault(line["table"], []) if line["table"] else fields).append(_concept(line))
    return tuple(fields), tables


FIELDS, TABLES = _read()
