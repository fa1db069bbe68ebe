"""The task of a child of its own: an electronic invoice checked with the official rules, compiled Schematron (XSLT).

The rules stand in a folder that the operator names. A file in that folder itself is for every invoice of the syntax
that it declares; one in a subfolder is for those whose specification (BT-24) has the subfolder's name in it:

    EN16931-UBL-validation.xslt                 every invoice in UBL
    xrechnung/XRechnung-UBL-validation.xsl      urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0

The processor opens what a document type names, so that it gets a tree written anew, which has none. The processor's
Java heap needs address space that no limit of that kind would leave it: this child's limit is one of data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from ix.errors import DocumentError
from ix.extraction.einvoice.kinds import CII, UBL, syntax_of
from ix.extraction.einvoice.parsing import MAX_BYTES, parsed
from ix.extraction.processes.frames import Body, Frame

SUFFIXES = frozenset({".xsl", ".xslt"})
"""Ends of the names of rule files."""
MOST = 100
"""Most broken rules that one file tells of; the rest is counted."""
LONGEST = 500
"""Characters of one message."""
HEAD = 8192
"""Bytes in which a rule file says its version and the syntax that it is for: the licence, and the root's namespaces."""
_SYNTAX = ((CII, b"CrossIndustryInvoice:100"), (UBL, b"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"))
_VERSION = re.compile(rb"<!--[^>]*?[Vv]ersion:?\s+v?(\d[\w.-]*)")
_STEP = re.compile(r"/(?:\*:|\w+:)?([\w.-]+)(?:\[namespace-uri\(\)='[^']*'\])?(?:\[(\d+)\])?")
_PROFILE = ("CustomizationID", "GuidelineSpecifiedDocumentContextParameter")
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"


def handle(body: Body, blobs: list[bytes]) -> Frame:
    """Which rules of the folder an invoice breaks, `{"folder": …}` and the invoice: for each its file, that file's
    version, its name, its flag, where, and what it says. Without an invoice all rules are read and counted. Raises
    `DocumentError` for what cannot be checked."""
    folder = Path(body["folder"])
    if not blobs:
        return {"files": [file.name for file in _files(folder) if _compiled(file)]}, []
    root, profile = _parsed(blobs[0])
    syntax = syntax_of(etree.QName(root).namespace or "", etree.QName(root).localname)
    # without a declaration, so that nobody reads it in another encoding
    text = etree.tostring(root, encoding="unicode")
    files = [file for file in _files(folder) if _is_for(file, folder, syntax, profile)]
    return {
        "files": [file.name for file in files],
        "broken": [one for file in files for one in _broken(file, text)],
    }, []


def rule_files(folder: Path) -> list[Path]:
    """The rule files of a folder and its subfolders, by name."""
    return sorted(file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES)


_files = cache(rule_files)


def _parsed(data: bytes) -> tuple[Any, str]:
    """The invoice as a tree without a document type, and its specification. Raises `DocumentError`."""
    # first what refuses document types and bounds everything, so that a second parser sees nothing else
    said = parsed(data)
    profile = next((one for one in said.walk() if one.name in _PROFILE), None)
    names = profile.text or " ".join(one.text for one in profile.children) if profile else ""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_pis=True, huge_tree=False)
    try:
        root = etree.fromstring(data.strip()[:MAX_BYTES], parser)
    except (etree.XMLSyntaxError, ValueError):
        raise DocumentError("the XML cannot be checked: it is in an encoding that is not known") from None
    if root.getroottree().docinfo.doctype:
        raise DocumentError("the XML cannot be checked: it declares a document type")
    return root, names.lower()


def _is_for(file: Path, folder: Path, syntax: str | None, profile: str) -> bool:
    *folders, _ = file.relative_to(folder).parts
    return _syntax(file) == syntax and all(name.lower() in profile for name in folders)


@cache
def _head(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(HEAD)


def _syntax(file: Path) -> str | None:
    return next((syntax for syntax, name in _SYNTAX if name in _head(file)), None)


def _version(file: Path) -> str:
    found = _VERSION.search(_head(file))
    return found[1].decode() if found else ""


@cache
def _processor() -> Any:
    import saxonche

    return saxonche.PySaxonProcessor(license=False)


@cache
def _compiled(file: Path) -> Any:
    """A rule file, compiled once. Raises what the processor does where it is none."""
    return _processor().new_xslt30_processor().compile_stylesheet(stylesheet_file=str(file))


def _broken(file: Path, text: str) -> Iterator[Sequence[str]]:
    written = _compiled(file).transform_to_string(xdm_node=_processor().parse_xml(xml_text=text))
    report = etree.fromstring((written or "<none/>").encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    # an assertion that fails and a report that comes true say the same: a rule is broken
    found = list(report.iter(f"{_SVRL}failed-assert", f"{_SVRL}successful-report"))
    for one in found[:MOST]:
        said = " ".join("".join(one.itertext()).split())[:LONGEST]
        flag = one.get("flag") or one.get("role") or ""
        yield file.name, _version(file), one.get("id") or "", flag, _path(one.get("location") or ""), said
    if len(found) > MOST:
        yield file.name, _version(file), "", "", "", f"{len(found) - MOST} more"


def _path(location: str) -> str:
    """Where a rule is broken, as an XPath of local names: `/Invoice/InvoiceLine[2]`."""
    steps = (f"/{name}" if number in ("", "1") else f"/{name}[{number}]" for name, number in _STEP.findall(location))
    return "".join(steps)[:LONGEST]
