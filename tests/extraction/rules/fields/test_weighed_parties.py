"""Parties and addresses of kinds that learned weights are there for: other companies, countries and layouts."""

from __future__ import annotations

import pytest

from ix.extraction.models.rules.fields.blocks import FEATURES as ADDRESS_FEATURES
from ix.extraction.models.rules.fields.naming import FEATURES as NAME_FEATURES
from ix.extraction.models.rules.fields.naming import described
from ix.extraction.models.rules.page.reading import Reading
from ix.extraction.models.rules.vocabulary.captions import is_caption
from ix.extraction.models.rules.vocabulary.names import after_form, cut, spelt
from ix.extraction.models.rules.vocabulary.parties import heading, keyed
from tests.extraction.rules.documents import custom, invoice, labelled, page, read, receipt


def test_a_name_over_two_lines_stands_over_an_address_of_three() -> None:
    found = receipt(
        """
        ORCHARD PAPER
        CO. (M) SDN BHD
        (204417-K)
        NO 12, JALAN BUNGA.
        TAMAN SERI,
        53100 KUALA LUMPUR
        TEL: 03-2234455
        TOTAL 5.00
        """
    )
    assert found["company"] == "ORCHARD PAPER CO. (M) SDN BHD"
    assert found["address"] == "NO 12, JALAN BUNGA. TAMAN SERI, 53100 KUALA LUMPUR"


def test_a_line_that_ends_with_and_goes_on() -> None:
    found = receipt("NORTH STAR HARDWARE &\nTIMBER\nNO 3, JALAN MERAK 3\n75350 MELAKA\nTEL 06-3334444\nTotal 3.40")
    assert found["company"] == "NORTH STAR HARDWARE & TIMBER"


@pytest.mark.parametrize("label", ["CUSTOMER NAME:", "Bill To:", "Guest Name:", "Kunde:", "Invoice for:"])
def test_the_buyer_stands_behind_its_label(label: str) -> None:
    found = invoice(
        f"""
        Fabrikam Lighting, Ltd.               Project Statement
        Date: 9/10/2020
        {label} NORTHWIND CORPORATION
        554 Magnolia Way
        Walnut, WY 98432

        Description        Price      Line Total
        Manager Training   $3,500     $3,500
        Total                         $7,081.25
        """
    )
    assert (found["seller_name"], found["buyer_name"]) == ("Fabrikam Lighting, Ltd.", "NORTHWIND CORPORATION")


def test_what_stands_right_beside_a_heading_is_meant_not_the_key_below() -> None:
    found = invoice(
        """
        INVOICE

        BILLED TO:     Tall Pine Company
        PAY TO:        Avery Marsh
                       123 Anywhere St., Any City
        Bank           Tall Pine Bank
        Account Name   John Smith

        DESCRIPTION               RATE       HOURS      AMOUNT
        Content Plan              $50/hr     4          $200.00
        """
    )
    assert (found["seller_name"], found["buyer_name"]) == ("Avery Marsh", "Tall Pine Company")


def test_nobody_writes_to_themselves() -> None:
    found = invoice(
        """
        Ashdown Joinery Ltd

        Ashdown Joinery Ltd - 4 Mill Lane - Lewes BN7 2AD

        Harbourside Hotels
        9 Marine Parade
        Brighton BN2 1TL

        Description               Quantity       Amount
        Window seat               1              200.00
        """
    )
    assert (found["seller_name"], found["buyer_name"]) == ("Ashdown Joinery Ltd", "Harbourside Hotels")


def test_a_label_of_a_clients_own_schema_heads_a_party() -> None:
    schema = custom(sender=labelled("organisation", "Consignor"), customer=labelled("organisation", "Consignee"))
    found = read(schema, "WAYBILL\n\nConsignor: Delta Freight LLC\nConsignee: Orchid Imports Inc.\nWeight 12 kg")
    assert found == {"sender": "Delta Freight LLC", "customer": "Orchid Imports Inc."}


