"""How one document writes its amounts and dates: what decides whether its `13.580` is thirteen or thirteen thousand,
and its `3/4/2024` in March or in April (`order`).

Of amounts, in this order: the currency beside the number (dinars have three decimals, yen none), what the document's
other numbers show of its marks (`12.50` shows that a point stands before decimals, `1,234.50` also that a comma
groups), and the currencies that it names anywhere. Arithmetic has no say: net and tax make the total in either
reading."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cached_property

from ix.extraction.values.amounts import Amount
from ix.extraction.values.codes import CURRENCY_NAMES, parse_currency
from ix.extraction.values.dates import FoundDate, find_dates, prefers_day_first
from ix.extraction.values.iso4217 import COMMA_BEFORE_DECIMALS, minor_units
from ix.extraction.values.order import Order, by_origin
from ix.extraction.values.telling import Told, told
from ix.languages import one_of

_OTHER_MARK: Mapping[str, str] = {".": ",", ",": "."}
_BEHIND = 24
"""Characters before a number in which its currency stands: "BHD (net): 12.345"."""
_CURRENCY = r"[A-Za-z]{0,3}\$|[^\W\d_]{2,4}\.?|[€£¥₹₩฿₫₺₪₽₴₸₦₱৳円원元đ]"
_BEFORE = re.compile(rf"(?<![^\W\d_])({_CURRENCY})[\s:()\[\]*=-]{{0,6}}$")
_AFTER = re.compile(rf"[\s(\[]{{0,3}}({_CURRENCY})(?![^\W_])")
# Numbers that can be read in one way only; what may be a date, a time or a version says nothing.
_TELLING = re.compile(
    r"(?<![\w.,:/-])(?:\d{1,3}(?:(?P<group>[.,])\d{3})+(?!(?P=group))(?P<behind>[.,])\d{1,3}"
    r"|(?:\d+|\d{1,3}(?:[ ']\d{3})+)(?P<mark>[.,])\d{2}|(?:0|\d{4,9})(?P<third>[.,])\d{3}"
    r"|\d{1,3}(?P<twice>[.,])\d{3}(?:(?P=twice)\d{3})+)(?![.,:/-]?\d)"
)
_CODE = re.compile(
    r"(?P<dinars>(?<![A-Za-z])(?:BHD|IQD|JOD|KWD|LYD|OMR|TND)(?![a-z]))"
    r"|(?P<beside>(?<![A-Za-z])(?:[A-Z]{3}|[BKJ]D)(?=\s?[-(]?\d)|(?:(?<=\d)|(?<=\d\s))[A-Z]{3}(?![A-Za-z]))"
    r"|(?P<framed>[(\[/:]\s?[A-Z]{3}(?![A-Za-z]))|(?P<sign>[A-Z]{0,3}\$|[€£₹₩฿₫₺₪₽₴₸₦₱৳円원])"
)
"""Where a currency is named: dinars anywhere, since their codes are no words, others beside a number or in a frame."""
# pounds are weighed too, and dollars many countries'
_UNUSUAL = {name: code for name, code in CURRENCY_NAMES.items() if minor_units(code) != 2}
_NAME = re.compile(rf"(?<![^\W\d_]){one_of(' | '.join(_UNUSUAL))}(?![^\W\d_])", re.I)
_SIDES = re.compile(
    r"(?<![^\W\d_])(?:Soll|SOLL|Haben|HABEN|S/H|H/S)(?![^\W\d_])|\d[.,]\d\d(?:\s?(?:EUR|€))?\s?S(?![\w.-])"
)
"""What shows that the letters H and S behind amounts are the sides of an account."""


class Notation:
    """How the document of these lines writes amounts and dates; they are only asked for, and read, if one needs it."""

    def __init__(self, lines: Callable[[], Iterable[str]]) -> None:
        self._lines = lines

    def settled(self, amount: Amount, text: str) -> Amount:
        """The amount, which was found in `text`, as this document means it. If its reading is still open, `other` is
        the other one."""
        if amount.side == "H" and amount.value > 0:
            amount = amount._replace(value=-amount.value) if self._has_sides else amount._replace(other=-amount.value)
        if amount.other is None or abs(amount.other) == abs(amount.value):
            return amount
        mark = "." if re.search("[.．]", text[amount.start : amount.end]) else ","
        currency = _beside(amount, text)
        units = {minor_units(code) for code in ([currency] if currency else self.currencies)}
        decimals, sure = self._decides(mark, currency, units)
        value, other = (amount.other, amount.value) if decimals else (amount.value, amount.other)
        # three decimals of other money are those of a weight, or of a price for a litre
        return amount._replace(value=value, decimals=decimals and 3 in units, other=None if sure else other)

    def of_account(self, amount: Amount, text: str) -> Amount:
        """As `settled`, where the amount is what an account holds: there a credit is what its holder has, and a debit
        what they owe, while on a bill a credit is what is given back."""
        found = self.settled(amount, text)
        if found.side == "credit" or (found.side == "H" and self._has_sides):
            return found._replace(value=abs(found.value))
        owed = found.side == "debit" or (found.side == "S" and self._has_sides)
        return found._replace(value=-abs(found.value)) if owed else found

    def dates(self, text: str) -> list[FoundDate]:
        """Every date in running text as this document means it. `other` is the other reading of those that have one
        and that nothing in the document decides."""
        found = find_dates(text, self.day_first, self.languages)
        return [one._replace(other=self.ambiguous(one)) for one in found]

    def ambiguous(self, found: FoundDate) -> date | None:
        """The other reading of a date, if it has one and nothing in the document decides between the two."""
        by_name = found.other is not None and found.other.day == found.value.day
        return found.other if by_name or not self._order.decided else None

    @property
    def day_first(self) -> bool:
        """Whether numeric dates are read with the day first."""
        return self._order.day_first

    @cached_property
    def _order(self) -> Order:
        shown = prefers_day_first(self._texts)
        return by_origin(self._texts, self.languages) if shown is None else Order(shown, True)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the document (ISO 639-1), the surest first; none where nothing tells."""
        return self.told.languages

    @cached_property
    def told(self) -> Told:
        """What the document tells of its languages."""
        return told(self._texts)

    def _decides(self, mark: str, currency: str | None, units: set[int]) -> tuple[bool, bool]:
        """Whether a lone mark before three digits stands before decimals, and whether that is sure."""
        shown = self._shown(mark)
        if units == {0}:
            return False, True
        if 3 not in units:
            return shown == "decimals", True
        if units == {3}:
            return self._dinars(mark, shown, {currency} if currency else self.currencies.keys())
        most = max(self.currencies, key=lambda code: self.currencies[code])
        # with dinars and other money on the pages, and no name beside it, only its marks may tell, and a person
        return (shown == "decimals" if shown else minor_units(most) == 3), shown == "groups"

    def _dinars(self, mark: str, shown: str, codes: Iterable[str | None]) -> tuple[bool, bool]:
        usual = mark == "." or any(code in COMMA_BEFORE_DECIMALS for code in codes)
        if shown in ("decimals", "groups"):
            return shown == "decimals", True
        # a comma groups in most of these countries, but not in all writers' hands
        return usual, usual and not shown

    def _shown(self, mark: str) -> str:
        """What the document's other numbers show that the mark does: `decimals`, `groups`, `both`, or nothing."""
        decimal, group = self._marks
        before_decimals = mark in decimal and _OTHER_MARK[mark] not in decimal
        groups = mark in group or (_OTHER_MARK[mark] in decimal and mark not in decimal)
        if before_decimals:
            return "both" if groups else "decimals"
        return "groups" if groups else ""

    @cached_property
    def currencies(self) -> dict[str, int]:
        """The currencies that the document names, by ISO 4217 code, and how often."""
        found: dict[str, int] = {}
        for line in self._texts:
            named = [_UNUSUAL.get(match[0].lower()) for match in _NAME.finditer(line)]
            for code in [*(parse_currency(match[0].strip("([/: ")) for match in _CODE.finditer(line)), *named]:
                if code:
                    found[code] = found.get(code, 0) + 1
        return found

    @cached_property
    def _texts(self) -> list[str]:
        return list(self._lines())

    @cached_property
    def _marks(self) -> tuple[set[str], set[str]]:
        """The marks that stand before decimals, and those that group thousands."""
        decimal, group = set[str](), set[str]()
        for line in self._texts:
            for match in _TELLING.finditer(line):
                decimal.update(filter(None, match.group("behind", "mark", "third")))
                group.update(filter(None, match.group("group", "twice")))
        return decimal, group

    @cached_property
    def _has_sides(self) -> bool:
        return any(_SIDES.search(line) for line in self._texts)


def _beside(amount: Amount, text: str) -> str | None:
    """The currency right before or behind an amount, by its ISO 4217 code."""
    before = _BEFORE.search(text[max(amount.start - _BEHIND, 0) : amount.start])
    after = _AFTER.match(text, amount.end)
    return next((code for match in (before, after) if match and (code := parse_currency(match[1]))), None)
