"""From a risk that somebody takes to the bar that keeps to it.

Of labelled values it is known how sure each was and whether it was right (`weights`). A bar keeps a risk where so few
of the values above it were wrong that with a certainty of 95 % the true share is no larger: the upper bound of Clopper
and Pearson. The bar is lowered step by step as long as that holds, from two starts that share the error there may be
(fixed sequence testing; Angelopoulos et al., Learn then Test, 2021), so that having tried many bars costs nothing.

It holds for values like those that were counted: of documents of other kinds nobody knows."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Container, Sequence
from functools import lru_cache
from typing import NamedTuple

from ix.extraction.confidence.weights import Counts, shipped

ERROR = 0.05
"""How likely the promise may be wrong itself."""
STARTS = (0.25, 0.5)
"""Shares of the values that the bars pass from which the search begins."""


class Bar(NamedTuple):
    """A bar that keeps a risk; `passed` is the share of the counted values above it, `bound` what share of these is
    wrong at the most, `counted` how many values there were."""

    bar: float
    passed: float
    bound: float
    counted: int


# clients choose the risk
@lru_cache(maxsize=64)
def shipped_bar(risk: float) -> Bar | None:
    """What `bar_of` says of the package's own counts."""
    return bar_of(risk, shipped().scores)


def bar_of(risk: float, scores: Counts, kinds: Container[str] | None = None) -> Bar | None:
    """The lowest bar that keeps the risk, 0 to 1, over these kinds of field; None where too few values were counted to
    promise it."""
    steps = _steps(scores, kinds)
    counted = steps[-1].right + steps[-1].wrong if steps else 0
    error = ERROR / len(STARTS)
    # each asked once, whichever start comes by: more than so few wrong ones would be seen were the share as large
    kept = [_at_most(step.wrong, step.right + step.wrong, risk) <= error for step in steps]
    lowest = -1
    # among the surest few there are too few to promise anything, so that no search can begin with them
    for share in STARTS:
        first = next((at for at, step in enumerate(steps) if step.right + step.wrong >= share * counted), len(steps))
        last = next((at for at in range(first, len(steps)) if not kept[at]), len(steps)) - 1
        lowest = max(lowest, last if last >= first else -1)
    if lowest < 0:
        return None
    best = steps[lowest]
    passed = best.right + best.wrong
    return Bar(best.confidence, round(passed / counted, 3), round(upper_bound(best.wrong, passed, error), 4), counted)


class _Step(NamedTuple):
    """How many values with this confidence or more were right, and how many wrong."""

    confidence: float
    right: int
    wrong: int


def _steps(scores: Counts, kinds: Container[str] | None) -> Sequence[_Step]:
    """From the surest value down."""
    counts: defaultdict[float, list[int]] = defaultdict(lambda: [0, 0])
    for kind, of_kind in scores.items():
        for written, (right, wrong) in of_kind.items() if kinds is None or kind in kinds else ():
            counts[float(written)][0] += right
            counts[float(written)][1] += wrong
    found, right, wrong = list[_Step](), 0, 0
    for confidence in sorted(counts, reverse=True):
        right, wrong = right + counts[confidence][0], wrong + counts[confidence][1]
        found.append(_Step(confidence, right, wrong))
    return found


def upper_bound(wrong: int, of: int, error: float = ERROR) -> float:
    """The largest share of wrong ones, 0 to 1, that is compatible with so many seen (Clopper and Pearson 1934, one
    side): it would show so few with a probability of `error`."""
    if of == 0 or wrong >= of:
        return 1.0
    low, high = wrong / of, 1.0
    # the probability falls with the share: halving forty times leaves 1e-12
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(wrong, of, middle) > error else (low, middle)
    return high


def lower_bound(wrong: int, of: int, error: float = ERROR) -> float:
    """The smallest share of wrong ones that is compatible with so many seen; see `upper_bound`."""
    return 1 - upper_bound(of - wrong, of, error)


def _at_most(wrong: int, of: int, share: float) -> float:
    """The probability of at most so many wrong ones: the binomial distribution, summed in logarithms."""
    if not 0 < share < 1:
        return float(share <= 0)
    told, missed = math.log(share), math.log1p(-share)
    # factorials of thousands of values are beyond any float
    whole = math.lgamma(of + 1)
    return math.fsum(
        math.exp(whole - math.lgamma(k + 1) - math.lgamma(of - k + 1) + k * told + (of - k) * missed)
        for k in range(wrong + 1)
    )
