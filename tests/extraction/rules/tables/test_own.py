"""Tables of a client's own columns: with and without money, over pages, with titles of many kinds or none."""

from __future__ import annotations

from typing import Any

from tests.extraction.rules.documents import custom, read

TEXT: dict[str, Any] = {"type": "string"}
NUMBER: dict[str, Any] = {"type": "number"}
WHOLE: dict[str, Any] = {"type": "integer"}


def table(**columns: Any) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "object", "properties": columns}}


def rows(spec: dict[str, Any], *pages: str) -> list[Any]:
    found: list[Any] = read(custom(rows=spec), *pages)["rows"]
    return found


LAB = """
City Laboratory

Test                  Result     Flag    Reference range     Units
Glucose               108        H       70 - 99             mg/dL
Sodium                139                135 - 145           mmol/L
LIPID PANEL
Cholesterol           212        H       < 200               mg/dL

Comments: repeat in 3 months
"""


def test_rows_need_no_money_and_cells_may_be_empty() -> None:
    spec = table(unit=TEXT, testName=TEXT, value=NUMBER, referenceRange=TEXT, flag=TEXT)
    assert [list(row.values()) for row in rows(spec, LAB)] == [
        ["mg/dL", "Glucose", 108, "70 - 99", "H"],
        ["mmol/L", "Sodium", 139, "135 - 145", None],
        ["mg/dL", "Cholesterol", 212, "< 200", "H"],
    ]


def test_several_columns_of_money_and_a_total_that_ends_them() -> None:
    text = """
    Date        Details                  Withdrawals     Deposits      Balance
    03/01       Payroll ACME                             4,000.00      6,310.55
    09/01       Total Fitness club       650.00                        5,660.55
    15/01       Grocery Mart             104.31                        5,556.24
                Total                    754.31          4,000.00
    """
    spec = table(date=TEXT, description=TEXT, withdrawal=NUMBER, deposit=NUMBER, balance=NUMBER)
    assert [list(row.values()) for row in rows(spec, text)] == [
        ["03/01", "Payroll ACME", None, 4000, 6310.55],
        ["09/01", "Total Fitness club", 650, None, 5660.55],
        ["15/01", "Grocery Mart", 104.31, None, 5556.24],
    ]


def test_columns_in_other_words_are_told_by_kind_and_order() -> None:
    text = """
    Marks       No. of pkgs    Goods                 Gross weight (kg)    Cubage
    NT/001      24             Pine boards           18,400               42.5
    NT/002      10             Oak beams             9,250                15.0
    """
    spec = table(marks=TEXT, packageCount=WHOLE, description=TEXT, grossWeightKg=NUMBER, volume=NUMBER)
    assert [list(row.values()) for row in rows(spec, text)] == [
        ["NT/001", 24, "Pine boards", 18400, 42.5],
        ["NT/002", 10, "Oak beams", 9250, 15],
    ]


def test_titles_on_two_lines_and_cells_that_wrap() -> None:
    text = """
    Part        Description                 Qty        Unit
    number                                  ordered
    SHF-3300    Drive shaft, steel          25         EA
                heat treated
    GSK-0040    Gasket set                  10         SET
    """
    spec = table(partNumber=TEXT, description=TEXT, quantityOrdered=WHOLE, unit=TEXT)
    assert [list(row.values()) for row in rows(spec, text)] == [
        ["SHF-3300", "Drive shaft, steel heat treated", 25, "EA"],
        ["GSK-0040", "Gasket set", 10, "SET"],
    ]


def test_goes_on_behind_a_page_break() -> None:
    head = "Student              Points\n"
    first = head + "\n".join(f"Learner {letter}            {at + 10}" for at, letter in enumerate("ABCDE"))
    second = head + "\n".join(f"Learner {letter}            {at + 20}" for at, letter in enumerate("FGH"))
    found = rows(table(student=TEXT, points=WHOLE), first, second)
    assert [row["points"] for row in found] == [10, 11, 12, 13, 14, 20, 21, 22]


def test_two_tables_of_a_page_are_told_apart_by_their_titles() -> None:
    text = """
    Vehicle   Year   Make     Model
    1         2019   Subaru   Outback
    2         2012   Ford     F-150

    Coverage                        Limit          Premium
    Bodily Injury Liability         100,000        145.20
    Collision                       500            201.75
    """
    spec = {
        "coverages": table(coverage=TEXT, limit=NUMBER, premium=NUMBER),
        "vehicles": table(model=TEXT, year=WHOLE, make=TEXT),
    }
    found = read(custom(**spec), text)
    assert [row["coverage"] for row in found["coverages"]] == ["Bodily Injury Liability", "Collision"]
    assert [list(row.values()) for row in found["vehicles"]] == [["Outback", 2019, "Subaru"], ["F-150", 2012, "Ford"]]


def test_without_titles_kinds_and_order_decide() -> None:
    text = """
    Corner Cafe
    2   Espresso            5.00
    1   Bagel with lox     11.50
    1   Orange juice        4.25
    Thank you
    """
    spec = table(count=WHOLE, dish=TEXT, price=NUMBER)
    assert [list(row.values()) for row in rows(spec, text)] == [
        [2, "Espresso", 5],
        [1, "Bagel with lox", 11.5],
        [1, "Orange juice", 4.25],
    ]
    assert rows(table(dish=TEXT, remark=TEXT), text) == []


def test_prose_and_forms_are_no_tables() -> None:
    text = "Name: Ada Byron      Points: 12\nDear Ada,\nyour result is 12 of 20 points and the unit is done.\nRegards"
    assert rows(table(student=TEXT, points=WHOLE), text) == []


def test_lines_of_a_bill_under_other_names() -> None:
    text = """
    Rechnung 4711

    Pos  Artikel                Menge    Einzelpreis    Gesamt
    1    Gartenschlauch         2        10,00          20,00
    2    Kupferdraht            3        5,00           15,00
    Summe                                               35,00
    """
    spec = {"articles": table(product=TEXT, pieces=NUMBER, pricePerPiece=NUMBER, lineTotal=NUMBER), "total": NUMBER}
    found = read(custom(**spec), text)
    assert found["total"] == 35
    assert [row["product"] for row in found["articles"]] == ["Gartenschlauch", "Kupferdraht"]
    assert [row["lineTotal"] for row in found["articles"]] == [20, 15]
