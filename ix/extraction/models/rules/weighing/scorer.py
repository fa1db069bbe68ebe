"""Scorers: a few kilobytes of learned weights, and what they make of candidates' features.

Two forms stand behind one interface: logistic regression, and gradient-boosted trees whose nodes lie in flat arrays,
so that all trees are walked at once, a level at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

from ix import untrusted
from ix.extraction.kept import kept

WEIGHTS = Path(__file__).with_name("weights")
"""Where the package keeps them: `NAME.json`, plain JSON, which runs nothing when it is read."""
_AT_ONCE = 512
"""Candidates that are scored at once, so that memory does not grow with a client's page."""
Vectors = Sequence[Sequence[float]]


def digest(features: Sequence[str]) -> str:
    """What tells one list of features from another: 12 hex digits of their SHA-256."""
    return hashlib.sha256("\n".join(features).encode()).hexdigest()[:12]


def margin(probabilities: Sequence[float]) -> float:
    """How far the best is ahead of the runner-up, 0..1; one that stands alone is as far ahead as it is likely."""
    first, second = [*sorted(probabilities, reverse=True), 0.0, 0.0][:2]
    return first - second


class _Model(Protocol):
    """Log-odds of the rows of a matrix of features."""

    def odds(self, rows: Any) -> Any: ...


class Scorer:
    """Says of candidates how likely each is the right one, by what was learned of labelled documents.

    `weights` is what `training` wrote: `features`, their names in order; `digest`; and either `logistic` or `trees`.
    Raises `ValueError` where the digest is not that of the features."""

    def __init__(self, weights: Mapping[str, Any]) -> None:
        self.features = tuple(weights["features"])
        if weights["digest"] != digest(self.features):
            raise ValueError("these weights were fitted for other features")
        self._weights = weights

    @classmethod
    def load(cls, name: str, features: Sequence[str]) -> Scorer:
        """The weights `name` of the package, read once. Raises `ValueError` where they were fitted for other features
        than those that the caller computes."""
        scorer = _loaded(name)
        # their order counts as well: a weight belongs to a place
        if scorer.features != tuple(features):
            raise ValueError(f"the weights {name} were fitted for other features: run python -m training")
        return scorer

    def probabilities(self, vectors: Vectors) -> list[float]:
        """For each candidate's features, in the order of their names, how likely it is the right one, 0..1."""
        import numpy

        found: list[float] = []
        for begin in range(0, len(vectors), _AT_ONCE):
            some = vectors[begin : begin + _AT_ONCE]
            # one run of numbers: `array` looks at each row and each number to find out what they are
            rows = numpy.fromiter(chain.from_iterable(some), dtype=float).reshape(len(some), -1)
            odds = self._model.odds(rows)
            # bounded so that exp never overflows: beyond it nothing is surer
            bounded = numpy.minimum(numpy.maximum(odds, -50.0), 50.0)
            found += (1.0 / (1.0 + numpy.exp(-bounded))).tolist()
        return found

    @kept
    def _model(self) -> _Model:
        return Logistic(self._weights["logistic"]) if "logistic" in self._weights else Trees(self._weights["trees"])


@lru_cache(maxsize=16)
def _loaded(name: str) -> Scorer:
    return Scorer(untrusted.parse((WEIGHTS / f"{name}.json").read_bytes()))


class Logistic:
    """Logistic regression: `weights`, one for each feature, and an `intercept`."""

    def __init__(self, weights: Mapping[str, Any]) -> None:
        # here and below not before it is needed: web imports this module and scores nothing
        import numpy

        self._weights, self._intercept = numpy.array(weights["weights"], dtype=float), float(weights["intercept"])

    def odds(self, rows: Any) -> Any:
        """Log-odds of each row of a matrix."""
        return rows @ self._weights + self._intercept


class Trees:
    """Gradient-boosted trees. The nodes of all of them lie in one list: `feature`, `threshold`, and `left` and `right`,
    the nodes for a value up to the threshold and above it. A leaf has itself on both sides, and a `value`; `roots` are
    the trees' first nodes, and `depth` is that of the deepest. No feature may be missing (NaN): no tree asks for it."""

    def __init__(self, nodes: Mapping[str, Any]) -> None:
        import numpy

        self._roots = numpy.array(nodes["roots"], dtype=numpy.intp)
        self._feature = numpy.array(nodes["feature"], dtype=numpy.intp)
        self._threshold, self._value = (numpy.array(nodes[name], dtype=float) for name in ("threshold", "value"))
        self._sides = numpy.array([nodes["left"], nodes["right"]], dtype=numpy.intp)
        self._depth = int(nodes["depth"])

    def odds(self, rows: Any) -> Any:
        """Log-odds of each row of a matrix."""
        import numpy

        at = numpy.broadcast_to(self._roots, (len(rows), len(self._roots)))
        one = numpy.arange(len(rows))[:, None]
        # leaves lead to themselves, so that shallow trees wait there for the deepest
        for _ in range(self._depth):
            above = rows[one, self._feature[at]] > self._threshold[at]
            at = self._sides[above.astype(numpy.intp), at]
        return self._value[at].sum(axis=1)
