"""Amounts of money and other numbers, in the notations that documents use.

One grammar for both ways in: `parse_amount` wants it to be all of a text, `find_amounts` looks for it in running text,
where it is stricter about what may stand around it.

    (-) currency (-) digits in groups . decimals (-) ) credit     -RM 1,234.50   €(45,00)   1'234.–   12,39,000.00 CR

Which of its two readings a lone `1.234` has is for the document to say: see `notation`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Literal, NamedTuple, cast

DIGIT = re.compile(r"\d")
"""Without one there is neither an amount nor a date."""
_LOOKALIKES = {
    # what typesetters put between thousands, and what they use for a minus and an apostrophe
    **{ord(char): " " for char in "\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000"},
    # marks of writing direction, which stand between the parts of dates and before minuses
    **{ord(char): " " for char in "\u200e\u200f\u202a\u202b\u202c\u061c"},
    **{ord(char): "-" for char in "−–—‒‑－"},
    **{ord(char): "'" for char in "’‘´`′＇"},
    # digits of Arabic, Persian, Hindi, Bengali and Thai, and full-width ones, with their marks
    **{first + digit: str(digit) for first in (0x660, 0x6F0, 0x966, 0x9E6, 0xE50, 0xFF10) for digit in range(10)},
    **dict(zip(map(ord, "٫٬．，（）＄￥％／：＋"), ".,.,()$¥%/:+", strict=True)),
}
"""Signs that mean the same as one of ASCII, by their code points; each is one letter, so that offsets stay."""
_ARABIC_DECIMAL = "٫"
# A currency's code, name or sign, short enough that no other word is taken for one.
_ANY_UNIT = r"(?:[A-Z]{1,3}\$|[^\W\d_]{1,4}\.?|[€$£¥₹₩฿₫₺₪₽₴₸₦₱৳])"
# In running text only what is no word, since it may be glued to the number: INV2024 is no amount.
_UNIT = (
    r"(?:(?:AED|AUD|BHD|CAD|CHF|CLP|CNY|CZK|DKK|EUR|GBP|HKD|HUF|INR|IQD|ISK|JOD|JPY|KRW|KWD|LYD|MYR|NOK|NZD|OMR|PLN"
    r"|QAR|SEK|SGD|THB|TND|TWD|USD|VND|XAF|XOF|ZAR|RM|Rs|KD|BD|JD|[A-Z]{0,3}\$|[€£¥₹₩฿₫₺₪₽₴₸₦₱৳])\.?\s?)"
)
# Swedish bills have a colon before the decimals; without groups that is a time.
_COLON = r"\d{1,3}(?:[. ]\d{3})+:\d\d(?!\d)"
# Groups of three, or in India one of three behind groups of two; OCR puts a space behind the decimal mark: 12. 50
_GROUPED = (
    rf"{_COLON}"
    r"|\d{1,2}(?:,\d\d)+,\d{3}(?:\.\s?\d{1,2})?|\d{1,3}(?:[,.' ]\d{3})+(?:[.,]\s?\d\d|[.,]\d{3}|[.,]\d(?!\d))?"
)
# French tills print the euro for the comma: 12€50
_WITH_EURO = r"\d{1,4}€\d\d(?!\d)"
# no cents: 100,- and in Sweden 100:-, in India 100/-
_ZEROS = r"(?P<zeros>[.,]-{1,2}|:-(?![\w-])|/-(?![\w-]))?"
_BARE_UNIT = r"(?:[A-Z]{3}(?![A-Za-z])|[€£$₹])"
# behind an amount, and at the end of what is said of it: CR, but not the cr of "2.50 CR SUGAR"
_CREDIT = r"(?:CR|Cr|cr|DR|Dr|dr|HABEN|Haben|SOLL|Soll)(?![^\W_])\.?(?!\s?[^\W\d_])"
_TIMES_RUPEES = r"(?P<times>[Ll]a(?:kh|c)s?|[Cc]rores?)(?![^\W_])"
_WHOLE = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>[-+])?\s*(?P<unit>{_ANY_UNIT}\s*)?(?P<inner>[-(])?\s*"
    rf"(?P<number>{_COLON}|{_WITH_EURO}|\d+(?:[.,' ]\s?\d+)*|[.,]\d{{2}}){_ZEROS}"
    rf"\s*(?P<after>-)?\s*(?:{_ANY_UNIT})??\s*(?P<close>\))?"
    rf"\s*(?:(?P<credit>{_CREDIT})|{_TIMES_RUPEES})?"
)
# Prose is full of numbers that are no amounts: what stands before and behind must not make it a part of a longer
# number, a date, a time, a code or a percentage.
_RUNNING = re.compile(
    rf"(?<![\w.,/:#])(?P<open>\()?(?P<sign>-\s?|CR\s)?(?P<unit>{_UNIT})?(?P<inner>-\s?|\()?"
    rf"(?P<number>{_GROUPED}|{_WITH_EURO}|\d+[.,]\s?\d{{1,4}}|\d+|\.\d\d){_ZEROS}(?P<after>-(?!\w))?(?P<close>\))?"
    rf"(?:(?:\s?{_BARE_UNIT})?\s?(?P<credit>{_CREDIT})|\s?{_TIMES_RUPEES})?(?![\d/:])(?!\s?%)(?![.,]\d)"
)
_AROUND = ("open", "sign", "inner", "zeros", "after", "close", "credit", "times")
"""Groups of that pattern for what stands around a number and changes what it says."""
_SIDE = re.compile(rf"(?:\s?{_BARE_UNIT})?\s?([HS])(?![\w.-])")
"""The side of an account that German banks print behind an amount: Haben is a credit, Soll a debit."""
_LONE_MARK = re.compile(r"[1-9]\d{0,2}([.,])\d{3}")
_RUPEES = re.compile(r"(?:₹|INR|Rs)")
_LONGEST = 64
"""Characters of the longest amount, its currency and spaces included."""
_KEPT, _SHORT = 2048, 120
"""Texts whose amounts are kept, since several ask for those of a cell, and the characters of the longest of them."""
_LETTER_OR_DIGIT = re.compile(r"\w")
_LAKH, _CRORE = Decimal(100_000), Decimal(10_000_000)


Side = Literal["credit", "debit", "H", "S"]


class Amount(NamedTuple):
    """An amount found in running text: its value, and where its own characters stand, from its minus or bracket to
    what marks it as a credit, without its currency.

    decimals  it is written with decimals
    other     what it says if the mark before its last three digits is not what it is taken for
    side      it is marked as a credit, which makes `value` negative, as on a bill, or as a debit; H and S are a bank's
              letters for these, which `value` does not heed, since they may be a tax code"""

    value: Decimal
    start: int
    end: int
    decimals: bool
    other: Decimal | None = None
    side: Side | Literal[""] = ""


class _Digits(NamedTuple):
    """What digits with separators say, and what else they may say."""

    value: Decimal
    decimals: bool
    other: Decimal | None = None


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
    decimal mark or the number starts with a zero. Brackets, a minus on either side and `CR` are negative; `5.–` and
    `5,--` are five."""
    # tills print "*12.50"
    plain = plain_signs(text).strip(" *=:")
    match = _WHOLE.fullmatch(plain) if len(plain) <= _LONGEST else None
    if match is None or bool(_opening(match)) != bool(match["close"]):
        return None
    read = _read(match, "." if _ARABIC_DECIMAL in text else decimal)
    return read.value if read else None


