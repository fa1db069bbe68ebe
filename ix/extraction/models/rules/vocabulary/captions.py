"""Captions: words that head columns, announce values or title documents in any language, and so are no names."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from ix.extraction.models.rules.vocabulary.folding import fold
from ix.languages import load, phrases

_ENDS = ("details", "information", "informations", "infos", "daten", "gegevens")
"""What follows a caption's own word: "Hotel Details"."""


def is_caption(text: str) -> bool:
    """Whether a text is a label or a title and nothing else: "Artikel", "Bill To:", "Hotel Details"."""
    return fold(text) in _captions() or fold(text.rpartition(" ")[2]) in _ENDS


@cache
def _captions() -> frozenset[str]:
    return frozenset(fold(phrase) for phrase in _phrases())


def _phrases() -> Iterator[str]:
    for language in load():
        lists = [text for labels in language.labels.values() for text in labels.values()]
        for text in (*lists, *language.titles.values(), language.distractors, language.lone_not_names):
            yield from phrases(text.replace(" || ", " | "))
