"""The words of one page, indexed once, so that a quote is found in microseconds.

A page is read in several orders (`Stream`): as its source gives it, row by row, and column by column. A quote that hits
lines stands together in at least one of them: an address block beside another column stands together only in the last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Literal, TypeVar

from rapidfuzz import fuzz

from ix.extraction.evidence.columns import column_order, row_order
from ix.extraction.evidence.folding import Folded, confusable, fold, folded, is_whole, plain
from ix.extraction.evidence.printed import amount_places, currencies_in, date_places, word_amounts
from ix.extraction.kept import kept
from ix.extraction.layout import Line, lines
from ix.extraction.page import Page, Word

Match = Literal["exact", "normalised", "fuzzy"]

T = TypeVar("T")

FUZZY_SCORE = 85.0
"""Lowest `rapidfuzz.fuzz.partial_ratio` of the folded texts: one wrong letter in eight passes, one in six does not."""
FUZZY_LENGTH = 6
"""Shortest folded quote, in characters, that is searched for fuzzily."""
CONFUSED = 0.9
"""Likeness of words that equal a quote once letters that OCR takes for digits are undone."""
MAX_HITS = 64
"""Most occurrences of one quote looked at on a page."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Words that say the same as a quote. `page` is the index of the page in the job, `words` index its words in
    reading order, `score` is 0..1 and `whole` says whether the quote fills its words."""

    page: int
    words: tuple[int, ...]
    match: Match
    score: float = 1.0
    whole: bool = True


class Stream:
    """The words of a page in one order, as text with the way back from characters to words."""

    def __init__(self, words: Sequence[Word], order: Sequence[int]) -> None:
        self.order = order
        texts = [plain(words[i].text) for i in order]
        self.text = " ".join(texts)
        # for each character, and the space behind each word, the word's index in the page
        self.word_at: list[int] = []
        for i, text in zip(order, texts):
            self.word_at.extend([i] * (len(text) + 1))

    @kept
    def folded(self) -> Folded:
        """The text without case, accents and punctuation."""
        return fold(self.text)

    @kept
    def confusable(self) -> Folded:
        """The folded text in which what OCR confuses is alike."""
        return fold(confusable(self.text))

    def exact(self, quote: str) -> Iterator[tuple[int, int]]:
        """Where the quote stands, letter by letter: offsets into `text`."""
        return ((at, at + len(quote)) for at in _occurrences(self.text, quote))

    def normalised(self, quote: str) -> Iterator[tuple[int, int]]:
        """Where the folded quote stands."""
        return (_unfold(self.folded, at, len(quote)) for at in _occurrences(self.folded.text, quote))

    def confused(self, quote: str) -> Iterator[tuple[int, int]]:
        """Where the folded quote stands if OCR swapped letters and digits; the quote is `confusable` already."""
        return (_unfold(self.confusable, at, len(quote)) for at in _occurrences(self.confusable.text, quote))

    def fuzzy(self, quote: str) -> tuple[tuple[int, int], float] | None:
        """The place most like the folded quote, with its likeness 0..1."""
        # a page shorter than the quote would be matched against a part of it
        text = self.folded.text
        found = fuzz.partial_ratio_alignment(quote, text, score_cutoff=FUZZY_SCORE) if len(text) >= len(quote) else None
        if found is None or found.dest_end <= found.dest_start:
            return None
        return _unfold(self.folded, found.dest_start, found.dest_end - found.dest_start), found.score / 100

    def words(self, start: int, end: int) -> tuple[int, ...]:
        """The words that `text[start:end]` touches."""
        return tuple(dict.fromkeys(self.word_at[at] for at in range(start, end) if self.text[at] != " "))

    def fills(self, start: int, end: int) -> bool:
        """Whether `text[start:end]` begins and ends where words do."""
        return (start == 0 or self.text[start - 1] == " ") and (end == len(self.text) or self.text[end] == " ")


class PageIndex:
    """One page's words; `hidden=True` indexes the words that a person cannot see as well, in the source's order
    only."""

    def __init__(self, page: Page, number: int, *, hidden: bool = False) -> None:
        self.page, self.number, self.hidden = page, number, hidden

    @kept
    def _kept(self) -> list[int]:
        words = enumerate(self.page.words)
        return [i for i, word in words if plain(word.text) and (self.hidden or not word.hidden)]

    @kept
    def streams(self) -> tuple[Stream, ...]:
        """The page's words in each order in which a person may read them."""
        # most pages have one column in the source's order: equal orders are indexed once
        kept = tuple(self._kept)
        orders = [kept] if self.hidden else [kept, row_order(self.rows), column_order(self.rows)]
        return tuple(Stream(self.page.words, order) for order in dict.fromkeys(orders))

    @kept
    def rows(self) -> list[Line]:
        """The page's lines of print."""
        return lines(self.page)

    @kept
    def row_of(self) -> Mapping[int, int]:
        """The line that each word stands on, both by their indices."""
        return {word: at for at, row in enumerate(self.rows) for word in row.indices}

    def exact(self, quote: str) -> list[Hit]:
        """Where the quote stands letter by letter, whitespace aside."""
        wanted = plain(quote)
        return self._hits("exact", lambda stream: stream.exact(wanted)) if wanted else []

    def normalised(self, quote: str) -> list[Hit]:
        """Where it stands but for case, accents, spaces and punctuation."""
        wanted = folded(quote)
        return self._hits("normalised", lambda stream: stream.normalised(wanted)) if wanted else []

    def confused(self, quote: str) -> list[Hit]:
        """Where it stands but for letters that OCR takes for digits."""
        wanted = folded(confusable(quote))
        return self._hits("fuzzy", lambda stream: stream.confused(wanted), CONFUSED) if wanted else []

    def fuzzy(self, quote: str) -> list[Hit]:
        """The one place most like it, if it is like enough."""
        wanted = folded(quote)
        if len(wanted) < FUZZY_LENGTH:
            return []
        found = [(hit[1], stream.words(*hit[0])) for stream in self.streams if (hit := stream.fuzzy(wanted))]
        score, words = max(found, key=lambda one: one[0], default=(0.0, ()))
        return [Hit(self.number, words, "fuzzy", score)] if words else []

    def amounts(self, value: Decimal) -> list[Hit]:
        """Words that print this amount, whatever the separators."""
        return self._printed(self._amounts.get(value, ()))

    def dates(self, value: date) -> list[Hit]:
        """Words that print this date, whatever the layout."""
        return self._printed(self._dates.get(value, ()))

    def currencies(self, code: str) -> list[Hit]:
        """Single words that may stand for the currency of this ISO 4217 code."""
        return self._printed(self._currencies.get(code, ()))

    def text(self, words: Sequence[int]) -> str:
        """The words with these indices as printed, joined by one space."""
        return " ".join(plain(self.page.words[i].text) for i in words)

    def visible(self, words: Sequence[int]) -> bool:
        """Whether the words exist and a person can see each of them."""
        return bool(words) and all(0 <= i < len(self.page.words) and not self.page.words[i].hidden for i in words)

    @kept
    def _amounts(self) -> dict[Decimal, list[tuple[int, ...]]]:
        return self._places(lambda text: chain(amount_places(text), word_amounts(text)))

    @kept
    def _currencies(self) -> dict[str, list[tuple[int, ...]]]:
        found: dict[str, list[tuple[int, ...]]] = {}
        for i in self._kept:
            for code in currencies_in(self.page.words[i].text):
                found.setdefault(code, []).append((i,))
        return found

    @kept
    def _dates(self) -> dict[date, list[tuple[int, ...]]]:
        return self._places(date_places)

    def _places(self, find: Callable[[str], Iterator[tuple[T, int, int]]]) -> dict[T, list[tuple[int, ...]]]:
        places: dict[T, dict[frozenset[int], tuple[int, ...]]] = {}
        for stream in self.streams:
            for value, start, end in find(stream.text):
                words = stream.words(start, end)
                places.setdefault(value, {}).setdefault(frozenset(words), words)
        return {value: _smallest(found) for value, found in places.items()}

    def _printed(self, runs: Sequence[tuple[int, ...]]) -> list[Hit]:
        return [Hit(self.number, words, "normalised") for words in runs[:MAX_HITS]]

    def _hits(self, match: Match, find: Callable[[Stream], Iterator[tuple[int, int]]], score: float = 1.0) -> list[Hit]:
        # the streams find the same words in several orders; as sets they are one hit
        found: dict[frozenset[int], Hit] = {}
        for stream in self.streams:
            for start, end in find(stream):
                if is_whole(stream.text, start, end):
                    words = stream.words(start, end)
                    found.setdefault(frozenset(words), Hit(self.number, words, match, score, stream.fills(start, end)))
                # a lone digit stands on a page a thousand times, and each hit costs an agreement
                if len(found) >= MAX_HITS:
                    break
        return list(found.values())


def _occurrences(text: str, wanted: str) -> Iterator[int]:
    at = text.find(wanted)
    # one letter on, not one length: occurrences of "1 1" in "1 1 1" overlap
    while at >= 0:
        yield at
        at = text.find(wanted, at + 1)


def _unfold(folded: Folded, at: int, length: int) -> tuple[int, int]:
    return folded.origin[at], folded.origin[at + length - 1] + 1


def _smallest(runs: Mapping[frozenset[int], tuple[int, ...]]) -> list[tuple[int, ...]]:
    """The runs that hold no other run: `12.50` rather than `EUR 12.50`."""
    return [run for words, run in runs.items() if not any(other < words for other in runs)]
