"""What of a page tells whether it begins a document, goes on with one, or ends one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import NamedTuple

from ix import languages
from ix.extraction.layout import Line, lines
from ix.extraction.models.rules.vocabulary.folding import fold
from ix.extraction.models.rules.vocabulary.money import features
from ix.extraction.page import Page
from ix.extraction.values import find_amounts, find_dates, find_ibans, find_vat_ids
from ix.languages import one_of, phrases

HEAD, FOOT = 0.22, 0.88
"""Where a letterhead ends and a footer begins, as fractions of a page's height."""
EDGE = 0.12
"""Within so much of the upper and lower edge a bare "2/3" is a page's number."""
MOST_LINES = 400
"""Lines of a page that are looked at: what tells stands at its head and foot."""
ROLL, SHEET = 34.0, 48.0
"""Widths of the printed part in line heights: a roll takes 24 to 48 letters a line, each about half as wide as high; a
sheet twice as many."""
FILLED, SLIM, SHORT = 0.45, 0.6, 12
"""A roll's print takes this much of its picture's width, or the picture is slimmer than any sheet, or it has more lines
than a sheet with nothing but short ones."""
FEW_WORDS = 4
"""A page with fewer words is blank: scanners read specks."""
LOWEST_TITLE = 0.6
"""Down to where a title may stand, as a fraction of the page's height."""
LONGEST_TITLE = 5
"""Words of a title."""
LARGER = 1.2
"""How much larger than the text a line is that stands out."""
_WORDS = languages.merged()
_PAGE_WORDS, _OF = one_of(_WORDS.page_words), one_of(_WORDS.page_totals)
_MARK = re.compile(
    rf"\b{_PAGE_WORDS}\.?\s*:?\s*(\d{{1,3}})(?:\s*(?:/|{_OF})\s*(\d{{1,3}}))?(?![\d.,/-]*\d)", re.IGNORECASE
)
_BARE = re.compile(rf"\W*(\d{{1,3}})\s*(?:/|{_OF})\s*(\d{{1,3}})\W*", re.IGNORECASE)
_ALONE = re.compile(r"[-–\s]*(\d{1,2})[-–\s]*")
_NUMBER_LABELS = phrases(languages.labels("invoice", "invoice_number"))
_NUMBERED = re.compile(
    rf"\b{one_of(' | '.join(map(re.escape, _NUMBER_LABELS)))}"
    r"(?:\W{0,3}(?:no|nr|num\w*|n°|#))?[\s.:#]{0,6}([A-Z0-9][\w./-]*\d[\w./-]*)",
    re.IGNORECASE,
)
_SITE = re.compile(r"[\w.-]+@([\w-]+(?:\.[\w-]+)+)|(?:www\.|https?://)([\w-]+(?:\.[\w-]+)+)", re.IGNORECASE)
_CARRIED = re.compile(rf"\W*{one_of(_WORDS.carried)}\b", re.IGNORECASE)
_NUMBER = re.compile(rf"\W*$|\W*{one_of(_WORDS.number_words)}\b|\S*\d|[nN]\W?[°º]", re.IGNORECASE)
_TITLES = {
    fold(title): title
    for case in sorted({name for one in languages.load() for name in one.titles})
    for title in phrases(languages.titles(case).partition("||")[0])
}


class Mark(NamedTuple):
    """The number of a page, and of how many, 0 where that is not said."""

    number: int
    of: int = 0

    def __str__(self) -> str:
        return f"{self.number}/{self.of}" if self.of else str(self.number)


