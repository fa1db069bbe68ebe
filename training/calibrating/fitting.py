"""The fit of the weights that make signs a probability: logistic regression with a ridge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ix.extraction.confidence.signs import OF_ALL, OF_KINDS
from training.calibrating.made import ORIGIN, WEIGHT
from training.calibrating.samples import Sample

Numbers = npt.NDArray[np.float64]
Written = dict[str, Any]
"""Members of `weights.json`, without the counts."""
RIDGE, RIDGE_OF_KINDS = 1.0, 0.5
"""How strongly the weights of signs, and those of kinds, are held near 0: a few wrong values must not decide them."""
STEPS, LEAST_STEP = 50, 1e-8
DIGITS = 3
"""Digits after the point of what is written: finer ones differ from machine to machine."""


def fitted(known: Sequence[Sample]) -> Written:
    """The weights, as `ix.extraction.confidence.weights` reads them, but for the counts."""
    kinds = sorted({one.kind for one in known})
    columns: list[tuple[str, str]] = [("", "bias"), *((kind, "") for kind in kinds), *(("", name) for name in OF_ALL)]
    columns += [(kind, name) for kind in kinds for name in OF_KINDS.get(kind, {})]
    ridge = [0.0, *[RIDGE_OF_KINDS] * len(kinds), *[RIDGE] * (len(columns) - 1 - len(kinds))]
    rows = np.array([[_value(one, *column) for column in columns] for one in known])
    right, counts = (np.array([each(one) for one in known], dtype=float) for each in (_right, _counts))
    weights = _logistic(rows, right, counts, np.array(ridge))
    made: Written = {"bias": 0.0, "kinds": {}, "all": {}, "of_kinds": {}, "scores": {}}
    for (kind, name), weight in zip(columns, weights, strict=True):
        rounded = round(float(weight), DIGITS) + 0.0
        if name == "bias":
            made["bias"] = rounded
        elif not name:
            made["kinds"][kind] = rounded
        elif kind:
            made["of_kinds"].setdefault(kind, {})[name] = rounded
        else:
            made["all"][name] = rounded
    return made


def _right(one: Sample) -> float:
    return float(one.right)


def _counts(one: Sample) -> float:
    return WEIGHT if one.document.origin == ORIGIN else 1.0


def _value(one: Sample, kind: str, name: str) -> float:
    if name == "bias":
        return 1.0
    if not name:
        return float(one.kind == kind)
    return one.signs[name] if not kind else float(one.kind == kind) and one.of_kind.get(name, 0.0)


def _logistic(rows: Numbers, right: Numbers, counts: Numbers, ridge: Numbers) -> Numbers:
    """By Newton's method; a row counts as many times as `counts` says, and a column without a ridge is the
    intercept."""
    weights = np.zeros(rows.shape[1])
    for _ in range(STEPS):
        likely = 1.0 / (1.0 + np.exp(-np.clip(rows @ weights, -30, 30)))
        slope = rows.T @ (counts * (right - likely)) - ridge * weights
        curve = (rows * (counts * likely * (1 - likely))[:, None]).T @ rows + np.diag(ridge + 1e-9)
        step = np.linalg.solve(curve, slope)
        weights += step
        if np.abs(step).max() < LEAST_STEP:
            break
    return weights
