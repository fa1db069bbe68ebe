"""Compares one answer with its labels: pure functions, the same for every extractor.

Both sides are normalised first (case, spaces, punctuation, currency signs, notation of dates and numbers), then
compared for equality; names and addresses also count as close from a similarity of 0.9 on their letters and digits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz

from ix.cli.evaluating import comparing

_Row = Mapping[str, Any]
letters, amount, day = comparing.letters, comparing.number, comparing.day
CLOSE = 0.9
"""Similarity (`rapidfuzz.fuzz.ratio` / 100) from which texts count as close."""
RECEIPT_FIELDS = {"company": "text", "date": "date", "address": "text", "total": "amount"}
INVOICE_FIELDS = {
    "invoice_number": "text",
    "issue_date": "date",
    "due_date": "date",
    "seller_name": "text",
    "buyer_name": "text",
    "seller_vat_id": "text",
    "currency": "text",
    "iban": "text",
    "line_total": "amount",
    "net_total": "amount",
    "tax_total": "amount",
    "grand_total": "amount",
    "prepaid": "amount",
    "due_amount": "amount",
}


@dataclass(frozen=True, slots=True)
class Score:
    """How one field compares: equal after normalising, and, for text, close. `missing`: the answer left it out."""

    field: str
    exact: bool
    close: bool
    missing: bool


def compare(field: str, kind: str, gold: object, answer: object) -> Score:
    """Scores one field. `kind` is `text`, `date` or `amount`."""
    if answer is None or answer == "":
        return Score(field, exact=False, close=False, missing=True)
    if kind == "amount":
        same = amount(gold) is not None and amount(gold) == amount(answer)
        return Score(field, same, same, missing=False)
    if kind == "date":
        same = day(gold) is not None and day(gold) == day(answer)
        return Score(field, same, same, missing=False)
    one, other = letters(gold), letters(answer)
    return Score(field, one == other, fuzz.ratio(one, other) >= 100 * CLOSE, missing=False)


def score(
    gold: Mapping[str, Any],
    answer: Mapping[str, Any],
    fields: Mapping[str, str],
    printed: Mapping[str, bool] | None = None,
) -> list[Score]:
    """Scores an answer on every labelled field; with `printed`, only on those whose value stands on the page."""
    wanted = [name for name in fields if gold.get(name) not in (None, "") and (printed is None or printed.get(name))]
    return [compare(name, fields[name], gold[name], answer.get(name)) for name in wanted]


def invented(gold: Mapping[str, Any], answer: Mapping[str, Any], fields: Mapping[str, str]) -> list[str]:
    """Fields that the answer fills although the labels say that the document has no such value."""
    return [name for name in fields if name in gold and gold[name] is None and answer.get(name) is not None]


def score_rows(gold: Sequence[_Row], answer: Sequence[_Row]) -> Counter[str]:
    """Rows of a table: how many are `labelled`, `answered` and `matched`, and of the matched ones how many have a label
    of and the right `quantity`, and a label of and a close `name`. Labelled rows without line total and name say
    nothing and are left out."""
    wanted = [row for row in gold if row.get("line_total") is not None or row.get("name")]
    pairs = matched_rows(wanted, answer)
    counts = Counter({"labelled": len(wanted), "answered": len(answer), "matched": len(pairs)})
    for row, other in pairs:
        for name, right in (("quantity", _same_amount), ("name", _close_name)):
            if row.get(name) is not None:
                counts.update({f"{name}_labelled": 1, name: int(right(row[name], other.get(name)))})
    return counts


def matched_rows(gold: Sequence[_Row], answer: Sequence[_Row]) -> list[tuple[_Row, _Row]]:
    """Pairs of a labelled and an answered row with the same line total, or, where that is not labelled, with a close
    name; each answered row is used once."""
    left, pairs = list(answer), list[tuple[_Row, _Row]]()
    for row in gold:
        if (hit := next((at for at, other in enumerate(left) if _same_row(row, other)), None)) is not None:
            pairs.append((row, left.pop(hit)))
    return pairs


def _same_row(gold: _Row, answer: _Row) -> bool:
    if gold.get("line_total") is not None:
        return _same_amount(gold["line_total"], answer.get("line_total"))
    return _close_name(gold["name"], answer.get("name"))


def _same_amount(gold: object, answer: object) -> bool:
    return answer is not None and amount(gold) is not None and amount(gold) == amount(answer)


def _close_name(gold: object, answer: object) -> bool:
    """Names of goods are cut and continued freely, so one may be a part of the other."""
    return bool(answer) and fuzz.partial_ratio(letters(gold), letters(answer)) >= 100 * CLOSE


def summary(scores: Iterable[Score]) -> dict[str, dict[str, float]]:
    """By field, and for `all`: how many were labelled, and the shares that were exact, close and missing."""
    by_field: dict[str, list[Score]] = {}
    for one in scores:
        by_field.setdefault(one.field, []).append(one)
        by_field.setdefault("all", []).append(one)
    return {name: _shares(group) for name, group in by_field.items()}


def _shares(group: list[Score]) -> dict[str, float]:
    count = len(group)
    parts = {
        "exact": sum(s.exact for s in group),
        "close": sum(s.close for s in group),
        "missing": sum(s.missing for s in group),
    }
    return {"labelled": count, **{name: round(part / count, 4) for name, part in parts.items()}}
