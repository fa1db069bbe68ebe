"""Pages that tests write: lines of text in the shape of a sheet or of a roll."""

from __future__ import annotations

from ix.extraction.page import Page, Word

ROLL = 0.02
"""Share of the page's width that a letter takes on a roll of paper."""
STEP = 0.02
"""From line to line, as a fraction of the page."""


def page(text: str, number: int = 1, document: int = 0, top: float = 0.05, letter: float = 0.009) -> Page:
    """A page with these lines, of which each letter takes so much of its width; two blanks part cells."""
    words = []
    for row, line in enumerate(text.split("\n")):
        y, x = top + row * STEP, 0.1
        for word in line.split(" "):
            if word:
                words.append(Word(word, (x, y, x + letter * len(word), y + 0.014)))
            x += letter * (len(word) + 1) + (0 if word else 4 * letter)
    return Page(number, 595 if letter < ROLL else 300, 842, tuple(words), document=document)


def stack(*texts: str) -> list[Page]:
    return [page(text, number) for number, text in enumerate(texts, 1)]
