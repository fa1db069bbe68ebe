"""What a run has to reach, for continuous integration: `--at-least total=0.95`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ix.errors import IxError

OF_CONFIDENCE = ("auroc", "precision_at_80", "coverage_at_97", "coverage_at_99")
PARTS = ("exact", "precision", "recall", "close", "f1")


def threshold(text: str) -> tuple[str, float]:
    """A name and a share, for argparse. Raises `ArgumentTypeError`."""
    name, _, written = text.partition("=")
    try:
        share = float(written)
    except ValueError:
        share = -1.0
    if not name or not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not such as total=0.95, with a share from 0 to 1")
    return name, share


def missed(found: Mapping[str, Any], wanted: Sequence[tuple[str, float]]) -> Iterator[str]:
    """What was not reached, in words. Raises `IxError` for a name that there is no figure of."""
    known = named(found)
    for name, share in wanted:
        if name not in known:
            raise IxError(f"--at-least: there is no figure {name}; there are {', '.join(known)}")
        figure = known[name]
        if figure is None or figure < share:
            yield f"{name}: {'nothing to count' if figure is None else f'{figure:.4f}'}, at least {share} was asked for"


def named(found: Mapping[str, Any]) -> dict[str, float | None]:
    """Every figure that a threshold may be about, by its name: a field alone means `exact`, a list its F1."""
    known: dict[str, float | None] = {"documents": found["wholly_right"], "placed": found["placed"]}
    # what is better when it is lower has no least
    known |= {name: found["confidence"][name] for name in OF_CONFIDENCE}
    groups = {"all": found["all"], **found["fields"], **found["lists"]}
    for name, group in groups.items():
        known[name] = group.get("exact", group.get("f1"))
        known |= {f"{name}.{part}": group[part] for part in PARTS if part in group}
    return known
