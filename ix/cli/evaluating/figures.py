"""The figures of an evaluation, as plain JSON.

precision   of the values that were answered, those that are exactly right
recall      of the values that the labels have, those that are
exact       of all that the labels say, also that there is none, what the answer says so
close       as recall, with texts that are nearly the labelled ones (`comparing`)"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ix.cli.evaluating import curves
from ix.cli.evaluating.asking import Outcome
from ix.cli.evaluating.comparing import choices, is_empty
from ix.cli.evaluating.judging import ERRORS, Judged, Listed
from ix.extraction.confidence.risk import lower_bound, upper_bound

ALL = "all"


def figures(outcomes: Sequence[Outcome], values: Sequence[Judged], lists: Sequence[Listed]) -> dict[str, Any]:
    """Every figure but grounding. `values` are those of all documents."""
    by_field = _grouped(values)
    whole = _whole(outcomes, values)
    answered = [one for one in values if not is_empty(one.answer)]
    return {
        "use_case": ", ".join(sorted({one.asked.use_case for one in outcomes})),
        "documents": len(outcomes),
        "failed": dict(Counter(one.problem for one in outcomes if one.problem)),
        "wholly_right": _share(sum(whole.values()), len(whole)),
        "fields": {name: _of_field(group) for name, group in by_field.items()},
        ALL: _of_field(values),
        "lists": {name: _of_list(group) for name, group in _by_list(lists).items()},
        "placed": _share(sum(one.is_placed for one in answered), len(answered)),
        "confidence": confidence(pairs(values)),
        "unmarked": unmarked(outcomes, answered),
        **_timed(outcomes),
        "values": [_told(one) for one in values],
    }


def pairs(values: Iterable[Judged]) -> list[curves.Pair]:
    """How sure each answered value was, and whether it is right."""
    return [(one.confidence, one.is_right) for one in values if one.confidence is not None]


def confidence(found: Sequence[curves.Pair]) -> dict[str, Any]:
    """How much confidences say, see `curves`; null where there is nothing to say."""
    return {
        "values": len(found),
        "auroc": _rounded(curves.auroc(found)),
        "ece": _rounded(curves.ece(found)),
        "aurc": _rounded(curves.aurc(found)),
        "precision_at_80": _rounded(curves.precision_at(found, 0.8)),
        "coverage_at_97": _rounded(curves.coverage_at(found, 0.97)),
        "coverage_at_99": _rounded(curves.coverage_at(found, 0.99)),
        "calibration": [
            [step.values, round(step.confidence, 4), round(step.right, 4)] for step in curves.calibration(found)
        ],
        "risk_coverage": [[round(taken, 4), round(risk, 4)] for taken, risk in curves.risk_coverage(found)],
    }


def unmarked(outcomes: Sequence[Outcome], answered: Sequence[Judged]) -> dict[str, Any]:
    """What passes without a point: the share of answered values, how many of these are wrong, and between what shares
    95 % of such samples have it (Clopper and Pearson 1934); and the share of documents that go straight through."""
    passed = [one for one in answered if not one.is_marked]
    wrong = sum(not one.is_right for one in passed)
    straight = sum(not one.response.get("points") for one in outcomes if not one.problem)
    return {
        "values": len(passed),
        "passed": _share(len(passed), len(answered)),
        "wrong": _share(wrong, len(passed)),
        # of each side half of what may be wrong
        "low": _rounded(lower_bound(wrong, len(passed), 0.025)),
        "high": _rounded(upper_bound(wrong, len(passed), 0.025)),
        # of all: a job that failed is one for a person as well
        "straight": _share(straight, len(outcomes)),
    }


def _grouped(values: Iterable[Judged]) -> dict[str, list[Judged]]:
    found: dict[str, list[Judged]] = {}
    for one in values:
        found.setdefault(one.field, []).append(one)
    return found


def _of_field(values: Sequence[Judged]) -> dict[str, Any]:
    labelled = [one for one in values if any(not is_empty(each) for each in choices(one.label))]
    answered = [one for one in values if not is_empty(one.answer)]
    right = [one for one in answered if one.is_right]
    return {
        "scored": len(values),
        "labelled": len(labelled),
        "answered": len(answered),
        "exact": _share(sum(one.is_right for one in values), len(values)),
        "precision": _share(len(right), len(answered)),
        "recall": _share(sum(one.is_right for one in labelled), len(labelled)),
        "close": _share(sum(one.is_right or one.is_close for one in labelled), len(labelled)),
        **{name: sum(one.verdict == name for one in values) for name in ERRORS},
    }


def _whole(outcomes: Iterable[Outcome], values: Iterable[Judged]) -> dict[str, bool]:
    """Of each document of which anything but lists is labelled, whether all of that is right."""
    found: dict[str, bool] = {}
    for one in values:
        found[one.file] = found.get(one.file, True) and one.is_right
    return found


def _by_list(lists: Iterable[Listed]) -> dict[str, list[Listed]]:
    found: dict[str, list[Listed]] = {}
    for one in lists:
        found.setdefault(one.field, []).append(one)
    return found


def _of_list(lists: Sequence[Listed]) -> dict[str, Any]:
    labelled, answered = sum(one.labelled for one in lists), sum(one.answered for one in lists)
    matched = sum(one.matched for one in lists)
    columns = dict.fromkeys(name for one in lists for name in one.cells)
    return {
        "labelled": labelled,
        "answered": answered,
        "matched": matched,
        "precision": _share(matched, answered),
        "recall": _share(matched, labelled),
        # the harmonic mean of the two above, without their zeros to divide by
        "f1": _share(2 * matched, labelled + answered),
        "cells": {name: _share(*_cells(lists, name)) for name in columns},
    }


def _cells(lists: Iterable[Listed], name: str) -> tuple[int, int]:
    known = [one.cells[name] for one in lists if name in one.cells]
    return sum(right for right, _ in known), sum(of for _, of in known)


def _timed(outcomes: Iterable[Outcome]) -> dict[str, Any]:
    """Pages read, and the seconds that each step took for one, by the jobs' own timings."""
    pages, steps = 0, Counter[str]()
    for one in outcomes:
        usage, timings = one.response.get("usage"), one.response.get("timings")
        pages += usage.get("pages", 0) if isinstance(usage, Mapping) else 0
        steps.update(timings if isinstance(timings, Mapping) else {})
    return {"pages": pages, "seconds_a_page": {step: round(took / max(pages, 1), 4) for step, took in steps.items()}}


def _told(one: Judged) -> dict[str, Any]:
    return {
        "file": one.file,
        "field": one.field,
        "verdict": one.verdict,
        "label": one.label,
        "answer": one.answer,
        "confidence": one.confidence,
    }


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 4)
