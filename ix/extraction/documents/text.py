"""Plain text, laid out on pages of a typewriter's grid so that its words have boxes."""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Sequence

from PIL import Image, ImageDraw, ImageFont

from ix.extraction.documents import Limits, OpenedPage, too_many_pages
from ix.extraction.page import Word

LINES = 60
"""Lines of a page: as many as a typewriter gets onto A4 or Letter."""
COLUMNS = 100
"""Characters of a line, above which it is folded; plain-text mail and reports stay below 80."""
CELL = 6.0, 12.0
"""Width and height of a character, points: 10 to 12 point typewriter type."""
MARGIN = 2
"""Empty cells around the grid."""
TAB = 8
"""Columns from one tab stop to the next, as terminals and mail programs show them."""
MARKUP = re.compile(r"\s*(<[?!a-z]|\{\\rtf|%!PS)", re.IGNORECASE)
"""XML and HTML, RTF, PostScript: text that stands for something else."""
MAIL = re.compile(r"\A(?:[\w-]+:.*\n(?:[ \t].*\n)*){1,200}", re.ASCII)
"""Header fields of an e-mail (RFC 5322), folded lines included."""
MAIL_FIELD = re.compile(r"^(MIME-Version|Message-ID|Received):", re.MULTILINE | re.IGNORECASE)
"""Fields that only mail has: `Date: …` and `Total: …` begin many a plain text too."""
ARCHIVE = re.compile(rb"PK\x03\x04|\x1f\x8b|\xfd7zXZ|7z\xbc\xaf|Rar!\x1a|\x28\xb5\x2f\xfd|\xd0\xcf\x11\xe0")
"""ZIP (office documents too), gzip, xz, 7z, RAR, zstd, OLE: what they pack may look like text."""
CONTROLS = re.compile(  # C0 but for tab, line feed and form feed; DEL and C1; lone surrogates
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff]"
)
PRINTED = bytes({*range(32, 256), *b"\t\n\f\r"})
CONTROL_SHARE = 0.02
"""Share of control characters above which bytes are no text: compressed data has 0.1, UTF-16 without a mark 0.5."""
WORD = re.compile(r"\S+")
BOMS = ((BOM_UTF8, "utf-8-sig"), (BOM_UTF16_LE, "utf-16"), (BOM_UTF16_BE, "utf-16"))


class TextFormat:
    """Plain text: UTF-8, UTF-16 with a byte order mark, or Windows-1252."""

    name = "plain text"
    rank = 90
    memory = None

    def recognises(self, data: bytes) -> bool:
        text = None if ARCHIVE.match(data) else decoded(data)
        return text is not None and not MARKUP.match(text) and not is_mail(text)

    def open(self, data: bytes, limits: Limits) -> TextDocument:
        return TextDocument(decoded(data) or "", limits)


class TextDocument:
    """Text cut into pages of `LINES` lines; form feeds begin a page, longer lines are folded."""

    def __init__(self, text: str, limits: Limits) -> None:
        self._pages = [lines[at : at + LINES] for lines in sheets(text) for at in range(0, len(lines), LINES)]
        if len(self._pages) > limits.pages:
            raise too_many_pages(len(self._pages), limits)

    def __len__(self) -> int:
        return len(self._pages)

    def pages(self) -> Iterator[OpenedPage]:
        for lines in self._pages:
            columns = width_of(lines)
            width, height = (columns + 2 * MARGIN) * CELL[0], (LINES + 2 * MARGIN) * CELL[1]
            yield OpenedPage(width, height, list(words_of(lines, columns)))

    def image(self, page: int, dpi: int, longest: int) -> Image.Image:
        lines = self._pages[page]
        across, down = width_of(lines) + 2 * MARGIN, LINES + 2 * MARGIN
        scale = min(dpi / 72, longest / max(across * CELL[0], down * CELL[1]))
        return drawn(lines, CELL[0] * scale, CELL[1] * scale, (across, down))

    def close(self) -> None: ...


def decoded(data: bytes) -> str | None:
    """The text of these bytes, None where they are none: text has hardly any control characters but white space."""
    for bom, name in BOMS:
        if data.startswith(bom):
            return cleaned(data.decode(name, errors="replace"))
    # counted by deleting what is printed: one pass in C
    if len(data.translate(None, PRINTED)) > CONTROL_SHARE * len(data):
        return None
    try:
        return cleaned(data.decode())
    except UnicodeDecodeError:
        return cleaned(data.decode("cp1252", errors="replace"))


def cleaned(text: str) -> str:
    """Without control characters and lone surrogates, with one kind of line end."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return CONTROLS.sub("", text)


def is_mail(text: str) -> bool:
    """Whether it starts with the header of an e-mail."""
    # the start is enough: a header has a few thousand characters
    header = MAIL.match(text[:50_000])
    return header is not None and MAIL_FIELD.search(header[0]) is not None


def sheets(text: str) -> Iterator[list[str]]:
    """The lines between form feeds, tabs expanded, folded to `COLUMNS`. Lines without a word at the end are left
    out."""
    for sheet in text.split("\f"):
        if sheet.strip():
            yield [part for line in sheet.rstrip().split("\n") for part in folded(line.expandtabs(TAB).rstrip())]


def folded(line: str) -> Iterator[str]:
    """The line in parts of `COLUMNS`, cut between words where that is possible."""
    while len(line) > COLUMNS:
        cut = line.rfind(" ", 1, COLUMNS + 1)
        # an indented line is not cut within its indent, which would give an empty line
        cut = cut if line[: max(cut, 0)].strip() else COLUMNS
        yield line[:cut].rstrip()
        line = line[cut:].lstrip()
    yield line


def width_of(lines: Sequence[str]) -> int:
    """Columns of the grid: the longest line's."""
    return max(map(len, lines), default=1) or 1


def words_of(lines: Sequence[str], columns: int) -> Iterator[Word]:
    """The words with the boxes of their cells."""
    across, down = columns + 2 * MARGIN, LINES + 2 * MARGIN
    for row, line in enumerate(lines, MARGIN):
        for found in WORD.finditer(line):
            left, right = (MARGIN + at for at in found.span())
            yield Word(found[0], (left / across, row / down, right / across, (row + 1) / down))


def drawn(lines: Sequence[str], width: float, height: float, cells: tuple[int, int]) -> Image.Image:
    """The grid as a picture: each character in its cell (width and height in pixels)."""
    image = Image.new("L", (round(cells[0] * width), round(cells[1] * height)), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(max(height * 0.75, 1.0))
    for row, line in enumerate(lines, MARGIN):
        for column, character in enumerate(line, MARGIN):
            # one by one, so that each stands in the cell that its word's box was made of, whatever its width
            if character != " ":
                draw.text(((column + 0.5) * width, (row + 0.8) * height), character, "black", font, anchor="ms")
    return image


FORMAT = TextFormat()
