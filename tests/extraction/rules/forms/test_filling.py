"""Single values of a schema that nobody described, read off forms of many kinds."""

from __future__ import annotations

from typing import Any

import pytest

from tests.extraction.rules.documents import custom, read

TEXT: dict[str, Any] = {"type": "string"}
NUMBER: dict[str, Any] = {"type": "number"}
WHOLE: dict[str, Any] = {"type": "integer"}
DAY: dict[str, Any] = {"type": "string", "format": "date"}
YES: dict[str, Any] = {"type": "boolean"}


def said(description: str, spec: dict[str, Any] = TEXT) -> dict[str, Any]:
    return {**spec, "description": description}


def part(**members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members}


def found(text: str, **fields: Any) -> dict[str, Any]:
    return read(custom(**fields), text)


class TestPlaces:
    def test_a_value_stands_behind_a_colon_up_to_the_next_caption(self) -> None:
        text = "Patient: DOE, JOHN A.   DOB: 17/04/1971   Sex: M\nSpecimen: Serum Fasting: Yes"
        asked = found(text, patientName=TEXT, dateOfBirth=DAY, sex={"enum": ["M", "F"]}, specimen=TEXT, fasting=YES)
        assert asked == {
            "patientName": "DOE, JOHN A.",
            "dateOfBirth": "1971-04-17",
            "sex": "M",
            "specimen": "Serum",
            "fasting": True,
        }

    def test_in_the_next_cell(self) -> None:
        text = "Employer          Blue Fjord AS\nOccupation        carpenter\nContract no       C-77120"
        assert found(text, occupation=TEXT, employer_name=TEXT, contractNumber=TEXT) == {
            "occupation": "carpenter",
            "employer_name": "Blue Fjord AS",
            "contractNumber": "C-77120",
        }

    def test_under_its_caption_as_in_a_box(self) -> None:
        text = """
        Vessel            Voyage no.      Port of loading
        MV Aurora         117W            Oslo
        """
        assert found(text, voyageNumber=TEXT, portOfLoading=TEXT, vesselName=TEXT) == {
            "voyageNumber": "117W",
            "portOfLoading": "Oslo",
            "vesselName": "MV Aurora",
        }

    def test_behind_dots_and_dashes(self) -> None:
        text = "Gross weight ........ 41.5 kg\nGeodetic datum - NAD 83\nLatitude - 40 41 21.5 N"
        assert found(text, grossWeight=NUMBER, geodetic_datum=TEXT, latitude=TEXT) == {
            "grossWeight": 41.5,
            "geodetic_datum": "NAD 83",
            "latitude": "40 41 21.5 N",
        }

    def test_no_caption_is_a_value(self) -> None:
        text = "City:\nNationality:\nHeight\nOccupation    City"
        assert set(found(text, city=TEXT, nationality=TEXT, height=TEXT, occupation=TEXT).values()) == {None}

    def test_one_place_serves_one_field(self) -> None:
        text = "Contract number: C-4711"
        values = list(found(text, contractNumber=TEXT, contract_id=TEXT).values())
        assert sorted(values, key=str) == ["C-4711", None]


class TestWords:
    @pytest.mark.parametrize(
        ("name", "spec", "line", "value"),
        [
            ("medicalRecordNumber", TEXT, "MRN: 0099812", "0099812"),
            ("employerEin", TEXT, "Employer identification number: 12-3456789", "12-3456789"),
            ("trackingNumber", TEXT, "Tracking #: 1Z-999", "1Z-999"),
            ("customerNumber", TEXT, "Kundennummer: 4711", "4711"),
            ("birthDate", DAY, "Date de naissance : 17/03/1990", "1990-03-17"),
            ("customerId", said("Customer number (お客様番号)"), "お客様番号： 00123", "00123"),
            ("wages", said("Wages, tips and other pay", NUMBER), "1. Wages, tips and other pay: 48.50", 48.5),
            ("expires", said('printed as "Gültig bis"', DAY), "Gültig bis: 13.08.2027", "2027-08-13"),
            ("sampleCollectionDate", DAY, "Sample collected: 2023-05-02 08:15", "2023-05-02"),
        ],
    )  # fmt: skip
    def test_are_compared_by_what_they_mean(self, name: str, spec: dict[str, Any], line: str, value: Any) -> None:
        assert found(f"Record\n\n{line}\nOther things: none", **{name: spec}) == {name: value}

    @pytest.mark.parametrize(
        ("name", "spec", "line"),
        [
            ("storeZip", TEXT, "Store: Corner Shop"),
            ("sum", NUMBER, "Consumption: 772 kWh"),
            ("openingBalance", NUMBER, "Ending balance: 5,256.24"),
            ("employeeName", TEXT, "Employer: Blue Fjord AS"),
            ("policyNumber", TEXT, "Telephone number: 555-0191"),
            ("licenseNumber", TEXT, "LN: SAMPLE"),
        ],
    )
    def test_of_which_a_piece_or_the_opposite_stands_there_are_others(
        self, name: str, spec: dict[str, Any], line: str
    ) -> None:
        assert found(f"Record\n\n{line}\nOther things: none", **{name: spec}) == {name: None}

    def test_a_heading_tells_whose_a_caption_is(self) -> None:
        text = """
        Patient
        Name: Ada Byron
        Phone: 555-0101
        Physician
        Name: Dr. Grey
        Phone: 555-0202
        """
        both = part(name=TEXT, phone=TEXT)
        assert found(text, physician=both, patient=both) == {
            "physician": {"name": "Dr. Grey", "phone": "555-0202"},
            "patient": {"name": "Ada Byron", "phone": "555-0101"},
        }


