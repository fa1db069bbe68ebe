"""Fonts whose text is a cipher: the letters look right and mean something else, since the map from letters to
characters (`/ToUnicode`, ISO 32000-1, 9.10.3) is missing or wrong.

A sample of a font's characters is read: the outline that the font has for each is compared with those of fonts that
every reader has. In a font that tells the truth a few letters of an odd hand look most like others, in a cipher most
do."""

from __future__ import annotations

import os
import string
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from ctypes import addressof, byref, c_float, c_size_t, c_uint8, create_string_buffer
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ix.extraction.documents import pdf_calls, pdf_glyphs
from ix.extraction.documents.pdf_glyphs import CURRENCIES
from ix.extraction.documents.pdf_outlines import BITS, Glyph, glyph_of, path_of, proportions_of
from ix.extraction.documents.pdf_words import Entry

STANDARD = ("Helvetica", "Helvetica-Bold", "Times-Roman", "Times-Bold", "Courier")
"""Fonts that every reader has (ISO 32000-1, 9.6.2.2), in which most print finds its like."""
ALL = string.digits + string.ascii_letters
SHAPE = 0.15
"""What other proportions count as, for each doubling of width to height, as a share of all bits: an `l` that fills the
cells is no `o`."""
LETTERS = 8
"""Letters of a font that are looked at, the most frequent; a cipher spares none."""
FEWEST_LETTERS = 4
"""Letters below which these say nothing."""
NEAREST = 3
"""Among so many of the likest letters a letter's own is in nearly every hand: of 1,600 in 148 fonts it was in all but
12."""
WRONG_LETTERS = 0.5
"""Share of a font's letters that look like others, from which it is a cipher; the oddest italics have a third."""
WRONG_DIGITS = 2
"""Digits that look most like another digit, from which a font is a cipher; of 140 true fonts none has more than one."""
SLANTED = ("Helvetica-Oblique", "Times-Italic", "Times-BoldItalic")
"""Those in which digits and signs in italics find it as well."""
OTHERS = ("Helvetica-BoldOblique", "Courier-Bold", "Courier-Oblique", "Courier-BoldOblique")
"""All others that draw letters."""
OWN = b"."
"""Begins what stands for the digest of a font that is not in the file, but the reader's own."""
CLEARLY = 0.1
"""How much more, as a share of all bits, one digit has to look like another to be one: of 760 digits of true fonts the
oddest has 0.04, those of ciphers 0.1 to 0.3."""
OTHER_SIGN = 0.15
"""How much more one currency sign has to look like another: the oddest true one has 0.08, one for another 0.2."""
TELLING = 0.1
"""Share of a page's visible characters from which letters of such fonts condemn its text layer; digits always do."""
MAX_REMEMBERED = 4 << 20
"""Bytes of the largest font that is remembered; one of all scripts has 20 MB."""
MOST_REMEMBERED = 8_192
"""Characters of fonts that are remembered in a process, some 500 fonts."""
PROBES = tuple(byte / 256 for byte in os.urandom(8))
"""Where outlines are compared that a document may have made to be mistaken for each other: nobody else knows it."""
ALIKE = {"O": "o", "0": "o", "I": "1", "l": "1", "i": "1", "j": "1"}
"""Characters of one look, but for their size."""


Place = tuple[float, ...]


class Seen(NamedTuple):
    """What a glyph looks like: by how much more like another character than the one that it is said to be, as a share
    of all bits, 0 where it looks most like itself; and its `Glyph.shape`."""

    unlike: float
    shape: float


