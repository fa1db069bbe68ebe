"""The step that turns what is known of values into probabilities."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ix.extraction.checked import CheckedResult
from ix.extraction.confidence.signs import Known, Others, doubt, own, signs, worst_word
from ix.extraction.confidence.weights import Weights, shipped
from ix.extraction.evidence import Found, Placed
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
    rated = {path: found for path, node in evidence.items() if (found := _rated(placed, path, node))}
    others = _others([found for found in rated.values() if not found.in_row])
    for path, found in rated.items():
        yield path, Known(found, evidence[path], codes.get(path, ()), path in sure, others(found))


def _rated(placed: Placed, path: str, node: Mapping[str, Any]) -> Found | None:
    """A value that can be rated. What says itself where it comes from is as sure as that is."""
    found = placed.found.get(path)
    is_rated = found and node["match"] != "none" and "source" not in node and found.leaf.confidence is not None
    return found if is_rated else None


def _others(fields: Sequence[Found]) -> Callable[[Found], Others]:
    """What the fields that stand in no list say of one another; a cell is told of all of them."""
    unsure, misread = ([each(found) for found in fields] for each in (_unsure, worst_word))

    def of(found: Found) -> Others:
        own = [(_unsure(found), worst_word(found))] if not found.in_row else []
        count = len(fields) - len(own)
        if count < 1:
            return Others()
        less = own[0] if own else (0.0, 0.0)
        return Others((sum(unsure) - less[0]) / count, (sum(misread) - less[1]) / count)

    return of


def _unsure(found: Found) -> float:
    return doubt(own(found))
