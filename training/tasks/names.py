"""Names of parties: which of the names on the first page is the issuer's, and which that of the party addressed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ix.extraction.models.rules.fields.naming import FEATURES, described
from ix.extraction.models.rules.page.reading import Reading
from training.documents import Labelled
from training.tasks import Decision, Task, decision


def gather(*fields: str) -> Callable[[Labelled], Iterator[Decision]]:
    def _gather(document: Labelled) -> Iterator[Decision]:
        found = described(Reading(document.pages))
        for field in fields:
            if document.values(field):
                values = [name.text for name, _ in found]
                yield decision(document, field, values, [vector for _, vector in found], [0.0] * len(found))

    return _gather


TASK = Task("issuers", FEATURES, gather("company", "seller_name"), "logistic")
TASK2 = Task("counterparts", FEATURES, gather("buyer_name"), "logistic")
