"""Sides: whether a field, a label or a line is about who issued the document or about whom it is addressed to, the
counterpart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from ix.extraction.models.rules.page.labels import Labels
from ix.extraction.models.rules.page.reading import Row
from ix.extraction.models.rules.vocabulary.folding import fold
from ix.fields import Field
from ix.languages import labels as labels_of
from ix.languages import merged, one_of, phrases

Side = Literal["issuer", "counterpart"]
_COUNTERPART_NAME = re.compile(one_of(merged().field_names["counterpart"]))
_SELLERS, _BUYERS = (
    frozenset(map(fold, phrases(labels_of("invoice", name).replace(" || ", " | "))))
    for name in ("seller_name", "buyer_name")
)
_REACH = 8
"""Lines up to this many under a party's heading are about that party."""


def is_counterpart(field: Field) -> bool:
    """Whether a field asks for the party that the document is addressed to, or something of theirs."""
    return field.side == "counterpart" if field.side else _names_counterpart(field.path)


def sells(labels: Sequence[str]) -> bool:
    """Whether labels announce who sells rather than who buys: of an order the party addressed, of an invoice its
    issuer."""
    words = frozenset(map(fold, labels))
    return len(words & _SELLERS) > len(words & _BUYERS)


def section_of(row: Row, labels: Labels) -> Side | None:
    """Under which party's heading of the same page a row stands; None under none."""
    above = labels.party_above(row, _REACH)
    if above is None:
        return None
    return "counterpart" if _names_counterpart(above) else "issuer"


@lru_cache(maxsize=4096)
def _names_counterpart(path: str) -> bool:
    return bool(_COUNTERPART_NAME.search(path.lower()))
