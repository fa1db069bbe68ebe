"""What is promised where somebody says which risk they take: the bar, and what it says nothing of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ix.extraction.checked import CheckedResult
from ix.extraction.confidence.risk import shipped_bar
from ix.extraction.confidence.weights import shipped
from ix.extraction.findings import finding
from ix.job import Finding, Scalar

MOST_NAMED = 10
"""Fields that a finding names."""


class Promise(NamedTuple):
    """A risk that was asked for. `bar` is None where it cannot be promised; `said` is what the response's `usage` tells
    of it, `findings` what cannot be."""

    bar: float | None
    said: Mapping[str, Scalar | None]
    findings: list[Finding]


def promise(risk: float, checked: CheckedResult, evidence: Mapping[str, Any], rated: Mapping[str, str]) -> Promise:
    """The bar that lets at most this share of wrong values pass, 0 to 1; `evidence` is that of each value by its path,
    `rated` has the kinds of those whose confidence is a probability."""
    found = shipped_bar(risk)
    said = {"asked": risk, "bar": None, "passed": None, "bound": None, "counted": None}
    if found is None:
        return Promise(None, said, [finding("risk_unknown", risk=risk)])
    names = list(_unknown(checked, evidence, rated))
    shown = ", ".join(names[:MOST_NAMED])
    findings = [finding("risk_unknown", case="fields", risk=risk, fields=shown)] if names else []
    return Promise(found.bar, {**said, **found._asdict()}, findings)


def _unknown(checked: CheckedResult, evidence: Mapping[str, Any], rated: Mapping[str, str]) -> Iterator[str]:
    """The fields whose values nobody has counted: of other kinds, or without a probability. Cells of lists are doubted
    by nobody, and what says itself where it comes from, or stands nowhere, passes or not by that."""
    counted = shipped().scores
    for node in checked.nodes:
        seen = evidence.get(node.path)
        if not seen or seen["match"] == "none" or "source" in seen or any(map(str.isdigit, node.path.split("."))):
            continue
        if rated.get(node.path) not in counted:
            yield node.path
