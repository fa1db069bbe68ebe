"""Parties: who issued a document, to whom, and where they are."""

from __future__ import annotations

import pytest

from ix.fields import asked
from ix.use_cases.purchase_order import USE_CASE as PURCHASE_ORDER
from tests.extraction.rules.documents import invoice, read, receipt, statement


def test_the_business_stands_at_the_head() -> None:
    found = receipt(
        """
        BLUE KETTLE TRADING SDN BHD
        (456789-X)
        NO 12, JALAN MERAK 3,
        TAMAN SERI INDAH,
        75350 MELAKA.
        TEL: 06-3334444
        TOTAL   12.00
        """
    )
    assert found["company"] == "BLUE KETTLE TRADING SDN BHD"
    assert found["address"] == "NO 12, JALAN MERAK 3, TAMAN SERI INDAH, 75350 MELAKA."


def test_a_registration_number_is_no_part_of_the_name() -> None:
    assert receipt("BLUE KETTLE SDN BHD (456789-X)\nNO 12, JALAN MERAK 3")["company"] == "BLUE KETTLE SDN BHD"


def test_a_legal_form_on_a_line_of_its_own_belongs_to_the_name() -> None:
    assert receipt("BLUE KETTLE TRADING\nSDN BHD\nNO 12, JALAN MERAK 3")["company"] == "BLUE KETTLE TRADING SDN BHD"


def test_what_leads_to_the_owners_name_is_no_part_of_it() -> None:
    assert receipt("Owned by: Blue Kettle Ltd\nNO 12, JALAN MERAK 3")["company"] == "Blue Kettle Ltd"


@pytest.mark.parametrize(
    "line", ["TAX INVOICE", "Tel 06-3334444", "MALAYSIA", "Date 01/02/2019", "Welcome", "www.blue.example"]
)
def test_what_stands_near_names_is_none(line: str) -> None:
    assert receipt(f"{line}\n\nSoap 3.40\nTotal 3.40")["company"] is None


@pytest.mark.parametrize(
    ("lines", "address"),
    [
        (["410 W Maple Street", "Springfield, IL 62701"], "410 W Maple Street Springfield, IL 62701"),
        (["Marktplatz 3", "72070 Tübingen"], "Marktplatz 3 72070 Tübingen"),
        (["8 place du Marché", "44000 NANTES"], "8 place du Marché 44000 NANTES"),
        (["10 Tampines Central 1 #02-18", "Singapore 529536"], "10 Tampines Central 1 #02-18 Singapore 529536"),
        (["9 Marine Parade", "Brighton BN2 1TL"], "9 Marine Parade Brighton BN2 1TL"),
        (["Dorpsstraat 8", "3811 AB Amersfoort"], "Dorpsstraat 8 3811 AB Amersfoort"),
    ],
)
def test_addresses_of_many_countries_span_lines(lines: list[str], address: str) -> None:
    assert receipt("\n".join(["CORNER BAKERY", *lines, "Tel 555 0142", "Total 3.40"]))["address"] == address


def test_a_telephone_ends_an_address() -> None:
    assert (
        receipt("CORNER BAKERY\nMarktplatz 3\n72070 Tübingen\nTel. 07071/12345")["address"]
        == "Marktplatz 3 72070 Tübingen"
    )


def test_no_address_no_answer() -> None:
    assert receipt("CORNER BAKERY\nSoap 3.40\nTotal 3.40")["address"] is None


GERMAN_LETTER = """
    Tischlerei Brandner GmbH · Gartenweg 7 · 83646 Bad Tölz

    Frau
    Sabine Hollerbach
    Am Lindenhof 12
    80331 München

    Rechnungsnummer: 2021-0457
    """


def test_the_line_above_the_window_is_the_sender_and_below_it_stands_the_addressee() -> None:
    found = invoice(GERMAN_LETTER)
    assert (found["seller_name"], found["buyer_name"]) == ("Tischlerei Brandner GmbH", "Sabine Hollerbach")


def test_a_letterhead_over_an_address_is_not_the_addressee() -> None:
    found = invoice(
        """
        Berghof Treuhand AG
        Bahnhofstrasse 21
        8001 Zürich

        Herr
        Urs Amstutz
        Seeweg 4
        6003 Luzern
        """
    )
    assert (found["seller_name"], found["buyer_name"]) == ("Berghof Treuhand AG", "Urs Amstutz")


@pytest.mark.parametrize(
    "heading", ["Bill To:", "Customer", "Rechnungsempfänger", "Client :", "Cliente:", "Aan:", "To:"]
)
def test_the_buyer_stands_under_its_heading(heading: str) -> None:
    found = invoice(
        f"""
        Ashdown Joinery Limited
        Unit 4, Mill Lane
        Lewes BN7 2AD

        {heading}
        Harbourside Hotels plc
        9 Marine Parade
        """
    )
    assert (found["seller_name"], found["buyer_name"]) == ("Ashdown Joinery Limited", "Harbourside Hotels plc")


def test_a_party_behind_its_label_is_not_the_other_one() -> None:
    found = invoice("Cerámicas Olivar S.L.\nCalle Mayor 15, 46001 Valencia\n\nCliente: Restaurante La Higuera S.A.")
    assert (found["seller_name"], found["buyer_name"]) == ("Cerámicas Olivar S.L.", "Restaurante La Higuera S.A.")


def test_where_to_ship_is_not_whom_to_bill() -> None:
    found = invoice(
        """
        Pinewood Software LLC
        1200 Harbor Blvd, Suite 300

        Bill To:                          Ship To:
        Granite Peak Outfitters, Inc.     Granite Peak Warehouse
        88 Summit Road                    12 Dock Street
        Boulder, CO 80302                 Denver, CO 80202
        """
    )
    assert found["buyer_name"] == "Granite Peak Outfitters, Inc."


