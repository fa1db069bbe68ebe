"""Misread words: undone where the word or the document tells what was printed, and left alone elsewhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ix.extraction.models.rules.page.misread import mended
from ix.extraction.models.rules.page.reading import Reading
from tests.extraction.rules.documents import page


def reading(text: str, confidence: float = 0.97) -> Reading:
    made = page(text)
    return Reading([replace(made, words=tuple(replace(word, confidence=confidence) for word in made.words))])


@pytest.mark.parametrize(
    ("read", "printed"),
    [
        ("PlLAR QUINTANA", "PILAR QUINTANA"),
        ("8runnhof GmbH", "Brunnhof GmbH"),
        ("LE0NOR", "LEONOR"),
        ("Aa1borg", "Aalborg"),
        ("lngreso de Diego", "Ingreso de Diego"),
        ("lhre Anfrage", "Ihre Anfrage"),
        ("Quintana 5.L.U.", "Quintana S.L.U."),
        # codes, units, numbers and words that are so
        ("RE-8150 A1B2 B5N DE89 3704", "RE-8150 A1B2 B5N DE89 3704"),
        ("lhostejný lze Llanelli", "lhostejný lze Llanelli"),
        ("1000 km, 5 Brötchen", "1000 km, 5 Brötchen"),
    ],
)
def test_a_word_that_tells_itself(read: str, printed: str) -> None:
    assert mended(read, reading(read)) == printed


def test_a_word_that_stands_elsewhere() -> None:
    found = reading("Geldautomaat Arnhem\nGeldautomaat Zwolle\nGcldautornaat Arnhern\nArnhem")
    assert mended("Gcldautornaat Arnhern", found) == "Geldautomaat Arnhem"
    # once is no evidence, and what stands often is no misreading
    assert mended("Zwollc", reading("Zwolle\nZwollc")) == "Zwollc"
    assert mended("Zwollc", reading("Zwolle\nZwolle\nZwollc\nZwollc")) == "Zwollc"


def test_what_no_ocr_read_stays() -> None:
    assert mended("PlLAR 8runnhof", reading("PlLAR 8runnhof", confidence=1.0)) == "PlLAR 8runnhof"