class TestForms:
    def test_a_number_with_a_unit_is_no_money_and_an_integer_has_no_decimals(self) -> None:
        text = "Consumption: 772 kWh\nWeight: 12.5 kg\nPackages: 3"
        assert found(text, consumption=NUMBER, weight=WHOLE, packages=WHOLE) == {
            "consumption": 772,
            "weight": None,
            "packages": 3,
        }

    def test_an_account_and_a_year_are_no_amounts(self) -> None:
        text = "Deposit: 000-445-9921\nFee: 2024/25"
        assert found(text, deposit=NUMBER, fee=NUMBER) == {"deposit": None, "fee": None}

    def test_boxes_are_read_by_their_marks(self) -> None:
        text = """
        [x] Breakfast included     [ ] Airport transfer    ☒ Parking
        Smoking room:  [ ] Yes  [x] No
        Payment method:  ( ) Cash  (x) Credit card  ( ) Invoice
        """
        options = {"type": "string", "enum": ["Cash", "Credit card", "Invoice"]}
        asked = found(
            text, breakfastIncluded=YES, airportTransfer=YES, parking=YES, smokingRoom=YES, paymentMethod=options
        )
        assert list(asked.values()) == [True, False, True, False, "Credit card"]

    def test_the_ends_of_a_period(self) -> None:
        text = "Billing period: 12/12/2023 - 25/03/2024"
        assert found(text, billingPeriodStart=DAY, billingPeriodEnd=DAY) == {
            "billingPeriodStart": "2023-12-12",
            "billingPeriodEnd": "2024-03-25",
        }

    def test_the_only_one_of_its_form_needs_no_caption(self) -> None:
        text = "Blue Fjord AS\nHarbour Road 7\nada@byron.example\n\nBristol, 13 May 2024\n\nDear Sir"
        mail = {**TEXT, "format": "email"}
        assert found(text, contact=mail, letterDate=DAY) == {"contact": "ada@byron.example", "letterDate": "2024-05-13"}
        # two ask for one, and nothing tells which
        assert set(found(text, contact=mail, other=mail).values()) == {None}
        assert found(text, dateOfBirth=DAY) == {"dateOfBirth": None}
        assert found(text + "\n14 June 2024", letterDate=DAY) == {"letterDate": None}

    def test_a_format_must_be_there(self) -> None:
        text = "Contact: ask for Ada\nWebsite: none yet\nTime: soon"
        specs = {"contact": {**TEXT, "format": "email"}, "website": {**TEXT, "format": "uri"}, "time": TEXT}
        assert set(found(text, **specs).values()) == {None}

    def test_choices_are_of_the_fields_type_and_never_empty(self) -> None:
        text = "Grade: 2\nState: None\nSize: M"
        specs = {
            "grade": {**WHOLE, "enum": [1, 2, 3]},
            "state": {"enum": [None, "", "new"]},
            "size": {"enum": ["S", "M"]},
        }
        assert found(text, **specs) == {"grade": 2, "state": None, "size": "M"}


class TestBlocks:
    TEXT = """
    VENDOR                        SHIP TO
    Precision Parts LLC           Acme Warehouse
    77 Foundry Street             1200 Dock Road
    Cleveland, OH 44101           Round Rock, TX 78664

    Order date: 2024-03-18
    """

    def test_have_parts_without_captions(self) -> None:
        both = part(name=TEXT, street=TEXT, city=TEXT, state=TEXT, zip=TEXT)
        asked = found(self.TEXT, shipTo=both, vendor=both)
        assert asked["shipTo"] == {
            "name": "Acme Warehouse",
            "street": "1200 Dock Road",
            "city": "Round Rock",
            "state": "TX",
            "zip": "78664",
        }
        assert asked["vendor"]["name"] == "Precision Parts LLC"

    def test_of_flat_fields_too(self) -> None:
        text = "Employer's name, address, and ZIP code\nSunrise Bakery Inc\n9 Flour Street\nOmaha, NE 68102\n\nBox: 7"
        assert found(text, employerAddress=TEXT, employerName=TEXT) == {
            "employerAddress": "9 Flour Street, Omaha, NE 68102",
            "employerName": "Sunrise Bakery Inc",
        }

    def test_are_none_where_no_line_is_a_place(self) -> None:
        text = "SHIP TO\nsee the attached sheet\nfor all lines"
        assert found(text, shipTo=part(city=TEXT, zip=TEXT, street=TEXT))["shipTo"] == dict.fromkeys(
            ("city", "zip", "street")
        )


def test_lists_of_plain_values() -> None:
    text = "Skills: Python, SQL, Kubernetes\nLanguages\n- Norwegian\n- English\nEmail: a@b.example"
    words = {"type": "array", "items": TEXT}
    assert found(text, languages=words, skills=words, hobbies=words) == {
        "languages": ["Norwegian", "English"],
        "skills": ["Python", "SQL", "Kubernetes"],
        "hobbies": [],
    }
