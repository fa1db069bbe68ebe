"""What a zone of a form says to a field: its value where the text has the field's form, else nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from ix.extraction.models.rules.fields import codes
from ix.extraction.models.rules.forms.captions import BOX
from ix.extraction.models.rules.forms.wording import words
from ix.extraction.models.rules.page.near import Read
from ix.extraction.models.rules.page.reading import Reading
from ix.extraction.models.rules.vocabulary.folding import fold
from ix.extraction.values import Notation, as_decimal, find_amounts, find_dates, find_ibans, parse_currency
from ix.fields import Field, words_of
from ix.languages import merged, phrases

_GROUPS = 10
"""Groups of the longest code."""
_LONGEST = 200
"""Characters of the longest text that is a value."""
_SIGNS = frozenset("%‰°")
"""Units that are a sign alone."""
_MARKED = "☒☑✓✔✗✘■⊠"
_BOX = re.compile(BOX)
"""A box to be marked, as it is drawn by letters."""
EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_URI = re.compile(r"(?:https?://|www\.)[^\s,;]{3,200}|\b[\w-]{2,63}(?:\.[\w-]{2,63}){0,3}\.[a-z]{2,6}\b(?:/\S*)?")
_PHONE = re.compile(r"\+?\(?\d[\d\s()./-]{4,24}\d(?:\s*(?:x|ext\.?)\s*\d{1,6})?")
_TIME = re.compile(r"\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?(?:\s?[AaPp]\.?[Mm]\.?)?|\d{1,2}\s?[AaPp]\.?[Mm]\.?")
_ZIP = re.compile(r"(?=[A-Z -]*\d)[A-Z0-9]{1,5}(?:[ -][A-Z0-9]{2,5})?\b")
_NUMBER = re.compile(r"[-+−–]?\d+(?:[.,]\d+)?(?=\s?[%‰°]|\s?[^\W\d]|$)")
_TO = re.compile(r"\s*(?:[-–—]|[^\W\d_]{1,8})\s*")
"""What stands between the first and the last day of a period."""
_DAY = re.compile(r"\W*(\d{1,2}\W{1,2}(?:\d{1,2}|[^\W\d_]{3,9})\.?|[^\W\d_]{3,9}\.? \d{1,2})\W*")
_FORMED: Mapping[str, re.Pattern[str]] = {"email": EMAIL, "uri": _URI, "phone": _PHONE, "time": _TIME, "zip": _ZIP}
_BY_NAME = {
    "email": "email", "mail": "email", "phone": "phone", "telephone": "phone", "tel": "phone", "telefon": "phone",
    "mobile": "phone", "fax": "phone", "url": "uri", "website": "uri", "web": "uri", "time": "time", "zip": "zip",
    "postcode": "zip", "zipcode": "zip", "postal": "zip", "plz": "zip",
}  # fmt: skip
_FORMATS = {"email": "email", "idn-email": "email", "uri": "uri", "url": "uri", "time": "time", "phone": "phone"}
_YES = frozenset(map(fold, ("true", "x", *phrases(merged().yes))))
_NO = frozenset(map(fold, ("false", *phrases(merged().no))))
_BEFORE_NUMBER = re.compile(r"[\s:=#]*(?:[A-Za-z]{1,3}\.?|[$€£¥₹]|[A-Z]{1,3}\$)?\s*[-+−–(]?\s*$")
"""What may stand before a number that answers: the code or the sign of a currency."""

Say = Callable[[str], Read | None]


def form_of(field: Field) -> str:
    """What the field's texts look like: `email`, `uri`, `phone`, `time`, `zip`; empty for any."""
    if field.json_type != "string" or field.kind not in ("text", "identifier"):
        return ""
    if field.format:
        return _FORMATS.get(field.format, "")
    return next((form for word in reversed(words_of(field.name)) if (form := _BY_NAME.get(word))), "")


