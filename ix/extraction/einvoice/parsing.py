"""XML of strangers, read into a plain tree: no document types, no entities, nothing fetched, nothing without a bound.

One parser, expat, which the standard library carries: what a second one would be asked to look at again, it might
read otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from ix.errors import DocumentError

MAX_BYTES = 20 << 20
"""Largest invoice, bytes (20 MiB): those with their attachments within are the largest, a line takes 2 kB."""
MAX_ELEMENTS = 200_000
"""Most elements; a line of an invoice has about 40."""
MAX_DEPTH = 64
"""Deepest nesting; EN 16931 needs 11, its extensions 16."""
MAX_ATTRIBUTES = 64
"""Most attributes of one element; a root that declares and locates every schema has 20."""
MAX_TEXT = 100_000
"""Characters kept of one element's text."""
_SPACE = b" \t\r\n\xef\xbb\xbf"
_PACKED = frozenset({"EmbeddedDocumentBinaryObject", "AttachmentBinaryObject", "Attachment"})
"""Elements that hold files in base64, whose text is not kept."""


@dataclass(slots=True)
class Element:
    """One element. `name` is its local name, `space` the URI of its namespace, `number` says which of its parent's
    children of this name it is, from 1."""

    name: str
    space: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    parent: Element | None = None
    number: int = 1
    children: list[Element] = field(default_factory=list)
    text: str = ""

    @property
    def path(self) -> str:
        """Where it stands, as an XPath of local names: `/Invoice/InvoiceLine[2]/ID`."""
        own = f"/{self.name}" if self.number == 1 else f"/{self.name}[{self.number}]"
        return own if self.parent is None else self.parent.path + own

    def walk(self) -> Iterator[Element]:
        """It and everything below it, in the order of the document."""
        waiting = [self]
        while waiting:
            yield (one := waiting.pop())
            waiting.extend(reversed(one.children))


class _Builder:
    """Makes elements of what expat tells, within the bounds."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._texts: list[list[str]] = []
        self._seen: list[dict[str, int]] = []
        self._count = 0

    def start(self, qualified: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise _refused(f"it has more than {MAX_ELEMENTS} elements")
        if len(self._open) >= MAX_DEPTH:
            raise _refused(f"it is nested deeper than {MAX_DEPTH} elements")
        if len(attributes) > MAX_ATTRIBUTES:
            raise _refused(f"an element has more than {MAX_ATTRIBUTES} attributes")
        space, _, name = qualified.rpartition(" ")
        parent = self._open[-1] if self._open else None
        element = Element(name, space, {key.rpartition(" ")[2]: value for key, value in attributes.items()}, parent)
        if parent is None:
            self.root = element
        else:
            parent.children.append(element)
            element.number = self._seen[-1][name] = self._seen[-1].get(name, 0) + 1
        self._open.append(element)
        self._texts.append([])
        self._seen.append({})

    def end(self, _: str) -> None:
        element, texts = self._open.pop(), self._texts.pop()
        self._seen.pop()
        element.text = "".join(texts).strip()[:MAX_TEXT]

    def characters(self, text: str) -> None:
        if self._open[-1].name not in _PACKED:
            self._texts[-1].append(text)


def parsed(data: bytes) -> Element:
    """The root of the XML in these bytes. Raises `DocumentError` for what is no XML, or is more than an invoice is."""
    if len(data) > MAX_BYTES:
        raise _refused(f"it has more than {MAX_BYTES} bytes")
    try:
        return _built(data)
    except _Misread:
        # who names an encoding that expat does not know has mostly written UTF-8 all the same
        return _built(data, "UTF-8")


def root_of(start: bytes) -> tuple[str, str]:
    """Namespace and local name of the root, by the first few thousand bytes; empty where they are no XML."""
    found: list[str] = []

    def stop(qualified: str, _: dict[str, str]) -> None:
        found.append(qualified)
        raise StopIteration

    for encoding in (None, "UTF-8"):
        reader = _reader(encoding)
        reader.StartElementHandler = stop
        try:
            reader.Parse(start.lstrip(_SPACE), False)
        except StopIteration:
            space, _, name = found[0].rpartition(" ")
            return space, name
        except (expat.ExpatError, LookupError, ValueError, DocumentError):
            continue
    return "", ""


def _built(data: bytes, encoding: str | None = None) -> Element:
    builder, reader = _Builder(), _reader(encoding)
    reader.StartElementHandler, reader.EndElementHandler = builder.start, builder.end
    reader.CharacterDataHandler = builder.characters
    try:
        reader.Parse(data.lstrip(_SPACE), True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        # an encoding of Python's that is not one byte a letter is tried as if it were
        if encoding is None:
            raise _Misread from None
        raise _refused(f"line {getattr(error, 'lineno', 1)} is not well-formed") from None
    assert builder.root is not None
    return builder.root


class _Misread(Exception):
    """It is no XML in the encoding that it names."""


def _reader(encoding: str | None) -> Any:
    reader = expat.ParserCreate(encoding, namespace_separator=" ")
    reader.buffer_text = True
    # entities live in document types alone, and no invoice has one
    reader.StartDoctypeDeclHandler = _no_document_type
    return reader


def _no_document_type(*_: object) -> None:
    raise _refused("it declares a document type")


def _refused(reason: str) -> DocumentError:
    return DocumentError(f"the XML cannot be read: {reason}")
