"""E-mail, as .eml or .msg: the pages of its body, then those of each attachment, in any format that is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from PIL import Image

from ix.errors import DocumentError
from ix.extraction.documents import Decoded, Layered, Limits, OpenedDocument, OpenedPage, chosen, recognised
from ix.extraction.documents.budget import Budget
from ix.extraction.documents.grid import GridDocument, Section, paragraph
from ix.extraction.documents.html import Shown
from ix.extraction.documents.letters import Attachment, Letter, from_mime, from_msg, is_mime, is_msg, letter_in
from ix.extraction.documents.plain import plain
from ix.extraction.ranges import ALL, Ranges

MEMORY = 96 << 20
"""What a page may take, bytes (96 MiB): that of a PDF or a table, and the libraries that read them."""
MAX_DEPTH = 3
"""Mails in each other that are opened, the first one counted."""
MAX_ATTACHMENTS = 50
"""Files of a mail, those of mails in it counted too."""


class MailFormat:
    """Mail with header and body; an attachment that cannot be read is a warning."""

    name = "e-mail (.eml, .msg)"
    # before PDF, whose header may stand anywhere in the first kilobyte, as in a file that is attached
    rank = 5
    memory = MEMORY

    def recognises(self, data: bytes) -> bool:
        return is_msg(data) or is_mime(data)

    def open(self, data: bytes, limits: Limits) -> MailDocument:
        return MailDocument(data, limits)


@dataclass(frozen=True, slots=True)
class Part:
    """A document within a mail. `origin` says on its pages where they come from; `size`, bytes, and `memory` are what
    its budget is made of; `ranges` are those of its pages that are read."""

    document: OpenedDocument
    origin: str = ""
    size: int = 0
    memory: int | None = None
    ranges: Ranges = ALL

    @property
    def wanted(self) -> int:
        """How many of its pages are read."""
        return len(self.ranges.of(len(self.document)))


class MailDocument:
    """The body, and each attachment that can be opened, one after the other."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._limits, self._parts, self._unread = limits, list[Part](), list[str]()
        self._files = 0
        try:
            self._add_mail(from_msg(data) if is_msg(data) else from_mime(data), "", 1)
            if not len(self):
                raise DocumentError("the mail has nothing that can be read")
        except BaseException:
            self.close()
            raise

    def __len__(self) -> int:
        return sum(len(part.document) for part in self._parts)

    def pages(self) -> Iterator[OpenedPage]:
        # what could not be opened is told by the first page, which is the body's
        warnings = self._unread
        for part in self._parts:
            for page in _pages(part):
                yield replace(page, warnings=[*warnings, *page.warnings])
                warnings = []

    def image(self, page: int, dpi: int, longest: int) -> Image.Image:
        document, own = self._at(page)
        return document.image(own, dpi, longest)

    def rest(self, page: int, dpi: int, longest: int) -> Image.Image:
        document, own = self._at(page)
        return (document.rest if isinstance(document, Layered) else document.image)(own, dpi, longest)

    @property
    def remarks(self) -> list[str]:
        return [
            remark for part in self._parts if isinstance(part.document, Decoded) for remark in part.document.remarks
        ]

    def pixels(self, page: int) -> int:
        document, own = self._at(page)
        return document.pixels(own) if isinstance(document, Decoded) else 0

    def _at(self, page: int) -> tuple[OpenedDocument, int]:
        """The document that a page (0-based) is of, and its number there."""
        for part in self._parts:
            if page < len(part.document):
                return part.document, page
            page -= len(part.document)
        raise DocumentError(f"the document has no page {page + 1}")

    def close(self) -> None:
        for part in self._parts:
            # one that cannot be closed must not keep the others open
            with suppress(DocumentError):
                part.document.close()

    def _add_mail(self, letter: Letter, origin: str, depth: int) -> None:
        left = self._left()
        self._add(Part(body(letter, left), origin, ranges=left.ranges))
        for file in letter.attachments:
            # what lies behind the last page that is read is not opened
            if not self._left().ranges.parts:
                return
            self._files += 1
            if self._files > MAX_ATTACHMENTS:
                message = f"the mail has more than {MAX_ATTACHMENTS} attachments"
                raise DocumentError(message, code="document_too_large")
            self._add_file(file, ", ".join(filter(None, (origin, f"attachment {file.name}"))), depth)

    def _add_file(self, file: Attachment, origin: str, depth: int) -> None:
        """Opens an attachment. Too many pages end the job, as they would in a document of their own; whatever else is
        wrong with it is a warning."""
        try:
            if (letter := letter_in(file)) is None:
                self._add_document(file.data, origin)
            elif depth < MAX_DEPTH:
                self._add_mail(letter, origin, depth + 1)
            else:
                raise DocumentError(f"more than {MAX_DEPTH} mails are in each other")
        except DocumentError as error:
            if error.code == "document_too_large":
                raise
            self._unread.append(f"attachment_unread: {origin} was not read: {error.message}")

    def _add_document(self, data: bytes, origin: str) -> None:
        found = recognised(data)
        Budget.within(len(data), found.memory)
        left = self._left()
        self._add(Part(found.open(data, left), origin, len(data), found.memory, left.ranges))

    def _add(self, part: Part) -> None:
        self._parts.append(part)
        chosen(len(self), self._limits)

    def _left(self) -> Limits:
        """The limits of what is still to come. One page is always left, for whoever opens to say that it is too
        many."""
        ranges, count = self._limits.ranges, len(self)
        return replace(
            self._limits, pages=max(self._limits.pages - len(ranges.of(count)), 1), ranges=ranges.after(count)
        )


def _pages(part: Part) -> Iterator[OpenedPage]:
    """The pages of a part. Those that cannot be read are empty and say so, so that the others keep their numbers."""
    read = 0
    try:
        pages = part.document.pages()
        for _ in range(part.wanted):
            # each time anew: whoever asked for the page has let memory grow since
            Budget.within(part.size, part.memory)
            page = next(pages)
            yield replace(page, warnings=[*filter(None, [part.origin]), *page.warnings])
            read += 1
    except DocumentError as error:
        warning = f"attachment_unread: {part.origin or 'the body'} was not read: {error.message}"
        for _ in range(part.wanted - read):
            yield OpenedPage(1, 1, warnings=[warning])


def body(letter: Letter, limits: Limits) -> GridDocument:
    """The header as a person is shown it, and the body below it."""
    warnings: list[str] = []
    lines: list[str] = [line for name, text in letter.fields.items() for line in paragraph(f"{name}: {text}")]
    text: Section = plain(letter.plain)
    if letter.reads_html:
        shown = Shown.of(letter.html)
        text, warnings = shown.lines, shown.warnings
    if letter.decorations:
        warnings = [*warnings, f"small pictures of the body that were not read: {letter.decorations}"]
    return GridDocument(_joined(lines, text), limits, warnings)


def _joined(header: Sequence[str], text: Section) -> Iterator[Section]:
    yield [*header, "", *text]


FORMAT = MailFormat()
