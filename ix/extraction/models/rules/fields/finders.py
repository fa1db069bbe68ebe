"""Which finder looks for which kind of field. A new kind is added here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ix.extraction.models.rules.fields import addresses, codes, currencies, dates, parties, texts
from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.labels import Labels
from ix.extraction.models.rules.page.reading import Reading
from ix.fields import Field, Kind

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
    return list(finder(field, reading, labels))