@pytest.mark.parametrize("text", ["Artikel", "Hotel Details", "BILL TO:", "Rechnung", "TAXINVOICE", "Description"])
def test_headings_and_titles_are_captions(text: str) -> None:
    assert is_caption(text)
    assert not is_caption(f"{text} Northwind")


@pytest.mark.parametrize(
    ("text", "side", "rest"),
    [
        ("Bill to:", "counterpart", ""),
        ("Kunde: Acme", "counterpart", " Acme"),
        ("Käufer/Leistungsempfänger:", "counterpart", ""),
        ("Customer details", "counterpart", ""),
        ("Sold by: Acme", "issuer", " Acme"),
        ("Adresse de livraison", "other", ""),
    ],
)
def test_a_heading_says_whose_name_follows(text: str, side: str, rest: str) -> None:
    found = heading(text)
    assert found is not None
    assert (found.side, text[found.end :]) == (side, rest)


def test_a_name_is_no_heading() -> None:
    assert heading("Customer Care Group Ltd") is None
    assert heading("Northwind: a company of " + "very " * 20) is None


@pytest.mark.parametrize("text", ["Name: Acme", "Attn: Acme", "T.a.v. Acme", "z. Hd. Acme", "NAME : Acme"])
def test_what_leads_to_a_name_is_left_out(text: str) -> None:
    assert text[keyed(text) :] == "Acme"


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("BLUE KETTLE SON 3HD", "BLUE KETTLE SDN BHD"),
        ("Blue Kettle Sn Bhd", "Blue Kettle Sdn Bhd"),
        ("BLUE KETTLE SDN BHD", "BLUE KETTLE SDN BHD"),
        ("THE SUN HUT", "THE SUN HUT"),
        ("Blue Son Ltd", "Blue Son Ltd"),
    ],
)
def test_a_misread_legal_form_is_spelt_rightly(printed: str, name: str) -> None:
    assert spelt(printed) == name


@pytest.mark.parametrize(
    "printed", ["BLUE KETTLE S/B(587969-U)", "BLUE KETTLE S/B 27350O-U (KSB)", "BLUE KETTLE S/B 273500-U"]
)
def test_a_registration_number_is_cut_off(printed: str) -> None:
    assert cut(printed) == "BLUE KETTLE S/B"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Northwind SAS au capital de 3.441.812 Euros", "Northwind SAS"),
        ("Northwind Ltd is registered in England", "Northwind Ltd"),
        ("Northwind Private Limited, 12 Park Road", "Northwind Private Limited"),
    ],
)
def test_a_name_in_a_line_of_the_register_ends_with_its_legal_form(text: str, name: str) -> None:
    assert text[: after_form(text)] == name
    assert after_form(name) is None


@pytest.mark.parametrize(
    ("lines", "address"),
    [
        (["LEVEL 6, WISMA HIJAU", "NO.3, JALAN SS21/39,", "47400 PETALING JAYA", "SELANGOR"], None),
        (["G.23 & G.22, Plaza Seri Intan,", "No.1 Jalan SS 9/1, 47300 PJ, Selangor."], None),
        (["22 LRG PERUSAHAAN 4", "KIMPAL INDS.PARK B.CAVES"], None),
        (["12 Jalan Tampan 7", "81200 Johor Bahru Tel: 07-2345678"], "12 Jalan Tampan 7 81200 Johor Bahru"),
    ],
)
def test_an_address_is_whole(lines: list[str], address: str | None) -> None:
    text = "\n".join(["BLUE KETTLE TRADING SDN BHD", "(456789-X)", *lines, "Tel: 03-5542322", "TAX INVOICE"])
    assert receipt(f"{text}\nSoap 3.40\nTotal 3.40")["address"] == (address or " ".join(lines))


def test_every_name_has_every_sign() -> None:
    found = described(Reading([page("BLUE KETTLE SDN BHD\nNO 12, JALAN MERAK 3\n75350 MELAKA\n\nSoap 3.40")]))
    assert found
    assert {len(vector) for _, vector in found} == {len(NAME_FEATURES)}
    assert len(set(NAME_FEATURES)) == len(NAME_FEATURES)
    assert len(set(ADDRESS_FEATURES)) == len(ADDRESS_FEATURES)
