"""Addresses: which run of lines on the first page is the issuer's address."""

from __future__ import annotations

from collections.abc import Iterator

from ix.extraction.models.rules.fields.blocks import FEATURES, described
from ix.extraction.models.rules.page.reading import Reading
from training.documents import Labelled
from training.tasks import Decision, Task, decision


def gather(document: Labelled) -> Iterator[Decision]:
    """The choice of a receipt's address; other sets have none labelled."""
    if document.values("address"):
        found = described(Reading(document.pages), "issuers")
        yield decision(
            document, "address", [one.text for one, _ in found], [vector for _, vector in found], [0.0] * len(found)
        )


TASK = Task("addresses", FEATURES, gather)
