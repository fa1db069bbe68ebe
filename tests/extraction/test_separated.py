"""Separated text: what parts its cells, that cells stay cells, and which text is none."""

from __future__ import annotations

import pytest

from ix.errors import DocumentError
from ix.extraction import documents
from ix.extraction.documents import Limits, OpenedPage, grid
from ix.extraction.documents.textkinds import kind_of

LIMITS = Limits(pages=3, pixels=1_000_000)
TABLES = {
    "semicolon": 'Pos;Bezeichnung;Menge;Preis\n1;"Schraube; M4";10;1,50\n2;Mutter;5;0,75\n',
    "comma": 'Item,Qty,Price\n"Bolt, M4",10,1.50\nNut,5,0.75\n',
    "tab": "a\tb\tc\n1\t2\t3\n",
    "pipe": "a|b|c\n1|2|3\n",
    "decimal commas": "1;10,50;2,00\n2;11,50;3,00\n3;12,75;4,25\n",
    "quoted decimal commas": '"1","10,50","2,00"\n"2","11,50","3,00"\n',
    "lines before": "Invoice 45\nDate 2026-10-05\n\nItem;Qty;Price\nBolt;10;1,50\nNut;5;0,75\n",
    "said": "sep=;\na;b\n1;2\n",
    "lines in a cell": 'a;b\n"x\ny";2\n"z";3\n',
    "two lines": "Bolt;1,50\nNut;0,75\n",
    "Windows": "a;b\r\n1;2\r\n",
}
TEXTS = {
    "one column": "Total\n12.50\n",
    "decimal commas alone": "Bolt 1,50\nNut 0,75\nWasher 0,80\n",
    "prose": "Dear Sir, we sell\nto you, for nothing,\nthank you, bye\n",
    "an address": "Müller GmbH\nStr. 5, 12345 Köln\nTotal, 12,50\n",
    "a receipt": "Tea            2.50\nMilk           4.50\n\nTOTAL          7.00\n",
    "JSON": '{\n"a": 1,\n"b": 2,\n"c": 3\n}\n',
}


def read(text: str) -> list[OpenedPage]:
    return documents.read(text.encode(), LIMITS)


@pytest.mark.parametrize("name", TABLES)
def test_cells_are_told(name: str) -> None:
    assert documents.recognised(TABLES[name].encode()).name == "CSV"


@pytest.mark.parametrize("name", TEXTS)
def test_text_without_cells_stays_text(name: str) -> None:
    assert kind_of(TEXTS[name]) == "plain"


def test_cells_are_cells_of_the_page() -> None:
    (page,) = read("Rechnung 45 mit einem langen Titel\n" + TABLES["semicolon"])
    at = {word.text: word.box for word in page.words}
    assert at["Bezeichnung"][0] == at["Schraube;"][0] == at["Mutter"][0]
    assert at["Preis"][0] == at["1,50"][0] == at["0,75"][0]
    assert at["Schraube;"][1] == at["1,50"][1] < at["Mutter"][1]
    # the title reaches over the columns and widens none
    assert at["Bezeichnung"][0] < at["Titel"][0]


def test_a_cell_of_several_lines_stays_in_its_column() -> None:
    (page,) = read(TABLES["lines in a cell"])
    at = {word.text: word.box for word in page.words}
    assert at["x"][0] == at["y"][0] == at["z"][0]
    assert at["2"][1] == at["x"][1] < at["y"][1] < at["z"][1]


def test_a_wide_column_is_folded_and_amounts_are_not_cut() -> None:
    (page,) = read("Text;Betrag\n" + "viele Wörter " * 60 + ";1.234.567,89\nx;1\n")
    assert page.width == (grid.TABLE + 2 * grid.MARGIN) * grid.CELL[0]
    assert [word.text for word in page.words].count("Wörter") == 60
    assert "1.234.567,89" in [word.text for word in page.words]


def test_a_table_that_is_too_wide_gives_of_its_widest_columns() -> None:
    widths = grid.column_widths([["x" * 150, "y" * 120, "z" * 20], ["a", "b", "c"]])
    assert widths[2] == 20
    assert sum(widths) + 2 * grid.GAP == grid.TABLE
    assert grid.column_widths([["x" * 10] * 50])[0] == 10


def test_more_rows_or_cells_than_allowed_are_refused() -> None:
    assert len(read("a;b\n" * 180)) == 3
    for text in ("a;b\n" * 181, "a;b\n1;2\n" + ";" * 600_000):
        # met before anything is laid out
        with pytest.raises(DocumentError, match=r"more than .* (rows|cells)") as raised:
            read(text)
        assert raised.value.code == "document_too_large"


def test_a_cell_without_end_is_damage() -> None:
    with pytest.raises(DocumentError) as raised:
        read("a;b\n1;2\n" * 5 + '"' + "x" * 200_000)
    assert raised.value.code == "document_unreadable"
