"""Settling: which amount is the total, which the tax and so on, by labels and by arithmetic together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import product

from ix.extraction.layout import joined
from ix.extraction.models.rules.fields.labelled_amounts import Labelled
from ix.extraction.models.rules.fields.sums import Supported
from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.vocabulary.money import Concept

_UNSIGNED = frozenset(("prepaid", "discount", "paid"))
"""Concepts that are printed with a minus or without, and mean the same."""


class _Weight:
    """What labels and arithmetic count; see `page.candidates` for where the numbers are from."""

    LABEL = 0.75  # of what the words beside an amount say
    BY_ARITHMETIC = 0.55  # as a total of an amount that no words call one, but that others add up to
    REPEATED, MOST_REPEATS = 0.05, 3  # for each time that a total stands there again
    LAST = 0.001  # the lower of two equal totals
    ASKED_AS_DUE = 0.7  # of a total that is as well what is due, where another field asks for that
    ASKED_OTHERWISE = 0.6  # of what another field asks for by a stronger word

    PROVEN = 0.35  # support from which an amount may be the total although another one is called so
    NOT_SPENT = 0.15  # taken from what cash less change is not

    FITTING = 0.75  # score of net, tax and total that add up
    MAY_COST = 0.6  # how much less well labelled they may be than the best labelled ones
    BY_RATE = 0.1  # more for a tax of a rate that is printed
    CONTRADICTING = 0.85  # what is left of each where they do not add up
    SUMMED_RATES = 0.7


def scored(
    found: Sequence[Labelled], concept: Concept, asked: frozenset[Concept], support: Supported
) -> list[Candidate]:
    """The candidates for a concept. What other fields ask for is left to them; an amount that arithmetic supports
    (`supported`) gains."""
    if concept in ("total", "due"):
        return list(_owed(found, concept, asked, support))
    weights = [(one, _weight(one.weights, concept, asked)) for one in found]
    positive = concept in _UNSIGNED
    return [one.candidate(weight * _Weight.LABEL, positive) for one, weight in weights if weight > 0]


def _owed(
    found: Sequence[Labelled], concept: Concept, asked: frozenset[Concept], support: Supported
) -> Iterator[Candidate]:
    """The candidates for what is to be paid, by their words, by what others add up to and by repetition."""
    repeats = Counter(abs(one.value) for one in found if one.weights)
    named = any(_is_named_total(one) for one in found)
    for at, one in enumerate(found):
        value = _signed(one.value, support)
        weight, added = _weight(one.weights, concept, asked), support.of(value)
        if concept == "total" and value and added >= (_Weight.PROVEN if named else _Weight.LAST):
            weight = max(weight, _Weight.BY_ARITHMETIC)
        if weight <= 0:
            continue
        again = min(repeats[abs(value)] - 1, _Weight.MOST_REPEATS)
        score = weight * _Weight.LABEL + added + max(again, 0) * _Weight.REPEATED + _Weight.LAST * at / len(found)
        if support.spent not in (None, value):
            score -= _Weight.NOT_SPENT
        yield replace(one.candidate(score), value=float(value))


def _signed(value: Decimal, support: Supported) -> Decimal:
    """A value without the minus that nothing bears out: "Total :- 51.88", where others add up to 51.88."""
    return -value if value < 0 and support.of(-value) > support.of(value) else value


def _is_named_total(one: Labelled) -> bool:
    return one.weights.get("total", 0.0) >= 0.8 and not one.tabled


def _weight(weights: Mapping[Concept, float], concept: Concept, asked: frozenset[Concept]) -> float:
    own = weights.get(concept, 0.0)
    if concept == "total" and "due" in asked and weights.get("due", 0.0) >= own:
        return _Weight.ASKED_AS_DUE * own
    strongest = max((w for c, w in weights.items() if c in asked and c != concept), default=0.0)
    return own if own >= strongest else _Weight.ASKED_OTHERWISE * own


def settle(choices: Mapping[Concept, Sequence[Candidate]], rates: Sequence[float] = ()) -> dict[Concept, Candidate]:
    """The best candidate of each concept, chosen together: net and tax that make the total win over better labelled
    ones that do not, and above all where the tax is of a rate (percent) that is printed."""
    picked = {concept: max(group, key=lambda c: c.score) for concept, group in choices.items() if group}
    if "total" in picked:
        # no value added tax is a half of the total: what is, was labelled as a tax by mistake
        half = abs(float(picked["total"].value)) / 2
        choices = {**choices, "tax": [tax for tax in choices.get("tax", ()) if abs(float(tax.value)) <= half]}
        picked.pop("tax", None)
        picked.update({"tax": top} if (top := max(choices["tax"], key=lambda c: c.score, default=None)) else {})
    if {"net", "tax", "total"} <= picked.keys():
        picked.update(_fitting(choices, rates) or _contradicting(picked))
    return {concept: one.before(choices[concept]) for concept, one in picked.items()}


def _contradicting(picked: Mapping[Concept, Candidate]) -> dict[Concept, Candidate]:
    """Net, tax and total that do not add up are each less sure."""
    return {name: picked[name].times(_Weight.CONTRADICTING) for name in ("net", "tax", "total")}


def _fitting(choices: Mapping[Concept, Sequence[Candidate]], rates: Sequence[float]) -> dict[Concept, Candidate]:
    """The best net, tax and total that add up, unless they are much less well labelled than others; empty if none."""
    # twelve of each make 1,728 triples; a page of many amounts would make millions
    tops = [_distinct(choices[name])[:12] for name in ("net", "tax", "total")]
    fits = [(net, tax, total) for net, tax, total in product(*tops) if _adds_up(net, tax, total)]
    if not fits:
        return {}
    best = max(fits, key=lambda fit: _score_of(fit) + _Weight.BY_RATE * _is_by_rate(fit, rates))
    if _score_of(best) < sum(group[0].score for group in tops) - _Weight.MAY_COST:
        return {}
    return {
        name: replace(one, score=max(one.score, _Weight.FITTING))
        for name, one in zip(("net", "tax", "total"), best, strict=True)
    }


def _adds_up(net: Candidate, tax: Candidate, total: Candidate) -> bool:
    # a cent, since net and tax are rounded each, and half a cent for floating point; zeros always add up
    return bool(total.value) and abs(float(net.value) + float(tax.value) - float(total.value)) < 0.015


def _is_by_rate(triple: tuple[Candidate, Candidate, Candidate], rates: Sequence[float]) -> bool:
    """Whether the tax is of a rate that is printed, to the cent."""
    net, tax = float(triple[0].value), float(triple[1].value)
    return any(abs(net * rate / 100 - tax) < 0.015 for rate in rates)


def _score_of(triple: tuple[Candidate, Candidate, Candidate]) -> float:
    net, tax, total = triple
    return net.score + tax.score + total.score


def _distinct(group: Sequence[Candidate]) -> list[Candidate]:
    seen: dict[object, Candidate] = {}
    for one in sorted(group, key=lambda c: -c.score):
        seen.setdefault(one.value, one)
    return list(seen.values())


def summed_rates(found: Sequence[Labelled], picked: Mapping[Concept, Candidate]) -> dict[Concept, Candidate]:
    """The tax where a summary lists it by rate and no line adds it up: all rates' taxes, if with their bases they make
    the total."""
    total, tax = picked.get("total"), picked["tax"]
    rows = [(net, own) for net, own in _by_rate(found) if own.row.page == tax.page]
    sums = [sum((part.value for part in parts), Decimal()) for parts in zip(*rows, strict=True)]
    if total is None or len(rows) < 2 or sum(sums) != Decimal(str(total.value)) or sums[1] == Decimal(str(tax.value)):
        return {}
    words = joined([own.span for _, own in rows])
    return {"tax": Candidate(float(sums[1]), tax.page, words, _Weight.SUMMED_RATES, derived=True)}


def _by_rate(found: Sequence[Labelled]) -> Iterator[tuple[Labelled, Labelled]]:
    """The base and the tax of each row of a tax summary."""
    rows: dict[int, dict[Concept, Labelled]] = {}
    for one in found:
        if one.tabled and one.strongest in ("net", "tax"):
            rows.setdefault(one.row.at, {}).setdefault(one.strongest, one)
    return ((row["net"], row["tax"]) for row in rows.values() if len(row) == 2)
