"""What pages print that nothing in an electronic invoice says: amounts, dates, codes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from rapidfuzz.distance import OSA

from ix.extraction.evidence.folding import folded
from ix.extraction.evidence.printed import amounts_in, currencies_in, currency_places, dates_in
from ix.extraction.evidence.searching import as_date
from ix.extraction.layout import lines
from ix.extraction.page import Page
from ix.extraction.values import as_decimal, find_amounts, find_ibans
from ix.fields import Field, Kind

DAYS = 31
"""Days by which a date differs at most from one that is alike, unless by one digit."""
LONGEST_CODE = 40
"""Characters of the longest code."""
LEAST_CODE = 5
"""Letters and digits of the shortest code that is looked for with one of them wrong."""
SELDOM = 5
"""How many times as often as another one the currency of the pages stands beside amounts."""
_CODES: frozenset[Kind] = frozenset({"identifier", "iban", "vat_id"})
_NUMBERS: frozenset[Kind] = frozenset({"money", "number"})


class Printing:
    """The lines that a person sees on the pages, beside the `known` values of the XML."""

    def __init__(self, pages: Sequence[Page], known: Sequence[Any]) -> None:
        self._pages, self._known = pages, known

    @cached_property
    def _lines(self) -> list[str]:
        # by cells: numbers of neighbouring columns are not one number with a space in it
        return [cell.text for page in self._pages for line in lines(page) for cell in line.cells or (line,)]

    @cached_property
    def _amounts(self) -> set[Decimal]:
        """Every amount in every reading, without signs."""
        return {abs(value) for line in self._lines for value in amounts_in(line)}

    @cached_property
    def _orphan_numbers(self) -> set[Decimal]:
        return self._amounts - {abs(number) for value in self._known if (number := as_decimal(value)) is not None}

    @cached_property
    def _orphan_amounts(self) -> list[Decimal]:
        printed = {abs(found.value) for line in self._lines for found in find_amounts(line) if found.decimals}
        return sorted(printed & self._orphan_numbers)

    @cached_property
    def _orphan_dates(self) -> list[date]:
        known = {day for value in self._known if isinstance(value, str) and (day := as_date(value))}
        return sorted({day for line in self._lines for day in dates_in(line)} - known)

    @cached_property
    def _currencies(self) -> list[str]:
        """The currencies beside amounts, those that most stand beside first."""
        # a page may name its currency once, in words
        named = (code for line in self._lines if amounts_in(line) for code in currencies_in(line))
        return self._priced_in or _frequent(named)

    @cached_property
    def _priced_in(self) -> list[str]:
        """The currencies whose signs or names touch amounts."""
        return _frequent(code for line in self._lines for code in _beside_amounts(line))

    @cached_property
    def _orphan_codes(self) -> list[tuple[str, str]]:
        """Words, and whole IBANs, that nothing in the XML holds: as they are compared, and as they are printed."""
        # but for running text, which names codes as the page does
        known = {_compact(str(value)) for value in self._known if len(str(value)) <= LONGEST_CODE}
        printed = {_compact(text): text for line in self._lines for text in _codes(line)}
        return [(code, text) for code, text in printed.items() if code and code not in known]

    def has_amount(self, value: Any) -> bool:
        """Whether an amount is printed anywhere, whatever its sign."""
        number = as_decimal(value)
        return number is not None and abs(number) in self._amounts

    def is_orphan(self, value: Any, field: Field) -> bool:
        """Whether nothing in the XML says what is printed."""
        if field.kind == "date":
            return as_date(value) in self._orphan_dates
        if field.kind in _NUMBERS:
            return (number := as_decimal(value)) is not None and abs(number) in self._orphan_numbers
        return any(code == _compact(str(value)) for code, _ in self._orphan_codes)

    def priced_otherwise(self, currency: str) -> str | None:
        """The currency that stands beside the amounts of the pages, where it is another one."""
        return next(iter(self._priced_in), None) if currency not in self._priced_in else None

    def alike(self, value: Any, field: Field) -> Any:
        """What is printed, differs from the value by little, and is nowhere in the XML; None where nothing is."""
        found: Iterator[Any] = iter(())
        if field.kind == "currency":
            found = iter(self._currencies if value not in self._currencies else ())
        elif field.kind in _NUMBERS and (number := as_decimal(value)) is not None:
            found = (float(one) for one in self._orphan_amounts if _is_misprint(abs(number), one))
        elif field.kind == "date" and (day := as_date(value)):
            found = (one.isoformat() for one in self._orphan_dates if _is_near(day, one))
        elif field.kind in _CODES and len(code := _compact(str(value))) >= LEAST_CODE and _has_digit(code):
            found = (text for one, text in self._orphan_codes if _has_digit(one) and _is_slip(code, one))
        return next(found, None)


def _frequent(codes: Iterable[str]) -> list[str]:
    """The currencies by how often they stand there, without those that may stand there by chance."""
    counts = Counter(codes)
    most = max(counts.values(), default=0)
    return [code for code, count in counts.most_common() if count * SELDOM >= most]


def _beside_amounts(line: str) -> Iterator[str]:
    """The currencies that touch an amount with decimals: what stands elsewhere in its line may be a part of a code, and
    beside a whole number of an address."""
    amounts = [(found.start, found.end) for found in find_amounts(line) if found.decimals]
    for code, first, last in currency_places(line) if amounts else ():
        # the end of a domain or of a code: www.example.fr
        if line[max(first - 1, 0) : first] in (".", "@", "/", "-"):
            continue
        # amounts may be found with their currency: nothing is between them then
        if any(not (line[last:start] if last <= start else line[end:first]).strip() for start, end in amounts):
            yield code


def _is_misprint(one: Decimal, other: Decimal) -> bool:
    # of the shortest, too many differ by one digit
    return min(one, other) >= 1 and _is_slip(f"{one:.2f}", f"{other:.2f}")


def _codes(line: str) -> Iterator[str]:
    yield from line.split()
    yield from (iban for iban, _, _ in find_ibans(line))


def _compact(text: str) -> str:
    return "".join(filter(str.isalnum, folded(text)))


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


def _is_near(day: date, other: date) -> bool:
    return abs((day - other).days) <= DAYS or _is_slip(day.isoformat(), other.isoformat())


def _is_slip(one: str, other: str) -> bool:
    """Whether two texts differ by one digit: wrong, too many, missing, or in its neighbour's place."""
    if one == other or OSA.distance(one, other, score_cutoff=1) > 1:
        return False
    return list(filter(str.isalpha, one)) == list(filter(str.isalpha, other))
