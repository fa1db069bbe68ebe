"""Tables of goods by alignment: columns by where cells stand, what they are by the table as a whole."""

from __future__ import annotations

from typing import Any

from ix import use_cases
from ix.fields import asked
from tests.extraction.rules.documents import read


def paper(kind: str, text: str) -> dict[str, Any]:
    found = use_cases.load()[kind]
    assert isinstance(found, use_cases.Extraction)
    return read(asked(found.schema), text)


def rows(kind: str, text: str) -> list[list[Any]]:
    return [list(row.values()) for row in paper(kind, text)["lines"]]


def test_titles_of_two_columns_may_stand_in_one_cell() -> None:
    assert rows(
        "delivery_note",
        """
        Bon de livraison
        Qté Désignation
          2 Fauteuil de bureau
         10 Charnière laiton
        7,5 Peinture blanche 10 l
        """,
    ) == [[None, "Fauteuil de bureau", 2], [None, "Charnière laiton", 10], [None, "Peinture blanche 10 l", 7.5]]


def test_quantity_times_price_tells_columns_whose_titles_say_nothing() -> None:
    assert rows(
        "purchase_order",
        """
        Description              Foo        Bar       Baz
        Oak staircase              2     100.00    200.00
        Handrail                  12       4.50     54.00
        Brass hinge                5       3.00     15.00
        """,
    ) == [["Oak staircase", 2, 100, 200], ["Handrail", 12, 4.5, 54], ["Brass hinge", 5, 3, 15]]


def test_units_between_columns_and_codes_below_names_are_no_part_of_them() -> None:
    assert rows(
        "purchase_order",
        """
        Pos   Item              Qty  Unit   Unit price    Amount
        1     Safety gloves       2  pcs          4.40      8.80
              SN 520475
        2     Brass hinge        10  pcs          2.13     21.30
        """,
    ) == [["Safety gloves", 2, 4.4, 8.8], ["Brass hinge", 10, 2.13, 21.3]]


def test_a_name_wraps_where_the_column_has_no_room_left() -> None:
    assert rows(
        "delivery_note",
        """
        Item                    Qty
        Stainless bolts M8,      20
        zinc plated
        Packing tape              5
        """,
    ) == [[None, "Stainless bolts M8, zinc plated", 20], [None, "Packing tape", 5]]


def test_a_line_of_goods_with_a_word_of_a_heading_heads_no_table() -> None:
    assert rows(
        "delivery_note",
        """
        Descrizione                 Quantità
        Totale pezzi di ricambio           4
        Servizio merce                     2
        Caffè in grani                     1
        """,
    )[-2:] == [[None, "Servizio merce", 2], [None, "Caffè in grani", 1]]


def test_sums_are_known_by_what_they_add_up_to() -> None:
    found = paper(
        "credit_note",
        """
        Description              Qty      Price      Amount
        Oak staircase              2     100.00      200.00
        Handrail                   1      50.00       50.00
                                         Foo         250.00
                                         Bar 20%      40.00
                                         Bar 5%        2.50
                                         Baz         292.50
        """,
    )
    assert (found["net_total"], found["tax_total"], found["grand_total"]) == (250, 42.5, 292.5)


def test_what_does_not_add_up_is_no_sum() -> None:
    found = paper(
        "credit_note",
        """
        Description              Qty      Price      Amount
        Oak staircase              2     100.00      200.00
                                         Foo         200.00
                                         Bar          39.00
                                         Baz         240.00
        """,
    )
    assert found["tax_total"] != 39


def test_another_table_right_below_is_none_of_its_lines() -> None:
    assert rows(
        "purchase_order",
        """
        Description                 Quantity    Unit Price      Amount
        Oak staircase                      1      4,200.00    4,200.00
        Tax summary                      Net           Tax       Gross
        20 %                        4,200.00        840.00    5,040.00
        """,
    ) == [["Oak staircase", 1, 4200, 4200]]
