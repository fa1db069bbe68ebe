"""What styles of OpenDocument make of text (part 3, 16 and 20): whether anybody sees it."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from ix.extraction.documents.colours import BLACK, LEAST_POINTS, WHITE, Colour, of_hex, shows

_NS = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
STYLE, TEXT, TABLE = (_NS % name for name in ("style", "text", "table"))
FO = _NS % "xsl-fo-compatible"
MOST_PARENTS = 20


class Look(NamedTuple):
    """What a style says of text: hidden or not, its size in points, its colour and its ground; None is what it says
    nothing of."""

    hidden: bool | None = None
    points: float | None = None
    ink: Colour | None = None
    ground: Colour | None = None

    def over(self, other: Look) -> Look:
        """This look, where it says nothing the other."""
        return Look(
            other.hidden if self.hidden is None else self.hidden,
            other.points if self.points is None else self.points,
            self.ink or other.ink,
            self.ground or other.ground,
        )


class Looks:
    """The styles of a document, by their names."""

    def __init__(self) -> None:
        self._styles: dict[str, tuple[Look, str]] = {}

    def learn(self, content: Any) -> None:
        """Learns the styles of a part."""
        for style in content.iter(STYLE + "style"):
            look = Look()
            for props in style:
                look = _said(props).over(look)
            self._styles[style.get(STYLE + "name") or ""] = look, style.get(STYLE + "parent-style-name") or ""

    def hides(self, element: Any) -> bool:
        """Whether the style of an element hides it, or its text does not show on what is behind it."""
        look = self._of(element)
        if look.hidden or (look.points is not None and look.points < LEAST_POINTS):
            return True
        if look.ink is None and look.ground is None:
            return False
        ink, ground = look.ink or BLACK, look.ground or WHITE
        return not shows(ink, ground) and (look.ground is not None or not shows(ink, self._behind(element)))

    def _behind(self, element: Any) -> Colour | None:
        """The ground that elements around this one give it; None where it may be any."""
        for parent, _ in zip(element.iterancestors(), range(MOST_PARENTS), strict=False):
            if str(parent.tag).endswith("}text-box"):
                return None
            if ground := self._of(parent).ground:
                return ground
        return WHITE

    def _of(self, element: Any) -> Look:
        named, look = element.get(TEXT + "style-name") or element.get(TABLE + "style-name"), Look()
        for _ in range(MOST_PARENTS):
            if named not in self._styles:
                break
            own, named = self._styles[named]
            look = look.over(own)
        return look


def _said(props: Any) -> Look:
    hidden = props.get(TEXT + "display") == "none" or props.get(TABLE + "display") == "false"
    size = re.fullmatch(r"(\d{1,4}(?:\.\d{1,4})?)pt", props.get(FO + "font-size") or "")
    return Look(
        True if hidden else None,
        float(size[1]) if size else None,
        of_hex(props.get(FO + "color")),
        of_hex(props.get(FO + "background-color")),
    )
