"""Whether print shows on its ground: in formats that are not drawn, colours say so, and size.

A colour is its red, green and blue, 0..255; None is one that is not known, on which anything may show."""

from __future__ import annotations

import re
from functools import lru_cache

from PIL import ImageColor

Colour = tuple[int, int, int]
BLACK, WHITE = (0, 0, 0), (255, 255, 255)
LEAST_CONTRAST = 1.2
"""Contrast (WCAG 2.2, "contrast ratio", 1 to 21) below which print is not seen: #EAEAEA on white. Nobody's small print
is that faint, and the faintest grey of a watermark is more."""
LEAST_ALPHA = 0.1
"""Share of its colour that ink has to have."""
LEAST_POINTS = 2.0
"""Height of print in points (1/72 inch) that can be read with a glass; conditions on the back of a contract have 4."""
_ALPHA = re.compile(r"(?:rgb|hsl)a?\((.*?)(?:,|/)\s*([\d.]+)(%?)\s*\)", re.DOTALL)
_LONG_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})([0-9a-f]{1,2})")


def shows(ink: Colour | None, ground: Colour | None) -> bool:
    """Whether ink is seen on this ground; where one of both is not known it may be."""
    return ink is None or ground is None or contrast(ink, ground) >= LEAST_CONTRAST


@lru_cache(1000)
def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of two colours (WCAG 2.2)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2)."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (one / 255 for one in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def of_hex(text: str | None) -> Colour | None:
    """The colour that six hexadecimal digits write, or eight with what is before them, as in office documents."""
    digits = (text or "").lstrip("#")[-6:]
    if not re.fullmatch(r"[0-9A-Fa-f]{6}", digits):
        return None
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


@lru_cache(1000)
def of_css(text: str) -> tuple[Colour | None, bool]:
    """The colour that a style sheet names, None where it is not known; and whether it is transparent."""
    name = " ".join(text.lower().split())
    if name == "transparent" or _is_clear(name):
        return None, True
    # how the library writes it: without an alpha, and with commas
    name = re.sub(r"(rgb|hsl)a?\(\s*([^,\s/)]+)[,\s]+([^,\s/)]+)[,\s]+([^,\s/)]+)[^)]*\)", r"\1(\2,\3,\4)", name)
    try:
        return ImageColor.getrgb(name)[:3], False
    except ValueError:
        return None, False


def _is_clear(name: str) -> bool:
    if found := _LONG_HEX.fullmatch(name):
        digits = found[1] if len(name) in (5, 9) else "ff"
        return int(digits, 16) < LEAST_ALPHA * float(16 ** len(digits) - 1)
    given = _ALPHA.fullmatch(name)
    if given is None or len(re.findall(r"[^,\s/]+", given[1])) != 3:
        return False
    return float(given[2].strip(".") or 0) / (100 if given[3] else 1) < LEAST_ALPHA
