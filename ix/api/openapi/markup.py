"""HTML as a tree, so that every text and attribute is escaped by the one who writes it out and nothing else has to
think of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias
from xml.etree.ElementTree import Element, tostring

Child: TypeAlias = "Element | str"


def tag(name: str, /, *children: Child, **attributes: str) -> Element:
    """An element; an attribute that Python cannot spell has an underscore at its end (`class_`)."""
    made = Element(name, {key.rstrip("_"): value for key, value in attributes.items()})
    last: Element | None = None
    for child in children:
        if isinstance(child, Element):
            made.append(last := child)
        elif last is None:
            made.text = (made.text or "") + child
        else:
            # text after a child hangs on the child (xml.etree)
            last.tail = (last.tail or "") + child
    return made


def prose(text: str) -> Iterator[Child]:
    """A text in which backticks mark code."""
    for at, part in enumerate(text.split("`")):
        if part:
            yield tag("code", part) if at % 2 else part


def written(root: Element) -> bytes:
    """The page of a root element, UTF-8."""
    html: bytes = tostring(root, "utf-8", method="html")
    return b"<!doctype html>\n" + html
