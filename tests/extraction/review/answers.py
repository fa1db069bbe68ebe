"""Answers for tests of the review: a schema with everything that makes a point, values, and evidence beside them."""

from __future__ import annotations

from typing import Any

from ix.extraction.checked import CheckedResult
from ix.extraction.checks import check
from ix.extraction.review.points import Rules, points
from ix.job import Finding, Point

ROW: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "amount": {"anyOf": [{"type": "number"}, {"type": "null"}], "x-ix": {"kind": "money"}},
    },
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "number": {"anyOf": [{"type": "string"}, {"type": "null"}], "x-ix": {"kind": "identifier", "expected": True}},
        "day": {"anyOf": [{"type": "string"}, {"type": "null"}], "x-ix": {"kind": "date", "bar": 0.9}},
        "iban": {"anyOf": [{"type": "string"}, {"type": "null"}], "x-ix": {"kind": "iban"}},
        "paid": {"anyOf": [{"type": "boolean"}, {"type": "null"}]},
        "net": {"anyOf": [{"type": "number"}, {"type": "null"}], "x-ix": {"kind": "money"}},
        "tax": {"anyOf": [{"type": "number"}, {"type": "null"}], "x-ix": {"kind": "money"}},
        "gross": {"anyOf": [{"type": "number"}, {"type": "null"}], "x-ix": {"kind": "money"}},
        "lines": {"type": "array", "items": ROW, "x-ix": {"kind": "rows"}},
        "party": {"anyOf": [{"type": "object", "properties": {"name": {"type": "string"}}}, {"type": "null"}]},
    },
    "x-ix": {
        "sums": [{"total": "gross", "parts": ["net", "tax"]}, {"total": "net", "parts": ["lines.amount"]}],
    },
}


_USUAL = Rules()


def node(confidence: float = 0.95, match: str = "exact", at: float = 0.1, **more: Any) -> dict[str, Any]:
    """Evidence of a value; `at` is the height at which it stands on the page."""
    is_placed = match != "none"
    return {
        "method": "extract",
        "match": match,
        "document": 0 if is_placed else None,
        "page": 1 if is_placed else None,
        "quote": "as printed",
        "boxes": [[0.1, at, 0.2, at + 0.01]] if is_placed else [],
        "confidence": confidence,
        **more,
    }


def answer(**values: Any) -> dict[str, Any]:
    """A result in which nothing is in doubt, but for these values."""
    sound: dict[str, Any] = {
        "number": "A-1",
        "day": "2026-11-02",
        "iban": None,
        "paid": None,
        "net": 30.0,
        "tax": 6.0,
        "gross": 36.0,
        "lines": [{"name": "a", "amount": 10.0}, {"name": "b", "amount": 20.0}],
        "party": None,
    }
    return {**sound, **values}


def evidence_of(result: Any, **nodes: Any) -> dict[str, Any]:
    """Evidence of each value, every one at a place of its own; `nodes` are those of fields that are otherwise."""
    count = iter(range(1, 10_000))

    def of(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: of(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [of(inner) for inner in value]
        return None if value is None else node(at=next(count) / 10_000)

    return {**of(result), **nodes}


def wanting(
    result: dict[str, Any],
    evidence: dict[str, Any] | None = None,
    *more: Finding,
    rules: Rules = _USUAL,
    ix_id: str = "",
    touched: frozenset[str] = frozenset(),
) -> tuple[Point, ...]:
    """The points of a result of `SCHEMA`."""
    findings = [*more, *check(result, SCHEMA)]
    seen = evidence_of(result) if evidence is None else evidence
    return points(CheckedResult(result, SCHEMA), seen, findings, rules, touched, ix_id)


def told(found: tuple[Point, ...]) -> list[str]:
    """Each point in a word: kind, code and path."""
    return [f"{one.kind} {one.code} {one.path}".strip() for one in found]
