"""A page as text, laid out by spaces as it stands: what is printed below each other is written below each other.

    Tea                 2.50
    Milk                1.20
    TOTAL               3.70

Small models read tables in this form far better than as lines of words (published: 3 to 18 points). Words that a person
cannot see are left out. The signs that open a tag or a chat template's control token (`<|im_end|>`, `[INST]`) become
their full-width twins, so that no document can close its fence or start a message of its own; folding undoes it when
quotes are looked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from ix import untrusted
from ix.extraction.layout import Line, lines
from ix.extraction.page import Page

MOST_COLUMNS = 120
"""Widest page, in characters: what is set smaller moves together."""
LEAST_GAP = 2
"""Spaces between cells, at least: one is between words."""
_BREAK = 1.9
"""Line heights from one line's top to the next one's from which a blank line stands between them."""
# What opens a tag (<page, </page, <!--) or a control token (<|im_end|>, DeepSeek's <｜…｜>, Mistral's [INST], [/INST]).
_OPENINGS = re.compile(r"<(?=[|/!?\w\uff5c])|\[(?=/?[A-Z_]{3,}\])")
_TWINS = {"<": "\uff1c", "[": "\uff3b"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page's text, or a part of it. `document` is 0-based within the job, `number` 1-based within its document; `at`
    is the page's index in the question."""

    document: int
    number: int
    text: str
    at: int = -1


def sheets_of(pages: Sequence[Page]) -> list[Sheet]:
    """The text of each page, in their order."""
    return [Sheet(page.document, page.number, page_text(page), at) for at, page in enumerate(pages)]


def page_text(page: Page) -> str:
    """The page's lines from top to bottom, each cell at its column, made harmless."""
    found = lines(page)
    if not found:
        return ""
    letters = [(word.box[2] - word.box[0]) / len(word.text) for line in found for word in line.words]
    left, right = min(line.box[0] for line in found), max(line.box[2] for line in found)
    # as wide as letters usually are, so that words take the room that they have on the page
    unit = max(median(letters), (right - left) / MOST_COLUMNS, 1e-4)
    return harmless("\n".join(_laid_out(found, left, unit)))


def harmless(text: str) -> str:
    """Text that opens no tag and no control token of a chat template, and that JSON can carry."""
    return untrusted.clean(_OPENINGS.sub(lambda found: _TWINS[found[0]], text))


def _laid_out(found: Sequence[Line], left: float, unit: float) -> Iterator[str]:
    above = None
    for line in found:
        if above is not None and line.box[1] - above.box[1] > _BREAK * max(line.height, above.height):
            yield ""
        yield _line_text(line, left, unit)
        above = line


def _line_text(line: Line, left: float, unit: float) -> str:
    text = ""
    for cell in line.cells:
        column = min(round((cell.box[0] - left) / unit), MOST_COLUMNS)
        # small print may reach beyond the next cell's column, which moves on then
        text += " " * max(column - len(text), LEAST_GAP if text else 0) + cell.text
    return text
