"""Sheets as they are read: pages of words, as a text layer or as OCR has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from ix.extraction.page import Page, Word
from training.generator.sheet import Run, Sheet, width_of

_CONFUSED = {
    "0": "O",
    "O": "0",
    "1": "l",
    "l": "1",
    "I": "l",
    "5": "S",
    "S": "5",
    "8": "B",
    "B": "8",
    "m": "rn",
    "e": "c",
    "é": "e",
    "ä": "a",
    "ö": "o",
    "ü": "u",
    ",": ".",
}
"""What OCR takes a letter for."""
_IN_NUMBERS = frozenset("0158,")


class _Chance:
    """How often what goes wrong, per word, at a noise of 1."""

    LETTER, DIGIT = 0.06, 0.012
    DROPPED, MERGED, SPLIT = 0.004, 0.03, 0.02
    JITTER = 0.10  # of a word's height
    SKEW = 0.012  # as a slope


def read(sheets: Sequence[Sheet], random: Random, noise: float = 0.0) -> list[Page]:
    """The pages of a document. `noise` 0 is a text layer, 1 a bad scan."""
    return [_page(sheet, number, random, noise) for number, sheet in enumerate(sheets, 1)]


def _page(sheet: Sheet, number: int, random: Random, noise: float) -> Page:
    slope = random.uniform(-1, 1) * _Chance.SKEW * noise
    words = [word for run in sheet.runs for word in _words(run, sheet)]
    if noise:
        words = [_moved(word, slope, random, noise) for word in _misread(words, random, noise)]
    return Page(number, sheet.width, sheet.height, tuple(words), "ocr" if noise else "text")


def _words(run: Run, sheet: Sheet) -> Iterator[Word]:
    whole = width_of(run.text, run.size, run.face)
    stretch, x = run.width / whole if whole else 1.0, run.x
    for word in run.text.split(" "):
        width = width_of(word, run.size, run.face) * stretch
        box = (
            x / sheet.width,
            run.y / sheet.height,
            (x + width) / sheet.width,
            (run.y + run.size) / sheet.height,
        )
        yield Word(word, box)
        x += width + width_of(" ", run.size, run.face) * stretch


def _misread(words: Sequence[Word], random: Random, noise: float) -> Iterator[Word]:
    waiting: Word | None = None
    for word in words:
        if random.random() < _Chance.DROPPED * noise and not any(map(str.isdigit, word.text)):
            continue
        if waiting and _touch(waiting, word) and random.random() < _Chance.MERGED * noise:
            box = (waiting.box[0], min(waiting.box[1], word.box[1]), word.box[2], max(waiting.box[3], word.box[3]))
            waiting = Word(waiting.text + word.text, box, min(waiting.confidence, word.confidence))
            continue
        if waiting:
            yield from _split(waiting, random, noise)
        waiting = _confused(word, random, noise)
    if waiting:
        yield from _split(waiting, random, noise)


def _touch(one: Word, other: Word) -> bool:
    return one.box[1] == other.box[1] and 0 <= other.box[0] - one.box[2] < 0.012


def _split(word: Word, random: Random, noise: float) -> Iterator[Word]:
    length = len(word.text)
    # numbers are split too, but behind their mark only: 12. 50
    at = max(word.text.rfind("."), word.text.rfind(",")) + 1 if word.text[:1].isdigit() else length // 2
    if length < 5 or not 0 < at < length or random.random() >= _Chance.SPLIT * noise:
        yield word
        return
    x0, y0, x1, y1 = word.box
    cut = x0 + (x1 - x0) * at / length
    yield Word(word.text[:at], (x0, y0, cut - 0.001, y1), word.confidence)
    yield Word(word.text[at:], (cut + 0.001, y0, x1, y1), word.confidence)


def _confused(word: Word, random: Random, noise: float) -> Word:
    numeric = any(map(str.isdigit, word.text))
    places = [at for at, char in enumerate(word.text) if char in _CONFUSED and numeric <= (char in _IN_NUMBERS)]
    if not places or random.random() >= (_Chance.DIGIT if numeric else _Chance.LETTER) * noise:
        return Word(word.text, word.box, round(1.0 - 0.04 * noise * random.random(), 3) if noise else 1.0)
    at = random.choice(places)
    text = word.text[:at] + _CONFUSED[word.text[at]] + word.text[at + 1 :]
    return Word(text, word.box, round(random.uniform(0.6, 0.95), 3))


def _moved(word: Word, slope: float, random: Random, noise: float) -> Word:
    x0, y0, x1, y1 = word.box
    height = y1 - y0
    down = slope * ((x0 + x1) / 2 - 0.5) + height * _Chance.JITTER * noise * random.uniform(-1, 1)
    taller = height * _Chance.JITTER * noise * random.uniform(-1, 1)
    return Word(word.text, (x0, y0 + down, x1, y1 + down + taller), word.confidence)
