"""Names of parties: which of the names on the first page is the issuer's, and which that of the party addressed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ix.extraction.models.rules.fields.naming import FEATURES, Vector, described
from ix.extraction.models.rules.page.reading import Reading
from training.documents import Labelled
from training.tasks import Decision, Task, decision


def issuers(document: Labelled) -> Iterator[Decision]:
    """The choice of who issued a document."""
    for field in ("company", "seller_name"):
        if document.values(field):
            yield _choice(document, field, by_hand_issuer)


def counterparts(document: Labelled) -> Iterator[Decision]:
    """The choice of the party addressed. A till receipt has none, and teaches what is none."""
    if document.values("buyer_name") or not document.is_invoice:
        yield _choice(document, "buyer_name", by_hand_counterpart)


def _choice(document: Labelled, field: str, by_hand: object) -> Decision:
    assert callable(by_hand)
    found = described(Reading(document.pages))
    vectors = [vector for _, vector in found]
    return decision(document, field, [name.text for name, _ in found], vectors, [by_hand(_named(v)) for v in vectors])


def _named(vector: Vector) -> Mapping[str, float]:
    return dict(zip(FEATURES, vector, strict=True))


def by_hand_issuer(signs: Mapping[str, float]) -> float:
    """The weights that were set by hand before any were learned, kept to be compared with."""
    if signs["of_sender"]:
        return 0.75
    score = 0.34 - 0.4 * signs["line"] + 0.1 * min(max(signs["height"] - 1, 0.0), 1.5)
    score += 0.35 * signs["own_form"] + 0.06 * signs["own_trade"] + 0.1 * signs["own_capitals"]
    score += 0.2 * signs["address_below"] + 0.12 * (signs["registration_below"] >= 0.5)
    score -= 0.4 * (signs["own_address"] >= 1) + 0.4 * signs["own_region"] + 0.2 * signs["own_small"]
    return score - 0.2 * signs["own_salutation"] + 0.5 * signs["headed_issuer"] - 0.5 * signs["headed_counterpart"]


def by_hand_counterpart(signs: Mapping[str, float]) -> float:
    """The rules that were written by hand: what stands under a heading, else the first of an address."""
    return 0.9 * signs["headed_counterpart"] + 0.5 * signs["addressee"] * (signs["line"] > 0) - 0.1 * signs["line"]


# more letterheads than these cost receipts; parties that are addressed are labelled on 58 invoices alone, and at full
# weight what made-up ones show outweighs what was printed
TASKS = (
    Task("issuers", FEATURES, issuers, made_up=100),
    Task("counterparts", FEATURES, counterparts, made_up=400, generated=100, weight=0.5),
)
