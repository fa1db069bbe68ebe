"""How much a confidence says: figures over pairs of a confidence and whether the value was right.

    AUROC            how likely a right value has a higher confidence than a wrong one; 0.5 says nothing, 1 all
    ECE              expected calibration error: how far confidence and share of right ones lie apart, in ten steps
    precision at 80  the share of right ones among the surest 80 % of the values
    coverage at 97   the largest share of values, the surest first, of which at least 97 % are right
    risk-coverage    the share of wrong ones among the surest values, by how many are taken; AURC is its mean

Values of one confidence cannot be told apart: they are taken together, or by halves where a share ends among them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

STEPS = 10
"""Steps of the calibration plot and of ECE, each a tenth wide (Naeini et al. 2015)."""

Pair = tuple[float, bool]
"""How sure, 0 to 1, and whether it was right."""


class Passed(NamedTuple):
    """The values with this confidence or more: how many, and how many of them are right."""

    confidence: float
    values: int
    right: int


class Step(NamedTuple):
    """A step of the calibration plot: how many values, their mean confidence, and the share of right ones."""

    values: int
    confidence: float
    right: float


def passed(pairs: Sequence[Pair]) -> list[Passed]:
    """From the surest values down, those of one confidence together."""
    found, count, right = list[Passed](), 0, 0
    for confidence, group in groupby(sorted(pairs, key=lambda pair: -pair[0]), key=lambda pair: pair[0]):
        members = list(group)
        count, right = count + len(members), right + sum(is_right for _, is_right in members)
        found.append(Passed(confidence, count, right))
    return found


def auroc(pairs: Sequence[Pair]) -> float | None:
    """None where all are right or all wrong."""
    rights = sum(is_right for _, is_right in pairs)
    wrongs = len(pairs) - rights
    if not rights or not wrongs:
        return None
    won, above = 0.0, Passed(1.0, 0, 0)
    for step in passed(pairs):
        # those of this confidence alone
        right, wrong = step.right - above.right, step.values - step.right - (above.values - above.right)
        # right ones above these wrong ones, and half of those beside them
        won += wrong * (above.right + right / 2)
        above = step
    return won / (rights * wrongs)


def calibration(pairs: Sequence[Pair]) -> list[Step]:
    """The steps that hold any value, from the lowest."""
    found = []
    for number in range(STEPS):
        # a confidence of 1 belongs to the last step
        inside = [one for one in pairs if min(int(one[0] * STEPS), STEPS - 1) == number]
        if inside:
            sure = sum(confidence for confidence, _ in inside) / len(inside)
            found.append(Step(len(inside), sure, sum(right for _, right in inside) / len(inside)))
    return found


def ece(pairs: Sequence[Pair]) -> float | None:
    """None where there are no values."""
    if not pairs:
        return None
    return sum(step.values * abs(step.confidence - step.right) for step in calibration(pairs)) / len(pairs)


def precision_at(pairs: Sequence[Pair], share: float) -> float | None:
    """The share of right ones among the surest `share` of the values."""
    wanted, above = share * len(pairs), Passed(1.0, 0, 0)
    for step in passed(pairs):
        if step.values >= wanted > 0:
            # of values that cannot be told apart, any may be among them
            part = (wanted - above.values) / (step.values - above.values)
            return (above.right + part * (step.right - above.right)) / wanted
        above = step
    return None


def coverage_at(pairs: Sequence[Pair], precision: float) -> float:
    """The largest share of values, the surest first, of which at least `precision` are right; 0 where there is none."""
    fitting = [step.values for step in passed(pairs) if step.right >= precision * step.values]
    return max(fitting, default=0) / len(pairs) if pairs else 0.0


def risk_coverage(pairs: Sequence[Pair]) -> Iterator[tuple[float, float]]:
    """Points of the curve: the share of values taken, and the share of wrong ones among them."""
    for step in passed(pairs):
        yield step.values / len(pairs), 1 - step.right / step.values


def aurc(pairs: Sequence[Pair]) -> float | None:
    """The area under the curve, each value counting once; None where there are no values."""
    if not pairs:
        return None
    area, above = 0.0, 0
    for step in passed(pairs):
        area += (step.values - above) * (1 - step.right / step.values)
        above = step.values
    return area / len(pairs)
