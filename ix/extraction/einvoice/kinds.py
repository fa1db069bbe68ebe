"""Which XML is an electronic invoice, by its root: all that whoever opens documents needs to know of it."""

from __future__ import annotations

from ix.extraction.einvoice.parsing import root_of

START = 64 << 10
"""Bytes within which a root begins, behind whatever comments (64 KiB)."""
CII, UBL, FATTURAPA = "CII", "UBL", "FatturaPA"
_ROOTS: dict[str, tuple[frozenset[str], tuple[str, ...]]] = {
    CII: (
        frozenset({"CrossIndustryInvoice", "CrossIndustryDocument", "SCRDMCCBDACIOMessageStructure", "Invoice"}),
        ("urn:un:unece:uncefact:data:", "urn:ferd:"),
    ),
    UBL: (frozenset({"Invoice", "CreditNote"}), ("urn:oasis:names:specification:ubl:schema:xsd:",)),
    FATTURAPA: (
        frozenset({"FatturaElettronica"}),
        ("http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/", "http://www.fatturapa.gov.it/sdi/fatturapa/"),
    ),
}
"""Names of roots by syntax, and with what their namespaces begin."""


def syntax_of(space: str, name: str) -> str | None:
    """The syntax that has a root of this namespace and name."""
    return next(
        (syntax for syntax, (names, spaces) in _ROOTS.items() if name in names and space.startswith(spaces)), None
    )


def is_einvoice(data: bytes) -> bool:
    """Whether these bytes are an electronic invoice's, by their root."""
    return syntax_of(*root_of(data[:START])) is not None
