"""Which finder looks for which kind of field. A new kind is added here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from ix.extraction.models.rules.fields import addresses, codes, currencies, dates, parties, texts
from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.labels import Labels
from ix.extraction.models.rules.page.reading import Reading
from ix.extraction.models.rules.vocabulary.folding import fold
from ix.fields import Field, Kind

_ALIKE = 0.35
"""Added to the score of a name with a word that ends like a label of its field; see `page.candidates`."""
_TELLING = 4
"""Letters of the shortest label that tells anything within a name."""
_TELLING_PHRASE = 12
"""Letters from which a label is looked for across the words of a name."""

Finder = Callable[[Field, Reading, Labels], Iterator[Candidate]]
FINDERS: Mapping[Kind, Finder] = {
    "text": texts.find,
    "organisation": parties.organisations,
    "person": parties.persons,
    "address": addresses.find,
    "date": dates.find,
    "number": codes.numbers,
    "percentage": codes.percentages,
    "currency": currencies.currencies,
    "iban": codes.ibans,
    "vat_id": codes.vat_ids,
    "identifier": codes.identifiers,
    "boolean": codes.booleans,
}


def candidates(field: Field, reading: Reading, labels: Labels) -> list[Candidate]:
    """Every candidate for a field that is not money, a table or an object."""
    finder = codes.choices if field.choices else FINDERS.get(field.kind, texts.find)
    found = list(finder(field, reading, labels))
    return [_named_alike(one, field) for one in found] if field.kind == "organisation" else found


def _named_alike(one: Candidate, field: Field) -> Candidate:
    """More for a name that has what is asked for in it: of a bank, "Nordbank AG"."""
    name, (labels, long) = str(one.value), _folded(field.labels)
    words, whole = {fold(word) for word in name.split()}, fold(name)
    alike = any(word[at:] in labels for word in words for at in range(len(word) + 1))
    # "Oxford Building Society": what two words say stands in no single one
    alike = alike or any(label in whole for label in long)
    return replace(one, score=min(one.score + _ALIKE, 1.0)) if alike else one


@lru_cache(maxsize=256)
def _folded(labels: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """A field's labels that tell anything within a name, and those of them that are looked for across its words."""
    telling = frozenset(fold(label) for label in labels if len(label) >= _TELLING)
    return telling, frozenset(label for label in telling if len(label) >= _TELLING_PHRASE)