@dataclass(slots=True)
class Font:
    """What was seen of a font, whose file has this `digest`: its digits, currency signs and letters that were looked
    at."""

    digest: bytes
    digits: dict[str, Seen] = field(default_factory=dict)
    signs: dict[str, Seen] = field(default_factory=dict)
    letters: dict[str, Seen] = field(default_factory=dict)

    def look_at(self, font: Any, used: Mapping[str, int]) -> None:
        """Looks at the characters `used`, which are counted, as far as they are new and more are wanted."""
        for digit in string.digits:
            if digit in used and digit not in self.digits and (path := path_of(font, digit)):
                remembered(self.digits, digit, self.digest, path, unlike_digit)
        for sign in CURRENCIES:
            if sign in used and sign not in self.signs and (path := path_of(font, sign)):
                remembered(self.signs, sign, self.digest, path, unlike_sign)
        letters = sorted((one for one in used if one in string.ascii_letters), key=lambda one: -used[one])
        for letter in letters[:LETTERS]:
            if len(self.letters) < LETTERS and letter not in self.letters and (path := path_of(font, letter)):
                remembered(self.letters, letter, self.digest, path, unlike_letter)

    @property
    def is_cipher(self) -> bool:
        """Whether too many look like others."""
        digits, letters = ([seen.unlike for seen in kind.values()] for kind in (self.digits, self.letters))
        signs = [seen.unlike for seen in self.signs.values()]
        return (
            max(digits, default=0.0) >= CLEARLY
            or max(signs, default=0.0) >= OTHER_SIGN
            or sum(unlike > 0 for unlike in digits) >= WRONG_DIGITS
            or (
                len(letters) >= FEWEST_LETTERS and sum(unlike > 0 for unlike in letters) >= WRONG_LETTERS * len(letters)
            )
        )


@dataclass(slots=True)
class Fonts:
    """The fonts of one document, by name and size."""

    known: dict[tuple[bytes, int], Font] = field(default_factory=dict)
    _shapes: pdf_glyphs.Shapes = field(default_factory=dict)

    def condemn(self, words: Sequence[Entry], ratio: float) -> bool:
        """Whether what the visible words of a page say is not what is seen, in any part that matters. `ratio` is the
        page's width to its height."""
        seen = [word for word in words if not word.hidden]
        false = [word.text for word, wrong in zip(seen, self._wrong(seen), strict=True) if wrong]
        letters = sum(map(len, false))
        has_digits = any(character.isdigit() for text in false for character in text)
        if letters > 0 and (has_digits or letters >= TELLING * sum(len(word.text) for word in seen)):
            return True
        return pdf_glyphs.are_told_wrong(seen, self._shapes, ratio)

    def _wrong(self, words: Sequence[Entry]) -> list[bool]:
        """For each word, whether its font is a cipher."""
        texts: defaultdict[int, list[str]] = defaultdict(list)
        of_word = []
        for word in words:
            font = (pdf_calls.font_of(word.drawn[0]) if word.drawn else None) or 0
            texts[font].append(word.text)
            of_word.append(font)
        wrong = {
            address: address > 0
            and self._is_cipher(pdf_calls.handle(address, pdfium_c.FPDF_FONT), Counter("".join(written)))
            for address, written in texts.items()
        }
        return [wrong[font] for font in of_word]

    def _is_cipher(self, font: Any, used: Mapping[str, int]) -> bool:
        name, size = identity(font)
        # for one whose glyphs are drawings (type 3) pdfium gives outlines of another font
        if not size:
            return False
        if (known := self.known.get((name, size))) is None:
            # one that is not in the file is the reader's own, which its name tells
            digest = digest_of(font, size) if pdfium_c.FPDFFont_GetIsEmbedded(font) else OWN + name
            known = self.known[name, size] = Font(digest)
        known.look_at(font, used)
        address = addressof(font.contents)
        shapes = self._shapes.setdefault(address, {})
        shapes |= {digit: 2.0**seen.shape for digit, seen in (known.digits | known.signs).items()}
        return known.is_cipher


def identity(font: Any) -> tuple[bytes, int]:
    """Tells the fonts of one document apart: name and length of the file."""
    name, size = create_string_buffer(128), c_size_t()
    pdfium_c.FPDFFont_GetBaseFontName(font, name, len(name))
    pdfium_c.FPDFFont_GetFontData(font, None, 0, byref(size))
    return name.value, size.value


def digest_of(font: Any, size: int) -> bytes:
    """The digest of a font's file of so many bytes; empty for one that is too large to be remembered."""
    if size > MAX_REMEMBERED:
        return b""
    # not before a font is embedded: most of what a child imports at its start is needed by all
    import hashlib

    data = (c_uint8 * size)()
    pdfium_c.FPDFFont_GetFontData(font, data, size, byref(c_size_t()))
    return hashlib.blake2b(data, digest_size=16).digest()


