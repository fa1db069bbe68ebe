"""Which pages of a document are read, as people write it: `1-3,5`, or `2-` for all from the second on."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ix.errors import InvalidInput

MAX_TEXT = 200
"""Characters of ranges; forty of three digits."""
OPEN = sys.maxsize
"""The last page of a range that goes on to the end of the document."""
_RANGE = re.compile("([0-9]{1,6})(?:\\s*([-\u2013])\\s*([0-9]{1,6})?)?")
"""With the dash of print too, which people copy."""
Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Ranges:
    """Numbers of pages, 1-based: first and last of each range, in order, with a gap between any two."""

    parts: tuple[Range, ...] = ((1, OPEN),)

    @classmethod
    def parse(cls, text: str) -> Ranges:
        """The ranges that a text names; all pages where it is empty. Raises `InvalidInput` without a field."""
        if len(text) > MAX_TEXT:
            raise InvalidInput("", f"is longer than {MAX_TEXT} characters")
        return cls(tuple(_joined(sorted(map(_range, text.split(",")))))) if text.strip() else ALL

    def __str__(self) -> str:
        """The one way to write them; empty for all pages."""
        return "" if self == ALL else ",".join(_written(first, last) for first, last in self.parts)

    def __contains__(self, number: int) -> bool:
        return any(first <= number <= last for first, last in self.parts)

    @property
    def last(self) -> int:
        """The last page, 0 where there is none, `OPEN` where there is no end."""
        return self.parts[-1][1] if self.parts else 0

    def reach(self, pages: int) -> int:
        """The number of the last page that may be read, where an open range ends after so many pages."""
        return self.parts[-1][0] + pages - 1 if self.last == OPEN else self.last

    def of(self, count: int) -> list[int]:
        """The numbers of those pages that a document of so many has."""
        return [number for first, last in self.parts for number in range(first, min(last, count) + 1)]

    def after(self, count: int) -> Ranges:
        """The pages that lie behind the first `count`, counted from 1 again."""
        shifted = ((max(first - count, 1), last if last == OPEN else last - count) for first, last in self.parts)
        return Ranges(tuple((first, last) for first, last in shifted if last > 0))

    def missing(self, count: int) -> Ranges:
        """Those of them that a document of so many pages does not have; an open range misses none."""
        beyond = ((max(first, count + 1), last) for first, last in self.parts)
        return Ranges(tuple((first, last) for first, last in beyond if first <= last < OPEN))


ALL = Ranges()


def _range(text: str) -> Range:
    found = _RANGE.fullmatch(text.strip())
    if not found:
        raise InvalidInput("", "is no list of pages, such as 1-3,5 or 2-")
    first, dash, end = found.groups()
    last = int(end or OPEN) if dash else int(first)
    if int(first) == 0:
        raise InvalidInput("", "names page 0; the first page is 1")
    if last < int(first):
        raise InvalidInput("", "has a range that ends before it begins")
    return int(first), last


def _joined(ranges: Iterable[Range]) -> Iterator[Range]:
    """The ranges, which come in order, with those made one that overlap or touch."""
    start, end = 1, 0
    for first, last in ranges:
        # one that nothing came before joins nothing
        if first > end + 1 or end == 0:
            if end:
                yield start, end
            start, end = first, last
        end = max(end, last)
    yield start, end


def _written(first: int, last: int) -> str:
    if last == OPEN:
        return f"{first}-"
    return str(first) if first == last else f"{first}-{last}"
