"""Numbers and codes: identifiers, IBANs, VAT numbers, percentages, choices."""

from __future__ import annotations

import pytest

from ix.fields import asked
from ix.use_cases.letter import USE_CASE as LETTER
from tests.extraction.rules.documents import custom, invoice, labelled, read, statement


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Invoice Number: AJ/2022/117", "AJ/2022/117"),
        ("Invoice #: INV-00823", "INV-00823"),
        ("Rechnung Nr. 22-0189 vom 05.03.2022", "22-0189"),
        ("Rechnungsnummer\n2021-0457", "2021-0457"),
        ("FACTURE N° F2020-089", "F2020-089"),
        ("Fattura n. 145/2020 del 30/06/2020", "145/2020"),
        ("Factuurnummer:    20230045", "20230045"),
        ("Invoice\nNo:   CPD-3302", "CPD-3302"),
        ("InvoiceNo. 4711", "4711"),
        ("Rechnungsnurnmer: 4711", "4711"),
    ],
)
def test_an_invoice_number_stands_behind_or_under_its_label(text: str, number: str) -> None:
    assert invoice(text)["invoice_number"] == number


@pytest.mark.parametrize(
    "text",
    [
        "Kundennummer: 10023",
        "Order number 4711",
        "Invoice date 01/02/2021",
        "Invoice total 120.00",
        "Blue Kettle Ltd     Invoice\n12 Patrick Street, Cork     paid",
    ],
)
def test_another_number_is_not_the_invoices(text: str) -> None:
    assert invoice(text)["invoice_number"] is None


def test_an_iban_is_given_without_spaces() -> None:
    assert invoice("IBAN: DE89 3704 0044 0532 0130 00  BIC: COBADEFFXXX")["iban"] == "DE89370400440532013000"


def test_an_iban_with_a_bad_checksum_is_reported_as_printed() -> None:
    assert invoice("IBAN: DE89 3704 0044 0532 0130 99")["iban"] == "DE89370400440532013099"


def test_an_iban_of_a_wrong_length_is_reported_where_its_label_says_that_it_is_one() -> None:
    assert invoice("IBAN: DE89 3704 0044 0532 01")["iban"] == "DE8937040044053201"


def test_a_long_number_is_no_iban() -> None:
    assert invoice("Reference 8937 0400 4405 3201 3000")["iban"] is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("USt-IdNr.: DE 812 345 678", "DE812345678"),
        ("VAT Reg No: GB 123 4567 89", "GB123456789"),
        ("N° TVA FR 32 412345678", "FR32412345678"),
        ("BTW-nummer: NL123456789B01", "NL123456789B01"),
        ("CHE-123.456.789 MWST", "CHE123456789MWST"),
    ],
)
def test_vat_numbers_of_many_countries(text: str, code: str) -> None:
    assert invoice(f"Blue Kettle Ltd\n{text}")["seller_vat_id"] == code


def test_an_account_number_stands_behind_its_label() -> None:
    assert statement("Kontonummer: 648489890     Kontoinhaber: Ilse Wagenknecht")["account_number"] == "648489890"


def test_balances_stand_behind_the_day_that_they_are_of() -> None:
    found = statement(
        """
        Alter Kontostand vom 31.03.2020                       1.234,56
        Neuer Kontostand vom 30.04.2020                       2.684,56
        """
    )
    assert (found["opening_balance"], found["closing_balance"]) == (1234.56, 2684.56)


def test_the_day_of_a_month_is_no_balance() -> None:
    found = statement("Balance brought forward 1 Mar       £ 1,020.11\nBalance carried forward 31 Mar      £ 1,209.21")
    assert (found["opening_balance"], found["closing_balance"]) == (1020.11, 1209.21)


def test_kinds_of_a_custom_schema_are_read_by_their_form() -> None:
    schema = custom(
        share=labelled("percentage", "share", type="number"),
        seats=labelled("number", "seats", type="integer"),
        insured=labelled("boolean", "insured", type="boolean"),
        colour={"type": "string", "enum": ["red", "green"], "x-ix": {"labels": ["colour"]}},
    )
    found = read(schema, "Share: 12,5 %\nSeats: 4\nInsured: yes\nColour: green")
    assert found == {"share": 12.5, "seats": 4, "insured": True, "colour": "green"}


def test_kinds_and_labels_are_guessed_where_a_schema_says_nothing() -> None:
    schema = custom(
        policy_number={"type": "string"},
        start_date={"type": "string"},
        annual_cost={"type": "number"},
        insurer_company={"type": "string", "title": "Insurer"},
    )
    found = read(
        schema, "Insurer: Granite Mutual Ltd\nPolicy number: GM-77/3\nStart date: 1 July 2021\nAnnual cost: 1,204.50"
    )
    assert found == {
        "policy_number": "GM-77/3",
        "start_date": "2021-07-01",
        "annual_cost": 1204.5,
        "insurer_company": "Granite Mutual Ltd",
    }


