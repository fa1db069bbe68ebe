"""Tables that lost their columns on the way: a viewer of PDFs, OCR or a form puts one blank between any two words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_MOST_COLUMNS = 8
_NUMBER = r"[-+]?[€£$¥]?\d[\d.,'\u2019]*(?: ?[€£$¥%](?!\S))?"
_AMOUNT = re.compile(r"\d[.,]\d\d\b")
_HEADING = re.compile(r"\S+(?: \S+)+")


def with_tabs(lines: Sequence[str]) -> Iterator[str]:
    """The lines, with tabs between the cells of such tables: of rows that end in as many numbers as the line above them
    has headings but one, the last of them an amount. Where headings end only their capitals tell."""
    at = 0
    while at < len(lines):
        headings = _headings(lines[at])
        rows = list(_rows(lines, at + 1, len(headings))) if headings else []
        if rows:
            yield from map("\t".join, [headings, *rows])
        else:
            yield lines[at]
        at += 1 + len(rows)


def _headings(line: str) -> list[str]:
    """The headings of a line that may be all headings: each begins with a capital, and small words go on with it."""
    line = line.strip()
    # most lines are left at the first look
    if len(line) > 120 or not line[:1].isupper() or any(map(str.isdigit, line)) or not _HEADING.fullmatch(line):
        return []
    found = re.split(r" (?=[^\W\d_a-zß-ÿ])", line)
    found = [part for part in found if part]
    return found if 3 <= len(found) <= _MOST_COLUMNS else []


def _rows(lines: Sequence[str], start: int, columns: int) -> Iterator[list[str]]:
    row = re.compile(rf"(\S.*?\S){rf' ({_NUMBER})' * (columns - 1)}")
    for at in range(start, len(lines)):
        line = lines[at].strip()
        found = row.fullmatch(line) if len(line) <= 200 and "  " not in line and "\t" not in line else None
        if found is None or not _AMOUNT.search(found[columns]) or not re.search(r"[^\W\d_]", found[1]):
            return
        yield list(found.groups())
