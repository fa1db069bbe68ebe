"""Likeness: how surely a caption is a field's, by the words of both.

Words that both have count for it, words that only one has count against it, each by what it tells. What stands above a
field in its schema (`patient.name`) is context: a caption may have its words, and so may the heading that it stands
under."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz, process

from ix.extraction.models.rules.forms.wording import Words, initials, phrases_of, weight, weights, words
from ix.fields import Field, words_of

_ALIKE = 82.0
"""Likeness of two words, percent, from which on they are taken for one that was misread or is inflected."""
_SHORTEST = 5
"""Letters of the shortest word that is compared so; shorter ones are equal or differ."""
_STEM = 5
"""Letters that inflected words begin with alike: "collected", "collection"."""
_INFLECTED = 0.8
_SHORTENED = 0.88
"""Likeness of initials."""
_OPPOSITES: Final[Mapping[str, str]] = {
    one: other
    for pair in (
        ("start", "end"), ("minimum", "maximum"), ("previous", "current"), ("first", "last"), ("debit", "credit"),
        ("gross", "net"), ("buyer", "supplier"), ("customer", "supplier"), ("sender", "recipient"), ("old", "new"),
        ("arrival", "departure"), ("shipper", "consignee"), ("withdrawal", "deposit"), ("employee", "employer"),
        ("high", "low"), ("upper", "lower"), ("issued", "expiry"), ("home", "work"), ("mother", "father"),
    )
    for one, other in (pair, pair[::-1])
}  # fmt: skip
"""Words of which a caption has the one and a field the other only where they are not each other's."""
_TWINS: Final[Mapping[str, str]] = {"number": "identification", "identification": "number"}
"""Words that forms use for each other: an employee's ID is their "Staff no"."""
_TWIN = 0.95
_BARE = 0.9
"""Share that is left of a caption's likeness where the field's context stands in neither of them."""
_COMMON = 0.6
"""Share of its weight that a word loses which many fields of the schema have."""
_MANY = 3
_DESCRIBED = 0.5
"""What a caption's word counts against it that the field's description has."""
_SENTENCE = 0.8
"""Likeness of a caption whose words the description has, one after the other."""
_UNITS: Final = frozenset(
    (*("kwh", "mwh", "kw", "kg", "g", "mg", "t", "lb", "lbs", "cm", "mm", "m", "m2", "m3", "qm", "km", "ha", "l", "ml"),
     *("litres", "liters", "ct", "cents", "eur", "usd", "gbp", "chf", "pct", "percent", "c", "hpa", "pcs", "hours"),
     *("hrs", "minutes", "days", "months", "years", "kilowatt", "hour", "kilogram", "litre", "liter", "euro"))
)  # fmt: skip
_SHOWN: Final[Mapping[str, frozenset[str]]] = {
    "date": frozenset(("date",)),
    "number": _UNITS,
    "money": _UNITS | {"amount"},
    "percentage": _UNITS,
}
"""Words of a field's name that its values show of themselves, by its kind, and captions leave out."""
_FROM = frozenset(("von", "from", "de", "du", "desde", "da", "van", "od", "från", "fra"))
"""What the name of a period's first day may end with."""
_ELSEWHERE = 0.55
"""Share that is left where a caption stands under another object's heading."""


@dataclass(frozen=True)
class Asked:
    """A field with what it may be called: phrases, the words of the objects that it is in, those of its
    description; and the words that many fields have in common, which tell them apart from none."""

    field: Field
    phrases: tuple[Words, ...]
    context: tuple[Words, ...]
    said: Words
    common: frozenset[str] = frozenset()

    @classmethod
    def of(cls, field: Field, context: tuple[Words, ...]) -> Asked:
        """The field in its context."""
        phrases = phrases_of(field)
        if context and ("name",) in phrases:
            # the name of a patient stands beside "Patient"
            phrases += (context[-1],)
        if field.kind in ("text", "organisation", "person"):
            # the name of a buyer stands beside "Buyer"
            phrases += tuple(rest for one in phrases if (rest := tuple(word for word in one if word != "name")) != one)
            phrases = tuple(one for one in phrases if one)
        if field.kind == "date" and words_of(field.name)[-1:] and words_of(field.name)[-1] in _FROM:
            # a small word that captions leave out, and all that tells one end of a period from the other
            phrases += tuple((*one, "start") for one in phrases)
        if field.kind == "date" and any(set(one) & {"start", "end"} and "period" in one for one in phrases):
            phrases += tuple(tuple(word for word in one if word not in ("start", "end")) for one in phrases)
        phrases += tuple(rest for one in phrases if (rest := _without_kind(one, field.kind)) and rest != one)
        return cls(field, phrases, context, words(field.description))

    def words(self) -> set[str]:
        """All words that its captions may have."""
        short = {initials(phrase) for phrase in self.phrases} | {initials(phrase[:-1]) for phrase in self.phrases}
        return short - {""} | {word for phrase in (*self.phrases, *self.context, self.said) for word in phrase}


def _without_kind(phrase: Words, kind: str) -> Words:
    """A phrase without what the value itself shows: that it is a day, or in kilograms."""
    shown = _SHOWN.get(kind, frozenset())
    return tuple(word for word in phrase if word not in shown)


