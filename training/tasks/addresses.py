"""Addresses: which run of lines on the first page is the issuer's address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ix.extraction.models.rules.fields.blocks import FEATURES, described
from ix.extraction.models.rules.page.reading import Reading
from training.documents import Labelled
from training.tasks import Decision, Task, decision


def gather(document: Labelled) -> Iterator[Decision]:
    """The choice of a receipt's address, or of a made-up letterhead's; other sets have none labelled."""
    field = "address" if document.values("address") else "seller_address"
    if document.values(field):
        found = described(Reading(document.pages), "issuers")
        vectors = [vector for _, vector in found]
        scores = [by_hand(dict(zip(FEATURES, vector, strict=True))) for vector in vectors]
        yield decision(document, field, [one.text for one, _ in found], vectors, scores)


def by_hand(signs: Mapping[str, float]) -> float:
    """The weights that were set by hand before any were learned, kept to be compared with: under the issuer's name, as
    many lines as look like parts of an address."""
    score = 0.5 + 0.3 * (signs["under_name"] > 0.2) - 0.2 * signs["top"] + 0.05 * (signs["localities"] > 0)
    score += 0.06 * signs["first_unit"] + 0.05 * signs["lines"]
    return score - 0.5 * signs["bare"] - 0.5 * signs["stops"] - 0.5 * signs["holds_name"]


TASKS = (Task("addresses", FEATURES, gather, made_up=100),)
