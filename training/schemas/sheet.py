"""Pages made by writing text at places: the words with their boxes, as a text layer has them."""

from __future__ import annotations

from ix.extraction.page import Page, Word

WIDTH, HEIGHT = 595.0, 842.0
"""Points of an A4 page."""
_LETTER = 0.5
"""Width of a letter, as a share of the size of the print."""


class Sheet:
    """A page that is written on, in points from its upper left corner."""

    def __init__(self) -> None:
        self._words: list[Word] = []
        self.y = 60.0
        """Where the next line goes."""

    def write(self, x: float, text: str, size: float = 10.0, y: float | None = None) -> float:
        """Writes a text, and says where it ends."""
        top = self.y if y is None else y
        for word in text.split():
            width = len(word) * size * _LETTER
            box = (x / WIDTH, top / HEIGHT, (x + width) / WIDTH, (top + size) / HEIGHT)
            self._words.append(Word(word, box))
            x += width + size * 0.28
        return x

    def down(self, by: float = 16.0) -> None:
        """Goes on further down."""
        self.y += by

    @property
    def is_full(self) -> bool:
        """Whether the page's foot is near."""
        return self.y > HEIGHT - 90

    def page(self, number: int = 1) -> Page:
        """The page as it was written."""
        words = sorted(self._words, key=lambda word: (round(word.box[1], 3), word.box[0]))
        return Page(number, WIDTH, HEIGHT, tuple(words))


def width_of(text: str, size: float = 10.0) -> float:
    """How wide a text is, points."""
    return sum(len(word) * size * _LETTER + size * 0.28 for word in text.split())
