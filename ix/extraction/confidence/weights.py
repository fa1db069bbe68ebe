"""What was fitted, in `weights.json`: how much each sign weighs, and how right values of each confidence were.

    {"bias": 4.9, "kinds": {"date": 0.4, …}, "all": {"own_doubt": -1.8, …},
     "of_kinds": {"address": {"odd": -0.4, …}, …}, "scores": {"date": {"0.987": [12, 0], …}, …}, "made": "…"}

`scores` counts, of labelled values that no weight had seen (companies were taken in turns), the right and the wrong
ones at each confidence; of those alone that nothing but a doubt makes a point. Logarithms of odds add up: there is
nothing else to it at run time. `python -m training.calibrate` writes the file anew."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from ix import untrusted

FILE = Path(__file__).with_name("weights.json")
LEAST, MOST = 0.001, 0.999
"""No value is certain, one way or the other."""

Counts = Mapping[str, Mapping[str, tuple[int, int]]]
"""By kind of field and confidence, as text with three decimals: how many values were right, and how many wrong."""


class Weights(NamedTuple):
    """Weights in logarithms of odds; see the module."""

    bias: float
    kinds: Mapping[str, float]
    all: Mapping[str, float]
    of_kinds: Mapping[str, Mapping[str, float]]
    scores: Counts

    def probability(self, kind: str, signs: Mapping[str, float], of_kind: Mapping[str, float]) -> float:
        """That a value of this kind with these signs is right, 0.001 to 0.999, to three decimals."""
        own = self.of_kinds.get(kind, {})
        odds = self.bias + self.kinds.get(kind, 0.0)
        odds += sum(weight * signs.get(name, 0.0) for name, weight in self.all.items())
        odds += sum(weight * of_kind.get(name, 0.0) for name, weight in own.items())
        # beyond these bounds `exp` gives nothing but 0 and 1
        return round(min(max(1 / (1 + math.exp(-min(max(odds, -20.0), 20.0))), LEAST), MOST), 3)


def of(written: Mapping[str, Any]) -> Weights:
    """The weights that a file holds."""
    return Weights(*(written[name] for name in Weights._fields))


@cache
def shipped() -> Weights:
    """The weights that came with the package, read once."""
    return of(untrusted.parse(FILE.read_bytes()))
