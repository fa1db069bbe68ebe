"""PDFs that end too early, as half a download or a mail that was cut off does: without the table that says where their
objects lie, and sometimes without the objects that say which are pages.

pdfium looks for objects by itself where that table is missing, but wants a trailer that names the root of them all (ISO
32000-1, 7.5.5). So one is written after what is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, islice, pairwise
from typing import NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

CUT_OFF = "the PDF is damaged or cut off: it was read as far as it goes"
MOST_LOOKED_AT = 10
"""Pages on which something is looked for that was not lost."""
MAX_OBJECTS = 200_000
"""Objects that are looked at; a printed page has about ten."""
MAX_KIDS = 10_000
"""Pages that are collected of a file that has lost their tree."""
_HEAD = re.compile(rb"(?<!\d)(\d{1,10})[ \t\r\n]{1,4}(\d{1,5})[ \t\r\n]{1,4}obj(?![a-z])")
_TYPE = re.compile(rb"/Type[ \t\r\n]{0,4}/(Catalog|Page)(?![A-Za-z])")
_ENCRYPTED = re.compile(rb"/Filter[ \t\r\n]{0,4}/Standard(?![A-Za-z])")
_DICTIONARY = 100_000
"""Bytes of an object in which its type is looked for."""


class _Found(NamedTuple):
    """A catalogue or a page: its object's number and generation."""

    kind: bytes
    number: int
    generation: int

    @property
    def reference(self) -> bytes:
        return b"%d %d R" % (self.number, self.generation)


def opened(data: bytes, password: str | None = None) -> tuple[pdfium.PdfDocument, list[str]]:
    """The document, and warnings where it had to be completed. Raises pdfium's own error where that is no help."""
    try:
        return pdfium.PdfDocument(data, password), []
    except pdfium.PdfiumError as error:
        if error.err_code != pdfium_c.FPDF_ERR_FORMAT or not (whole := completed(data)):
            raise
    document = pdfium.PdfDocument(whole, password)
    if not _shows_anything(document):
        document.close()
        raise pdfium.PdfiumError("nothing is left on its pages", pdfium_c.FPDF_ERR_FORMAT)
    return document, [CUT_OFF]


def completed(data: bytes) -> bytes:
    """What is whole of the file, with a trailer; empty where it holds neither a catalogue nor a page."""
    # half an object, or half a trailer, would be read together with what is appended
    body = data[: data.rfind(b"endobj") + len(b"endobj")]
    # how an encrypted file is read stood in its trailer
    if _ENCRYPTED.search(body):
        return b""
    found = list(_catalogues_and_pages(body))
    if roots := [one for one in found if one.kind == b"Catalog"]:
        # of several the last counts, which an update has appended
        return body + _trailer(roots[-1].reference)
    if not found:
        return b""
    number = max(int(head[1]) for head in islice(_HEAD.finditer(body), MAX_OBJECTS)) + 1
    kids = b" ".join(dict.fromkeys(one.reference for one in found[:MAX_KIDS]))
    root = b"\n%d 0 obj\n<< /Type /Catalog /Pages %d 0 R >>\nendobj\n" % (number, number + 1)
    tree = b"%d 0 obj\n<< /Type /Pages /Count %d /Kids [%s] >>\nendobj\n" % (number + 1, kids.count(b"R"), kids)
    return body + root + tree + _trailer(b"%d 0 R" % number)


def _shows_anything(document: pdfium.PdfDocument) -> bool:
    for index in range(min(len(document), MOST_LOOKED_AT)):
        page = document[index]
        drawn = pdfium_c.FPDFPage_CountObjects(page)
        page.close()
        if drawn:
            return True
    return False


def _catalogues_and_pages(body: bytes) -> Iterator[_Found]:
    for head, after in pairwise(chain(islice(_HEAD.finditer(body), MAX_OBJECTS), [None])):
        if head is None:
            return
        end = after.start() if after else len(body)
        stream = body.find(b"stream", head.end(), end)
        dictionary = body[head.end() : min(stream if stream >= 0 else end, head.end() + _DICTIONARY)]
        if kind := _TYPE.search(dictionary):
            yield _Found(kind[1], int(head[1]), int(head[2]))


def _trailer(root: bytes) -> bytes:
    return b"\ntrailer\n<< /Root %s >>\nstartxref\n0\n%%%%EOF\n" % root