def find_amounts(text: str, decimal: str | None = None) -> list[Amount]:
    """Every number in running text that can be an amount, left to right: no percentages, dates, times or parts of
    codes."""
    # most words on a page are no numbers, and each letter is a place to begin
    if not DIGIT.search(text):
        return []
    return list(_kept(text, decimal) if len(text) <= _SHORT else _found(text, decimal))


def plain_signs(text: str) -> str:
    """The text, letter by letter, with one kind of space, minus, apostrophe and digits."""
    return text if text.isascii() else text.translate(_LOOKALIKES)


def _found(text: str, decimal: str | None) -> tuple[Amount, ...]:
    return tuple(_all(text, plain_signs(text), decimal))


_kept = lru_cache(maxsize=_KEPT)(_found)


def _all(text: str, plain: str, decimal: str | None) -> Iterator[Amount]:
    for match in _RUNNING.finditer(plain):
        mark = "." if plain is not text and _ARABIC_DECIMAL in text[match.start() : match.end()] else decimal
        # most amounts are a number and nothing else
        is_bare = match.span() == match.span("number") or not any(match.group(*_AROUND))
        read = _number(match["number"], mark) if is_bare else _read(match, mark)
        if read is None or not (read.decimals or not _is_in_code(plain, match.start())):
            continue
        start, end = match.span("number") if is_bare else _own(match)
        yield Amount(read.value, start, end, read.decimals, read.other, _side(match, plain))


