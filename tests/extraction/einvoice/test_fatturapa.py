"""Italy's own format is read into the same fields."""

from __future__ import annotations

import pytest

from ix.extraction.documents import recognised
from ix.extraction.einvoice import fatturapa as table
from ix.extraction.einvoice.parsing import parsed
from tests.extraction.einvoice.fatturapa import body, fatturapa
from tests.extraction.einvoice.invoices import carrier
from tests.extraction.einvoice.reading import codes, response
from tests.extraction.einvoice.test_mapping import FIELDS, _canonical, _names, _told, values

SAID = {
    "invoice_number": "2024/15",
    "issue_date": "2024-03-05",
    "due_date": "2024-04-04",
    "seller_name": "Officina Blu SRL",
    "seller_vat_id": "IT01234567897",
    "buyer_name": "Maria Rossi",
    "iban": "IT60X0542811101000000123456",
    "net_total": 100.0,
    "tax_total": 17.6,
    "grand_total": 122.0,
    "due_amount": 97.6,
    "currency": "EUR",
    "type_code": "TD01",
    "profile": "FPR12",
    "order_number": "PO-77",
    "project": "CUP1",
    "tender": "CIG1",
    "despatch_advice": "DDT9",
}


@pytest.mark.parametrize("space", ["http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2", "v1.1"])
def test_an_invoice_is_read_with_the_sums_that_it_does_not_state(space: str) -> None:
    old = "http://www.fatturapa.gov.it/sdi/fatturapa/v1.1"
    data = fatturapa().replace(b"http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2", old.encode())
    data = data if space == "v1.1" else fatturapa()
    found = values(data)
    assert {name: found.get(name) for name in SAID} == SAID
    assert [(tax["rate"], tax.get("category"), tax["base"], tax["amount"]) for tax in found["taxes"]] == [
        (22.0, None, 80.0, 17.6),
        (0.0, "N2.2", 20.0, 0.0),
    ]
    first, second = found["lines"]
    assert (first["name"], first["quantity"], first["unit_price"], first["line_total"]) == ("Bollitore", 2.0, 50, 80)
    assert first["allowances"] == [{"percent": 20.0}]
    assert (second["details"]["tax_category"], second.get("quantity")) == ("N2.2", None)
    assert found["seller"]["street"] == "Via del Mulino, 1"
    assert found["buyer"]["tax_number"] == "RSSMRA80A01H501U"
    assert found["buyer"]["electronic_address"] == "ABC1234"
    assert found["supporting"] == [{"file": "foto.pdf"}]


def test_a_total_that_is_not_stated_is_that_of_the_summary() -> None:
    assert (
        values(fatturapa().replace(body("2024/15", "122.00").encode(), body("1", "").encode()))["grand_total"] == 117.6
    )


def test_alone_it_is_laid_out_and_answered_with_a_place_and_a_path() -> None:
    data = fatturapa(version="FPA12")
    assert recognised(data).name == "electronic invoice (XML)"
    found = response(data)
    assert found["result"]["profile"] == "FPA12"
    # the withheld tax is no error of the arithmetic of EN 16931
    assert [code for code, _ in codes(found) if code == "einvoice_rule"] == []
    node = found["evidence"]["net_total"]
    assert (node["source"], node["quote"]) == ("xml", "100.00")
    assert node["path"].endswith("/DatiRiepilogo/ImponibileImporto")
    withheld = [one["value"] for one in found["result"]["other_values"] if one["path"].endswith("ImportoRitenuta")]
    assert withheld == ["20.00"]


def test_in_a_pdf_it_is_compared_with_the_page() -> None:
    page = ("Officina Blu SRL", "Fattura n. 2024/15", "Totale documento 123,00 EUR", "Imponibile 100,00")
    found = response(carrier(("IT01234567897_00001.xml", fatturapa()), page=page))
    assert ("xml_mismatch", "grand_total") in codes(found)


def test_of_several_invoices_in_one_file_the_first_is_answered_and_the_others_are_said() -> None:
    found = response(fatturapa(body("2024/16", "1.00")))
    assert found["result"]["invoice_number"] == "2024/15"
    assert [len(found["result"][name]) for name in ("lines", "taxes")] == [2, 2]
    [message] = [one["message"] for one in found["warnings"] if one["code"] == "xml_several"]
    assert "1 more" in message


def test_nothing_that_it_says_is_lost() -> None:
    told = _told(values(fatturapa()))
    leaves = [one for one in parsed(fatturapa()).walk() if one.text and not one.children]
    joined = {"01234567897", "IT", "Maria", "Rossi", "Via del Mulino", "1", "RM", "123456"}
    lost = [one.path for one in leaves if _canonical(one.text) not in told and one.text not in joined]
    assert [path for path in lost if not path.endswith("/Tipo")] == []


def test_every_name_of_its_table_is_a_field() -> None:
    assert [name for name, known in _names(table.INVOICE, FIELDS) if not known] == []
