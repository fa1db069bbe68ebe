"""Movements of an account: layouts of banks, sides of an account, texts over lines, balances on the way."""

from __future__ import annotations

from typing import Any

import pytest

from ix.use_cases.bank_statement import USE_CASE
from tests.extraction.rules.documents import custom, labelled, read

SIDES = """
    Sparkasse Musterstadt
    Kontoauszug                                  Zeitraum: 28.12.2023 - 03.01.2024
    IBAN DE89 3704 0044 0532 0130 00

    Buchung    Wert       Verwendungszweck                      Soll          Haben
                          Alter Saldo                                      1.000,00
    28.12.     29.12.     Miete Januar                        700,00
                          Frau Muster, Wohnung 3
    02.01.     02.01.     Gehalt                                           2.500,50
                          Übertrag                                         2.800,50
"""
SIDES_AGAIN = """
    Sparkasse Musterstadt

    Buchung    Wert       Verwendungszweck                      Soll          Haben
                          Übertrag                                         2.800,50
    03.01.     03.01.     Strom 12.2023                        80,00
                          Neuer Saldo                                      2.720,50
"""
RUNNING = """
    First Example Bank plc
    Statement of account               1 March 2024 to 31 March 2024

    Date         Details                            Paid in      Paid out      Balance
                 Balance brought forward                                        940.00
    02 Mar       Card payment Oakfield                              40.00       900.00
                 REF 8840
                 Transfer Ann Thorne                  15.00                     915.00
    05 Mar       Standing order                                    915.00         0.00
"""
MARKED = """
    Banque Example
    Solde initial                  50,00 CR
    Date         Libellé                            Montant
    04/03/2024   Virement                         125,00 CR
    05/03/2024   Prélèvement                       25,50 DR
    Solde final                   149,50 CR
"""
UNMARKED = """
    Date         Text                             Amount     Balance
    01/05/2024   Opening                                      500.00
    02/05/2024   Paid                             120.00      380.00
    03/05/2024   Received                          20.00      400.00
"""


def statement(*pages: str) -> dict[str, Any]:
    return read(USE_CASE.schema, *pages)


def moved(found: dict[str, Any], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in found["movements"]]


def test_two_columns_over_two_pages_with_what_is_carried_forward() -> None:
    found = statement(SIDES, SIDES_AGAIN)
    assert moved(found, "date", "value_date", "text", "amount") == [
        ("2023-12-28", "2023-12-29", "Miete Januar Frau Muster, Wohnung 3", -700.0),
        ("2024-01-02", "2024-01-02", "Gehalt", 2500.5),
        ("2024-01-03", "2024-01-03", "Strom 12.2023", -80.0),
    ]
    assert (found["opening_balance"], found["closing_balance"]) == (1000.0, 2720.5)
    assert [row["balance"] for row in found["carried"]] == [2800.5, 2800.5]


def test_a_day_that_is_not_repeated_and_columns_in_another_order() -> None:
    found = statement(RUNNING)
    assert moved(found, "date", "text", "amount", "balance") == [
        ("2024-03-02", "Card payment Oakfield REF 8840", -40.0, 900.0),
        ("2024-03-02", "Transfer Ann Thorne", 15.0, 915.0),
        ("2024-03-05", "Standing order", -915.0, 0.0),
    ]
    assert (found["opening_balance"], found["closing_balance"]) == (940.0, 0.0)


def test_sides_that_are_marked_behind_amounts() -> None:
    found = statement(MARKED)
    assert moved(found, "date", "amount") == [("2024-03-04", 125.0), ("2024-03-05", -25.5)]
    assert (found["opening_balance"], found["closing_balance"]) == (50.0, 149.5)


def test_balances_say_the_sides_that_nothing_marks() -> None:
    found = statement(UNMARKED)
    assert moved(found, "amount", "balance") == [(-120.0, 380.0), (20.0, 400.0)]


def test_columns_are_told_by_arithmetic_where_headings_are_in_no_known_language() -> None:
    unknown = RUNNING.replace("Paid in ", "Xqzpt in").replace("Paid out", "Xqzpt ex").replace("Balance\n", "Xqzptr\n")
    assert moved(statement(unknown), "amount") == [(-40.0,), (15.0,), (-915.0,)]


def test_a_table_of_movements_in_a_clients_own_schema() -> None:
    row = custom(
        when=labelled("date", "date"),
        what=labelled("text", "details"),
        sum=labelled("money", "amount", type="number"),
        balance=labelled("money", "balance", type="number"),
    )
    found = read(custom(entries={"type": "array", "items": row}), RUNNING)
    assert [(one["when"], one["sum"]) for one in found["entries"]] == [
        ("2024-03-02", -40.0),
        ("2024-03-02", 15.0),
        ("2024-03-05", -915.0),
    ]


@pytest.mark.parametrize(
    "page",
    ["", "\n", "Date Amount", "1.00 " * 400, "01.02.2024 " * 200, "01.01.2024  x  1,00\n" * 60, "0,00 S\n" * 90],
)
def test_whatever_else_stands_there_is_read_in_peace(page: str) -> None:
    found = statement(page)
    assert isinstance(found["movements"], list)


ALL_PAID_OUT = """
    Example Bank
    Balance on 01 Feb 2022:                      395.28
    Balance now:                               (502.78)
    Entry date   Details                            Paid in/out   New balance
    02 Feb       Card payment Thorne                   (577.81)      (182.53)
    05 Feb       Faster payment                        (316.56)      (499.09)
    05 Feb       Direct debit                            (3.69)      (502.78)
"""
MISREAD_DAYS = """
    Banco Exemplo
    Saldo anterior                                                    100,00
    Data         Descrição                             Montante        Saldo
    20/05        Compra                                  -20,00        80,00
    23/O5        Transferência renda                     -30,00        50,00
    l2/06        Ordenado                                100,00       150,00
"""


def test_what_would_be_paid_out_and_in_at_once_is_a_balance() -> None:
    found = statement(ALL_PAID_OUT)
    assert moved(found, "amount", "balance") == [(-577.81, -182.53), (-316.56, -499.09), (-3.69, -502.78)]


def test_days_with_letters_that_ocr_took_for_digits() -> None:
    found = statement(MISREAD_DAYS)
    assert [row["date"][5:] for row in found["movements"]] == ["05-20", "05-23", "06-12"]
    assert [row["text"] for row in found["movements"]] == ["Compra", "Transferência renda", "Ordenado"]
