"""Which languages a document is written in, told by its letters and by the words that languages bring."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import chain
from typing import NamedTuple

from ix.languages import Language, load, phrases

_ENOUGH, _MAYBE = 1.0, 0.5
"""Words of a language that must stand in a document, each shared with the other languages that have it, to tell that it
is written in that language, and that labels of that language may stand in it."""
_BESIDE = 0.2
"""The share of what most tells of one language that another needs: related languages have many words alike."""
_MOST = 40_000
"""Characters of a document that are looked at."""
_WORD = re.compile(r"[^\W\d_]{2,}")
_SHORT, _TINY = 3, 0.4
"""Letters of words that tell something alone, and what a shorter one tells: `IL` is a state as well."""
_LONGER = 4
"""Letters from which a word of a label tells of its language; shorter ones stand in too many."""
_SCRIPTS = {
    "ja": re.compile("[ぁ-ヿ]"),
    "ko": re.compile("[가-힣]"),
    "th": re.compile("[ก-ฮ]"),
    "hi": re.compile("[अ-ह]"),
    "he": re.compile("[א-ת]"),
    "el": re.compile("[α-ωάέήίόύώ]", re.I),
    "fa": re.compile("[پچژگ]"),
    "ar": re.compile("[ء-ي]"),
    "zh": re.compile("[一-鿿]"),
}
"""Languages with letters of their own. Persian has Arabic ones and four more, Japanese has Chinese ones too."""
_FEW, _MUCH = 4, 0.2
"""Letters of a script that must stand in a document, and the share of all from which it is what it is written in: a
name of a shop, or what OCR makes of a picture, are less."""
_OTHER_SCRIPT = re.compile("[µ\u0345\u0370-\u1fff\u2126\u2e80-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]")
"""What has any of those letters, or one that is the same as one in another case. Most pages have none."""
_CYRILLIC = re.compile("[а-яіїєґ]{3}", re.I)
_OF_CYRILLIC = ("bg", "ru", "uk")
"""What a document in Cyrillic letters may be where no word tells."""
_ACCENTS = re.compile("[\u0300-\u036f]")
_PLAIN = str.maketrans("ıłđø", "ildo")
"""Letters that no accent can be taken from, as OCR leaves them."""


class Told(NamedTuple):
    """The languages (ISO 639-1) of a document, the surest first, none where nothing tells; and those whose labels may
    stand in it."""

    languages: tuple[str, ...]
    in_play: frozenset[str]


def told(lines: Iterable[str]) -> Told:
    """What a document of these lines tells of its languages."""
    text = "\n".join(lines)[:_MOST]
    shares: dict[str, float] = {}
    # each word once, however many pages repeat a heading
    for word in set(_WORD.findall(folded(text))):
        for code, share in _words().get(word, ()):
            shares[code] = shares.get(code, 0.0) + share
    top = max(shares.values(), default=0.0)
    enough, some = max(_ENOUGH, _BESIDE * top), max(_MAYBE, _BESIDE * top)
    found = [code for code in sorted(shares, key=lambda code: -shares[code]) if shares[code] >= enough]
    much, few = _by_letters(text, found) if not text.isascii() and _OTHER_SCRIPT.search(text) else ([], [])
    maybe = {code for code, share in shares.items() if share >= some}.union(much, few)
    # English stands on many documents of other languages
    # where nothing tells, labels of any language may stand there
    return Told(tuple(dict.fromkeys([*much, *found, *few])), frozenset(maybe or _all()) | {"en"})


def speakers(label: str) -> frozenset[str]:
    """The languages that have a label or a distractor; none for one of a client's own."""
    return _speakers().get(label.casefold(), frozenset())


def _by_letters(text: str, found: list[str]) -> tuple[list[str], list[str]]:
    """The languages whose letters are much of a text, and those of which there are a few."""
    counts = {code: len(letters.findall(text)) for code, letters in _SCRIPTS.items()}
    for code, other in (("fa", "ar"), ("ja", "zh")):
        if counts[code] >= _FEW:
            counts[code], counts[other] = counts[code] + counts[other], 0
    letters = sum(map(str.isalpha, text))
    own = [code for code, count in counts.items() if count >= _FEW]
    if _CYRILLIC.search(text) and not set(found) & set(_OF_CYRILLIC):
        own += _OF_CYRILLIC
    much = [code for code in own if counts.get(code, 0) >= _MUCH * letters]
    return much, [code for code in own if code not in much]


def folded(text: str) -> str:
    """A text in lower case without accents, as OCR may leave it: "März" is "marz"."""
    if text.isascii():
        return text.lower()
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold())).translate(_PLAIN)


@cache
def _speakers() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for language in load():
        labels = chain.from_iterable(own.values() for own in language.labels.values())
        for label in chain.from_iterable(map(_entries, (*labels, *language.columns.values(), language.distractors))):
            found.setdefault(label.casefold(), set()).add(language.code)
    return {label: frozenset(codes) for label, codes in found.items()}


@cache
def _all() -> frozenset[str]:
    return frozenset(language.code for language in load())


@cache
def _words() -> Mapping[str, tuple[tuple[str, float], ...]]:
    """By folded word the languages that have it, and what it says for each of them: one over their number, and less for
    the shortest."""
    found: dict[str, set[str]] = {}
    for language in load():
        for word in _of(language):
            found.setdefault(word, set()).add(language.code)
    return {
        word: tuple((code, (_TINY if len(word) < _SHORT else 1.0) / len(codes)) for code in sorted(codes))
        for word, codes in found.items()
    }


def _entries(text: str) -> list[str]:
    return [phrase for part in text.split("||") for phrase in phrases(part)]


def _of(language: Language) -> Iterator[str]:
    """The words by which a language is told: those of everyday, of its labels and of its titles."""
    yield from _WORD.findall(folded(language.common))
    labels = chain.from_iterable(own.values() for own in language.labels.values())
    for text in chain(labels, language.titles.values(), language.money.values(), (language.distractors,)):
        yield from (word for word in _WORD.findall(folded(text)) if len(word) >= _LONGER)
