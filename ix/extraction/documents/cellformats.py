"""What a cell of a spreadsheet shows: its number in its format (ECMA-376 part 1, 18.8.30 and 18.8.31), dates as ISO
8601 writes them.

Signs of currencies, percents and the places after the point are as the format says. Thousands are not set apart and the
point is a point, whatever the reader's country would make of them; and never do exactly three digits stand after the
point, where they might be read as thousands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

GENERAL = "General"
BUILT_IN: Mapping[int, str] = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    14: "yyyy-mm-dd",
    20: "h:mm",
    21: "h:mm:ss",
    **dict.fromkeys((15, 16, 17), "yyyy-mm-dd"),
    18: "h:mm",
    19: "h:mm:ss",
    22: "yyyy-mm-dd h:mm",
    37: "#,##0",
    38: "#,##0",
    39: "0.00",
    40: "0.00",
    41: "#,##0",
    42: "#,##0",
    43: "0.00",
    44: "0.00",
    45: "h:mm:ss",
    46: "h:mm:ss",
    47: "h:mm:ss",
    49: "@",
    **dict.fromkeys((*range(27, 32), 36, *range(50, 59)), "yyyy-mm-dd"),
}
"""Formats that files name by number alone. 27 to 36 and 50 to 58 are dates of East Asia."""
EPOCHS = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}
"""The day before the first, by whether the workbook counts from 1904 as old Macs did (18.17.4.1). Excel's day 60 never
was, so that counting from the 30th of December is right from March 1900 on."""
LAST_DAY = 2_958_465
"""The last day of the year 9999."""
MAX_PLACES = 10
"""Places after the point that are shown at most; Excel allows 30, and keeps fifteen digits in all."""
LITERAL = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]|_.|\*.', re.DOTALL)
"""Quoted text, escaped signs, currencies with their country; then colours and conditions, and what only makes space."""
DIGITS = re.compile(r"[0#?][0#?, ]*(?:\.[0#?]*)?")
DATE_SIGNS = re.compile(r"[ymdhs]|AM/PM", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CellFormat:
    """How a number is shown. `places` after the point, None where as many as it has; `digits` before it at least;
    `before` and `after` are what stands beside it. `blanks` names what is not shown at all: p for numbers above zero, n
    for those below, z for zero, t for texts. `thousands` is how often it is divided by a thousand; `is_words` says that
    `before` is all that is shown."""

    is_date: bool = False
    has_day: bool = False
    has_time: bool = False
    places: int | None = None
    digits: int = 0
    before: str = ""
    after: str = ""
    blanks: str = ""
    thousands: int = 0
    is_words: bool = False

    def hides(self, value: str | None) -> bool:
        """Whether nothing is shown of a number, or of a text (None)."""
        if value is None:
            return "t" in self.blanks
        if not value.strip("-0."):
            return "z" in self.blanks
        return ("n" if value.startswith("-") else "p") in self.blanks


@lru_cache(1000)
def cell_format(code: str) -> CellFormat:
    """What a format's code says of positive numbers. Conditions are not tried."""
    if code in ("", GENERAL, "@"):
        return CellFormat()
    # the first section is that of positive numbers; a semicolon in quotes parts nothing
    sections = re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', code)
    return replace(_positive(sections[0]), blanks=_blanks(sections))


def _blanks(sections: list[str]) -> str:
    """What is not shown: sections that are there and empty (ECMA-376 part 1, 18.8.31)."""
    kinds = "pnzt"[: len(sections)] if len(sections) > 1 else ""
    blank = "".join(kind for kind, section in zip(kinds, sections, strict=False) if not section.strip())
    # with two sections zero goes with what is positive, with three a text is shown as it is
    return blank + "z" * (len(sections) == 2 and "p" in blank)


def _positive(code: str) -> CellFormat:
    bare = LITERAL.sub(" ", code)
    if (not DIGITS.search(bare.replace("General", "0")) and DATE_SIGNS.search(bare)) or re.search(r"\[[hms]+\]", code):
        return CellFormat(
            is_date=True,
            has_day=re.search("[yd]", bare, re.IGNORECASE) is not None,
            has_time=re.search("[hs]", bare, re.IGNORECASE) is not None,
        )
    return _number_format(code)


