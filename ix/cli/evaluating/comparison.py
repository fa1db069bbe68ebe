"""Two runs over the same documents, with intervals: does the difference mean anything?

Paired bootstrap (Efron 1979; Koehn 2004): documents are drawn again and again, with replacement, and both runs are
counted on the same ones. Where 95 % of the differences lie on one side of 0, one run is better."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ix.errors import IxError

DRAWS = 1_000
SEED = 20_261_130
"""Of the draws, so that the same runs have the same intervals each time."""


class Difference(NamedTuple):
    """How much larger this run's share of exactly right values is than the other's, and between what bounds 95 % of the
    draws have it."""

    name: str
    values: int
    this: float
    other: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves 0 out."""
        return not self.low <= 0 <= self.high


def differences(this: Mapping[str, Any], other: Mapping[str, Any]) -> list[Difference]:
    """By field and over all, of the values that both runs were asked. Raises `IxError` where they share none."""
    left, right = _rights(this), _rights(other)
    # in one order, since a set has another in each process and the draws follow it
    shared = sorted(left.keys() & right.keys())
    if not shared:
        raise IxError("--compare: the two runs share no labelled value")
    names = dict.fromkeys(name for _, name in shared)
    found = [_difference(name, [key for key in shared if key[1] == name], left, right) for name in names]
    return [*found, _difference("all", shared, left, right)]


Key = tuple[str, str]


def _rights(run: Mapping[str, Any]) -> dict[Key, bool]:
    try:
        return {(one["file"], one["field"]): one["verdict"] == "right" for one in run["values"]}
    except (KeyError, TypeError):
        raise IxError("--compare: the file is none that `ix eval --json` wrote") from None


def _difference(name: str, keys: Sequence[Key], left: Mapping[Key, bool], right: Mapping[Key, bool]) -> Difference:
    documents: dict[str, list[int]] = {}
    for key in keys:
        counts = documents.setdefault(key[0], [0, 0])
        counts[0] += left[key] - right[key]
        counts[1] += 1
    drawn = sorted(_drawn(list(documents.values())))
    low, high = drawn[int(0.025 * DRAWS)], drawn[int(0.975 * DRAWS)]
    this, other = (round(sum(side[key] for key in keys) / len(keys), 4) for side in (left, right))
    return Difference(name, len(keys), this, other, round(low, 4), round(high, 4))


def _drawn(documents: Sequence[Sequence[int]]) -> list[float]:
    chance = random.Random(SEED)
    found = []
    # whole documents: values of one stand or fall together
    for _ in range(DRAWS):
        sample = chance.choices(documents, k=len(documents))
        found.append(sum(one[0] for one in sample) / sum(one[1] for one in sample))
    return found
