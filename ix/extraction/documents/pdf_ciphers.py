"""Fonts whose text is a cipher: the letters look right and mean something else, since the map from letters to
characters (`/ToUnicode`, ISO 32000-1, 9.10.3) is missing or wrong.

A sample of a font's characters is read: the outline that the font has for each is compared with those of fonts that
every reader has. In a font that tells the truth a few letters of an odd hand look most like others, in a cipher most
do."""

from __future__ import annotations

import math
import os
import string
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from ctypes import addressof, byref, c_float, c_size_t, c_uint8, create_string_buffer
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image, ImageChops

from ix.extraction.documents import pdf_calls
from ix.extraction.documents.pdf_words import Entry

STANDARD = ("Helvetica", "Helvetica-Bold", "Times-Roman", "Times-Bold", "Courier")
"""Fonts that every reader has (ISO 32000-1, 9.6.2.2), in which most print finds its like."""
CELLS = (12, 16)
"""Across and down, into which an outline is drawn."""
FINE = 2
"""Times finer that it is drawn first."""
LEVELS = (64, 128, 192)
"""Greys, of 255, above which a cell counts; each adds a bit to it."""
TABLES = [bytes(ord("1") if grey > level else ord("0") for grey in range(256)) for level in LEVELS]
"""For each level which greys count, as digits, for `bytes.translate`."""
BITS = CELLS[0] * CELLS[1] * len(LEVELS)
"""Bits of a glyph that count."""
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
TELLING = 0.1
"""Share of a page's visible characters from which letters of such fonts condemn its text layer; digits always do."""
STEPS = tuple(
    ((1 - step) ** 3, 3 * (1 - step) * (1 - step) * step, 3 * (1 - step) * step * step, step**3)
    for step in (0.33, 0.67, 1.0)
)
"""Where a curve is cut into straight pieces: what each of its four points has of such a place."""
MAX_SEGMENTS = 2000
"""Pieces of an outline beyond which the rest is left out; ornate letters have 200."""
MAX_REMEMBERED = 4 << 20
"""Bytes of the largest font that is remembered; one of all scripts has 20 MB."""
MOST_REMEMBERED = 8_192
"""Characters of fonts that are remembered in a process, some 500 fonts."""
PROBES = tuple(byte / 256 for byte in os.urandom(8))
"""Where outlines are compared that a document may have made to be mistaken for each other: nobody else knows it."""
ALIKE = {"O": "o", "0": "o", "I": "1", "l": "1", "i": "1", "j": "1"}
"""Characters of one look, but for their size."""


Place = tuple[float, ...]


class Glyph(NamedTuple):
    """An outline: its cells as bits, and the logarithm of its width to its height, base 2."""

    bits: int
    shape: float


@dataclass(slots=True)
class Font:
    """What was seen of a font, whose file has this `digest`: of each digit and letter that was looked at, whether it
    looks like itself."""

    digest: bytes
    digits: dict[str, bool] = field(default_factory=dict)
    letters: dict[str, bool] = field(default_factory=dict)

    def look_at(self, font: Any, used: Mapping[str, int]) -> None:
        """Looks at the characters `used`, which are counted, as far as they are new and more are wanted."""
        for digit in string.digits:
            if digit in used and digit not in self.digits and (path := path_of(font, digit)):
                remembered(self.digits, digit, self.digest, path, is_digit)
        letters = sorted((one for one in used if one in string.ascii_letters), key=lambda one: -used[one])
        for letter in letters[:LETTERS]:
            if len(self.letters) < LETTERS and letter not in self.letters and (path := path_of(font, letter)):
                remembered(self.letters, letter, self.digest, path, is_letter)

    @property
    def is_cipher(self) -> bool:
        """Whether too many look like others."""
        unlike = list(self.letters.values()).count(False)
        return list(self.digits.values()).count(False) >= WRONG_DIGITS or (
            len(self.letters) >= FEWEST_LETTERS and unlike >= WRONG_LETTERS * len(self.letters)
        )


@dataclass(slots=True)
class Fonts:
    """The embedded fonts of one document, by name and size."""

    known: dict[tuple[bytes, int], Font] = field(default_factory=dict)

    def condemn(self, words: Sequence[Entry]) -> bool:
        """Whether what the visible words of a page say is not what is seen, in any part that matters."""
        seen = [word for word in words if not word.hidden]
        false = [word.text for word, wrong in zip(seen, self._wrong(seen), strict=True) if wrong]
        letters = sum(map(len, false))
        has_digits = any(character.isdigit() for text in false for character in text)
        return letters > 0 and (has_digits or letters >= TELLING * sum(len(word.text) for word in seen))

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
        # a font that is not in the file is drawn by its characters' names, which are what the text says
        if not pdfium_c.FPDFFont_GetIsEmbedded(font):
            return False
        name, size = identity(font)
        if (known := self.known.get((name, size))) is None:
            known = self.known[name, size] = Font(digest_of(font, size))
        known.look_at(font, used)
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


Look = Callable[[Glyph, str], bool]
MEMORY: OrderedDict[tuple[bytes, str, Look, Place], bool] = OrderedDict()
"""What earlier documents' fonts looked like, the last used last: by the font's file, the character and its outline."""


def remembered(seen: dict[str, bool], character: str, digest: bytes, path: int, look: Look) -> None:
    """Puts into `seen` whether a character of a font looks like itself, unless nothing is drawn for it."""
    # the same file may have another map to characters, which is what may be wrong: hence the outline
    key = digest, character, look, place_of(path)
    found = MEMORY.pop(key, None) if digest else None
    if found is None:
        if (glyph := glyph_of(path)) is None:
            return
        found = look(glyph, character)
    seen[character] = found
    if digest:
        MEMORY[key] = found
        if len(MEMORY) > MOST_REMEMBERED:
            MEMORY.popitem(last=False)


