"""Machine-readable zones of passports, identity cards and visas, after ICAO Doc 9303 (eighth edition): lines of fixed
length, in which every number has a check digit.

    P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<        TD3: parts 4; TD1: 5; TD2: 6; MRV-A and MRV-B: 7
    L898902C36UTO7408122F1204159ZE184226B<<<<<10

OCR takes 0 for O, 1 for I and 8 for B. Where the standard allows digits alone, or letters alone, that is put right;
in a number that may have both only where its check digit then holds, with as little changed as can be. The composite
digit is no second witness of that: a number weighs the same in both."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import NamedTuple

WEIGHTS = (7, 3, 1)
"""Weights of the characters, in turn (Doc 9303 part 3, 4.9)."""
FILLER = "<"
_DIGITS = str.maketrans("OQDILZSGB", "000112568")
_LETTERS = str.maketrans("01825", "OIBZS")
_EITHER = {**dict(zip("O0I1B8", "0O1I8B", strict=True))}
"""What OCR takes for each other where both may stand."""
_MOST_REPAIRED = 2
"""Characters of a number that are taken to be misread."""
_DAYS = 12
"""Digits of the days of birth and expiry."""
_LOOKALIKES = str.maketrans("«‹＜≤({[", "<" * 7)
_ZONE = re.compile(r"[A-Z0-9<]{26,48}")


class Part(NamedTuple):
    """Where a member stands: line, first character, and the one behind its last."""

    line: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Form:
    """A layout of the standard: how many lines of what length, where members stand, which have a check digit right
    behind them, and what the composite one is reckoned over, with its own place."""

    name: str
    lines: int
    width: int
    parts: Mapping[str, Part]
    composite: Sequence[Part] = ()
    composite_at: tuple[int, int] | None = None


CHECKED = ("document_number", "birth_date", "expiry_date")
"""Members that have a check digit in every layout."""
_TWO_LINES = {
    "document_type": Part(0, 0, 2),
    "issuing_state": Part(0, 2, 5),
    "document_number": Part(1, 0, 9),
    "nationality": Part(1, 10, 13),
    "birth_date": Part(1, 13, 19),
    "sex": Part(1, 20, 21),
    "expiry_date": Part(1, 21, 27),
}
_COMPOSITE = (Part(1, 0, 10), Part(1, 13, 20))
FORMS = (
    Form(
        "TD1",
        3,
        30,
        {
            "document_type": Part(0, 0, 2),
            "issuing_state": Part(0, 2, 5),
            "document_number": Part(0, 5, 14),
            "optional_data": Part(0, 15, 30),
            "birth_date": Part(1, 0, 6),
            "sex": Part(1, 7, 8),
            "expiry_date": Part(1, 8, 14),
            "nationality": Part(1, 15, 18),
            "names": Part(2, 0, 30),
        },
        (Part(0, 5, 30), Part(1, 0, 7), Part(1, 8, 15), Part(1, 18, 29)),
        (1, 29),
    ),
    Form(
        "TD3",
        2,
        44,
        {**_TWO_LINES, "names": Part(0, 5, 44), "optional_data": Part(1, 28, 42)},
        (*_COMPOSITE, Part(1, 21, 43)),
        (1, 43),
    ),
    Form(
        "TD2",
        2,
        36,
        {**_TWO_LINES, "names": Part(0, 5, 36), "optional_data": Part(1, 28, 35)},
        (*_COMPOSITE, Part(1, 21, 35)),
        (1, 35),
    ),
    Form("MRV-A", 2, 44, {**_TWO_LINES, "names": Part(0, 5, 44), "optional_data": Part(1, 28, 44)}),
    Form("MRV-B", 2, 36, {**_TWO_LINES, "names": Part(0, 5, 36), "optional_data": Part(1, 28, 36)}),
)


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone that was read: its layout, its lines after repairs, its members as they are meant (days as dates; what the
    zone leaves open is not there), and the members whose check digits do not hold; `composite` is one of them."""

    form: str
    lines: tuple[str, ...]
    members: Mapping[str, str | date]
    failed: tuple[str, ...]

    def line_of(self, member: str) -> int:
        """The index of the line that a member stands in."""
        parts = next(form.parts for form in FORMS if form.name == self.form)
        return parts["names" if member in ("surname", "given_names") else member].line


