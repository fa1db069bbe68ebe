"""Tables: headings, items over several lines, where they end."""

from __future__ import annotations

from typing import Any

import pytest

from tests.extraction.rules.documents import custom, invoice, read, receipt


def lines(*pages: str) -> list[list[Any]]:
    return [list(row.values()) for row in invoice(*pages)["lines"]]


def test_values_stand_under_their_headings() -> None:
    assert lines(
        """
        Description                 Quantity    Unit Price      Amount
        Oak staircase                      1      4,200.00    4,200.00
        Skirting board per metre          38         12.50      475.00
                                                   Total      4,675.00
        """
    ) == [["Oak staircase", 1, 4200, 4200], ["Skirting board per metre", 38, 12.5, 475]]


def test_headings_in_german_with_positions_and_units() -> None:
    assert lines(
        """
        Pos.  Bezeichnung                Menge   Einzelpreis    Gesamtpreis
        1     Esstisch Eiche 220x100     1 Stk.   1.890,00 €     1.890,00 €
        2     Stuhl Eiche, gepolstert    6 Stk.     245,00 €     1.470,00 €
        Zwischensumme (netto)                                    3.360,00 €
        """
    ) == [["Esstisch Eiche 220x100", 1, 1890, 1890], ["Stuhl Eiche, gepolstert", 6, 245, 1470]]


def test_a_heading_may_wrap_over_two_lines() -> None:
    assert lines(
        """
                                            Unit        Line
        Description              Quantity   price       total
        Oak staircase                   1   4,200.00    4,200.00
        """
    ) == [["Oak staircase", 1, 4200, 4200]]


def test_a_quantity_may_stand_before_the_name() -> None:
    assert lines(
        """
        Menge   Leistung                         EP         GP
        12 Std  Installation Verteilerkasten     58,00     696,00
         3 St   FI-Schutzschalter 40A            42,90     128,70
        Summe netto                                        824,70
        """
    ) == [["Installation Verteilerkasten", 12, 58, 696], ["FI-Schutzschalter 40A", 3, 42.9, 128.7]]


def test_details_under_an_item_are_neither_items_nor_names() -> None:
    assert lines(
        """
        Description                 Quantity    Unit Price      Amount
        Oak staircase                      1      4,200.00    4,200.00
        List price: 4,500.00
        Colour: natural

        Handrail                           2        100.00      200.00
        List price: 110.00
        """
    ) == [["Oak staircase", 1, 4200, 4200], ["Handrail", 2, 100, 200]]


def test_names_may_stand_above_their_numbers() -> None:
    assert lines(
        """
        Description                 Quantity    Unit Price      Amount
        Oak staircase
        4711                               1      4,200.00    4,200.00

        Handrail
        4712                               2        100.00      200.00
        """
    ) == [["Oak staircase", 1, 4200, 4200], ["Handrail", 2, 100, 200]]


def test_names_may_stand_below_their_numbers() -> None:
    assert lines(
        """
        Description                 Quantity    Unit Price      Amount
        4711                               1      4,200.00    4,200.00
        Oak staircase

        4712                               2        100.00      200.00
        Handrail
        """
    ) == [["Oak staircase", 1, 4200, 4200], ["Handrail", 2, 100, 200]]


def test_a_name_goes_on_where_its_line_was_full() -> None:
    assert (
        lines(
            """
        Description                 Quantity    Unit Price      Amount
        Oak staircase, delivered           1      4,200.00    4,200.00
        carefully
        Handrail                           2        100.00      200.00
        by the metre
        """
        )[0][0]
        == "Oak staircase, delivered carefully"
    )


def test_the_sum_of_an_item_may_be_set_on_the_next_line() -> None:
    assert lines(
        """
        Description                 Quantity    Unit Price      Amount
        Oak staircase                      1      4,200.00
                                                              4,200.00

        Handrail                           2        100.00
                                                                200.00
        """
    ) == [["Oak staircase", 1, 4200, 4200], ["Handrail", 2, 100, 200]]


def test_a_quantity_without_heading_is_found_by_arithmetic() -> None:
    assert lines(
        """
        #       Description                   Unit Price      Amount
        400     Balloon, red                        0.79      316.00
        """
    ) == [["Balloon, red", 400, 0.79, 316]]


def test_a_table_goes_on_over_the_page_without_its_running_head() -> None:
    first = """
        Blue Kettle Ltd, invoice 4711, page 1
        Description                 Quantity    Unit Price      Amount
        Oak staircase                      1      4,200.00    4,200.00
        """
    second = """
        Blue Kettle Ltd, invoice 4711, page 2
        4712                               2        100.00      200.00
        Handrail
        Total                                                 4,400.00
        """
    assert lines(first, second) == [["Oak staircase", 1, 4200, 4200], ["Handrail", 2, 100, 200]]


def test_a_repeated_heading_is_no_item() -> None:
    head = "Description                 Quantity    Unit Price      Amount\n"
    first = head + "Oak staircase                      1      4,200.00    4,200.00"
    second = head + "Handrail                           2        100.00      200.00"
    assert [row[0] for row in lines(first, second)] == ["Oak staircase", "Handrail"]


