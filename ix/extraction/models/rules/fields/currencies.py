"""Currencies: behind their label, beside amounts, in words, and where no sign tells, by the country that a document
comes from."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterator
from itertools import accumulate

from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.labels import Labels
from ix.extraction.models.rules.page.near import Read, near
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.models.rules.vocabulary.money import features
from ix.extraction.values import parse_currency
from ix.extraction.values.countries import CURRENCY_OF, SHARED, origins
from ix.fields import Field
from ix.languages import merged, one_of

_SIGN = re.compile(
    r"(?<![A-Za-z])([A-Z]{3}|RM|EUROS?|Euros?|euros?|[BJK]D|DT|Ft|Kč|Rp|lei|zł|PLZ|лв)(?![^\W\d_])"
    r"|([€£¥₹₩฿₫₺₪₽₴₸₦₱৳]|(?:US|S|A|HK|NT|C|R)?\$)"
    r"|(?<![A-Za-z])(Rs|kr|Kr|KR)(?![^\W\d_])\.?"
)
_LEGAL_FORM = re.compile(rf"(?<![^\W\d_])(?:{one_of(merged().legal_forms)})\.?$", re.I)
"""What ends a name and not a sum: "SDN BHD (204417-K)"."""
_WORD = 80
"""Characters in which the word before a currency stands."""
_MISREAD = re.compile(r"\d[.,]\d\d\s?([CE6])(?![\w.,])|(?<![\w.,])([CE])\s?\d+[.,]\d\d(?!\d)")
"""What OCR makes of the euro sign beside an amount."""
_FEWEST_MISREAD = 2


class _Weight:
    """Scores, and what is added to them or taken; see `page.candidates` for where the numbers are from."""

    CURRENCY, SHARE = 0.5, 0.3
    OF_COUNTRY = 0.1  # more for what is paid with where the document comes from
    BARE_SIGN = 0.2  # taken from a sign that several countries have, where none of them is known
    COUNTRY_ALONE, PER_SIGN, MOST = 0.32, 0.02, 0.5
    MISREAD = 0.05  # more for the euro where OCR read letters that look like its sign


def currencies(field: Field, reading: Reading, labels: Labels) -> Iterator[Candidate]:
    """The currency behind its label, else the code or sign that stands most often beside amounts; a sign that many
    countries have, such as a bare `$`, says what is paid with where the document comes from."""
    yield from near(reading, labels, field.path, _behind_label)
    yield from reading.once(currencies, lambda: list(_currencies(reading)))


def _currencies(reading: Reading) -> Iterator[Candidate]:
    found = [
        (code, row, m)
        for row in reading.rows
        for m in _SIGN.finditer(row.text)
        if (code := _beside_amount(row.text, m, reading))
    ]
    counts = Counter(code for code, _, _ in found)
    # asked only where it decides
    paid = _paid(reading) if len(counts) > 1 else []
    for code, row, match in found:
        score = _Weight.CURRENCY + _Weight.SHARE * counts[code] / len(found) + _Weight.OF_COUNTRY * (code in paid[:1])
        score -= _Weight.BARE_SIGN * (_key(match) in SHARED and code not in _paid(reading))
        yield Candidate(code, row.page, row.line.part(match.start(), match.end()), score)
    if not found:
        yield from _by_country(reading)


def _paid(reading: Reading) -> list[str]:
    """What is paid with in the countries that the document may come from."""
    return [CURRENCY_OF[one.country] for one in origins(reading.text)]


def _key(match: re.Match[str]) -> str:
    return match.group().strip(" .").lower()


def _beside_amount(text: str, match: re.Match[str], reading: Reading) -> str | None:
    """The currency of a code or sign beside a number, in brackets or behind a word of money, as in "Amount (RM)",
    "Total EUR"; a sign may stand anywhere."""
    beside = re.match(r"\s?[-(]?[€£¥$]?\s?\d|\s?[)\]/]", text[match.end() : match.end() + 8]) or re.search(
        r"\d[\s*-]{0,2}$", text[max(match.start() - 3, 0) : match.start()]
    )
    # the longest word that says something of money has 40 letters in any language
    before = text[max(match.start() - _WORD, 0) : match.start()]
    # "Total EUR" above its amounts, or before one that stands far off
    headed = not text[match.end() : match.end() + 1].strip() and features(" ".join(before.split()[-1:]))
    if not (beside or match[2] or headed) or _LEGAL_FORM.search(text, max(match.start() - _WORD, 0), match.end()):
        return None
    key = _key(match)
    return _of_sign(key, reading) if key in SHARED else parse_currency(match.group())


def _of_sign(key: str, reading: Reading) -> str:
    """What a sign of several currencies says on these pages."""
    shared = SHARED[key]
    here = (shared[one.country] for one in origins(reading.text) if one.country in shared)
    return next(here, next(iter(shared.values())))


def _by_country(reading: Reading) -> Iterator[Candidate]:
    """What is paid with where the document comes from, if no sign says otherwise."""
    misread = _looks_like_euro(reading.rows)
    weights: Counter[str] = Counter()
    for one in origins(reading.text):
        weights[CURRENCY_OF[one.country]] += one.weight
    starts = list(accumulate((len(row.text) + 1 for row in reading.rows), initial=0))
    for code, weight in weights.most_common(2):
        sign = next(one for one in origins(reading.text) if CURRENCY_OF[one.country] == code)
        at = bisect_right(starts, sign.start) - 1
        row, end = reading.rows[at], min(sign.end - starts[at], len(reading.rows[at].text))
        score = min(_Weight.COUNTRY_ALONE + _Weight.PER_SIGN * weight, _Weight.MOST)
        score += _Weight.MISREAD * (misread and code == "EUR")
        words = row.line.part(sign.start - starts[at], end)
        yield Candidate(code, row.page, words, score, derived=True, guess=True)


def _looks_like_euro(rows: Collection[Row]) -> bool:
    seen = (bool(_MISREAD.search(row.text)) for row in rows if row.has_money)
    return sum(seen) >= _FEWEST_MISREAD


def _behind_label(text: str) -> Read | None:
    match = re.match(r"\W*([A-Za-z]{2,7}|[€£¥$])", text)
    if match is None:
        return None
    code = parse_currency(match[1])
    # what a label calls a currency is reported though no list has it: the check step judges
    if code is None and re.fullmatch(r"[A-Z]{3}", match[1]):
        code = match[1]
    return Read(code, match.start(1), match.end(1)) if code else None
