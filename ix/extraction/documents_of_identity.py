"""What a result says of a machine-readable zone, against the zone itself: its check digits, and its members."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from ix.extraction.values import mrz

_LONGEST = 200
"""Characters of the longest text that may be a zone; three lines of 30 with their spaces have 92."""


def broken(value: Mapping[str, Any], lines: str, today: date) -> Iterator[tuple[str, str]]:
    """Codes of what is wrong, with the field that it is about; no field where it is the zone as a whole. `lines` are
    the zone's, with spaces between them."""
    texts = [mrz.compacted(line) for line in lines[:_LONGEST].split()]
    zone = mrz.parse(texts, today)
    if zone is None:
        yield "mrz_unreadable", ""
        return
    for member in zone.failed:
        yield "check_digit", "" if member == "composite" else member
    for name, said in zone.members.items():
        own = value.get(name)
        if own not in (None, "") and mrz.compacted(str(own)) != mrz.compacted(str(said)):
            yield "mrz_mismatch", name
