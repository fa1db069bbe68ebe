"""Free text: what stands behind or under its label."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.labels import Labels
from ix.extraction.models.rules.page.near import Read, near
from ix.extraction.models.rules.page.reading import Reading
from ix.fields import Field


def find(field: Field, reading: Reading, labels: Labels) -> Iterator[Candidate]:
    """The words beside each label."""
    yield from near(reading, labels, field.path, _words)


def _words(text: str) -> Read | None:
    match = re.search(r"[\w(].*\S|\w", text)
    return Read(match.group().strip(), match.start(), match.end()) if match else None
