"""Cells of a workbook that nobody sees: print in the colour of what is behind it (ECMA-376 part 1, 18.8)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ix.extraction.documents.colours import BLACK, WHITE, Colour, of_hex, shows

INDEXED = {0: BLACK, 1: WHITE, 8: BLACK, 9: WHITE, 64: BLACK, 65: WHITE}
"""Of the palette of old files those that matter here (18.8.27); the last two are a window's text and its ground."""
THEME = {0: WHITE, 1: BLACK}
"""Of a theme's colours the first two: what nearly all have for paper and print (18.8.3)."""


def unseen_styles(styles: Any) -> list[bool]:
    """For each style that cells have, whether its print is not seen."""
    inks = [_colour(_child(font, "color"), BLACK) for font in _group(styles, "fonts")]
    grounds = [_ground(fill) for fill in _group(styles, "fills")]
    return [
        not shows(_at(inks, one.get("fontId"), BLACK), _at(grounds, one.get("fillId"), WHITE))
        for one in _group(styles, "cellXfs")
    ]


def _ground(fill: Any) -> Colour | None:
    pattern = _child(fill, "patternFill")
    if pattern is None:
        return None
    kind = pattern.get("patternType") or "none"
    if kind in ("none", "gray125"):
        return WHITE
    return _colour(_child(pattern, "fgColor"), None) if kind == "solid" else None


def _colour(element: Any, default: Colour | None) -> Colour | None:
    if element is None or element.get("auto"):
        return default
    if element.get("tint"):
        return None
    if element.get("rgb"):
        return of_hex(element.get("rgb"))
    name, known = ("theme", THEME) if element.get("theme") else ("indexed", INDEXED)
    value = element.get(name) or ""
    return known.get(int(value)) if value.isdecimal() and len(value) < 4 else None


def _group(styles: Any, name: str) -> Iterator[Any]:
    return (one for group in styles if str(group.tag).endswith("}" + name) for one in group)


def _child(element: Any, name: str) -> Any:
    return next((one for one in element if str(one.tag).endswith("}" + name)), None)


def _at(colours: list[Colour | None], index: str | None, default: Colour) -> Colour | None:
    if not index or not index.isdecimal() or len(index) > 6:
        return default
    return colours[int(index)] if int(index) < len(colours) else None