def reader_of(field: Field, reading: Reading) -> Say:
    """Reads the field's value at the start of a text."""
    if field.choices:
        choice = codes_of(field)
        return _as_number(choice) if field.json_type in ("number", "integer") else choice
    if form := form_of(field):
        return lambda text: _formed(_FORMED[form], text)
    by_kind: Mapping[str, Say] = {
        "date": lambda text: _date(text, field, reading.day_first),
        "number": lambda text: _number(text, field.json_type == "integer", reading.notation),
        "money": lambda text: _money(text, reading.notation),
        "percentage": _percentage,
        "currency": _currency,
        "iban": _iban,
        "boolean": _boolean,
        "identifier": _identifier,
        "person": _named,
        "organisation": _named,
    }
    return by_kind.get(field.kind, _text)


def _as_number(say: Say) -> Say:
    """A choice among numbers is a number."""

    def number(text: str) -> Read | None:
        read = say(text)
        value = as_decimal(read.value) if read else None
        if read is None or value is None:
            return None
        return read._replace(value=int(value) if value == int(value) else float(value))

    return number


def codes_of(field: Field) -> Say:
    """Reads one of the field's choices: the only one that is marked, or the longest that stands there."""
    options = sorted(field.choices, key=len, reverse=True)
    folded = {fold(option): option for option in options}

    def say(text: str) -> Read | None:
        skipped = 0
        if boxes := _boxes(text):
            marked = [box for box in boxes if box.is_marked]
            if len(marked) != 1:
                return None
            text, skipped = text[: marked[0].end][marked[0].start :], marked[0].start
        for option in options:
            if found := re.match(rf"\W*({re.escape(option)})(?!\w)", text, re.I):
                return Read(option, skipped + found.start(1), skipped + found.end(1))
        whole = fold(text)
        alike = [option for key, option in folded.items() if key[:1] == whole[:1]]
        # codes of one letter stand for words: M, F
        if len(whole) > 1 and len(alike) == 1 == len(alike[0]) and all(len(option) <= 2 for option in options):
            return Read(alike[0], skipped, skipped + len(text))
        return Read(folded[whole], skipped, skipped + len(text)) if whole in folded else None

    return say


def _formed(pattern: re.Pattern[str], text: str) -> Read | None:
    found = pattern.search(text[:_LONGEST])
    return Read(found.group(), found.start(), found.end()) if found else None


def _date(text: str, field: Field, day_first: bool) -> Read | None:
    known = words(field.name if not field.labels else " ".join(words_of(field.name)))
    found = find_dates(text[:_LONGEST], day_first)
    if len(found) > 1 and _TO.fullmatch(text[found[0].end : found[1].start]) and {"start", "end"} & set(known):
        one = found["end" in known]
        return Read(one.value.isoformat(), one.start, one.end)
    # words may stand before it, a weekday or a place: "Riga, 3 May"
    if found and len(re.findall(r"\w+", text[: found[0].start])) <= 2:
        return Read(found[0].value.isoformat(), found[0].start, found[0].end)
    # a day without its year is no date, and all that a text need be
    day = _DAY.fullmatch(text) if field.json_type == "string" and not field.format else None
    return Read(day[1], day.start(1), day.end(1)) if day else None


def _number(text: str, whole: bool, notation: Notation) -> Read | None:
    found = _first_number(text, notation)
    if found is None or not whole:
        return found
    value = float(found.value)
    return found._replace(value=int(value)) if value.is_integer() else None


def _first_number(text: str, notation: Notation) -> Read | None:
    for each in find_amounts(text[:_LONGEST]):
        amount = notation.settled(each, text)
        if _BEFORE_NUMBER.fullmatch(text[: amount.start]):
            value = float(amount.value)
            return Read(int(value) if value.is_integer() and not amount.decimals else value, amount.start, amount.end)
        break
    bare = _NUMBER.match(text.lstrip(" :=~<>≤≥"))
    if bare is None:
        return None
    start = len(text) - len(text.lstrip(" :=~<>≤≥"))
    value = float(re.sub("[−–]", "-", bare.group()).replace(",", "."))
    return Read(int(value) if value.is_integer() and "." not in bare.group() else value, start, start + bare.end())