def place_of(path: int) -> Place:
    """Tells the outlines of one font apart: how many pieces one has, and where some of them go."""
    count, x, y = pdf_calls.count_segments(path), c_float(), c_float()
    found: list[float] = [count]
    for share in PROBES if count > 0 else ():
        pdf_calls.segment_point(pdf_calls.segment(path, int(share * count)), addressof(x), addressof(y))
        found += x.value, y.value
    return tuple(found)


def is_digit(glyph: Glyph, character: str) -> bool:
    """Whether a glyph looks more like this digit than like any other."""
    return likest(glyph, string.digits)[0] == character


def is_letter(glyph: Glyph, character: str) -> bool:
    """Whether a glyph is among those that look most like this letter."""
    return alike(character) in likest(glyph, ALL)[:NEAREST]


def alike(character: str) -> str:
    """One character for all of one look: most letters differ from their capitals in size alone, or not by much."""
    return ALIKE.get(character, character.lower())


def likest(glyph: Glyph, among: str) -> list[str]:
    """The characters, letters alike as one, by how much they look like the glyph, the likest first."""
    bits, shape = glyph
    nearest = {
        character: min([(bits ^ other).bit_count() / BITS + SHAPE * abs(shape - its) for other, its in drawn])
        for character, drawn in references(among).items()
    }
    return sorted(nearest, key=nearest.__getitem__)


@cache
def references(among: str) -> Mapping[str, Sequence[Glyph]]:
    """How the standard fonts draw these characters, looked up once in a process. Letters are named by what they are
    `alike`."""
    empty = pdfium.PdfDocument.new()
    fonts = [pdfium_c.FPDFText_LoadStandardFont(empty, name.encode()) for name in STANDARD]
    named = str if among == string.digits else alike
    drawn: dict[str, list[Glyph]] = {}
    for font in fonts:
        for one in among:
            if (path := path_of(font, one)) and (glyph := glyph_of(path)):
                drawn.setdefault(named(one), []).append(glyph)
    for font in fonts:
        pdfium_c.FPDFFont_Close(font)
    empty.close()
    return drawn


def path_of(font: Any, character: str) -> int | None:
    """pdfium's handle of the outline that a font has for a character; None where it says nothing of it."""
    # pdfium goes from the character back to the glyph by the font's own map
    found: int | None = pdf_calls.glyph_path(addressof(font.contents), ord(character), 100.0)
    return found


def glyph_of(path: int) -> Glyph | None:
    """What is drawn by an outline; None where that is nothing."""
    # not before a font is looked at: it brings all that draws text
    from PIL import ImageDraw

    outline = list(contours(path))
    if not outline:
        return None
    left, top, right, bottom = extent(outline)
    wide, high = right - left, bottom - top
    if wide <= 0 or high <= 0:
        return None
    across, down = (cells * FINE for cells in CELLS)
    stretched, squeezed = (across - 1) / wide, (down - 1) / high
    image = Image.new("1", (across, down))
    for contour in outline:
        # a contour within another is a hole
        part = Image.new("1", image.size)
        # upside down, as all are
        ImageDraw.Draw(part).polygon([((x - left) * stretched, (y - top) * squeezed) for x, y in contour], fill=1)
        image = ImageChops.logical_xor(image, part)
    return Glyph(bits_of(image.convert("L").resize(CELLS, Image.Resampling.BOX)), shape_of(wide, high))


def extent(outline: Sequence[Sequence[tuple[float, float]]]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of an outline."""
    xs = [x for contour in outline for x, _ in contour]
    ys = [y for contour in outline for _, y in contour]
    return min(xs), min(ys), max(xs), max(ys)


def shape_of(wide: float, high: float) -> float:
    """How wide for its height, in doublings."""
    return math.log2(wide / high)


def bits_of(cells: Image.Image) -> int:
    """The cells as one number, a bit for each level of grey that a cell has: numbers of like cells differ in few
    bits."""
    grey = cells.tobytes()
    return int(b"".join(grey.translate(table) for table in TABLES), 2)


def contours(path: int) -> Iterator[list[tuple[float, float]]]:
    """The closed lines of an outline, curves in short straight pieces."""
    x, y = c_float(), c_float()
    to_x, to_y = addressof(x), addressof(y)
    contour: list[tuple[float, float]] = []
    curve: list[tuple[float, float]] = []
    for index in range(min(max(pdf_calls.count_segments(path), 0), MAX_SEGMENTS)):
        segment = pdf_calls.segment(path, index)
        kind = pdf_calls.segment_kind(segment)
        pdf_calls.segment_point(segment, to_x, to_y)
        if kind == pdfium_c.FPDF_SEGMENT_MOVETO:
            if len(contour) > 2:
                yield contour
            contour = []
        if kind != pdfium_c.FPDF_SEGMENT_BEZIERTO:
            contour.append((x.value, y.value))
            continue
        curve.append((x.value, y.value))
        if len(curve) == 3:
            contour += flattened(contour[-1] if contour else curve[0], curve)
            curve = []
    if len(contour) > 2:
        yield contour


def flattened(start: tuple[float, float], curve: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Points of a cubic curve from `start` by two control points to its end."""
    (ax, ay), ((bx, by), (cx, cy), (dx, dy)) = start, curve
    return [(a * ax + b * bx + c * cx + d * dx, a * ay + b * by + c * cy + d * dy) for a, b, c, d in STEPS]
