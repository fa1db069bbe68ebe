"""The world that documents are about: companies, people, places, goods and money, all made up, in one language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from stdnum import iban

from training.generator.numbers import VAT_FORMS, accounts, in_notation

CENT = Decimal("0.01")
FOLDER = Path(__file__).parent / "words"
_HELD_BACK = 3
"""Of so many synonyms or more one in three, the last ones, stand on documents for tests alone."""
_UNSEEN = 0.5
"""How often a document for tests takes one of those."""


@cache
def languages() -> Mapping[str, Mapping[str, Any]]:
    """The words of every language, by its code."""
    return {path.stem: tomllib.loads(path.read_text()) for path in sorted(FOLDER.glob("*.toml"))}


@dataclass(frozen=True, slots=True)
class Company:
    """A company, its address by lines, and how to reach it."""

    name: str
    street: str
    postcode: str
    city: str
    place: str
    country: str
    domain: str
    vat_id: str
    phone: str


@dataclass
class World:
    """What one document draws from. `test` chooses words beside values that no document for training has."""

    code: str
    random: Random
    test: bool = False
    words: Mapping[str, Any] = field(init=False)
    country: str = field(init=False)
    currency: str = field(init=False)
    notation: str = field(init=False)
    date_form: str = field(init=False)
    _chosen: dict[str, str] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.words = languages()[self.code]
        self.country, self.currency, self.notation = self.random.choice(self.words["countries"])
        self.date_form = self.random.choice(self.words["dates"])

    def chance(self, share: float) -> bool:
        """Whether something happens that happens so often."""
        return self.random.random() < share

    def label(self, key: str) -> str:
        """What this document calls a thing: one of its language's words for it, the same wherever it is asked."""
        if key not in self._chosen:
            every = str(self.words["label"][key]).split("|")
            held = len(every) // 3 if len(every) >= _HELD_BACK else 0
            seen, unseen = every[: len(every) - held], every[len(every) - held :]
            self._chosen[key] = self.random.choice(
                unseen if self.test and unseen and self.chance(_UNSEEN) else seen or every
            )
        return self._chosen[key]

    def text(self, key: str) -> str:
        """One of the language's sentences of a kind."""
        return self.random.choice(str(self.words["text"][key]).split("|"))

    def drawn(self, shape: str) -> str:
        """A text with a digit for each `#` and a letter for each `@`."""
        return "".join(map(self._filled, shape))

    def pick(self, key: str) -> str:
        """One of a list of words."""
        return self.random.choice(str(self.words[key]).split("|"))

    def company(self) -> Company:
        """A company of the document's country."""
        core, trade, form = self.pick("cores"), self.pick("trades"), self.pick("forms")
        shape = self.random.choice(self.words["names"])
        name = shape.format(core=core, trade=trade, form=form, last=self.pick("last"), city=self.city())
        owner = core if "{core}" in shape else name.split()[0 if shape.startswith("{last}") else 1]
        slug = "".join(char for char in owner.lower() if char.isascii() and char.isalnum()) or "example"
        top = {"GB": "co.uk", "US": "com", "IE": "ie"}.get(self.country, self.country.lower())
        street, postcode, city = self.address()
        return Company(
            name,
            street,
            postcode,
            city,
            self.words["place"].format(postcode=postcode, city=city),
            self.country,
            f"{slug}.{top}",
            self.vat_id(),
            self.phone(),
        )

    def address(self) -> tuple[str, str, str]:
        """Street with number, postcode and city."""
        postcode, city = self._city()
        number = str(self.random.randint(1, 180)) + self.random.choice(["", "", "", "a", "b"])
        return self.words["house"].format(street=self.pick("streets"), no=number), postcode, city

    def city(self) -> str:
        """The name of a city."""
        return self._city()[1]

    def _city(self) -> tuple[str, str]:
        postcode, _, city = self.pick("cities").partition(" / ")
        # the last digits of a postcode are free: # is a digit, @ a letter
        return self.drawn(postcode), city

    def _filled(self, char: str) -> str:
        if char == "#":
            return str(self.random.randint(0, 9))
        return self.random.choice("ABDEFGHJLNPQRSTUWXYZ") if char == "@" else char

    def person(self) -> str:
        """First and last name."""
        return f"{self.pick('first')} {self.pick('last')}"

    def phone(self) -> str:
        """A telephone number."""
        return self.drawn(self.random.choice(self.words["phones"]))

    def code_like(self, *shapes: str) -> str:
        """A number of a document, a customer or an article: `#` is a digit, `@` a letter, `Y` the year."""
        shape = self.random.choice(shapes)
        return self.drawn(shape.replace("YYYY", "2024").replace("YY", "24"))

    def vat_id(self) -> str:
        """A VAT number in its country's form, as printed."""
        return self.drawn(self.random.choice(VAT_FORMS.get(self.country, ["#########"])))

    def iban(self) -> str:
        """An IBAN of the country with right check digits, in groups of four."""
        number = self.country + "00" + self.drawn(accounts(self.country))
        number = self.country + iban.calc_check_digits(number) + number[4:]
        return " ".join(number[at : at + 4] for at in range(0, len(number), 4))

    def bic(self) -> str:
        """A BIC of the country."""
        return "".join(self.random.choice("BCDEFGKLMNPRSTVW") for _ in range(4)) + self.country + "2LXXX"

    def day(self, first: date = date(2019, 1, 3), days: int = 2400) -> date:
        """A day within so many days."""
        return first + timedelta(days=self.random.randrange(days))

    def written(self, day: date, form: str = "") -> str:
        """A day as the document writes it."""
        months = str(self.words["months"]).split("|")
        short = str(self.words.get("short_months", self.words["months"])).split("|")
        return (form or self.date_form).format(
            d=day.day, m=day.month, y=day.year, yy=day.year % 100, month=months[day.month - 1], mon=short[day.month - 1]
        )

    def amount(self, value: Decimal, places: int = 2) -> str:
        """An amount in the document's notation, without a currency."""
        return in_notation(value, self.notation, places)

    def price(self, low: float = 1.0, high: float = 900.0) -> Decimal:
        """A price, small ones more often."""
        return Decimal(str(low + (high - low) * self.random.random() ** 3)).quantize(CENT, ROUND_HALF_UP)

    def good(self) -> tuple[str, Decimal]:
        """Something that is sold, and its price."""
        return self._priced("goods", 0.6, 1.6)

    def food(self) -> tuple[str, Decimal]:
        """Something that shops and cafes sell, and its price."""
        return self._priced("foods", 0.7, 1.5)

    def _priced(self, key: str, least: float, most: float) -> tuple[str, Decimal]:
        name, _, price = self.pick(key).partition("@")
        factor = Decimal(str(round(self.random.uniform(least, most), 3)))
        return name.strip(), cents(Decimal(price) * factor)


def cents(value: Decimal) -> Decimal:
    """Rounded to cents."""
    return value.quantize(CENT, ROUND_HALF_UP)