def check_digit(text: str) -> int:
    """The check digit of a text of digits, capitals and fillers. Raises `ValueError` for anything else."""
    total = 0
    for at, char in enumerate(text):
        value = 0 if char == FILLER else int(char, 36)
        total += value * WEIGHTS[at % 3]
    return total % 10


def compacted(text: str) -> str:
    """A line as a zone may have it: no spaces, capitals, what looks like a filler as one."""
    return re.sub(r"\s", "", text).translate(_LOOKALIKES).upper()


def is_line(text: str) -> bool:
    """Whether a text, compacted, may be a line of a zone."""
    # a line whose every place is taken has no filler, and digits enough
    return bool(_ZONE.fullmatch(text)) and (FILLER in text or sum(map(str.isdigit, text)) >= _DAYS)


def parse(lines: Sequence[str], today: date | None = None) -> Zone | None:
    """The zone that these lines, compacted, are; None where they are none. `today` decides between centuries."""
    for form in FORMS:
        if len(lines) == form.lines and _fits(lines, form):
            return _read([_settled(line, form, at) for at, line in enumerate(lines)], form, today or date.today())
    return None


def _fits(lines: Sequence[str], form: Form) -> bool:
    visa = lines[0][:1] == "V"
    # fillers are lost, or too many are read, more often than letters
    near = all(abs(len(line) - form.width) <= 3 for line in lines)
    return near and visa == form.name.startswith("MRV") and lines[0][:1].isalpha() and bool(_states(lines, form))


def _states(lines: Sequence[str], form: Form) -> bool:
    """Whether the days of birth and expiry are made of digits, or of what is misread for them."""
    for name in ("birth_date", "expiry_date"):
        part = form.parts[name]
        text = lines[part.line][part.start : part.end].translate(_DIGITS)
        if not re.fullmatch(r"[0-9<]{6}", text):
            return False
    return True


def _settled(line: str, form: Form, at: int) -> str:
    """A line of its layout's length: fillers are added to, or taken from, the longest run of them."""
    short = form.width - len(line)
    runs = sorted(re.finditer("<+", line), key=lambda run: run.end() - run.start(), reverse=True)
    if short == 0 or not runs:
        return line[: form.width].ljust(form.width, FILLER)
    run = runs[0]
    length = max(run.end() - run.start() + short, 0)
    return (line[: run.start()] + FILLER * length + line[run.end() :])[: form.width].ljust(form.width, FILLER)


def _read(lines: list[str], form: Form, today: date) -> Zone | None:
    failed = [name for name in ("birth_date", "expiry_date") if not _days_right(lines, form.parts[name])]
    # of whatever has capitals and digits one day in ten fits by chance
    if len(failed) == 2:
        return None
    failed += [name for name in _numbered(form) if not _number_right(lines, form.parts[name])]
    if form.composite_at and not _composite(lines, form):
        failed.append("composite")
    for name in ("issuing_state", "nationality", "names", "sex"):
        _replace(lines, form.parts[name], _text(lines, form.parts[name]).translate(_LETTERS))
    return Zone(form.name, tuple(lines), dict(_members(lines, form, today)), tuple(failed))


def _numbered(form: Form) -> Sequence[str]:
    """The members of letters and digits that have a check digit: a passport's personal number is one."""
    return ("document_number", "optional_data") if form.name == "TD3" else ("document_number",)


def _text(lines: Sequence[str], part: Part) -> str:
    return lines[part.line][part.start : part.end]


def _replace(lines: list[str], part: Part, text: str) -> None:
    line = lines[part.line]
    lines[part.line] = line[: part.start] + text + line[part.end :]


