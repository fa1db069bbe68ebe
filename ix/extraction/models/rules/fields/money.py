"""Money fields, chosen together: which amount of the pages answers which field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from ix.extraction.models.rules.fields.headed_amounts import under_headings
from ix.extraction.models.rules.fields.labelled_amounts import Labelled, beside_words, concept_of
from ix.extraction.models.rules.fields.settling import scored, settle, summed_rates
from ix.extraction.models.rules.fields.stacks import stacks
from ix.extraction.models.rules.fields.sums import supported
from ix.extraction.models.rules.page.candidates import Candidate, best
from ix.extraction.models.rules.page.labels import Labels
from ix.extraction.models.rules.page.near import Read, near
from ix.extraction.models.rules.page.reading import Reading
from ix.extraction.models.rules.vocabulary.money import Concept
from ix.extraction.values import Amount, find_amounts
from ix.fields import Field

_STANDS_FOR: Mapping[Concept, tuple[tuple[Concept, float], ...]] = {
    "total": (("due", 1.0), ("paid", 0.5)),
    "due": (("total", 0.55),),
    "lines": (("subtotal", 0.8), ("net", 0.6)),
    "net": (("subtotal", 0.9), ("lines", 0.6)),
}
"""What may answer for a concept that nothing on the page names, and the share of its score that is left; see
`page.candidates`."""
_OF_ACCOUNT = re.compile(r"(?:^|_)balance(?!_due)", re.I)
"""Names of fields that ask what an account holds."""
_LARGEST, _SETTLED = 0.4, 0.6
"""Scores of a total that is only the largest amount, and of what the total and what is due leave; see
`page.candidates`."""
_RATE = re.compile(r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,2})?)\s?%")
_MOST_RATES = 20
"""Different percentages of which one may be a rate of tax; an invoice has three."""
# rounded parts may miss their sum by a cent, which floats do not say exactly
_CENT = 0.015
_WEAK = 0.35
"""A score below which something else may answer."""


def choose(fields: Sequence[Field], reading: Reading, labels: Labels) -> dict[str, Candidate]:
    """The chosen amount of every money field that has one, by path."""
    by_concept: dict[Concept, list[Field]] = {}
    for field in fields:
        by_concept.setdefault(concept_of(field) or "", []).append(field)
    # fields of money that the page's words have no concept for have their own labels alone
    chosen = {
        field.path: top for field in by_concept.pop("", []) if (top := best(_labelled_only(field, reading, labels)))
    }
    beside = beside_words(reading)
    found = [*beside, *under_headings(reading, beside)]
    return {**chosen, **_by_concept(by_concept, found, reading, labels)}


def _by_concept(
    by_concept: Mapping[Concept, Sequence[Field]], found: Sequence[Labelled], reading: Reading, labels: Labels
) -> dict[str, Candidate]:
    asked = frozenset(by_concept)
    score = partial(scored, found, asked=asked, support=supported(found))
    groups = {concept: score(concept) for concept in by_concept}
    picked = settle(groups, reading.once(_rates, lambda: _rates(reading)))
    picked.update(_stacked(found, picked))
    # after settling, since the rates' taxes are compared with the total that it picked
    picked.update(summed_rates(found, picked) if "tax" in picked else {})
    for concept in by_concept:
        if concept not in picked or picked[concept].score < _WEAK:
            picked.update(_stand_in(concept, found, score, picked))
    picked.update(_paid_before(found, picked) if "prepaid" in asked else {})
    return {
        field.path: top
        for concept, fields in by_concept.items()
        for field in fields
        if (top := best(_for_field(field, picked.get(concept), len(fields) > 1, reading, labels)))
    }


def _for_field(
    field: Field, picked: Candidate | None, shared: bool, reading: Reading, labels: Labels
) -> Iterator[Candidate]:
    """The amount of the field's concept; where fields share one, also what stands beside their own labels."""
    if picked:
        yield picked
    if shared:
        yield from _labelled_only(field, reading, labels)


def _stand_in(
    concept: Concept,
    found: Sequence[Labelled],
    score: Callable[[Concept], Sequence[Candidate]],
    picked: Mapping[Concept, Candidate],
) -> dict[Concept, Candidate]:
    for other, factor in _STANDS_FOR.get(concept, ()):
        group = [picked[other]] if other in picked else score(other)
        if top := best(candidate.times(factor) for candidate in group):
            return {concept: top}
    return _largest(found) if concept == "total" else {}


def _largest(found: Sequence[Labelled]) -> dict[Concept, Candidate]:
    """For a total that no word and no sum tells: the largest amount with decimals, if it is the only one or printed
    again."""
    written = [one for one in found if one.amount.decimals]
    top = max(written, key=lambda one: one.value, default=None)
    if top is None or top.value <= 0:
        return {}
    again = len({(one.row.at, one.amount.start) for one in written if one.value == top.value}) > 1
    is_only = all(one.value == top.value for one in written)
    return {"total": replace(top.candidate(_LARGEST), guess=True)} if again or is_only else {}


def _stacked(found: Sequence[Labelled], picked: Mapping[Concept, Candidate]) -> dict[Concept, Candidate]:
    """Net and tax of the stack that leads to the total which was picked, where those that were picked do not add up."""
    if "total" not in picked:
        return {}
    net, tax, total = (float(picked[name].value) if name in picked else None for name in ("net", "tax", "total"))
    if total is None or (net is not None and tax is not None and abs(net + tax - total) < _CENT):
        return {}
    stack = next((one for one in stacks(found) if float(one.total.value) == total), None)
    said = stack.candidates(_SETTLED) if stack else {}
    # the total stays, since it is by the total that the stack was chosen
    return {name: one.before(filter(None, [picked.get(name)])) for name, one in said.items() if name != "total"}


def _paid_before(found: Sequence[Labelled], picked: Mapping[Concept, Candidate]) -> dict[Concept, Candidate]:
    """What was paid before, where no word says it: an amount by which the total is more than what is due."""
    total, due = picked.get("total"), picked.get("due")
    if total is None or due is None or min(total.score, due.score) < _SETTLED:
        return {}
    left = round(float(total.value) - float(due.value), 2)
    known = picked.get("prepaid")
    paid = next((one for one in found if left > 0 and abs(float(abs(one.value)) - left) < 0.005), None)
    if paid is None or (known and abs(float(known.value) - left) < 0.005):
        return {}
    return {"prepaid": paid.candidate(_SETTLED, positive=True)}


def _rates(reading: Reading) -> list[float]:
    """The different percentages on the pages, from the top."""
    found = dict.fromkeys(_RATE.findall(reading.text))
    return [float(rate.replace(",", ".")) for rate in list(found)[:_MOST_RATES]]


def _labelled_only(field: Field, reading: Reading, labels: Labels) -> Iterator[Candidate]:
    """Amounts beside the field's own labels."""
    settled = reading.notation.of_account if _OF_ACCOUNT.search(field.name) else reading.notation.settled
    read = reading.once((_read, settled.__name__), lambda: partial(_read, settled))
    yield from near(reading, labels, field.path, read)


def _read(settled: Callable[[Amount, str], Amount], text: str) -> Read | None:
    found = [settled(amount, text) for amount in find_amounts(text)]
    # in "31 Mar  £ 1,209.21" the first number is the day
    first = next((amount for amount in found if amount.decimals), found[0] if found else None)
    return Read(float(first.value), first.start, first.end) if first else None
