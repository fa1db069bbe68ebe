"""What a text is: mail, markup, separated values, or just text. Formats that are text ask here, so that each text is of
one format alone."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Literal

Kind = Literal["mail", "html", "markup", "separated", "plain"]
HEAD = 50_000
"""Characters by which the kind is told: the header of a mail has a few thousand."""
HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*"
    r"<(?:!doctype\s+html|html|head|body|title|meta|style|table|div|p|span|h[1-6]|center|font|br)\b",
    re.IGNORECASE | re.DOTALL,
)
MARKUP = re.compile(r"\s*(<[?!a-z]|\{\\rtf|%!PS)", re.IGNORECASE)
"""XML, RTF, PostScript: text that stands for something else."""
MAIL = re.compile(r"\A(?:[\w-]+:.*\n(?:[ \t].*\n)*){1,200}", re.ASCII)
"""Header fields of an e-mail (RFC 5322), folded lines included."""
MAIL_FIELD = re.compile(
    r"^(MIME-Version|Message-ID|Received|Return-Path|DKIM-Signature):", re.MULTILINE | re.IGNORECASE
)
"""Fields that only mail has: `Date: …` and `Total: …` begin many a plain text too."""
MBOX = re.compile(r"\AFrom \S+ .*\n")
"""The line that parts the mails of a file of many (RFC 4155)."""
DELIMITERS = ";\t,|"
"""What parts cells. Where two fit equally well, the first: a comma is also a decimal sign."""
ROWS = 200
"""Rows by which a delimiter is told."""
SEP_LINE = re.compile(r"\Asep=(.)\n", re.IGNORECASE)
"""The line by which Excel is told the delimiter."""
CELL = re.compile(
    r"[-+(]?\D{0,4}\d[\d., '’\u00a0]*\)?\D{0,4}"  # amounts with their currency
    r"|\d{1,4}[-./]\d{1,2}[-./]\d{1,4}.{0,12}"  # dates, with a time at will
    r"|.{0,60}",  # names and words
    re.DOTALL,
)
"""A cell as tables have them; a sentence is longer."""
LEAST_SHARE = 0.5
"""Share of rows that have as many cells as most have; letters begin with lines of their own before the table."""
LEAST_COMMAS = 0.8
"""That share where only one comma parts each row: prose and amounts have commas too."""
DIGITS_APART = re.compile(r"\d,\d")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How cells are parted, and how well it fits: the share of rows that look like it, 0..1."""

    delimiter: str
    score: float
    width: int


def kind_of(text: str) -> Kind:
    """What a text is. Only its beginning is looked at."""
    return _kind(text[:HEAD])


# every format that is text asks of the same one
@lru_cache(1)
def _kind(head: str) -> Kind:
    if is_mail(head):
        return "mail"
    if HTML.match(head):
        return "html"
    if MARKUP.match(head):
        return "markup"
    return "plain" if dialect(head) is None else "separated"


def is_mail(head: str) -> bool:
    """Whether it starts with the header of an e-mail."""
    header = MAIL.match(MBOX.sub("", head))
    return header is not None and MAIL_FIELD.search(header[0]) is not None


def dialect(head: str) -> Dialect | None:
    """How the cells of a text are parted, None where it has none."""
    if said := SEP_LINE.match(head):
        return Dialect(said[1], 1.0, 0)
    found = [one for delimiter in DELIMITERS if (one := _fit(head, delimiter)) is not None]
    return max(found, key=lambda one: (one.score, one.width), default=None)


def cells(text: str, delimiter: str) -> Iterator[list[str]]:
    """The rows of a text. Raises `csv.Error`: a cell of more than 131,072 characters."""
    body = SEP_LINE.sub("", text)
    # blanks after the delimiter are how some programs write, and mean nothing
    return csv.reader(io.StringIO(body), delimiter=delimiter, skipinitialspace=delimiter != "\t")


def _fit(head: str, delimiter: str) -> Dialect | None:
    if delimiter not in head:
        return None
    try:
        rows = [row for row in islice(cells(head, delimiter), ROWS) if any(map(str.strip, row))]
    except csv.Error:
        return None
    # nothing but delimiters
    if not rows:
        return None
    width, count = Counter(map(len, rows)).most_common(1)[0]
    share = count / len(rows)
    if width < 2 or count < 2 or share < LEAST_SHARE or _is_prose(head, rows, delimiter, width, share):
        return None
    inner = [cell.strip() for row in rows if len(row) == width for cell in row]
    typed = sum(CELL.fullmatch(cell) is not None for cell in inner) / len(inner)
    return Dialect(delimiter, share * typed, width) if typed >= LEAST_COMMAS else None


def _is_prose(head: str, rows: Sequence[Sequence[str]], delimiter: str, width: int, share: float) -> bool:
    """Whether the delimiter is punctuation, or the decimal sign of amounts."""
    if delimiter not in ",;":
        return False
    marks = head.count(delimiter)
    if head.count(delimiter + " ") > marks / 2 or head.count(delimiter + "\n") >= max(marks - 1, 1):
        return True
    # a comma between digits in most rows is decimal, or else there are further ones
    decimal = len(DIGITS_APART.findall(head)) > marks / 2
    return delimiter == "," and width == 2 and (share < LEAST_COMMAS or len(rows) < 3 or decimal)
