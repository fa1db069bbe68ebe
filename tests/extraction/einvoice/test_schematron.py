"""Official rules, compiled Schematron that a setting names: applied by a child that reads nothing an invoice names."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ix.cli.doctor import rules as doctor
from ix.cli.doctor.patient import Patient, State
from ix.config import Settings
from ix.errors import ConfigError, DocumentError
from ix.extraction import answering, rulebook
from ix.extraction.einvoice import schematron
from ix.extraction.page import Document, ReadPage
from ix.extraction.pipeline import Extractor
from ix.extraction.rulebook import Rulebook
from ix.use_cases.invoice import USE_CASE
from tests.extraction.einvoice.invoices import cii, ubl

pytest.importorskip("saxonche")

RULES = """<!-- Schematron version 1.2.3 - small --><xsl:stylesheet version="2.0"
 xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:svrl="http://purl.oclc.org/dsdl/svrl"
 xmlns:ubl="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
 <xsl:template match="/"><svrl:schematron-output>
  <xsl:for-each select="//cbc:PayableAmount[. != '59.50']">
   <svrl:failed-assert id="BR-TEST-1" flag="fatal"
     location="/*:Invoice[namespace-uri()='urn:x'][1]/*:LegalMonetaryTotal[namespace-uri()='y'][1]/*:PayableAmount[1]">
    <svrl:text>due is <xsl:value-of select="."/></svrl:text></svrl:failed-assert>
  </xsl:for-each>
  <xsl:for-each select="//cbc:Note[starts-with(., 'file:')]">
   <svrl:failed-assert id="READ" flag="fatal" location="/"><svrl:text><xsl:value-of
     select="if (unparsed-text-available(.)) then unparsed-text(.) else 'nothing'"/></svrl:text></svrl:failed-assert>
  </xsl:for-each>
 </svrl:schematron-output></xsl:template>
</xsl:stylesheet>"""
"""Rules made here, that also do what no rules should: open what an invoice names."""
BROKEN = ubl().replace(b"PayableAmount>59.50", b"PayableAmount>59.51")
WHERE = "/Invoice/LegalMonetaryTotal/PayableAmount"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "xrechnung").mkdir()
    (tmp_path / "small.xslt").write_text(RULES)
    (tmp_path / "xrechnung" / "more.XSL").write_text(RULES.replace("BR-TEST-1", "BR-DE-TEST"))
    return tmp_path


@pytest.fixture
async def rules(folder: Path) -> AsyncIterator[Rulebook]:
    book = Rulebook(Settings(einvoice_rules=str(folder)))
    book.check()
    yield book
    await book.stop()


def ids(folder: Path, data: bytes) -> list[str]:
    return [one[2] for one in schematron.handle({"folder": str(folder)}, [data])[0]["broken"]]


async def test_broken_rules_are_findings_with_rule_flag_version_and_place_in_a_confined_child(
    rules: Rulebook, tmp_path: Path
) -> None:
    secret = tmp_path.parent / "secret.txt"
    secret.write_text("not for an invoice to read")
    named = BROKEN.replace(b"Thank you", f"file://{secret}".encode())
    due, read = await rules.broken(named)
    assert due == (
        "einvoice_schematron",
        f"BR-TEST-1 (fatal): due is 59.51 [small.xslt 1.2.3, {WHERE}]",
        WHERE,
    )
    assert read[1].startswith("READ (fatal): nothing")
    assert await rules.broken(ubl()) == []
    assert sorted(await rules.files()) == ["more.XSL", "small.xslt"]


def test_rules_of_a_subfolder_are_for_the_specification_of_its_name_and_all_for_their_syntax(folder: Path) -> None:
    german = BROKEN.replace(b"urn:cen.eu:en16931:2017<", b"urn:cen.eu:en16931:2017#compliant#XRechnung_3.0<")
    assert (ids(folder, BROKEN), ids(folder, german)) == (["BR-TEST-1"], ["BR-TEST-1", "BR-DE-TEST"])
    assert schematron.handle({"folder": str(folder)}, [cii()])[0]["files"] == []


@pytest.mark.parametrize(
    "start",
    [
        '<!DOCTYPE Invoice [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE Invoice SYSTEM "file:///etc/hostname">',
        '<!DOCTYPE Invoice [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>',
    ],
)
def test_an_invoice_with_a_document_type_reaches_no_processor(
    folder: Path, start: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schematron, "_broken", lambda *_: pytest.fail("was handed over"))
    text = ubl().decode().replace("<Invoice ", f"{start}<Invoice ", 1)
    for encoding in ("utf-8", "utf-16"):
        with pytest.raises(DocumentError, match="document type"):
            schematron.handle({"folder": str(folder)}, [text.replace("UTF-8", encoding).encode(encoding)])


@pytest.mark.parametrize(
    "within",
    [
        '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/hostname" parse="text"/>',
        '<xsl:include xmlns:xsl="http://www.w3.org/1999/XSL/Transform" href="file:///etc/hostname"/>',
        "<cbc:Note>document('file:///etc/hostname')</cbc:Note>",
    ],
)
def test_what_an_invoice_would_include_is_not_included(folder: Path, within: str) -> None:
    # as elements of no meaning they are compared with rules like any other
    start = '<?xml-stylesheet type="text/xsl" href="file:///etc/hostname"?><Invoice '
    data = ubl(within).replace(b"<Invoice ", start.encode(), 1).replace(b"PayableAmount>59.50", b"PayableAmount>1")
    assert ids(folder, data) == ["BR-TEST-1"]


async def test_a_rule_without_an_end_ends_the_child_and_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = """<xsl:template match="/"><xsl:value-of select="count(for $a in 1 to 100000, $b in 1 to 1000000
        return $a * $b)[. = 1]"/></xsl:template>"""
    start, end = RULES.index("<xsl:template"), RULES.index("</xsl:stylesheet>")
    (folder / "small.xslt").write_text(RULES[:start] + endless + RULES[end:])
    monkeypatch.setattr(rulebook, "SECONDS", 0.1)
    book = Rulebook(Settings(einvoice_rules=str(folder)))
    try:
        [(code, message, _)] = await book.broken(ubl())
    finally:
        await book.stop()
    assert code == "einvoice_unchecked"
    assert "were not applied" in message


