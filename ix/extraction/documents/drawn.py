"""What letters draw in a text and do not say: frames and rules, leaders to an amount, marks of emphasis, the angles
before what a mail quotes. On paper all of these are lines or looks, and no words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

_RULE = re.compile(r"(?<!\S)(?=\S{3})[-=*~+|:#\u2010-\u2015]+(?!\S)")
"""A word of nothing but such marks, three or more: `-----`, `+---+---+`, `***`, `|---:|`."""
_LINES = re.compile(r"[\u2500-\u257f]")
"""Box Drawing of Unicode, in which programs print frames."""
_LEADER = re.compile(r"\.{4,}|\u2026{2,}|\u00b7{4,}|(?<!\S)(?:[.\u00b7] ){3,}[.\u00b7]?(?!\S)")
"""Dots that lead from a name to its value; three are how a sentence breaks off."""
_FRAMED = re.compile(r"\s*\|.*\|\s*")
_HEADING = re.compile(r"\s*#{1,6} (?=\S)")
_EMPHASIS = re.compile(r"(?<![\w*])(\*\*|__)(?=\S)([^*_]+)(?<=\S)\1(?![\w*])")
"""Markdown, as chat programs, wikis and language models write it."""
_QUOTED = re.compile(r"\s*>[> ]*")
_FEWEST = 3
"""Lines one after the other that begin with an angle, from which on it quotes; one alone means `more than`."""


def said(lines: Sequence[str]) -> list[str]:
    """The lines with blanks in the place of what is drawn, each as long as before."""
    return [_said(line) for line in _unquoted(lines)]


def _unquoted(lines: Sequence[str]) -> Iterator[str]:
    for quotes, group in groupby(lines, key=lambda line: line.lstrip().startswith(">")):
        run = list(group)
        yield from (_QUOTED.sub(_blank, line, count=1) for line in run) if quotes and len(run) >= _FEWEST else run


def _said(line: str) -> str:
    line = _LEADER.sub(_blank, _RULE.sub(_blank, _LINES.sub(" ", line)))
    if _FRAMED.fullmatch(line):
        line = line.replace("|", " ")
    if (heading := _HEADING.match(line)) is not None:
        line = _blank(heading) + line[heading.end() :]
    return _EMPHASIS.sub(lambda found: f"  {found[2]}  ", line)


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])
