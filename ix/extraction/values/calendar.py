"""Names of months and weekdays in many languages, as they are printed and as OCR leaves them.

What a name says may depend on the language: "listopad" is November in Polish and Czech, and October in Croatian."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import cache, lru_cache

from ix.extraction.values.cldr import calendars
from ix.languages import load, phrases

_PLAIN = str.maketrans("ıłđø01", "ildool")
"""Letters without a decomposition, as OCR gives them, without stroke or dot; and digits that it gives for letters."""
_MISREAD = 7
"""Letters from which a name may have one that is misread: September, Septernber."""
_LIKE = 84
"""Percent of likeness that such a name needs."""
_SHORTEST = 2
"""Letters of the shortest name of a weekday: "Di" is Tuesday."""


def month_numbers(name: str, languages: Collection[str] = (), foreign: bool = True) -> list[int]:
    """The months, 1 to 12, that a name may mean, most likely first: what it is in these languages (ISO 639-1) if it is
    a month in any, else, where `foreign` or none is given, what it is in most."""
    key = folded(name)
    # Hebrew writes "in March" as one word
    said = _months().get(key) or _months().get(key.removeprefix("ב")) or _misread(key)
    if not said:
        return []
    own = [said[code] for code in languages if code in said]
    if languages and not (own or foreign):
        return []
    return [number for number, _ in Counter(own or said.values()).most_common()]


def weekday_numbers(name: str, languages: Collection[str] = ()) -> frozenset[int]:
    """The days of the week, 0 for Monday, that a word may mean, in these languages or in any."""
    said = _days().get(folded(name), {})
    return frozenset(said[code] for code in languages if code in said) or frozenset(said.values())


@lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """A name in lower case without accents and points: "März" is "marz"."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(filter(_counts, decomposed)).translate(_PLAIN)


def _counts(char: str) -> bool:
    # vowels of Thai and Hindi are marks as accents are, but without them other months have the same letters
    return char.isalnum() or (unicodedata.category(char) in ("Mn", "Mc") and not unicodedata.combining(char))


@cache
def _months() -> Mapping[str, Mapping[str, int]]:
    """The numbers of months by folded name and language."""
    own = ((each.code, [phrases(names) for names in each.months]) for each in load())
    return _numbered([*((code, each.months) for code, each in calendars().items()), *own], 1)


@cache
def _days() -> Mapping[str, Mapping[str, int]]:
    found = _numbered([(code, each.days) for code, each in calendars().items()], 0)
    return {name: said for name, said in found.items() if len(name) >= _SHORTEST}


def _numbered(rows: Iterable[tuple[str, Collection[Collection[str]]]], first: int) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for code, groups in rows:
        for number, names in enumerate(groups, first):
            for name in names:
                found.setdefault(folded(name), {})[code] = number
    return found


@lru_cache(maxsize=1024)
def _misread(key: str) -> Mapping[str, int]:
    """What a name with one misread letter says, if all names that it is like say the same."""
    if len(key) < _MISREAD:
        return {}
    # not where ix starts: only reading needs it
    from rapidfuzz import fuzz, process

    like = process.extract(key, list(_months()), scorer=fuzz.ratio, score_cutoff=_LIKE, limit=None)
    found = {code: number for name, _, _ in like if name[0] == key[0] for code, number in _months()[name].items()}
    return found if len(set(found.values())) == 1 else {}
