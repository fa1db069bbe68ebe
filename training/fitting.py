"""Fitting: from decisions to weights, the same ones each time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ix.extraction.models.rules.weighing.scorer import digest
from training.documents import MADE_UP
from training.tasks import Decision, Task

Matrix = npt.NDArray[np.float64]
SEED = 20_240_229
STEPS, LEAST_STEP = 50, 1e-8
"""Newton's method is done after so many steps, or when one changes no weight by more."""
RIDGE = 10.0
"""How strongly weights of standardised features are held near 0: chosen by the trials."""
BOOSTING: dict[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.06,
    "num_leaves": 8,
    "min_data_in_leaf": 20,
    "lambda_l2": 5.0,
    "feature_fraction": 0.6,
    "use_missing": False,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "seed": SEED,
    "verbosity": -1,
}
TREES = 120
DIGITS = 6
"""Digits after the point of what is written: finer ones differ from machine to machine."""


def fitted(task: Task, decisions: Sequence[Decision]) -> dict[str, Any]:
    """The weights of a task, as `Scorer` reads them. Decisions without a right candidate teach what is wrong."""
    rows = np.array([vector for one in decisions for vector in one.vectors], dtype=float)
    right = np.array([placed for one in decisions for placed in one.placed], dtype=float)
    counts = np.array([_counts(task, one) for one in decisions for _ in one.vectors], dtype=float)
    form = logistic(rows, right, counts) if task.form == "logistic" else trees(rows, right, counts)
    return {"features": list(task.features), "digest": digest(task.features), task.form: form}


def _counts(task: Task, one: Decision) -> float:
    return task.weight if one.document.origin == MADE_UP else 1.0


def logistic(rows: Matrix, right: Matrix, counts: Matrix | None = None) -> dict[str, Any]:
    """Logistic regression with a ridge, by Newton's method; the weights are those of features as they are. A row counts
    as many times as `counts` says, once without."""
    counts = np.ones(len(rows)) if counts is None else counts
    mean = np.average(rows, axis=0, weights=counts)
    scale = np.sqrt(np.average((rows - mean) ** 2, axis=0, weights=counts))
    # a feature that never changes says nothing, and has no scale
    scale[scale < LEAST_STEP] = 1.0
    standard = np.column_stack([np.ones(len(rows)), (rows - mean) / scale])
    weights, ridge = np.zeros(standard.shape[1]), np.full(standard.shape[1], RIDGE)
    ridge[0] = 0.0
    for _ in range(STEPS):
        likely = 1.0 / (1.0 + np.exp(-np.clip(standard @ weights, -50, 50)))
        slope = standard.T @ (counts * (right - likely)) - ridge * weights
        curve = (standard * (counts * likely * (1 - likely))[:, None]).T @ standard + np.diag(ridge + 1e-9)
        step = np.linalg.solve(curve, slope)
        weights += step
        if np.abs(step).max() < LEAST_STEP:
            break
    own = weights[1:] / scale
    return {"weights": np.round(own, DIGITS).tolist(), "intercept": round(float(weights[0] - own @ mean), DIGITS)}


def trees(rows: Matrix, right: Matrix, counts: Matrix | None = None) -> dict[str, Any]:
    """Gradient-boosted trees by LightGBM, as flat lists of nodes."""
    return flat(boosted(rows, right, counts).dump_model())


def boosted(rows: Matrix, right: Matrix, counts: Matrix | None = None) -> Any:
    """LightGBM's own model of the same trees. Raises `ImportError` without the dependency group `train`."""
    import lightgbm

    return lightgbm.train(BOOSTING, lightgbm.Dataset(rows, right, weight=counts), num_boost_round=TREES)


def flat(dumped: Any) -> dict[str, Any]:
    """A model that LightGBM dumped, as `Trees` walks it. Raises `ValueError` where a node treats a missing value in a
    way of its own, which the walk does not."""
    nodes: list[tuple[int, float, int, int, float]] = []
    roots, depths = [], []
    for tree in dumped["tree_info"]:
        roots.append(len(nodes))
        depths.append(_add(tree["tree_structure"], nodes))
    feature, threshold, left, right, value = (list(column) for column in zip(*nodes, strict=True))
    return {
        "roots": roots,
        "depth": max(depths),
        "feature": feature,
        "threshold": threshold,
        "left": left,
        "right": right,
        "value": value,
    }


def _add(node: Any, nodes: list[tuple[int, float, int, int, float]]) -> int:
    """Appends a node and those below it; gives its depth."""
    at = len(nodes)
    if "leaf_value" in node:
        nodes.append((0, 0.0, at, at, node["leaf_value"]))
        return 0
    if node["missing_type"] != "None" or node["decision_type"] != "<=":
        raise ValueError("a tree asks for missing values or categories")
    nodes.append((0, 0.0, 0, 0, 0.0))
    depths, sides = [], []
    for side in ("left_child", "right_child"):
        sides.append(len(nodes))
        depths.append(_add(node[side], nodes))
    nodes[at] = (node["split_feature"], node["threshold"], *sides, 0.0)
    return 1 + max(depths)


def header(task: Task, decisions: Sequence[Decision]) -> dict[str, Any]:
    """What the weights were made of; nothing in it changes unless they do."""
    return {
        "by": "python -m training",
        "seed": SEED,
        "sets": dict(_of_sets(decisions)),
        "decisions": len(decisions),
        "candidates": sum(len(one.vectors) for one in decisions),
        "right": sum(any(one.right) for one in decisions),
        "form": task.form,
    }


def _of_sets(decisions: Sequence[Decision]) -> Iterator[tuple[str, int]]:
    """How many documents of each set there are."""
    for name in sorted({one.document.origin for one in decisions}):
        yield name, len({one.document.name for one in decisions if one.document.origin == name})