def _days_right(lines: list[str], part: Part) -> bool:
    """Puts a day and the check digit behind it right, which are digits; whether the check digit holds then."""
    whole = Part(part.line, part.start, part.end + 1)
    _replace(lines, whole, _text(lines, whole).translate(_DIGITS))
    return _holds(_text(lines, part), _text(lines, Part(part.line, part.end, part.end + 1)))


def _number_right(lines: list[str], part: Part) -> bool:
    """Puts a number and its check digit right; whether the check digit holds then."""
    place = Part(part.line, part.end, part.end + 1)
    if _text(lines, place) != FILLER:
        _replace(lines, place, _text(lines, place).translate(_DIGITS))
    for variant in _variants(_text(lines, part)):
        if _number_holds(lines, part, variant):
            _replace(lines, part, variant)
            return True
    return False


def _holds(text: str, check: str) -> bool:
    return check.isdigit() and str(check_digit(text)) == check


def _number_holds(lines: Sequence[str], part: Part, text: str = "") -> bool:
    text, check = text or _text(lines, part), lines[part.line][part.end : part.end + 1]
    if check == FILLER and (long := _long_number(lines, part)) is not None:
        return long
    # a passport without a personal number may have a filler for its check digit
    return _holds(text, check) or (check == FILLER and not text.strip(FILLER))


def _variants(text: str) -> Iterator[str]:
    """The text, then it with one and two of its characters as they may have been misread."""
    yield text
    places = [at for at, char in enumerate(text) if char in _EITHER]
    for count in range(1, _MOST_REPAIRED + 1):
        for chosen in combinations(places, count):
            yield "".join(_EITHER[char] if at in chosen else char for at, char in enumerate(text))


def _long_number(lines: Sequence[str], part: Part) -> bool | None:
    """Whether the check digit of a number that goes on in the optional data holds; None where it does not go on."""
    rest = lines[part.line][part.end + 1 :].split(FILLER)[0]
    if part.line or len(rest) < 2:
        return None
    return rest[-1].isdigit() and str(check_digit(_text(lines, part) + FILLER + rest[:-1])) == rest[-1]


def _composite(lines: list[str], form: Form) -> bool:
    assert form.composite_at is not None
    line, at = form.composite_at
    _replace(lines, Part(line, at, at + 1), lines[line][at].translate(_DIGITS))
    whole = "".join(_text(lines, part) for part in form.composite)
    return lines[line][at] == str(check_digit(whole))


def _members(lines: Sequence[str], form: Form, today: date) -> Iterator[tuple[str, str | date]]:
    for name, part in form.parts.items():
        text = _text(lines, part)
        if name == "names":
            surname, _, given = text.rstrip(FILLER).partition(FILLER * 2)
            yield from (
                (key, said) for key, said in (("surname", _said(surname)), ("given_names", _said(given))) if said
            )
        elif name in ("birth_date", "expiry_date"):
            if day := _day(text, today, name == "birth_date"):
                yield name, day
        elif said := _whole_number(lines, part) if name == "document_number" else _said(text):
            # a filler as the sex says that it is not told
            yield name, said


def _whole_number(lines: Sequence[str], part: Part) -> str:
    text = _text(lines, part)
    if part.line == 0 and lines[0][part.end] == FILLER and _long_number(lines, part):
        text += lines[0][part.end + 1 :].split(FILLER)[0][:-1]
    return text.strip(FILLER).replace(FILLER, "")


def _said(text: str) -> str:
    """Words with a space for each filler between them."""
    return " ".join(text.replace(FILLER, " ").split())


def _day(text: str, today: date, birth: bool) -> date | None:
    """The day of six digits, in the century that is meant: nobody was born after today, and no document is valid for
    fifty years or more. None where the day is not known or is none."""
    if not text.isdigit():
        return None
    year, month, day = int(text[:2]), int(text[2:4]), int(text[4:])
    century = today.year // 100 * 100
    full = century + year
    if (birth and full > today.year) or (not birth and full > today.year + 50):
        full -= 100
    try:
        found = date(full, month, day)
        return found.replace(year=full - 100) if birth and found > today else found
    except ValueError:
        return None
