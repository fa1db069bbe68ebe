"""Made-up documents beside the labelled ones: other layouts, languages and noise than these have."""

from __future__ import annotations

from collections.abc import Iterator

from training.documents import Labelled
from training.generated import generated

ORIGIN = "generated"
COUNT = 50
"""Documents of each kind and noise, always the same."""
NOISES = (0.0, 0.5, 1.0)
"""From a text layer to a bad scan (`training.generator.documents`)."""
WEIGHT = 0.1
"""What a value of theirs counts beside one that was printed and scanned. With 0.1 AUROC over sources that were kept
apart is .81 instead of .74, and over issuers as good as without; with 0.5 invoices lose."""


def made() -> Iterator[Labelled]:
    """Invoices and receipts that nobody wrote, each an issuer of its own."""
    for kind in ("invoice", "receipt"):
        for noise in NOISES:
            yield from generated(kind, COUNT, noise, ORIGIN)