Look = Callable[[Glyph, str], float]
MEMORY: OrderedDict[tuple[bytes, str, Look, Place], Seen] = OrderedDict()
"""What earlier documents' fonts looked like, the last used last: by the font's file, the character and its outline."""


def remembered(seen: dict[str, Seen], character: str, digest: bytes, path: int, look: Look) -> None:
    """Puts into `seen` what a character of a font looks like, unless nothing is drawn for it."""
    # the same file may have another map to characters, which is what may be wrong: hence the outline
    key = digest, character, look, place_of(path)
    found = MEMORY.pop(key, None) if digest else None
    if found is None:
        if digest.startswith(OWN) and key[-1][0] > 0 and key[-1] in places_of(character):
            found = Seen(0.0, proportions_of(path))
        elif glyph := glyph_of(path):
            found = Seen(look(glyph, character), glyph.shape)
        else:
            return
    seen[character] = found
    if digest:
        MEMORY[key] = found
        if len(MEMORY) > MOST_REMEMBERED:
            MEMORY.popitem(last=False)


@cache
def places_of(character: str) -> set[Place]:
    """The outlines that the fonts of every reader have for a character, so that these need not be drawn to be known."""
    with every_font(STANDARD + SLANTED + OTHERS) as fonts:
        return {place_of(path) for font in fonts if (path := path_of(font, character))}


def place_of(path: int) -> Place:
    """Tells the outlines of one font apart: how many pieces one has, and where some of them go."""
    count, x, y = pdf_calls.count_segments(path), c_float(), c_float()
    found: list[float] = [count]
    for share in PROBES if count > 0 else ():
        pdf_calls.segment_point(pdf_calls.segment(path, int(share * count)), addressof(x), addressof(y))
        found += x.value, y.value
    return tuple(found)


def unlike_digit(glyph: Glyph, character: str) -> float:
    """By how much a glyph looks more like another digit than like this one."""
    return unlike(glyph, character, string.digits)


def unlike_sign(glyph: Glyph, character: str) -> float:
    """By how much a glyph looks more like the sign of another currency than like this one."""
    return unlike(glyph, character, CURRENCIES)


def unlike_letter(glyph: Glyph, character: str) -> float:
    """1 where a glyph is not among those that look most like this letter, else 0."""
    return float(alike(character) not in likest(glyph, ALL)[:NEAREST])


def unlike(glyph: Glyph, character: str, among: str) -> float:
    """By how much a glyph looks more like another character than like this one."""
    distances = distances_to(glyph, among)
    return distances[character] - min(distances.values())


def alike(character: str) -> str:
    """One character for all of one look: most letters differ from their capitals in size alone, or not by much."""
    return ALIKE.get(character, character.lower())


def likest(glyph: Glyph, among: str) -> list[str]:
    """The characters, letters alike as one, by how much they look like the glyph, the likest first."""
    distances = distances_to(glyph, among)
    return sorted(distances, key=distances.__getitem__)


def distances_to(glyph: Glyph, among: str) -> dict[str, float]:
    """How far a glyph is from the likest drawing of each character, letters alike as one, as a share of all bits."""
    bits, shape = glyph
    return {
        character: min([(bits ^ other).bit_count() / BITS + SHAPE * abs(shape - its) for other, its in drawn])
        for character, drawn in references(among).items()
    }


@cache
def references(among: str) -> Mapping[str, Sequence[Glyph]]:
    """How the standard fonts draw these characters, looked up once in a process. Letters are named by what they are
    `alike`."""
    names = STANDARD if among == ALL else STANDARD + SLANTED
    named = alike if among == ALL else str
    drawn: dict[str, list[Glyph]] = {}
    with every_font(names) as fonts:
        for font in fonts:
            for one in among:
                if (path := path_of(font, one)) and (glyph := glyph_of(path)):
                    drawn.setdefault(named(one), []).append(glyph)
    return drawn


@contextmanager
def every_font(names: Sequence[str]) -> Iterator[list[Any]]:
    """The fonts of these names that every reader has, meanwhile."""
    empty = pdfium.PdfDocument.new()
    fonts = [pdfium_c.FPDFText_LoadStandardFont(empty, name.encode()) for name in names]
    try:
        yield fonts
    finally:
        for font in fonts:
            pdfium_c.FPDFFont_Close(font)
        empty.close()
