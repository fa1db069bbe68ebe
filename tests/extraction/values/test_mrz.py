"""Machine-readable zones: the specimens of ICAO Doc 9303, what OCR makes of them, and what is none."""

from __future__ import annotations

from datetime import date

import pytest

from ix.extraction.values.mrz import check_digit, compacted, is_line, parse

TODAY = date(2024, 6, 1)
TD3 = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
TD1 = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
TD2 = ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6")
MRV_A = ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<")
MRV_B = ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<")
ANNA = {
    "issuing_state": "UTO",
    "surname": "ERIKSSON",
    "given_names": "ANNA MARIA",
    "sex": "F",
    "birth_date": date(1974, 8, 12),
    "expiry_date": date(2012, 4, 15),
    "nationality": "UTO",
}


@pytest.mark.parametrize(
    ("lines", "form", "own"),
    [
        (TD3, "TD3", {**ANNA, "document_type": "P", "document_number": "L898902C3", "optional_data": "ZE184226B"}),
        (TD1, "TD1", {**ANNA, "document_type": "I", "document_number": "D23145890"}),
        (TD2, "TD2", {**ANNA, "document_type": "I", "document_number": "D23145890"}),
        (
            MRV_A,
            "MRV-A",
            {
                **ANNA,
                "document_type": "V",
                "document_number": "L8988901C",
                "nationality": "XXX",
                "birth_date": date(1940, 9, 7),
                "expiry_date": date(1996, 12, 10),
                "optional_data": "6ZE184226B",
            },
        ),
        (
            MRV_B,
            "MRV-B",
            {
                **ANNA,
                "document_type": "V",
                "document_number": "L8988901C",
                "nationality": "XXX",
                "birth_date": date(1940, 9, 7),
                "expiry_date": date(1996, 12, 10),
            },
        ),
    ],
)
def test_specimens_of_the_standard(lines: tuple[str, ...], form: str, own: dict[str, object]) -> None:
    zone = parse(lines, TODAY)
    assert zone is not None
    assert (zone.form, dict(zone.members), zone.failed) == (form, own, ())


@pytest.mark.parametrize(
    ("text", "digit"), [("520727", 3), ("AB2134<<<", 5), ("HA672242<658022549601086<<<<<<<<<<<<<<0", 8)]
)
def test_check_digits_of_the_standard(text: str, digit: int) -> None:
    assert check_digit(text) == digit


class TestMisread:
    def test_letters_among_digits_are_put_right(self) -> None:
        zone = parse((TD3[0], TD3[1].replace("7408122F12O", "74O8I22F12O").replace("120415", "I2O4I5")), TODAY)
        assert zone is not None
        assert (zone.members["birth_date"], zone.failed) == (date(1974, 8, 12), ())

    def test_a_number_is_put_right_where_its_check_digit_then_holds(self) -> None:
        zone = parse((TD3[0], TD3[1].replace("L898902C3", "LB989O2C3")), TODAY)
        assert zone is not None
        assert (zone.members["document_number"], zone.failed) == ("L898902C3", ())

    def test_a_number_that_no_repair_makes_right_is_left_and_told(self) -> None:
        zone = parse((TD3[0], TD3[1].replace("L898902C3", "L496732C4")), TODAY)
        assert zone is not None
        assert zone.members["document_number"] == "L496732C4"
        assert set(zone.failed) == {"document_number", "composite"}

    def test_fillers_that_are_lost_or_doubled_move_nothing(self) -> None:
        zone = parse((TD3[0][:-3], TD3[1].replace("<<<<<", "<<<<<<")), TODAY)
        assert zone is not None
        assert (zone.lines, zone.failed) == (TD3, ())

    def test_spaces_and_small_letters_go(self) -> None:
        assert compacted("p<uto «erik") == "P<UTO<ERIK"


def test_a_number_may_go_on_in_the_optional_data() -> None:
    # twelve characters: nine, a filler for the check digit, the rest with the check digit behind it
    rest = f"123{check_digit('D23145890<123')}"
    lines = (f"I<UTOD23145890<{rest}<<<<<<<<<<<", TD1[1], TD1[2])
    zone = parse(lines, TODAY)
    assert zone is not None
    assert zone.members["document_number"] == "D23145890123"
    assert "document_number" not in zone.failed


@pytest.mark.parametrize(("today", "year"), [(date(2024, 6, 1), 1930), (date(2030, 12, 31), 2030)])
def test_nobody_is_born_after_today(today: date, year: int) -> None:
    born = "300101"
    line = f"L898902C36UTO{born}{check_digit(born)}F1204159ZE184226B<<<<<10"
    zone = parse((TD3[0], line), today)
    assert zone is not None
    assert zone.members["birth_date"] == date(year, 1, 1)


def test_a_day_that_is_not_known_is_left_open() -> None:
    zone = parse((TD3[0], TD3[1].replace("740812", "74<<<<")), TODAY)
    assert zone is not None
    assert "birth_date" not in zone.members


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ("",),
        ("", ""),
        ("<" * 44, "<" * 44),
        ("P" * 44, "P" * 44),
        TD3[::-1],
        (TD3[0],),
        (TD3[0], "1" * 44),
        (TD3[0], TD3[1] + "<" * 9000),
        TD1[:2],
        ("\0" * 44, "😀" * 44),
    ],
)
def test_what_is_no_zone_is_none(lines: tuple[str, ...]) -> None:
    assert parse(lines, TODAY) is None


def test_a_sentence_is_no_line() -> None:
    assert not is_line(compacted("Please keep this document in a safe place at all times"))
    assert is_line(TD3[0])
