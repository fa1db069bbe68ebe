"""Compares one answer with its labels: pure functions, the same for every extractor.

Both sides are normalised first (case, spaces, punctuation, currency signs, notation of dates and numbers), then compared for equality;
names and addresses also count as close from a similarity of 0.9 on their letters and digits.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from rapidfuzz import fuzz

from ix.extraction.values import find_amounts, find_dates, parse_amount, parse_date

CLOSE = 0.9
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


def letters(text: object) -> str:
    """Letters and digits only, lower case, without accents."""
    decomposed = unicodedata.normalize("NFKD", str(text)).casefold()
    return "".join(char for char in decomposed if char.isalnum())


def amount(value: object) -> Decimal | None:
    """A labelled or answered amount as a number, whatever its notation and currency."""
    if isinstance(value, int | float | Decimal):
        return Decimal(str(value))
    text = str(value).strip()
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return Decimal(text)
    return parse_amount(text) or next((found.value for found in find_amounts(text)), None)


def day(value: object) -> date | None:
    """A labelled or answered date, day first where it is ambiguous."""
    text = str(value)
    return parse_date(text) or next((found.value for found in find_dates(text)), None)


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
    gold: Mapping[str, Any], answer: Mapping[str, Any], fields: Mapping[str, str], printed: Mapping[str, bool] | None = None
) -> list[Score]:
    """Scores an answer on every labelled field; with `printed`, only on those whose value stands on the page."""
    wanted = [name for name in fields if gold.get(name) not in (None, "") and (printed is None or printed.get(name))]
    return [compare(name, fields[name], gold[name], answer.get(name)) for name in wanted]


def invented(gold: Mapping[str, Any], answer: Mapping[str, Any], fields: Mapping[str, str]) -> list[str]:
    """Fields that the answer fills although the labels say that the document has no such value."""
    return [name for name in fields if name in gold and gold[name] is None and answer.get(name) is not None]


def score_rows(gold: list[Mapping[str, Any]], answer: list[Mapping[str, Any]]) -> tuple[int, int, int]:
    """Rows of a table: (labelled, answered, matched). A labelled row matches an answered one with the same line total, or, where that is
    not labelled, with a close name; each answered row is used once."""
    left = list(answer)
    matched = 0
    for row in gold:
        if (hit := next((at for at, other in enumerate(left) if _same_row(row, other)), None)) is not None:
            matched += 1
            del left[hit]
    return len(gold), len(answer), matched


def _same_row(gold: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    if gold.get("line_total") is not None:
        return answer.get("line_total") is not None and amount(gold["line_total"]) == amount(answer["line_total"])
    return fuzz.partial_ratio(letters(gold.get("name")), letters(answer.get("name") or "")) >= 100 * CLOSE


def summary(scores: Iterable[Score]) -> dict[str, dict[str, float]]:
    """By field, and for `all`: how many were labelled, and the shares that were exact, close and missing."""
    by_field: dict[str, list[Score]] = {}
    for one in scores:
        by_field.setdefault(one.field, []).append(one)
        by_field.setdefault("all", []).append(one)
    return {name: _shares(group) for name, group in by_field.items()}


def _shares(group: list[Score]) -> dict[str, float]:
    count = len(group)
    parts = {"exact": sum(s.exact for s in group), "close": sum(s.close for s in group), "missing": sum(s.missing for s in group)}
    return {"labelled": count, **{name: round(part / count, 4) for name, part in parts.items()}}