def _number_format(code: str) -> CellFormat:
    plain = LITERAL.sub(lambda found: "".join(filter(None, found.groups())).translate(HIDDEN_SIGNS), code)
    found = DIGITS.search(plain)
    if found is None:
        before, general, after = plain.partition(GENERAL)
        is_words = not general and "@" not in plain and bool(_shown(before))
        return CellFormat(before=_shown(before), after=_shown(after), is_words=is_words)
    whole, _, fraction = found[0].rstrip().partition(".")
    rest = plain[found.end() :]
    # each comma after the last digit divides by a thousand
    commas = rest if fraction else whole
    thousands = len(commas) - len(commas.lstrip(",") if fraction else commas.rstrip(","))
    # what follows a fraction's or an exponent's sign is not told apart: such numbers are shown as they are
    places = None if re.search(r"[/E]", rest) else sum(map(fraction.count, "0#?"))
    return CellFormat(
        places=places,
        digits=whole.count("0"),
        before=_shown(plain[: found.start()]),
        after=_shown(re.sub(r"[0#?/]|E[+-]", "", rest.lstrip(","))),
        thousands=thousands,
    )


HIDDEN_SIGNS = {ord(sign): chr(0xE000 + ord(sign)) for sign in "0#?.,/E@;"}
"""Signs of the grammar that stand in a quoted text, out of the grammar's sight."""
SHOWN_SIGNS = {replaced: chr(sign) for sign, replaced in ((sign, ord(new)) for sign, new in HIDDEN_SIGNS.items())}


def _shown(text: str) -> str:
    return " ".join(text.replace("@", "").translate(SHOWN_SIGNS).split()).replace("( ", "(").strip("()")


def shown(number: float, form: CellFormat, from_1904: bool = False) -> str:
    """The number as the cell shows it."""
    if form.is_date and 0 <= number <= LAST_DAY:
        return _day(number, form, from_1904)
    if form.is_words:
        return form.before
    number /= 1000**form.thousands
    percent = "%" in form.after or "%" in form.before
    text = digits(number * 100 if percent else number, form.places)
    sign, text = ("-", text[1:]) if text.startswith("-") else ("", text)
    text = text.rjust(form.digits, "0") if "." not in text else text
    # a sign of a currency stands apart, so that the amount is a word
    before = f"{form.before} " if form.before and form.before[-1].isalnum() else form.before
    after = f" {form.after}" if form.after and form.after != "%" else form.after
    return f"{before}{sign}{text}{after}".strip()


def digits(number: float, places: int | None) -> str:
    """A number with so many places after the point, or with as many as it has; never with three."""
    # a spreadsheet keeps fifteen digits: what is beyond them comes from counting in twos
    exact = Decimal(f"{number:.15g}")
    if places is not None:
        exact = exact.quantize(Decimal(1).scaleb(-min(places, MAX_PLACES)), ROUND_HALF_UP)
        if places != 3:
            return f"{exact:f}"
    text = f"{exact.normalize():f}"
    return text + "0" if re.search(r"\.\d{3}$", text) else text


def _day(number: float, form: CellFormat, from_1904: bool) -> str:
    moment = EPOCHS[from_1904] + timedelta(seconds=round(number * 86_400))
    day, clock = f"{moment:%Y-%m-%d}", f"{moment:%H:%M:%S}".removesuffix(":00")
    if number < 1 and not form.has_day:
        return clock
    if not form.has_time and not (form.has_day is False and number % 1):
        return day
    return f"{day} {clock}" if form.has_day else clock


def plain_value(value: object) -> str:
    """A value of a cell whose format is not known."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (int, float)):
        return digits(value, None)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}".removesuffix(" 00:00:00").removesuffix(":00")
    return value.isoformat() if isinstance(value, (date, time)) else str(value)