def test_a_letter_in_brackets_is_no_heading_of_a_party() -> None:
    found = invoice("Officina Ferrero S.r.l.\nVia Torino 45 - 10100 Torino (TO)\nP.IVA IT01234567890")
    assert (found["seller_vat_id"], found["buyer_vat_id"]) == ("IT01234567890", None)


def test_each_party_has_its_own_vat_number() -> None:
    found = invoice(
        """
        Atelier Dubreuil SARL
        N° TVA : FR32412345678

        Client :
        Société Maraval
        N° TVA client : FR19787878784
        """
    )
    assert (found["seller_vat_id"], found["buyer_vat_id"]) == ("FR32412345678", "FR19787878784")


def test_the_word_bank_may_be_the_first_word_of_the_banks_name() -> None:
    assert statement("BANQUE DU LITTORAL\nRELEVÉ DE COMPTE")["bank"] == "BANQUE DU LITTORAL"


@pytest.mark.parametrize(
    "line", ["Kontoinhaber: Ilse Wagenknecht", "Account holder Ilse Wagenknecht", "Titulaire : Mme Ilse Wagenknecht"]
)
def test_a_holder_is_named_without_form_of_address(line: str) -> None:
    assert statement(f"Volksbank Musterland eG\n{line}")["holder"] == "Ilse Wagenknecht"


def test_a_holder_may_only_stand_above_an_address() -> None:
    found = statement(
        """
        FIRST CEDAR BANK
        PO Box 1000, Tulsa, OK 74101

        MARGARET L. HUTCHINS                    Account Number: 000123456789
        55 ELM STREET
        TULSA, OK 74104
        """
    )
    assert (found["bank"], found["holder"]) == ("FIRST CEDAR BANK", "MARGARET L. HUTCHINS")


@pytest.mark.parametrize(
    "name",
    [
        "Riverside Building Society",
        "METRO PARK PLAZA",
        "NORTHERN STAR PETROL STATION",
        "SuperFrisch Markt",
        "CAFETERIA LA PLAZA S.L.",
        "MR. NOODLE",
    ],
)
def test_names_may_hold_words_of_addresses_and_persons(name: str) -> None:
    assert receipt(f"{name}\n9 Marine Parade\nBrighton BN2 1TL\n2 Coffee    3.00\nTotal   3.00")["company"] == name


def test_a_company_number_is_no_heading_over_a_name() -> None:
    found = receipt(
        "NORTHERN STAR PETROL STATION\nJALAN LINTAS KM 12\nCOMPANY NO: 778899-K\nPUMP 04  RON95\nTOTAL  RM 50.00"
    )
    assert found["company"] == "NORTHERN STAR PETROL STATION"


def test_a_line_with_a_price_is_neither_a_name_nor_an_address() -> None:
    found = receipt("2 CAFE CON LECHE    3,00\nMilch 3,5%    1,19 B\nTOTAL     5,20 EUR")
    assert (found["company"], found["address"]) == (None, None)


@pytest.mark.parametrize("greeting", ["Firma", "An", "Herrn", "Spett.le", "À l'attention de :"])
def test_who_is_greeted_is_the_buyer_though_only_it_has_a_legal_form(greeting: str) -> None:
    found = invoice(
        f"""
        Hotel Alpenrose
        Dorfplatz 1
        6370 Kitzbühel

        {greeting}
        Datenwerk Solutions GmbH
        Landstraße 44
        4020 Linz
        """
    )
    assert (found["seller_name"], found["buyer_name"]) == ("Hotel Alpenrose", "Datenwerk Solutions GmbH")


def test_a_senders_line_with_dots_parts_the_name_from_its_address_and_ends_the_addressees_block() -> None:
    found = invoice(
        """
        Nordlicht Werkstatt

        Nordlicht Werkstatt GmbH · Am Speicher 12 · 23966 Wismar
        Café Sonnendeck
        Inh. Jördis Petersen
        Strandpromenade 5
        18119 Rostock-Warnemünde

        Rechnung  RE-1
        Gesamtbetrag EUR    3.575,95
        """
    )
    assert (found["seller_name"], found["buyer_name"]) == ("Nordlicht Werkstatt GmbH", "Café Sonnendeck")


ORDER = """
    THE LAMP COMPANY
    12 Mill Lane / Oxford OX4 3JZ / Tel. 0161 164 0858

                                                            Supplier:
                                                            Harbour Joinery Ltd
                                                            23 Church Street
                                                            York YO1 2XH
    Purchase order no.:   061187
    Ordered on:           20 Feb 2020

    Item                               Qty        Price         Amount
    Shelf                                4        10.00          40.00
    Total                                                        40.00
    The Lamp Company | 12 Mill Lane | Oxford OX4 3JZ | VAT reg. GB 105 3142 60
"""
FROM_TO = """
    From: The Lamp Company                     To: Harbour Joinery Ltd
    12 Mill Lane                               23 Church Street
    Oxford OX4 3JZ                             York YO1 2XH

    Purchase order no. 061187                  Date: 20 Feb 2020
    Item                               Qty        Price         Amount
    Shelf                                4        10.00          40.00
"""


@pytest.mark.parametrize("text", [ORDER, FROM_TO, ORDER.replace("Supplier:", "Vendor"), ORDER.replace("Supplier:", "")])
def test_an_order_is_its_buyers_paper(text: str) -> None:
    found = read(asked(PURCHASE_ORDER.schema), text)
    assert found["buyer_name"].casefold() == "the lamp company"
    assert found["supplier_name"] == "Harbour Joinery Ltd"