async def test_an_invoice_that_no_rules_are_for_is_said(rules: Rulebook) -> None:
    [(code, _, _)] = await rules.broken(cii())
    assert code == "einvoice_unchecked"


async def test_a_broken_rule_is_a_warning_under_the_field_that_it_is_about(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def pages(*_: Any) -> list[ReadPage]:
        return [ReadPage(1, 595, 842, invoice=BROKEN, laid_out=True)]

    async def call(body: dict[str, Any], blobs: list[bytes], **_: Any) -> Any:
        return answering.handle(body, list(blobs))

    extractor = Extractor.create(Settings(einvoice_rules=str(folder)))
    # the rules in their child, all else in this process
    monkeypatch.setattr(extractor.reader, "pages", pages)
    monkeypatch.setattr(extractor.children, "call", call)
    try:
        found = await extractor.extract([Document(BROKEN)], USE_CASE.schema)
    finally:
        await extractor.stop()
    [warning] = [one for one in found.warnings if one.code == "einvoice_schematron"]
    assert (warning.path, warning.message.startswith("BR-TEST-1 (fatal)")) == ("due_amount", True)
    assert found.timings["rules"] > 0


def test_rules_that_cannot_be_applied_are_refused_at_the_start(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigError, match=r"IX_EINVOICE_RULES: .* holds no compiled Schematron"):
        Rulebook(Settings(einvoice_rules=str(tmp_path_factory.mktemp("none")))).check()
    monkeypatch.setattr(rulebook, "find_spec", lambda _: None)
    with pytest.raises(ConfigError, match=r"IX_EINVOICE_RULES: needs the package saxonche: .*\[schematron\]"):
        Rulebook(Settings(einvoice_rules=str(folder))).check()
    # before an engine opens a connection
    with pytest.raises(ConfigError, match="IX_EINVOICE_RULES"):
        Extractor.create(Settings(einvoice_rules=str(folder)))
    Rulebook(Settings()).check()


async def test_the_doctor_compiles_the_rules(folder: Path) -> None:
    assert (await doctor.rules(Patient(Settings()))).state is State.OFF
    well = await doctor.rules(Patient(Settings(einvoice_rules=str(folder))))
    assert (well.state, "2 rule files" in well.found) == (State.OK, True)
    (folder / "small.xslt").write_text(RULES[:-40])
    assert (await doctor.rules(Patient(Settings(einvoice_rules=str(folder))))).state is State.FAIL
