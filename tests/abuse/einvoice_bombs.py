"""Electronic invoices that ask for a great deal: alone, and attached to a sound PDF."""

from __future__ import annotations

from tests.abuse.swelling import MIB, deflated, laughing_xml
from tests.extraction.einvoice.invoices import PAGE, carrier, cii, ubl
from tests.extraction.pdfs import Sheet, lines, pdf

START, END = ubl().split(b"<cbc:Note>")[0], b"</Invoice>"


def laughing(encoding: str = "utf-8") -> bytes:
    """An invoice that is a billion laughs."""
    root = ubl().partition(b"?>")[2].decode().replace("Thank you", "&l12;")
    return laughing_xml().decode().replace("<x>&l12;</x>", root).encode(encoding)


def outside() -> bytes:
    """An invoice whose number is a file of the machine."""
    declared = b'<?xml version="1.0"?><!DOCTYPE Invoice [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    return declared + ubl().partition(b"?>")[2].replace(b"R-2024-0815<", b"&f;<")


def deep() -> bytes:
    """An invoice of elements within each other."""
    return START + b"<a>" * 300_000 + b"</a>" * 300_000 + END


def wide() -> bytes:
    """An invoice of more elements than any has."""
    return START + b"<a>1</a>" * 400_000 + END


def crowded() -> bytes:
    """An invoice with an element of 300,000 attributes."""
    return START + b"<a " + b" ".join(b'a%d="1"' % number for number in range(300_000)) + b"/>" + END


def endless() -> bytes:
    """An invoice with a note of 15 MB."""
    return ubl().replace(b"Thank you", b"x" * 15_000_000)


def crooked() -> bytes:
    """An invoice of 5,000 namespaces, each in the other."""
    spaces = b" ".join(b'xmlns:a%d="urn:%d"' % (number, number) for number in range(60))
    return START + (b"<a " + spaces + b">") * 50 + b"</a>" * 50 + END


def attached(data: bytes) -> bytes:
    """A sound PDF with this as its electronic invoice."""
    return carrier(("factur-x.xml", data))


def swelling() -> bytes:
    """A PDF whose electronic invoice unpacks to a gigabyte."""
    packed = deflated(b" ", 1024 * MIB)
    file = f"<< /Type /EmbeddedFile /Length {len(packed)} /Filter /FlateDecode >>\nstream\n".encode()
    named = b"<< /Type /Filespec /F (factur-x.xml) /UF (factur-x.xml) /EF << /F 1000 0 R >> >>"
    objects = {1000: file + packed + b"\nendstream", 1001: named}
    return pdf(
        Sheet(lines(*PAGE)), extra=objects, catalog="/Names << /EmbeddedFiles << /Names [(factur-x.xml) 1001 0 R] >> >>"
    )


def many() -> bytes:
    """A PDF with an electronic invoice of 600 positions."""
    start, end = cii().index(b"<ram:IncludedSupplyChain"), cii().index(b"<ram:ApplicableHeaderTradeAgreement")
    return carrier(("factur-x.xml", cii()[:start] + cii()[start:end] * 300 + cii()[end:]))
