"""Amounts of money and other numbers, in the notations that documents use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

# Spaces that typesetters put between thousands, and what they use for a minus and an apostrophe.
_SPACES = str.maketrans(
    {"\u00a0": " ", "\u202f": " ", "\u2009": " ", "−": "-", "–": "-", "—": "-", "’": "'", "´": "'", "`": "'"}
)
# A currency's code, name or sign, short enough that no other word is taken for one.
_UNIT = r"(?:[A-Z]{1,3}\$|[A-Za-z]{1,4}\.?|[€$£¥₹₩฿₫])"
_WHOLE = re.compile(
    rf"\(?\s*(?P<sign>[-+])?\s*(?:{_UNIT}\s*)?(?P<inner>[-+])?\s*(?P<number>\d+(?:[.,' ]\s?\d+)*|[.,]\d{{2}})"
    rf"(?P<zeros>[.,]-{{1,2}})?\s*(?P<after>-)?\s*(?:{_UNIT})?\s*\)?"
)
# Stricter than `_WHOLE`, since prose is full of numbers that are no amounts: what stands before and behind must not
# make it a part of a longer number, a date, a time, a code or a percentage.
_RUNNING = re.compile(
    r"(?<![\w.,/:#])(?P<open>\()?(?P<sign>-\s?)?(?:(?:RM|[A-Z]{0,3}\$|EUR|CHF|USD|GBP|[€£¥])\.?\s?-?)?"
    r"(?P<number>\d{1,3}(?:[,.' ]\d{3})+[.,]\s?\d{2}|\d+[.,]\s?\d{1,4}|\d{1,3}(?:[,.' ]\d{3})+|\d+(?:[.,]-{1,2})?)"
    r"(?P<after>-(?!\w))?(?P<close>\))?(?![\d/:])(?!\s?%)(?![.,]\d)"
)
_LONGEST = 64
"""Characters of the longest amount, its currency and spaces included."""
_IN_CODE = re.compile(r"\w-$")
"""What stands before the number of a code such as A-4711."""


class Amount(NamedTuple):
    """An amount found in running text: its value, where it stands, and whether it is written with decimals."""

    value: Decimal
    start: int
    end: int
    decimals: bool


def as_decimal(value: object) -> Decimal | None:
    """The number that a JSON value is, or plainly writes as a string: no separators, no currency. None for a boolean,
    infinity and everything else."""
    # by way of its string, so that 0.1 is 0.1 and not the nearest binary fraction
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def parse_amount(text: str, decimal: str | None = None) -> Decimal | None:
    """The amount that the whole of `text` says, with or without a currency; None if it says something else.

    A single separator before exactly three digits groups thousands (`1.234` is 1234) unless `decimal` names it as the
    decimal mark or the number starts with a zero. Brackets and a minus on either side are negative; `5.–` and `5,--`
    are five."""
    # tills print "*12.50"
    plain = text.translate(_SPACES).strip(" *=:")
    match = _WHOLE.fullmatch(plain) if len(plain) <= _LONGEST else None
    if (
        match is None
        or (plain.startswith("(") != plain.endswith(")"))
        or sum(map(bool, match.group("sign", "inner", "after"))) > 1
    ):
        return None
    value = _number(match["number"], decimal)
    negative = "-" in (match["sign"], match["inner"], match["after"]) or plain.startswith("(")
    return -value if negative and value is not None else value


def find_amounts(text: str, decimal: str | None = None) -> list[Amount]:
    """Every number in running text that can be an amount, left to right: no percentages, dates, times or parts of
    codes."""
    return list(_found(text.translate(_SPACES), decimal))


def _found(text: str, decimal: str | None) -> Iterator[Amount]:
    for match in _RUNNING.finditer(text):
        written = match.group().strip()
        value = parse_amount(written.strip("()"), decimal)
        if value is None:
            continue
        if match["open"] and match["close"]:
            value = -abs(value)
        # three digits behind a mark are thousands (1,234), four the decimals of a unit price
        decimals = value != int(value) or bool(re.search(r"[.,]\s?(?:\d{1,2}|\d{4}|-{1,2})\)?-?$", written))
        if decimals or not _IN_CODE.search(text, 0, match.start()):
            yield Amount(value, match.start(), match.end(), decimals)


def _number(digits: str, decimal: str | None) -> Decimal | None:
    # OCR puts a space behind the decimal mark: 12. 50
    digits = re.sub(r"([.,])\s(?=\d{2}$)", r"\1", digits)
    mark = decimal if decimal and digits.count(decimal) == 1 else _decimal_mark(digits)
    whole, _, fraction = digits.rpartition(mark) if mark else (digits, "", "")
    if not _grouped(whole) or (mark and not fraction.isdigit()):
        return None
    plain = re.sub(r"\D", "", whole) or "0"
    return Decimal(f"{plain}.{fraction}" if fraction else plain)


def _decimal_mark(digits: str) -> str | None:
    """The mark before the decimals: the last of two kinds, or a lone one that does not group thousands."""
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return None
    mark = digits[last]
    if digits.count(mark) > 1:
        return None
    groups = (
        len(digits) - last - 1 == 3 and not re.search(r"[.,' ]", digits[:last]) and 1 <= last <= 3 and digits[0] != "0"
    )
    return None if groups else mark


def _grouped(whole: str) -> bool:
    """Whether the part before the decimals is plain digits or digits in groups of three (or, in India, of two) with one
    separator."""
    return bool(re.fullmatch(r"\d*|\d{1,3}([.,' ])\d{3}(?:\1\d{3})*|\d{1,2},(?:\d{2},)*\d{3}", whole))
