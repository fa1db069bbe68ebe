"""Text of HTML whose colour does not show on what is behind it, as in mails that hide words from people.

Of a style sheet the last rule that fits counts, and an element's own style before it: which rule is more specific is
not weighed. Behind an image anything may show."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from typing import Any, NamedTuple, TypeAlias

from ix.extraction.documents.colours import BLACK, WHITE, Colour, of_css, shows

COLOURED = re.compile(r"(?<![-\w])(?:bg)?color\b|background\b", re.IGNORECASE)
"""What there is in HTML that gives text or its ground a colour."""
DECLARATION = re.compile(r"(?:^|[;\s])(color|background(?:-color|-image)?)\s*:\s*([^;]{1,200})", re.IGNORECASE)
IMPORTANT = re.compile(r"!\s*important", re.IGNORECASE)
LINK: Colour = (0, 0, 238)
"""The colour of links that have none of their own (HTML, 15.3.4)."""
INK_ATTRIBUTES = {"font": "color", "body": "text"}
MAX_SELECTORS = 50
"""Selectors of style sheets with colours that are tried."""
MAX_MATCHES = 100_000
"""Elements that they select together; mails have a thousand."""
MAX_DECLARATIONS = 100
"""Declarations of one style that are read."""
Declared: TypeAlias = dict[str, str]
"""Values by the names of the properties that give colours."""
NOT_TEXT = frozenset(("script", "style", "template", "title", "noscript", "svg"))


class Look(NamedTuple):
    """How text of an element looks: its colour, whether that is transparent, and what is behind it."""

    ink: Colour | None = BLACK
    is_clear: bool = False
    ground: Colour | None = WHITE

    @property
    def shows(self) -> bool:
        """Whether a person sees it there."""
        return not self.is_clear and shows(self.ink, self.ground)


def drop_faint(tree: Any, rules: Iterable[tuple[str, str]], has_doctype: bool) -> int:
    """Takes out the texts that do not show, given the rules of its style sheets as (selector, style); how many they
    were. Without a doctype, as most mails are, tables have the colour of the body's text and not that of what they
    stand in (Quirks Mode Standard, 3.3)."""
    styles = _styles(tree, rules)
    plain = _look(tree.body, Look(), styles) if tree.body is not None else Look()
    waiting = [(tree.root, Look())]
    dropped = []
    while waiting:
        element, look = waiting.pop()
        for node in element.iter(include_text=True, skip_empty=True):
            if node.tag == "-text":
                dropped += [] if look.shows or not (node.text_content or "").strip() else [node]
            elif node.tag not in NOT_TEXT:
                reset = node.tag == "table" and not has_doctype
                around = look._replace(ink=plain.ink, is_clear=plain.is_clear) if reset else look
                waiting.append((node, _look(node, around, styles)))
    for node in dropped:
        node.decompose()
    return len(dropped)


def _styles(tree: Any, rules: Iterable[tuple[str, str]]) -> dict[int, Declared]:
    """What style sheets say of the colours of each element."""
    found: dict[int, Declared] = {}
    left = MAX_MATCHES
    coloured = ((selector, declared) for selector, style in rules if (declared := _declared(style)))
    for selector, declared in islice(coloured, MAX_SELECTORS):
        try:
            nodes = tree.css(selector)
        # a selector that the library does not know: it has no class of its own for that
        except Exception:
            continue
        left -= len(nodes)
        if left < 0:
            break
        for node in nodes:
            found[node.mem_id] = {**found[node.mem_id], **declared} if node.mem_id in found else declared
    return found


def _look(node: Any, around: Look, styles: dict[int, Declared]) -> Look:
    attributes = node.attributes
    look = around._replace(ink=LINK, is_clear=False) if node.tag == "a" and attributes.get("href") else around
    if colour := attributes.get(INK_ATTRIBUTES.get(node.tag, "")):
        look = _inked(look, colour)
    if attributes.get("background"):
        look = look._replace(ground=None)
    elif colour := attributes.get("bgcolor"):
        look = _grounded(look, colour)
    for name, value in {**styles.get(node.mem_id, {}), **_declared(attributes.get("style") or "")}.items():
        look = _inked(look, value) if name == "color" else _grounded(look, value)
    return look


def _declared(style: str) -> Declared:
    """What a style says of colours, the last of each kind."""
    if not COLOURED.search(style):
        return {}
    found = islice(DECLARATION.finditer(style), MAX_DECLARATIONS)
    return {one[1].lower(): IMPORTANT.sub("", one[2]).strip() for one in found}


def _inked(look: Look, value: str) -> Look:
    if value.lower() in ("inherit", "unset", "currentcolor"):
        return look
    ink, is_clear = of_css(value)
    return look._replace(ink=ink, is_clear=is_clear)


def _grounded(look: Look, value: str) -> Look:
    if re.search(r"url\s*\(|gradient|var\s*\(|image", value, re.IGNORECASE):
        return look._replace(ground=None)
    # of the shorthand, which names repetition and place too, the part that is a colour
    parts = [of_css(part) for part in re.findall(r"[^\s(]+(?:\([^)]*\))?", value)]
    colour = next((one for one, _ in parts if one is not None), None)
    return look if colour is None else look._replace(ground=colour)