def test_a_summary_of_taxes_is_no_item() -> None:
    assert lines(
        """
        Description                 Quantity    Unit Price      Amount
        Oak staircase                      1      4,200.00    4,200.00

        Tax summary                      Net           Tax       Gross
        20 %                        4,200.00        840.00    5,040.00
        """
    ) == [["Oak staircase", 1, 4200, 4200]]


def test_an_item_may_be_called_as_a_sum_is() -> None:
    assert lines(
        """
        Descrizione               Quantità   Prezzo unitario    Importo
        Revisione cambio              1           850,00         850,00
        Olio lubrificante 5L          4            32,00         128,00
        Totale                                                   978,00
        """
    ) == [["Revisione cambio", 1, 850, 850], ["Olio lubrificante 5L", 4, 32, 128]]


def test_a_sentence_with_numbers_is_no_item() -> None:
    assert lines(
        """
        Description                 Quantity    Unit Price      Amount
        Orders that reach us before the 19.12. are sent out before the 23.12. without fail.
        Oak staircase                      1      4,200.00    4,200.00
        """
    ) == [["Oak staircase", 1, 4200, 4200]]


def items(text: str) -> list[list[Any]]:
    return [list(row.values()) for row in receipt(text)["items"]]


def test_a_till_receipt_needs_no_heading() -> None:
    assert items(
        """
        CORNER BAKERY
        2 Pancake Stack          19.90
        Coffee                    3.25
        Subtotal                 23.15
        Total                    23.15
        """
    ) == [["Pancake Stack", 2, 19.9], ["Coffee", None, 3.25]]


@pytest.mark.parametrize("gap", [" ", "     "], ids=["one space", "a gap"])
def test_amounts_are_no_part_of_a_name(gap: str) -> None:
    text = f"Corner Shop\nMilk{gap}12.41\nSugar 2 kg{gap}1.50{gap}3.00\nTotal{gap}15.41\n"
    assert [row[0] for row in items(text)] == ["Milk", "Sugar 2 kg"]


def test_times_signs_tell_quantities() -> None:
    assert items(
        """
        BAGUETTE TRADITION   2 x 1,20    2,40
        CROISSANT BEURRE     4 x 1,10    4,40
        TOTAL                            6,80
        """
    ) == [["BAGUETTE TRADITION", 2, 2.4], ["CROISSANT BEURRE", 4, 4.4]]


def test_columns_of_a_custom_table_keep_their_kinds() -> None:
    row = {
        "type": "object",
        "properties": {
            "date": {"type": "string", "format": "date"},
            "text": {"type": "string"},
            "rate": {"type": "number", "x-ix": {"kind": "percentage", "labels": ["rate"]}},
            "amount": {"type": "number"},
        },
    }
    found = read(
        custom(bookings={"type": "array", "items": row}),
        """
        Date          Text                Rate      Amount
        02/04/2020    Rent                7 %       650.00
        15/04/2020    Repairs             19 %      210.00
        """,
    )
    assert found["bookings"] == [
        {"date": "2020-04-02", "text": "Rent", "rate": 7, "amount": 650},
        {"date": "2020-04-15", "text": "Repairs", "rate": 19, "amount": 210},
    ]


def test_prose_has_no_rows() -> None:
    assert lines("Dear Ann,\nthe bill of 12.00 was paid.\nRegards") == []


def test_parts_of_a_table_have_subtotals_that_are_no_lines() -> None:
    found = invoice(
        """
        Description        Quantity   Unit Price   Amount
        Honey              2          4.00         8.00
        Chair              1          70.00        70.00
        Subtotal                                   78.00
        --- Food ---
        Oil                3          2.00         6.00
        Subtotal                                   6.00
        Subtotal                                   84.00
        Tax 10%                                    8.40
        Total                                      92.40
        """
    )
    assert [line["line_total"] for line in found["lines"]] == [8, 70, 6]


@pytest.mark.parametrize(
    "last",
    [
        "Total                       12        $6,875",
        "Subtotal                              $6,875",
        "Prices with tax   Total               6,875.00",
        "Carried forward                       6,875.00",
    ],
)
def test_a_line_that_sums_up_is_no_item(last: str) -> None:
    found = invoice(
        f"""
        Description        Quantity   Price    Line Total
        Manager training   7          $500     $3,500
        Leadership         5          $675     $3,375
        {last}
        """
    )
    assert [line["line_total"] for line in found["lines"]] == [3500, 3375]


def test_an_item_whose_name_is_like_a_word_of_money_is_one() -> None:
    found = invoice(
        """
        Description     Rate      Hours    Amount
        Content plan    $50/hr    4        $200.00
        Total care      $40/hr    5        $200.00
        Total                              $400.00
        """
    )
    assert [line["name"] for line in found["lines"]] == ["Content plan", "Total care"]


def test_opening_hours_are_no_item() -> None:
    found = receipt("MO.-SA. 9.00 Uhr - 20.00 Uhr\nHonig   4,10\nBrot   1,20\nSumme  5,30")
    assert [item["description"] for item in found["items"]] == ["Honig", "Brot"]
