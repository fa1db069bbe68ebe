"""From words of a page that a person pointed at to a value with its evidence: its own characters, one box a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ix.errors import InvalidInput
from ix.extraction.evidence.boxes import line_boxes
from ix.extraction.evidence.cutting import Cutter
from ix.extraction.evidence.folding import plain
from ix.extraction.evidence.own import own_part
from ix.extraction.layout import lines
from ix.extraction.page import Page, Word
from ix.extraction.review.changes import Place
from ix.extraction.review.typed import Reader, Value
from ix.extraction.values import Notation, prefers_day_first
from ix.fields import Field


def picked(page: Page, indices: Sequence[int], field: Field, language: str) -> dict[str, Any]:
    """`value`, `quote` and `evidence` of the words of a page with these indices, as the list of its words counts them.
    Raises `InvalidInput`."""
    # in reading order, in whatever order they were picked
    words = [_seen(page, index) for index in sorted(set(indices))]
    text = " ".join(plain(word.text) for word in words)
    rows = [line.text for line in lines(page)]
    reader = Reader(language, Notation(lambda: rows), prefers_day_first(rows))
    try:
        value = reader.value(text, field)
    except InvalidInput as error:
        raise InvalidInput("words", error.message) from None
    # a person may pick "EUR 12.50": the value's own characters are the evidence
    start, end = own_part(value, field, text)
    boxes = line_boxes(_cut(page, words, start, end), page.quad)
    place = Place.model_validate(
        {"document": page.document, "page": page.number, "quote": text[start:end], "boxes": boxes}
    )
    return {"value": value, "quote": place.quote, "evidence": place.evidence()}


def typed(text: str, field: Field, language: str) -> dict[str, Any]:
    """`value`, `quote` and `evidence` of what a person typed, which stands nowhere. Raises `InvalidInput`."""
    try:
        value: Value = Reader(language).value(text, field)
    except InvalidInput as error:
        raise InvalidInput("text", error.message) from None
    return {"value": value, "quote": None, "evidence": Place().evidence()}


def _seen(page: Page, index: int) -> Word:
    # codes are listed behind the words; nobody sees what they say
    if not 0 <= index < len(page.words):
        raise InvalidInput("words", f"the page has no word {index} that a person can see")
    word = page.words[index]
    if word.hidden:
        raise InvalidInput("words", f"word {index} is one that a person cannot see")
    return word


def _cut(page: Page, words: Sequence[Word], start: int, end: int) -> list[Word]:
    """The words that the characters `start:end` of their text touch, cut to these."""
    cutter, at, kept = Cutter(page), 0, []
    for word in words:
        length = len(plain(word.text))
        if at < end and start < at + length:
            kept.append(cutter.part(word, start - at, end - at))
        at += length + 1
    return kept
