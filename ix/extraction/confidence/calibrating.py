"""The step that turns what is known of values into probabilities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ix.extraction.checked import CheckedResult
from ix.extraction.confidence.signs import Known, signs
from ix.extraction.confidence.weights import Weights, shipped
from ix.extraction.evidence import Placed
from ix.extraction.review.paths import nodes
from ix.extraction.review.points import OF_CHOICES
from ix.extraction.review.sums import proven, sums
from ix.job import Finding


def calibrate(
    placed: Placed, checked: CheckedResult, findings: Iterable[Finding], weights: Weights | None = None
) -> Mapping[str, str]:
    """Writes into the evidence of each value how likely it is right, as the package says. `findings` are all there are
    of the result. Gives the kind of each value that was rated, by its path."""
    used = weights or shipped()
    rated = {}
    for path, known in known_values(placed, checked, findings):
        rated[path] = known.found.field.kind
        known.node["confidence"] = used.probability(known.found.field.kind, *signs(known))  # type: ignore[index]
    return rated


def known_values(placed: Placed, checked: CheckedResult, findings: Iterable[Finding]) -> Iterator[tuple[str, Known]]:
    """What is known of each value that can be rated, with its path: one that stands on the page, and of which who found
    it says how well it is supported."""
    # once for all values: there may be thousands
    codes: dict[str, list[str]] = {}
    for one in findings:
        # that another value is hardly less likely is a sign of its own
        if one.code in OF_CHOICES:
            continue
        codes.setdefault(one.path, []).append(one.code)
    evidence = dict(nodes(placed.evidence))
    sure = proven(sums(checked), evidence)
    for path, node in evidence.items():
        found = placed.found.get(path)
        # what says itself where it comes from is as sure as that is
        if found and node["match"] != "none" and "source" not in node and found.leaf.confidence is not None:
            yield path, Known(found, node, codes.get(path, ()), path in sure)
