"""XML of strangers: what is read, and what is refused before it costs anything."""

from __future__ import annotations

import pytest

from ix.errors import DocumentError
from ix.extraction.einvoice import parsing
from ix.extraction.einvoice.kinds import is_einvoice
from ix.extraction.einvoice.parsing import parsed
from tests.extraction.einvoice.invoices import cii, ubl

DOCTYPE = b'<!DOCTYPE Invoice [<!ENTITY a "boo">]>'


def refusal(data: bytes) -> str:
    with pytest.raises(DocumentError) as raised:
        parsed(data)
    assert raised.value.code == "document_unreadable"
    return raised.value.message


def test_elements_have_names_attributes_texts_and_paths() -> None:
    root = parsed(b'<a xmlns="urn:x" xmlns:y="urn:y"><b> 1 </b><y:b y:c="2">t&amp;&#228;<![CDATA[<]]></y:b></a>')
    first, second = root.children
    assert (root.space, root.name, first.text, second.text) == ("urn:x", "a", "1", "t&ä<")
    assert (second.space, second.attributes, second.path) == ("urn:y", {"c": "2"}, "/a/b[2]")
    assert [one.name for one in root.walk()] == ["a", "b", "b"]


def test_a_document_type_is_refused_with_its_entities() -> None:
    assert "document type" in refusal(DOCTYPE + b"<Invoice>&a;</Invoice>")
    assert "document type" in refusal(b'<!DOCTYPE Invoice SYSTEM "file:///etc/passwd"><Invoice/>')
    assert "not well-formed" in refusal(b"<Invoice>&a;</Invoice>")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<a>" * 65 + b"</a>" * 65, "nested deeper"),
        (b"<a " + b" ".join(b'a%d="1"' % number for number in range(65)) + b"/>", "attributes"),
        (b"<a>" + b"<b/>" * 12 + b"</a>", "elements"),
        (b"<a>" + b"x" * 2000 + b"</a>", "bytes"),
        (b"<a><b></a>", "line 1 is not well-formed"),
        (b"", "not well-formed"),
    ],
)
def test_what_no_invoice_has_is_refused(data: bytes, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "MAX_ELEMENTS", 10 if reason == "elements" else 100)
    monkeypatch.setattr(parsing, "MAX_BYTES", 1500)
    assert reason in refusal(data)


def test_files_within_are_not_kept() -> None:
    root = parsed(b"<a><EmbeddedDocumentBinaryObject>QUJD</EmbeddedDocumentBinaryObject></a>")
    assert root.children[0].text == ""


@pytest.mark.parametrize("encoding", ["utf8", "no-such-thing", "UTF-8"])
def test_whatever_its_declaration_says_it_is_read_as_what_it_is(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><a>Müller</a>'
    assert parsed(text.encode()).text == "Müller"


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "windows-1252", "utf-8-sig"])
def test_other_encodings_are_read(encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    text = f'<?xml version="1.0" encoding="{declared}"?><a>Müller</a>'
    assert parsed(text.encode(encoding)).text == "Müller"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (ubl(), True),
        (cii(), True),
        (b"\n\xef\xbb\xbf" + ubl(), True),
        (ubl().replace(b"UTF-8", b"utf8"), True),
        (ubl().replace(b'<?xml version="1.0" encoding="UTF-8"?>', b"").decode().encode("utf-16"), True),
        (b"<!-- " + b"x" * 5000 + b" -->" + ubl().partition(b"?>")[2], True),
        (b"<Invoice/>", False),
        (b'<html xmlns="http://www.w3.org/1999/xhtml"/>', False),
        (DOCTYPE + ubl().partition(b"?>")[2], False),
        (b"Invoice 12.50", False),
        (b"\x89PNG\r\n", False),
        (b"", False),
    ],
)
def test_an_invoice_is_told_by_its_root(data: bytes, expected: bool) -> None:
    assert is_einvoice(data) == expected