def together(asked: Sequence[Asked]) -> list[Asked]:
    """The fields of one schema, each with the words that many of them have."""
    counts = Counter(word for one in asked for word in {word for phrase in one.phrases for word in phrase})
    common = frozenset(word for word, count in counts.items() if count >= max(_MANY, 0.25 * len(asked)))
    return [replace(one, common=common) for one in asked]


def contexts_of(field: Field) -> Words:
    """What an object is called."""
    return words(" ".join(words_of(field.name))) or (field.name,)


class Alike:
    """Which words of captions are which words of fields, though misread or inflected."""

    def __init__(self, printed: Sequence[str], asked: Sequence[str]) -> None:
        self._known: dict[str, dict[str, float]] = {}
        rows = [word for word in printed if len(word) >= _SHORTEST and word.isalpha()]
        columns = [word for word in asked if len(word) >= _SHORTEST and word.isalpha()]
        if rows and columns:
            ratios = process.cdist(rows, columns, scorer=fuzz.ratio, score_cutoff=60)
            for one, other in zip(*ratios.nonzero(), strict=True):
                self._keep(rows[one], columns[other], float(ratios[one, other]))
        self._words = set(asked)

    def _keep(self, word: str, other: str, ratio: float) -> None:
        if _OPPOSITES.get(word) == other:
            return
        stemmed = word[:_STEM] == other[:_STEM] and min(len(word), len(other)) >= 0.6 * max(len(word), len(other))
        share = _INFLECTED if stemmed and ratio < _ALIKE else ratio / 100
        if ratio < _ALIKE and not stemmed:
            return
        self._known.setdefault(word, {})[other] = share

    def to(self, word: str) -> Mapping[str, float]:
        """The words of fields that a printed word is, and how surely."""
        known = self._known.get(word, {})
        if (twin := _TWINS.get(word)) in self._words and twin:
            known = {**known, twin: _TWIN}
        return {word: 1.0, **known} if word in self._words else known


def likeness(caption: Words, asked: Asked, alike: Alike, heading: Words) -> float:
    """0..1. `heading` are the words that the caption stands under."""
    if not caption:
        return 0.0
    best = max((_phrase(caption, phrase, asked, alike, heading) for phrase in asked.phrases), default=0.0)
    if asked.said and best < _SENTENCE and _is_part(caption, asked.said):
        best = max(best, _SENTENCE if len(caption) > 1 else _SENTENCE * 0.85 * weight(caption[0]))
    return best


def _phrase(caption: Words, phrase: Words, asked: Asked, alike: Alike, heading: Words) -> float:
    shared, extra = _shared(caption, phrase, alike)
    if len(caption) <= 2 and len(caption[0]) > 1 and caption[0] in _initials(phrase):
        return _SHORTENED
    short = [word for word in phrase if word in _initials(caption)]
    if short and all(word in caption or word in short for word in phrase):
        return _SHORTENED
    if not shared or any(_OPPOSITES.get(word) in phrase for word in extra):
        return 0.0
    context = {word for one in asked.context for word in one}
    around = {word for word in extra if any(other in context for other in alike.to(word))}
    # a word of the context in the caption counts neither for it nor against it, and tells that it is the field's own
    against = sum(weight(word) * (_DESCRIBED if word in asked.said else 1.0) for word in extra if word not in around)
    own = weights(phrase)
    # what many fields are called, "patient" say, forms leave out
    own -= sum(_COMMON * weight(word) for word in phrase if word in asked.common and word not in caption)
    found = 2 * shared / (own + shared + against) if own + shared + against else 0.0
    if not context:
        return found
    under = any(other in context for word in heading for other in (word, *alike.to(word)))
    if under or (around and not heading):
        return found
    # it stands under what another object is called, which is what its own words would have to gainsay
    return found * (_BARE if around or not heading else _ELSEWHERE)


@lru_cache(maxsize=4096)
def _initials(phrase: Words) -> frozenset[str]:
    """Initials that stand for a phrase: three letters at least, or two where a number follows, "PO Number"."""
    whole, short = initials(phrase), initials(phrase[:-1])
    return frozenset(one for one in (whole, short) if len(one) > 2 or (one == short and phrase[-1] == "number"))


def _shared(caption: Words, phrase: Words, alike: Alike) -> tuple[float, list[str]]:
    """What the words that both have count, and the caption's others."""
    left = dict.fromkeys(phrase)
    shared, extra = 0.0, []
    # each word of a phrase is found once, or "date date" would be twice as like
    for word in caption:
        found = max(((share, other) for other, share in alike.to(word).items() if other in left), default=None)
        if found is None:
            extra.append(word)
        else:
            shared += found[0] * weight(found[1])
            del left[found[1]]
    return shared, extra


def _is_part(caption: Words, said: Words) -> bool:
    in_order = any(said[at : at + len(caption)] == caption for at in range(len(said) - len(caption) + 1))
    # a question turns what a description says: "Was anybody injured?"
    return in_order or (len(caption) > _MANY - 1 and set(caption) <= set(said))
