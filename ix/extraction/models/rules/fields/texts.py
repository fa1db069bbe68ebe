"""Free text: what stands behind or under its label."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.labels import Labels
from ix.extraction.models.rules.page.near import Read, near
from ix.extraction.models.rules.page.reading import Reading
from ix.fields import Field
from ix.languages import merged, one_of

_GREETING = re.compile(rf"{one_of(merged().greetings)}\b.*[,:!.]?$", re.I)
_SUBJECT = re.compile(one_of(merged().field_names["subject"]))
_CAPTION = re.compile(r"[^\W\d_]{1,14}\.?:\s+(?=\S)")
"""A word that announces the rest of the line."""
_GOES_ON = re.compile(r"\s*(?:[^\W\d_]+\s+){0,3}[^\W\d_]+\s*:\s*(?=\S)")
_ABOVE_GREETING = 0.6
"""Score of the line above the one that greets; see `page.candidates`."""


def find(field: Field, reading: Reading, labels: Labels) -> Iterator[Candidate]:
    """The words beside each label; what a letter is about may stand without one above the line that greets."""
    yield from near(reading, labels, field.path, _words)
    if _SUBJECT.search(field.name.lower()):
        yield from reading.once(_subjects, lambda: list(_subjects(reading)))


def _subjects(reading: Reading) -> Iterator[Candidate]:
    """The line above the first that greets."""
    for row in reading.on_first_page:
        above = reading.before(row, 1)
        if _GREETING.match(row.text) and len(row.cells) == 1 and above and len(above[0].cells) == 1:
            caption = _CAPTION.match(above[0].text)
            said = above[0].line.part(caption.end() if caption else 0, len(above[0].text))
            yield Candidate(said.text, row.page, said, _ABOVE_GREETING)
            return


def _words(text: str) -> Read | None:
    # the label was the beginning of what announces it: "Reason" of "Reason for the credit: wrong size"
    rest = _GOES_ON.match(text)
    match = re.compile(r"[\w(].*\S|\w").search(text, rest.end() if rest else 0)
    return Read(match.group().strip(), match.start(), match.end()) if match else None
