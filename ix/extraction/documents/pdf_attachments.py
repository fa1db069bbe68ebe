"""The electronic invoice among the files that are attached to a PDF."""

from __future__ import annotations

import re

import pypdfium2 as pdfium

_NAME = re.compile(r"(factur-?x|xrechnung|order-?x|zugferd).*\.xml", re.IGNORECASE)
"""Names that Factur-X, ZUGFeRD, XRechnung and Order-X give the file, and what writers make of them."""
_XML = re.compile(r".*\.xml", re.IGNORECASE)
MOST_FILES = 1_000
"""Attached files that are looked at."""


def einvoice(document: pdfium.PdfDocument) -> bytes:
    """The electronic invoice attached to a PDF; empty where there is none. Of several, that of the newest standard."""
    if not (count := document.count_attachments()):
        return b""
    # not before a file is attached: it brings a parser of XML
    from ix.extraction.einvoice.kinds import is_einvoice

    found = [document.get_attachment(at) for at in range(min(count, MOST_FILES))]
    named = sorted((_rank(one.get_name()), at) for at, one in enumerate(found))
    for rank, at in named:
        if rank >= _NONE:
            break
        data = _content(found[at])
        # a file that only ends like one, a list of articles say, is none
        if data and (rank < _OTHER or is_einvoice(data)):
            return data
    return b""


_ORDER = ("factur", "xrechnung", "order", "zugferd")
_OTHER, _NONE = len(_ORDER), len(_ORDER) + 1


def _rank(name: str) -> int:
    """How soon a file of this name is taken; `_NONE` for one that is not."""
    if match := _NAME.search(name):
        return next(at for at, begin in enumerate(_ORDER) if match[1].lower().startswith(begin))
    return _OTHER if _XML.fullmatch(name) else _NONE


def _content(attachment: pdfium.PdfAttachment) -> bytes:
    """The bytes of an attached file, no more of them than show that it is too large; empty where it has none."""
    from ix.extraction.einvoice.parsing import MAX_BYTES

    try:
        return bytes(memoryview(attachment.get_data())[: MAX_BYTES + 1])
    except pdfium.PdfiumError:
        return b""
