"""What answers a field though no caption of its own announces it, and captions over their values."""

from __future__ import annotations

from tests.extraction.rules.documents import custom, read

DAY = {"type": "string", "format": "date"}
TEXT = {"type": "string"}


def test_the_letterhead_says_who_issued_a_paper() -> None:
    found = read(
        custom(versorger=TEXT, zaehlernummer=TEXT), "Stadtwerke Birkental GmbH\nAm Turm 3\n\nZählernummer: 1EMH0098"
    )
    assert found == {"versorger": "Stadtwerke Birkental GmbH", "zaehlernummer": "1EMH0098"}


def test_what_a_paper_is_called_issued_none() -> None:
    assert read(custom(company=TEXT), "PACKING LIST\nDate: 2024-03-05")["company"] is None


def test_the_only_period_has_both_ends() -> None:
    schema = custom(periodStart=DAY, periodEnd=DAY)
    assert read(schema, "Statement\n  April 1, 2024 - June 30, 2024") == {
        "periodStart": "2024-04-01",
        "periodEnd": "2024-06-30",
    }
    both = "Statement\n  April 1, 2024 - June 30, 2024\n  July 1, 2024 - July 31, 2024"
    assert read(schema, both) == {"periodStart": None, "periodEnd": None}


def test_a_line_of_captions_has_its_values_below() -> None:
    schema = custom(personalnummer=TEXT, steuerklasse=TEXT, eintritt=DAY)
    assert read(
        schema,
        """
        Personal-Nr.     Name             Steuerklasse    Eintritt
        00417            Thomas Adebayo   III             01.09.2018
        """,
    ) == {"personalnummer": "00417", "steuerklasse": "III", "eintritt": "2018-09-01"}


def test_a_unit_in_a_name_is_no_word_of_its_caption() -> None:
    assert read(custom(verbrauchKwh={"type": "number"}), "Verbrauch: 3.560,5 kWh") == {"verbrauchKwh": 3560.5}


def test_three_decimals_are_read_as_the_document_writes_numbers() -> None:
    text = "Shares: 310.250\nValue: 44,086.53"
    assert read(custom(shares={"type": "number"}), text) == {"shares": 310.25}


def test_a_table_may_be_turned() -> None:
    columns = {"model": TEXT, "ratedPower": {"type": "number"}, "weight": {"type": "number"}}
    schema = custom(pumps={"type": "array", "items": {"type": "object", "properties": columns}})
    assert read(
        schema,
        """
        Model             AL-50     AL-80
        Rated power       0.55      1.10
        Weight            11.8      17.2
        """,
    ) == {
        "pumps": [
            {"model": "AL-50", "ratedPower": 0.55, "weight": 11.8},
            {"model": "AL-80", "ratedPower": 1.1, "weight": 17.2},
        ]
    }
