"""How runs of a Word document look (ECMA-376 part 1, 17.3.2 and 17.7): whether anybody sees them.

What is said nearest to a run counts: by itself, by its style, by its paragraph's. Colours that come from a theme, but
for the paper's, or from the style of a table are not known, and show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ix.extraction.documents.colours import BLACK, LEAST_POINTS, WHITE, Colour, of_hex, shows

OFF = frozenset(("0", "false", "off"))
HIGHLIGHTS: Mapping[str, Colour] = {"black": BLACK, "white": WHITE}
"""Markers that letters of one colour vanish on; of the others any may show."""
PAPER = ("background1", "light1")
"""What themes call the colour of the paper, which is white in nearly all."""
MOST_PARENTS = 20


class Look(NamedTuple):
    """What is said of text: hidden or not, its size in points, its colour, and its ground. None is what nothing is said
    of; `any_ground` that there may be any behind it."""

    hidden: bool | None = None
    points: float | None = None
    ink: Colour | None = None
    ground: Colour | None = None
    any_ground: bool = False

    def over(self, other: Look) -> Look:
        """This look, where it says nothing the other."""
        grounded = self if self.ground is not None or self.any_ground else other
        return Look(
            other.hidden if self.hidden is None else self.hidden,
            other.points if self.points is None else self.points,
            self.ink or other.ink,
            grounded.ground,
            grounded.any_ground,
        )

    @property
    def is_faint(self) -> bool:
        """Whether nothing but its colour keeps it from being seen."""
        return not self.hidden and (self.points is None or self.points >= LEAST_POINTS)

    @property
    def shows(self) -> bool:
        """Whether a person sees it."""
        if not self.is_faint:
            return False
        # black is what nothing else is said of, and what `auto` is on white
        return self.any_ground or shows(self.ink or BLACK, self.ground or WHITE)


class Looks:
    """The styles of a document, by their ids, and what they make of its runs."""

    def __init__(self, styles: Any) -> None:
        found = [] if styles is None else [one for one in styles if _name(one) == "style"]
        self._elements = {_value(one, "styleId"): one for one in found}
        self._known: dict[str, Look] = {}

    def shows(self, run: Any) -> bool:
        """Whether a person sees the run where it stands."""
        look = _said(run).over(self._styled(run, "rStyle"))
        above = [parent for parent, _ in zip(run.iterancestors(), range(MOST_PARENTS), strict=False)]
        paragraph = next((one for one in above if _name(one) == "p"), None)
        if paragraph is not None:
            look = look.over(_ground_of(paragraph)).over(self._styled(paragraph, "pStyle"))
        # most text shows on white: what else is behind it matters to the rest
        return look.shows or (look.is_faint and self._on_what_is_behind(look, above).shows)

    def _on_what_is_behind(self, look: Look, above: Sequence[Any]) -> Look:
        for parent in above:
            if _name(parent) == "tc":
                look = look.over(_ground_of(parent))
            elif _name(parent) in ("tbl", "txbxContent"):
                # the style of a table and the fill of a box give a ground too
                look = look.over(Look(any_ground=True))
        has_background = any(_name(one) == "background" for one in above[-1].getroottree().getroot())
        return look.over(Look(any_ground=True)) if has_background else look

    def _styled(self, element: Any, kind: str) -> Look:
        named = next((_value(one, "val") for one in _properties(element) if _name(one) == kind), "")
        return self._style(named, 0) if named else Look()

    def _style(self, named: str, depth: int) -> Look:
        if named not in self._known:
            element = self._elements.get(named)
            if element is None or depth > MOST_PARENTS:
                return Look()
            base = next((_value(one, "val") for one in element if _name(one) == "basedOn"), "")
            own = _said(element).over(_ground_of(element))
            self._known[named] = own.over(self._style(base, depth + 1)) if base else own
        return self._known[named]


def _said(element: Any) -> Look:
    """What the properties of a run, or of a style, say."""
    look = Look()
    for group in element:
        if _name(group) == "rPr":
            for one in group:
                look = _with(look, _name(one), one)
    return look


def _with(look: Look, name: str, one: Any) -> Look:
    value = _value(one, "val")
    if name == "vanish":
        return look._replace(hidden=value not in OFF)
    if name == "sz" and value.isdecimal():
        # in half points
        return look._replace(points=int(value) / 2)
    if name == "color":
        is_paper = _value(one, "themeColor") in PAPER and not _value(one, "themeShade")
        return look._replace(ink=WHITE if is_paper else of_hex(value))
    if name == "highlight":
        return look._replace(ground=HIGHLIGHTS.get(value), any_ground=value not in HIGHLIGHTS)
    return _shaded(look, one) if name == "shd" else look


def _ground_of(element: Any) -> Look:
    """What the properties of a paragraph, a cell or a style say of the ground, and of lines without height."""
    look = Look()
    for group in element:
        if _name(group) in ("pPr", "tcPr"):
            for one in group:
                look = _shaded(look, one) if _name(one) == "shd" else look
                if _name(one) == "spacing" and _value(one, "lineRule") == "exact":
                    look = look._replace(hidden=_is_flat(_value(one, "line")) or None)
    return look


def _is_flat(line: str) -> bool:
    """Whether lines of this height, in twentieths of a point, are too low to show any letter."""
    return line.isdecimal() and int(line) < 20 * LEAST_POINTS


def _shaded(look: Look, shading: Any) -> Look:
    fill = _value(shading, "fill")
    if fill in ("", "auto") and _value(shading, "val") in ("", "clear", "nil"):
        return look
    ground = of_hex(fill) if _value(shading, "val") in ("", "clear", "nil") else None
    return look._replace(ground=ground, any_ground=ground is None)


def _properties(element: Any) -> Iterator[Any]:
    return (one for group in element if _name(group) in ("rPr", "pPr") for one in group)


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _value(element: Any, name: str) -> str:
    """An attribute in whatever variant of the namespace the file has."""
    return next((str(value) for key, value in element.items() if key.rpartition("}")[2] == name), "")