def test_members_of_an_object_are_found_like_others() -> None:
    schema = custom(bank={"type": "object", "properties": {"iban": {"type": "string"}, "bic": {"type": "string"}}})
    assert read(schema, "IBAN: DE89 3704 0044 0532 0130 00\nBIC: COBADEFF") == {
        "bank": {"iban": "DE89370400440532013000", "bic": "COBADEFF"}
    }


def test_what_is_not_there_is_null() -> None:
    schema = custom(
        policy_number={"type": "string"},
        annual_cost={"type": "number"},
        insured={"type": "boolean"},
        rows={"type": "array"},
    )
    assert read(schema, "A letter about the weather.") == {
        "policy_number": None,
        "annual_cost": None,
        "insured": None,
        "rows": [],
    }


def test_a_page_without_words_has_no_answers() -> None:
    found = invoice("")
    assert [found.pop(table) for table in ("lines", "taxes", "payment_terms")] == [[], [], []]
    assert set(found.values()) == {None}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Pachtrechnung (112) Nr. 8220/07 vom 03.09.2019", "8220/07"),
        ("Invoice No. 4471-B    Page 1", "4471-B"),
        ("Rechnungs-Nr.: 2023 0815", "2023 0815"),
        ("Rechnung\nR 20815", "R 20815"),
        ("Invoice RG 2021/45", "RG 2021/45"),
        ("Receipt # No.: 5512\nCustomer no: 77", "5512"),
        ("Kundennummer   Rechnungsnummer\n7731           RE-20815", "RE-20815"),
        ("Mahnung Nr. 12 zu 8812", None),
        ("Kochbuch Nr. 5", None),
    ],
)
def test_the_number_of_an_invoice(text: str, number: str | None) -> None:
    assert invoice(f"Acme Ltd\n{text}")["invoice_number"] == number


@pytest.mark.parametrize(
    ("text", "iban"),
    [
        ("Numéro de ligne FO20581785 21685985", None),
        ("Mitglied NO1234567890123", None),
        ("Konto DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("IBAN: DE12 3704 0044 0532 0130 00", "DE12370400440532013000"),  # a wrong one, and called one
        ("IBAN\nDE12 3704 0044 0532 0130 00", "DE12370400440532013000"),
    ],
)
def test_what_looks_like_an_iban_is_one_by_its_checksum_or_its_label(text: str, iban: str | None) -> None:
    assert invoice(f"Acme Ltd\n{text}")["iban"] == iban


def test_a_vat_number_in_its_own_form_is_not_that_of_the_party_addressed() -> None:
    assert invoice("BTW-nr: NL8033.21.766.B01")["seller_vat_id"] == "NL803321766B01"
    assert invoice("Uw BTW nummer: NL00777599611")["seller_vat_id"] is None


def test_the_documents_own_number_stands_behind_any_words_that_call_it_one() -> None:
    number = {"type": "string", "x-ix": {"kind": "identifier", "labels": ["xyz"], "expected": True}}
    other = {"type": "string", "x-ix": {"kind": "identifier", "labels": ["xyz"]}}
    page = "Blue Kettle Ltd\nOrder no: 17\nDocket no.   ZX-4711\nGrand tour no. 5 of many"
    assert read(custom(number=number, other=other), page) == {"number": "ZX-4711", "other": None}


@pytest.mark.parametrize(
    ("line", "ours", "theirs"),
    [
        ("Your letter ref.: 291-30", None, "291-30"),
        ("Su ref.: 347-17", None, "347-17"),
        ("Votre réf. : QB/5501     N/Réf. : LE-2024-468", "LE-2024-468", "QB/5501"),
        ("Deres brev: LZ/3929      J.nr.: LY-2024-913", "LY-2024-913", "LZ/3929"),
        ("Ihr Schreiben: EP/9819   Vorgangsnr.: 89/8618-T", "89/8618-T", "EP/9819"),
        ("Our ref: 7/21            Your ref: AB-9", "7/21", "AB-9"),
        ("Naše značka: 12/24       Váš dopis: K-7", "12/24", "K-7"),
    ],
)
def test_a_number_behind_words_of_the_reader_is_the_readers(line: str, ours: str | None, theirs: str) -> None:
    # what tells the language stands on every letter
    greetings = "Dear Estimado Madame Kære Sehr geehrte Dobrý den, Kind regards Atentamente Cordialement Venlig hilsen"
    found = read(asked(LETTER.schema), f"Lamp House\n\n{line}\n\n{greetings}\nMit freundlichen Grüßen s pozdravem")
    assert (found["reference"], found["your_reference"]) == (ours, theirs)
