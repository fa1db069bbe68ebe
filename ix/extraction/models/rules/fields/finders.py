"""Which finder looks for which kind of field. A new kind is added here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

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
    words = {fold(word) for word in str(one.value).split()}
    labels = {fold(label) for label in field.labels if len(label) >= _TELLING}
    alike = any(word.endswith(label) for word in words for label in labels)
    # "Oxford Building Society": what two words say stands in no single one
    alike = alike or any(len(label) >= _TELLING_PHRASE and label in fold(str(one.value)) for label in labels)
    return replace(one, score=min(one.score + _ALIKE, 1.0)) if alike else one
