"""Money: every amount on the pages, with what the words beside it, above it or before it say it is."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ix.extraction.layout import Span, joined, overlap
from ix.extraction.models.rules.page.amounts import amounts
from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.models.rules.vocabulary.folding import fold
from ix.extraction.models.rules.vocabulary.money import Concept, concepts, features
from ix.extraction.values import Amount, find_dates
from ix.fields import Field
from ix.languages import merged, one_of

_WORDS = merged()
_UNIT = re.compile(rf"^(?:rm|myr|eur|euro|usd|chf|gbp|sgd|sr|zr|zrl|sgst|s|z|t|r|{one_of(_WORDS.prepositions)})?$")

_BY_ARITHMETIC = 0.55
"""Weight as a total of an amount that no words call one, but that others add up to."""
_FITTING = 0.75
"""Support of amounts that add up."""
_BY_RATE = frozenset(("net", "tax", "total"))
"""What a line says that breaks a total down by a rate of tax: "20 % net 10.00 VAT 2.00 gross 12.00"."""
_RATE = re.compile(r"(?<![\d\s])\s*%")
"""A heading of a column of rates: "VAT %", and not "VAT 20 %"."""
_TABLE = 40
"""Lines up to this many above a total belong to its table."""
_PARTIAL = re.compile(rf"\d\s?%\s*(?!{one_of(_WORDS.taxes)})[^\W\d_]{{4}}", re.I)
"""A total of what is taxed at one rate: "Total 6% supplies"."""


@dataclass(frozen=True)
class Labelled:
    """An amount and the weights of what it may be. `tabled`: it stands in a summary of taxes."""

    amount: Amount
    row: Row
    weights: Mapping[Concept, float]
    tabled: bool = False

    @property
    def value(self) -> Decimal:
        """The number."""
        return self.amount.value

    @property
    def span(self) -> Span:
        """The words."""
        return self.row.line.part(self.amount.start, self.amount.end)

    def candidate(self, score: float, positive: bool = False) -> Candidate:
        """This amount as a candidate, without its sign if only its size counts."""
        return Candidate(float(abs(self.value) if positive else self.value), self.row.page, self.span, score)


def concept_of(field: Field) -> Concept | None:
    """What a money field asks for, by its own labels and name; a price is none of the sums."""
    if "price" in features(field.name.replace("_", " ")):
        return None
    weights: defaultdict[Concept, float] = defaultdict(float)
    for rank, label in enumerate((field.name.replace("_", " "), *field.labels)):
        for concept, weight in concepts(label).items():
            weights[concept] += weight * (3.0 if rank == 0 else 1.0)
    top = max(weights, key=lambda concept: weights[concept], default=None)
    return top if top is not None and weights[top] >= 0.8 else None


def labelled(reading: Reading) -> list[Labelled]:
    """Every amount of the pages with its weights."""
    found = [one for row in reading.rows for one in _of_row(row)]
    tabled = set(_summaries(reading))
    tabled |= {row.at for row in reading.rows if "%" in row.text and _named(found, row) >= _BY_RATE}
    found = [_in_summary(one) if one.row.at in tabled else one for one in found]
    found = [_in_column(one, reading) if _shares_label(one, found) else one for one in found]
    if sum(one.amount.decimals for one in found) >= 3:
        found = [one for one in found if one.amount.decimals]
    return [*found, *under_headings(reading, found)]


def _shares_label(one: Labelled, found: Sequence[Labelled]) -> bool:
    """Whether one word such as "Total" stands before several amounts, as under a table with several columns of
    money."""
    return (
        one.weights.get("total", 0.0) > 0.9
        and sum(other.row is one.row and other.weights == one.weights for other in found) > 1
    )


def _in_column(one: Labelled, reading: Reading) -> Labelled:
    """An amount of such a row, named by the nearest heading over it that names money."""
    for row in reversed(reading.rows[max(one.row.at - _TABLE, 0) : one.row.at]):
        heads = [concepts(cell.text) for cell in row.line.cells if overlap(cell.box, one.span.box) > 0]
        if row.page == one.row.page and len(row.line.cells) > 2 and not amounts(row) and heads and heads[0]:
            return Labelled(one.amount, one.row, heads[0], one.tabled)
    return one


def _named(found: Sequence[Labelled], row: Row) -> set[Concept]:
    """What the words of a row name."""
    return {concept for one in found if one.row is row for concept, weight in one.weights.items() if weight >= 0.8}


def _of_row(row: Row) -> Iterator[Labelled]:
    """The amounts of a row; the nearest words on the left that mean something are an amount's label, else what labels
    the amount before. Where a row begins with amounts that have no label, as items do, later words count half."""
    before, unlabelled = 0, False
    weights: Mapping[Concept, float] = {}
    for amount in amounts(row):
        weights = _left_weights(row, before, amount.start) or weights
        before, unlabelled = amount.end, unlabelled or not weights
        factor = (1.0 if amount.decimals else 0.6) * (0.5 if unlabelled else 1.0)
        yield Labelled(amount, row, {c: factor * w for c, w in weights.items()})


def _left_weights(row: Row, start: int, end: int) -> Mapping[Concept, float]:
    """The weights of the nearest cell between two offsets that says something; a cell that stands alone says it for
    all."""
    pieces = [
        row.text[max(at, start) : min(at + len(cell.text), end)]
        for at, cell in row.cells
        if at < end and at + len(cell.text) > start
    ]
    for piece in reversed([piece for piece in pieces if not _UNIT.fullmatch(fold(re.sub(r"\d", "", piece)))]):
        if weights := concepts(piece):
            return {c: 0.6 * w for c, w in weights.items()} if _PARTIAL.search(piece) else weights
    return {}


def _summaries(reading: Reading) -> Iterator[int]:
    """The rows of tax summaries: those with amounts under a heading that speaks of tax and has none."""
    inside = 0
    for row in reading.rows:
        printed, found = amounts(row), features(row.text)
        if (
            not printed
            and "tax" in found
            and not found & {"quantity", "price"}
            and (found & {"summary", "rate", "base"} or ("amount" in found and len(row.cells) > 1))
        ):
            inside = 6
        elif inside and printed and len(printed) > 1:
            yield row.at
        else:
            inside = max(inside - 1, 0)


def under_headings(reading: Reading, found: Sequence[Labelled]) -> Iterator[Labelled]:
    """Amounts that stand under their label: in columns with headings, or in a row without words under a row without
    amounts."""
    by_row: dict[int, list[Labelled]] = {}
    for one in found:
        by_row.setdefault(one.row.at, []).append(one)
    for row in reading.rows:
        if row.at in by_row or features(row.text) & {"quantity", "price"}:
            continue
        heads = [
            (cell, weights)
            for cell in row.line.cells
            if not _RATE.search(cell.text) and not find_dates(cell.text) and (weights := concepts(cell.text))
        ]
        if len(heads) > 1:
            yield from _in_columns(_as_summary(heads), _run(reading, row, by_row))
        elif heads:
            yield from _first_under(row, heads[0], reading, by_row)


def _as_summary(heads: list[tuple[Span, Mapping[Concept, float]]]) -> list[tuple[Span, Mapping[Concept, float]]]:
    """Beside a column of taxes, a column that is only called "amount" is what is taxed."""
    taxes = any("tax" in weights for _, weights in heads)
    return [(cell, {"net": 0.6} if taxes and weights == {"total": 0.6} else weights) for cell, weights in heads]


def _run(reading: Reading, row: Row, by_row: Mapping[int, list[Labelled]]) -> list[list[Labelled]]:
    """The rows of amounts right under a heading."""
    run: list[list[Labelled]] = []
    for below in reading.after(row, 8):
        amounts = by_row.get(below.at, [])
        if len(amounts) > 1:
            run.append(amounts)
        elif run or below.at > row.at + 2:
            break
    return run


def _in_columns(
    heads: Sequence[tuple[Span, Mapping[Concept, float]]], run: Sequence[Sequence[Labelled]]
) -> Iterator[Labelled]:
    """Each amount with the label of its column; a last row that adds up the ones above it counts most."""
    columns = [{at: one for one in amounts if (at := _column(one.span, heads)) is not None} for amounts in run]
    sums = len(columns) > 1 and any(
        sum(row[at].value for row in columns[:-1] if at in row) == one.value
        for at, one in columns[-1].items()
        if one.value
    )
    for number, row in enumerate(columns, 1):
        factor = (0.95 if number == len(columns) else 0.3) if sums else 0.75 if len(columns) == 1 else 0.5
        for at, one in row.items():
            yield Labelled(one.amount, one.row, {c: factor * w for c, w in heads[at][1].items()}, tabled=True)


def _column(span: Span, heads: Sequence[tuple[Span, Mapping[Concept, float]]]) -> int | None:
    over = [(overlap(span.box, cell.box), at) for at, (cell, _) in enumerate(heads)]
    return max(over)[1] if over and max(over)[0] > 0 else None


def _first_under(
    row: Row, head: tuple[Span, Mapping[Concept, float]], reading: Reading, by_row: Mapping[int, list[Labelled]]
) -> Iterator[Labelled]:
    cell, weights = head
    for factor, below in zip((0.85, 0.6), reading.after(row, 2), strict=False):
        bare = [one for one in by_row.get(below.at, ()) if not one.weights]
        wordless = len(row.line.cells) == 1 and not re.search(r"[^\W\d_]{3}", below.text)
        if under := [one for one in bare if wordless or overlap(one.span.box, cell.box) > 0]:
            yield Labelled(under[0].amount, under[0].row, {c: factor * w for c, w in weights.items()})
            return


def _in_summary(one: Labelled) -> Labelled:
    named = max(one.weights, key=lambda concept: one.weights[concept], default="")
    if named in _BY_RATE and one.weights[named] >= 0.8 and "%" in one.row.text:
        return Labelled(one.amount, one.row, {named: 0.3 if named == "total" else 0.6}, tabled=True)
    last = amounts(one.row)[-1].start == one.amount.start
    tax = {"tax": 0.7 if "total" in one.weights else 0.6} if last else {"net": 0.5}
    return Labelled(
        one.amount,
        one.row,
        {**tax, **{c: 0.3 * w for c, w in one.weights.items() if c in ("total", "due")}},
        tabled=True,
    )


def scored(found: Sequence[Labelled], concept: Concept, asked: frozenset[Concept]) -> list[Candidate]:
    """The candidates for a concept. What other fields ask for is left to them; an amount that arithmetic supports
    gains."""
    support = _supported(found)
    repeats = Counter(abs(one.value) for one in found if one.weights)
    named = any(one.weights.get("total", 0.0) >= 0.8 and not one.tabled for one in found)
    scores = []
    for at, one in enumerate(found):
        weight = _weight(one.weights, concept, asked)
        if concept == "total" and not named and support.get(one.value, 0.0) > 0 and one.value:
            weight = max(weight, _BY_ARITHMETIC)
        if weight <= 0:
            continue
        bonus = 0.0
        if concept in ("total", "due"):
            bonus = support.get(one.value, 0.0) + min(repeats[abs(one.value)] - 1, 3) * 0.05 + 0.001 * at / len(found)
        scores.append(
            one.candidate(min(weight * 0.75 + bonus, 1.0), positive=concept in ("prepaid", "discount", "paid"))
        )
    return scores


def _weight(weights: Mapping[Concept, float], concept: Concept, asked: frozenset[Concept]) -> float:
    own = weights.get(concept, 0.0)
    if concept == "total" and "due" in asked and weights.get("due", 0.0) >= own:
        return 0.7 * own
    strongest = max((w for c, w in weights.items() if c in asked and c != concept), default=0.0)
    return own if own >= strongest else 0.6 * own


def _supported(found: Iterable[Labelled]) -> dict[Decimal, float]:
    """Totals that arithmetic supports: cash less change, net and tax, subtotal and rounding."""
    amounts: dict[Concept, set[Decimal]] = {}
    for one in found:
        for concept, weight in one.weights.items():
            if weight >= 0.4:
                amounts.setdefault(concept, set()).add(one.value)
    totals: dict[Decimal, float] = {}
    for given in amounts.get("paid", ()):
        for change in amounts.get("change", ()):
            totals[given - abs(change)] = 0.2
    for concept in ("net", "subtotal"):
        for base in amounts.get(concept, ()):
            for more in amounts.get("tax", set()) | amounts.get("rounding", set()):
                if more and base > abs(more):
                    totals[base + more] = max(totals.get(base + more, 0.0), 0.1)
    for base in amounts.get("total", ()):
        for rounding in amounts.get("rounding", ()):
            if rounding and abs(rounding) < 1 and base + rounding in amounts["total"]:
                totals[base + rounding] = totals.get(base, 0.0) + 0.2
    return totals


def settle(choices: Mapping[Concept, Sequence[Candidate]]) -> dict[Concept, Candidate]:
    """The best candidate of each concept, chosen together: net and tax that make the total win over better labelled
    ones that do not."""
    picked = {concept: max(group, key=lambda c: c.score) for concept, group in choices.items() if group}
    if "total" in picked:
        half = abs(float(picked["total"].value)) / 2
        choices = {**choices, "tax": [tax for tax in choices.get("tax", ()) if abs(float(tax.value)) <= half]}
    if {"net", "tax", "total"} <= picked.keys() and (triple := _fitting(choices)):
        picked.update(triple)
    return picked


def _fitting(choices: Mapping[Concept, Sequence[Candidate]]) -> dict[Concept, Candidate] | None:
    tops = {name: _distinct(choices[name])[:12] for name in ("net", "tax", "total")}
    fits = [
        (net.score + tax.score + total.score, net, tax, total)
        for net in tops["net"]
        for tax in tops["tax"]
        for total in tops["total"]
        if abs(float(net.value) + float(tax.value) - float(total.value)) < 0.015 and total.value
    ]
    if not fits:
        return None
    score, net, tax, total = max(fits, key=lambda fit: fit[0])
    loose = sum(tops[name][0].score for name in tops)
    found = {"net": net, "tax": tax, "total": total}
    return (
        {name: replace(one, score=max(one.score, _FITTING)) for name, one in found.items()}
        if score >= loose - 0.6
        else None
    )


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
    return {"tax": Candidate(float(sums[1]), tax.page, joined([own.span for _, own in rows]), 0.7, derived=True)}


def _by_rate(found: Sequence[Labelled]) -> Iterator[tuple[Labelled, Labelled]]:
    """The base and the tax of each row of a tax summary."""
    rows: dict[int, dict[Concept, Labelled]] = {}
    for one in found:
        strongest = max(one.weights, key=lambda concept: one.weights[concept], default="")
        if one.tabled and strongest in ("net", "tax"):
            rows.setdefault(one.row.at, {}).setdefault(strongest, one)
    return ((row["net"], row["tax"]) for row in rows.values() if len(row) == 2)