def _is_in_code(plain: str, start: int) -> bool:
    """Whether what stands before a number makes it a part of a code, such as A-4711."""
    return plain[start - 1 : start] == "-" and bool(_LETTER_OR_DIGIT.match(plain, max(start - 2, 0), start - 1))


def _side(match: re.Match[str], plain: str) -> Side | Literal[""]:
    if match["credit"] or match["sign"] == "CR ":
        return "credit" if match["sign"] == "CR " or _is_credit(match) else "debit"
    letter = _SIDE.match(plain, match.end())
    return cast(Side, letter[1]) if letter else ""


def _own(match: re.Match[str]) -> tuple[int, int]:
    """Where the amount's own characters start and end: with its minus, brackets and credit, without its currency."""
    first = next((name for name in ("open", "sign", "inner") if match[name]), "number")
    if _counts_crores(match):
        return match.start("unit"), match.end("credit")
    # an opening bracket alone belongs to a sentence
    if match[first] == "(" and not match["close"]:
        first = "sign" if match["sign"] else "number"
    last = ["number", "zeros", "after", *(["close"] if _opening(match) else [])]
    last += ["times", *(["credit"] if _is_credit(match) else [])]
    return match.start(first), max(match.end(name) for name in last)


def _opening(match: re.Match[str]) -> bool:
    return bool(match["open"]) or match["inner"] == "("


def _is_credit(match: re.Match[str]) -> bool:
    return (match["credit"] or "")[:1] in ("C", "c", "H") and not _counts_crores(match)


def _counts_crores(match: re.Match[str]) -> bool:
    """Whether `Cr` behind the number is ten millions: of rupees, and not behind two decimals, as credits have them."""
    rupees = match["unit"] and _RUPEES.match(match["unit"])
    return (
        bool(rupees) and (match["credit"] or "")[:2] == "Cr" and bool(re.fullmatch(r"\d{1,3}(\.\d)?", match["number"]))
    )


def _read(match: re.Match[str], decimal: str | None) -> _Digits | None:
    """What a match of either pattern says."""
    minuses = [name for name in ("sign", "inner", "after") if "-" in (match[name] or "") or match[name] == "CR "]
    read = _number(match["number"], decimal)
    if read is None or len(minuses) + (match["sign"] == "+") > 1:
        return None
    bracketed = _opening(match) and match["close"]
    factor = _factor(match) * (-1 if minuses or bracketed or _is_credit(match) else 1)
    other = None if read.other is None else read.other * factor
    return _Digits(read.value * factor, read.decimals or bool(match["zeros"]), other)


def _factor(match: re.Match[str]) -> Decimal | int:
    times = (match["times"] or "").lower()
    if times.startswith("cror") or _counts_crores(match):
        return _CRORE
    return _LAKH if times else 1


def _number(digits: str, decimal: str | None) -> _Digits | None:
    if digits.isdigit():
        return _Digits(Decimal(digits), False)
    digits = digits.replace(":", ",").replace("€", ",")
    if " " in digits:
        digits = re.sub(r"([.,])\s(?=\d{2}$)", r"\1", digits)
    mark = decimal if decimal and digits.count(decimal) == 1 else _decimal_mark(digits)
    whole, _, fraction = digits.rpartition(mark) if mark else (digits, "", "")
    # most numbers are in no groups
    if not (whole.isdigit() or _grouped(whole)) or (mark and not fraction.isdigit()):
        return None
    plain = whole if whole.isdigit() else re.sub(r"\D", "", whole) or "0"
    value = Decimal(f"{plain}.{fraction}" if fraction else plain)
    lone = None if decimal else _LONE_MARK.fullmatch(digits)
    return _Digits(value, bool(fraction), Decimal(digits.replace(lone[1], ".")) if lone else None)


def _decimal_mark(digits: str) -> str | None:
    """The mark before the decimals: the last of two kinds, or a lone one that does not group thousands."""
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return None
    mark = digits[last]
    if digits.count(mark) > 1:
        return None
    return None if _LONE_MARK.fullmatch(digits) else mark


def _grouped(whole: str) -> bool:
    """Whether the part before the decimals is plain digits or digits in groups of three (or, in India, of two) with one
    separator."""
    return bool(re.fullmatch(r"\d*|\d{1,3}([.,' ])\d{3}(?:\1\d{3})*|\d{1,2},(?:\d{2},)*\d{3}", whole))