def _money(text: str, notation: Notation) -> Read | None:
    # what stands behind words is said of these: "for 12 months"
    # nor is the rate beside a tax its amount
    amounts = [one for one in find_amounts(text[:_LONGEST]) if not text[one.end :].lstrip().startswith("%")]
    first = next(iter(amounts), None)
    found = notation.settled(first, text) if first else None
    if found is None or not _BEFORE_NUMBER.fullmatch(text[: found.start]):
        return None
    # a year or the number of an account is no amount
    if not found.decimals and (len(str(abs(found.value))) > 7 or re.match(r"\s*[/-]\s*\d", text[found.end :])):
        return None
    return Read(float(found.value), found.start, found.end)


def _percentage(text: str) -> Read | None:
    found = re.match(r"\W*(\d+(?:[.,]\d+)?)\s?%?", text)
    return Read(float(found[1].replace(",", ".")), found.start(1), found.end()) if found else None


def _currency(text: str) -> Read | None:
    found = re.match(r"\W*([A-Za-z]{2,7}|[€£¥₹$])", text)
    code = parse_currency(found[1]) if found else None
    return Read(code, found.start(1), found.end(1)) if found and code else None


def _iban(text: str) -> Read | None:
    return next((Read(*found) for found in find_ibans(text)), None)


class _Box(NamedTuple):
    """A box: whether it is marked, and the characters of its words."""

    is_marked: bool
    start: int
    end: int


def _boxes(text: str) -> list[_Box]:
    """The boxes of a text with their words: behind each, or before each where the text begins with words."""
    signs = list(_BOX.finditer(text))
    if not signs:
        return []
    leads = bool(re.search(r"\w", text[: signs[0].start()]))
    ends = [sign.start() for sign in signs[1:]] + [len(text)]
    starts = [0, *(sign.end() for sign in signs)]
    return [
        _Box(
            any(mark in sign.group() for mark in (*_MARKED, "x", "X")),
            *((starts[at], sign.start()) if leads else (sign.end(), ends[at])),
        )
        for at, sign in enumerate(signs)
    ]


def _boolean(text: str) -> Read | None:
    boxes = _boxes(text)
    for box in boxes:
        beside = re.search(r"[^\W\d_]+", text[box.start : box.end])
        said = fold(beside.group()) if beside else ""
        if said in _YES | _NO and box.is_marked:
            return Read(said in _YES, box.start, box.end)
    # a box before another word is that one's
    if len(boxes) == 1 and not text[boxes[0].start : boxes[0].end].strip():
        sign = _BOX.search(text)
        return Read(boxes[0].is_marked, sign.start(), sign.end()) if sign else None
    if boxes:
        return None
    found = re.match(r"\W*([^\W\d_]+)", text)
    word = fold(found[1]) if found else ""
    return Read(word in _YES, found.start(1), found.end(1)) if found and word in _YES | _NO else None


def _identifier(text: str) -> Read | None:
    """A code: all of the text where each of its words may be a part of one, else the first with a digit."""
    found = _text(text)
    if found is None or not re.search(r"\d", text):
        return found if found and len(str(found.value).split()) == 1 and str(found.value).isupper() else None
    # codes are set in groups: "AB 123 456"
    parts = str(found.value).split()
    if parts[0].startswith("#") and len(parts[0]) > 1:
        found = Read(str(found.value)[1:], found.start + 1, found.end)
    if len(parts) <= _GROUPS and all(re.search(r"\d", part) or (part.isupper() and len(part) <= 4) for part in parts):
        return found
    return codes.identifier(text)


def _named(text: str) -> Read | None:
    found = _text(text)
    return found if found and len(re.findall(r"[^\W\d_]", str(found.value))) > 1 else None


def _text(text: str) -> Read | None:
    if (sign := text.strip()) in _SIGNS:
        return Read(sign, text.index(sign), text.index(sign) + 1)
    found = re.search(r"[\w(+<>≤≥±~$€£¥#\"„“].*\S|\w", text[:_LONGEST])
    if found is None or len(text.strip()) > _LONGEST or re.fullmatch(r"[\W_]*", found.group()):
        return None
    value = found.group().rstrip(" ,;|_")
    # what ends in a colon announces something itself
    return None if value.endswith((":", "：")) else Read(value, found.start(), found.start() + len(value))
