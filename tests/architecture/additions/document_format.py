"""A kind of document: `CARD`, a new line, and words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ix.extraction.documents import Limits, OpenedPage
from ix.extraction.page import Word

if TYPE_CHECKING:
    from PIL.Image import Image

MAGIC = b"CARD\n"


class Card:
    """One page with one line of words."""

    def __init__(self, data: bytes) -> None:
        self._words = data.removeprefix(MAGIC).decode().split()

    def __len__(self) -> int:
        return 1

    def pages(self) -> Iterator[OpenedPage]:
        width = 1 / max(len(self._words), 1)
        yield OpenedPage(
            85, 55, [Word(text, (at * width, 0.4, (at + 1) * width, 0.6)) for at, text in enumerate(self._words)]
        )

    def image(self, page: int, dpi: int, longest: int) -> Image:
        from PIL import Image

        return Image.new("L", (85, 55), "white")

    def close(self) -> None:
        pass


class CardFormat:
    """Cards, told by their first bytes."""

    name = "card"
    rank = 5
    memory = None

    def recognises(self, data: bytes) -> bool:
        return data.startswith(MAGIC)

    def open(self, data: bytes, limits: Limits) -> Card:
        return Card(data)


FORMAT = CardFormat()
