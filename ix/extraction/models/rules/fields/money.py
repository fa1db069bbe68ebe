"""Money fields, chosen together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ix.extraction.models.rules.fields.labelled_amounts import (
    Labelled,
    concept_of,
    labelled,
    scored,
    settle,
    summed_rates,
)
from ix.extraction.models.rules.page.candidates import Candidate, best
from ix.extraction.models.rules.page.labels import Labels
from ix.extraction.models.rules.page.near import Read, near
from ix.extraction.models.rules.page.reading import Reading
from ix.extraction.models.rules.vocabulary.money import Concept
from ix.extraction.values import find_amounts
from ix.fields import Field

_STANDS_FOR: Mapping[Concept, tuple[tuple[Concept, float], ...]] = {
    "total": (("due", 1.0), ("paid", 0.5)),
    "due": (("total", 0.55),),
    "lines": (("subtotal", 0.8), ("net", 0.6)),
    "net": (("subtotal", 0.9), ("lines", 0.6)),
}
"""What may answer for a concept that nothing on the page names, unless another field asks for it by name."""


def choose(fields: Sequence[Field], reading: Reading, labels: Labels) -> dict[str, Candidate]:
    """The chosen amount of every money field that has one, by path."""
    by_concept: dict[Concept, list[Field]] = {}
    for field in fields:
        by_concept.setdefault(concept_of(field) or "", []).append(field)
    chosen = {
        field.path: found for field in by_concept.pop("", []) if (found := best(_labelled_only(field, reading, labels)))
    }
    return {**chosen, **_by_concept(by_concept, labelled(reading), reading, labels)}


def _by_concept(
    by_concept: Mapping[Concept, Sequence[Field]], found: Sequence[Labelled], reading: Reading, labels: Labels
) -> dict[str, Candidate]:
    asked = frozenset(by_concept)
    groups = {concept: scored(found, concept, asked) for concept in by_concept}
    picked = settle(groups)
    picked.update(summed_rates(found, picked) if "tax" in picked else {})
    for concept in by_concept:
        if concept not in picked or picked[concept].score < 0.35:
            picked.update(_stand_in(concept, found, asked, picked))
    result = {}
    for concept, fields in by_concept.items():
        for field in fields:
            if top := best(
                [
                    *([picked[concept]] if concept in picked else []),
                    *(_labelled_only(field, reading, labels) if len(fields) > 1 else []),
                ]
            ):
                result[field.path] = top
    return result


def _stand_in(
    concept: Concept, found: Sequence[Labelled], asked: frozenset[Concept], picked: Mapping[Concept, Candidate]
) -> dict[Concept, Candidate]:
    for other, factor in _STANDS_FOR.get(concept, ()):
        group = [picked[other]] if other in picked else scored(found, other, asked)
        if top := best(candidate.times(factor) for candidate in group):
            return {concept: top}
    return {}


def _labelled_only(field: Field, reading: Reading, labels: Labels) -> Iterator[Candidate]:
    """Amounts beside the field's own labels."""
    yield from near(reading, labels, labels.of(field.path), _read)


def _read(text: str) -> Read | None:
    found = find_amounts(text)
    first = next((amount for amount in found if amount.decimals), found[0] if found else None)
    return Read(float(first.value), first.start, first.end) if first else None