@dataclass(frozen=True)
class View:
    """A page as it is sorted."""

    page: Page

    @cached_property
    def lines(self) -> list[Line]:
        """Its lines from top to bottom; of a page with very many, those at its head and foot."""
        found = lines(self.page)
        return found if len(found) <= MOST_LINES else found[: MOST_LINES // 2] + found[-MOST_LINES // 2 :]

    @cached_property
    def is_blank(self) -> bool:
        """Whether next to nothing stands on it."""
        return sum(len(line.words) for line in self.lines) < FEW_WORDS and not self.page.codes

    @cached_property
    def mark(self) -> Mark | None:
        """Its number, as it is printed on it."""
        named = [self._marked(_MARK.search(line.text)) for line in self.lines]
        edges = [line for line in self.lines if line.box[3] < EDGE or line.box[1] > 1 - EDGE]
        bare = [self._marked(_BARE.fullmatch(cell.text)) for line in edges for cell in line.cells]
        alone = [self._marked(_ALONE.fullmatch(line.text)) for line in edges[-1:] if line.box[1] > 1 - EDGE]
        # the last one: a table of contents names pages, too, and above the page's own
        return next((mark for found in (named, bare, alone) for mark in reversed(found) if mark), None)

    @staticmethod
    def _marked(found: re.Match[str] | None) -> Mark | None:
        if found is None:
            return None
        number, of = (int(group or 0) for group in (*found.groups(), None)[:2])
        return Mark(number, of) if number and (not of or number <= of) else None

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Numbers of documents, as they stand beside what announces one."""
        found = (match for line in self.lines for match in _NUMBERED.finditer(line.text))
        return frozenset(number for match in found if len(number := fold(match[1])) > 2 and not find_dates(match[1]))

    @cached_property
    def tokens(self) -> frozenset[str]:
        """All words that stand on it, folded."""
        return frozenset(fold(word.text) for line in self.lines for word in line.words)

    @cached_property
    def parties(self) -> frozenset[str]:
        """What only one business has: VAT numbers, accounts, sites on the web."""
        text = "\n".join(line.text for line in self.lines)
        sites = (fold(found[1] or found[2]) for found in _SITE.finditer(text))
        codes = (code for line in self.lines for find in (find_ibans, find_vat_ids) for code, _, _ in find(line.text))
        return frozenset((*sites, *codes))

    @cached_property
    def dates(self) -> frozenset[str]:
        """The days that are named on it."""
        return frozenset(str(found.value) for line in self.lines for found in find_dates(line.text))

    @cached_property
    def title(self) -> str:
        """What it is titled, as printed; empty where it has no title."""
        return next((text for text, _ in self.headings(_TITLES)), "")

    def headings(self, wanted: Mapping[str, str]) -> Iterator[tuple[str, bool]]:
        """Cells in its upper part that begin with one of these titles, by their folded forms, and hold no more than a
        number beside it: the title, and whether it stands out, alone on its line or larger than the text."""
        for line in self.lines:
            for cell in line.cells if line.box[1] < LOWEST_TITLE else ():
                if title := headed(cell.text, wanted):
                    yield title, len(line.cells) == 1 or line.height > LARGER * self._height

    @cached_property
    def _height(self) -> float:
        return median(line.height for line in self.lines)

    @cached_property
    def head(self) -> frozenset[str]:
        """The words of its letterhead, folded."""
        return self._words(lambda line: line.box[1] < HEAD)

    @cached_property
    def has_letterhead(self) -> bool:
        """Whether what stands at its head is no table that goes on."""
        top = [line for line in self.lines if line.box[1] < HEAD]
        return len(self.head) > 3 and not any(find_amounts(line.text) for line in top)

    @cached_property
    def opens(self) -> bool:
        """Whether anything on it may open a document: a title, a number, a date."""
        return bool(self.title or self.numbers or self.dates)

    @cached_property
    def width(self) -> float:
        """How wide the printed part is, in line heights."""
        return self._across * self.page.width / self.page.height / self._height if self._height > 0 else 0.0

    @cached_property
    def _across(self) -> float:
        boxes = [line.box for line in self.lines]
        return max(box[2] for box in boxes) - min(box[0] for box in boxes)

    @cached_property
    def is_roll(self) -> bool:
        """Whether it is as narrow as what tills print, and no sheet with short lines."""
        is_slim = self._across > FILLED or self.page.width < SLIM * self.page.height
        return (is_slim or len(self.lines) > SHORT) and 0 < self.width < ROLL

    @cached_property
    def foot(self) -> frozenset[str]:
        """The words of its footer, folded."""
        return self._words(lambda line: line.box[1] > FOOT)

    def _words(self, stands: object) -> frozenset[str]:
        assert callable(stands)
        words = (fold(word.text) for line in self.lines if stands(line) for word in line.words)
        return frozenset(word for word in words if len(word) > 2 and not word.isdigit())

    @cached_property
    def has_total(self) -> bool:
        """Whether the sum of it all stands on it."""
        return any(
            {"total", "due", "gross"} & features(line.text) and not {"sub", "quantity"} & features(line.text)
            # it stands near the end
            for line in reversed(self.lines)
            if find_amounts(line.text)
        )

    @cached_property
    def goes_on(self) -> bool:
        """Whether its last lines say that the document goes on."""
        return any(_CARRIED.match(cell.text) for line in self.lines[-4:] for cell in line.cells)

    @cached_property
    def carries_on(self) -> bool:
        """Whether its first lines say that the document has begun before."""
        return any(_CARRIED.match(cell.text) for line in self.lines[:12] for cell in line.cells)


def headed(text: str, wanted: Mapping[str, str]) -> str:
    """The title, one of these by its folded form, that a text begins with and is, but for a number."""
    words = text.split()
    for count in range(min(len(words), LONGEST_TITLE), 0, -1):
        title = wanted.get(fold("".join(words[:count])))
        # a label, such as "Order: 4711", is no title
        if title and not words[count - 1].endswith(":") and all(map(_NUMBER.match, words[count : count + 1])):
            return title
    return ""


def alike(one: frozenset[str], other: frozenset[str]) -> float:
    """How much two sets share, 0..1 (Jaccard)."""
    return len(one & other) / len(one | other) if one or other else 0.0
