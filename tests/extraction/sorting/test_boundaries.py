"""Where documents begin in a stack: what speaks for it and against it, and what is never cut."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ix.extraction.page import Page
from ix.extraction.sorting import boundaries, findings
from tests.extraction.sorting.pages import ROLL, page, stack

LETTERHEAD = "Blue Kettle Ltd\n1 Mill Lane, York\nwww.blue-kettle.example\n"
FIRST = f"{LETTERHEAD}Invoice no INV-2024-17\nInvoice date 5 March 2024\nKettles  2  50.00  100.00\n"
LAST = f"{LETTERHEAD}Invoice no INV-2024-17\nLids  4  5.00  20.00\nGrand total  120.00\n"
OTHER = (
    "Green Grocer plc\n9 Market Square, Leeds\nwww.green-grocer.example\nInvoice no 4711-A\n"
    "Invoice date 9 April 2024\nApples  3  1.00  3.00\nGrand total  3.00\n"
)


def starts(pages: list[Page]) -> list[int]:
    return [part.pages[0].number for part in boundaries.parts(pages)]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        pytest.param([LAST, OTHER], [1, 2], id="another business, number and total"),
        pytest.param([FIRST, LAST], [1], id="the same number"),
        pytest.param([FIRST, LAST, OTHER], [1, 3], id="the second page of the first, then another"),
        pytest.param([f"{LAST}Page 1 of 1", f"{OTHER}Page 1 of 1"], [1, 2], id="each is page 1"),
        pytest.param([f"{FIRST}Page 1 of 2", f"{OTHER}Page 2 of 2"], [1], id="the number of the page goes on"),
        pytest.param([f"{LAST}Seite 3 von 3", "Notes\nthese are the terms"], [1], id="nothing opens a document"),
        pytest.param([LAST, "Terms and conditions\nGoods remain ours until paid"], [1], id="terms on the back"),
        pytest.param([f"{FIRST}carried forward  100.00", f"brought forward  100.00\n{OTHER}"], [1], id="carried over"),
        pytest.param([LAST, "", OTHER], [1, 3], id="a blank page between"),
        pytest.param([FIRST, "", LAST], [1], id="a blank page within"),
        pytest.param(["", ""], [1], id="nothing but blank pages"),
        pytest.param([LAST], [1], id="one page"),
    ],
)
def test_documents_begin(texts: list[str], expected: list[int]) -> None:
    assert starts(stack(*texts)) == expected


def test_receipts_of_one_shop_are_told_apart_by_their_totals() -> None:
    def receipt(day: int, total: str) -> str:
        return f"CORNER SHOP LTD\n12 High Street\nDate {day:02}/03/2024\nTea  {total}\nTOTAL  {total}\nCASH  10.00"

    texts = receipt(5, "3.70"), receipt(6, "4.10"), receipt(9, "2.20")
    assert starts([page(text, number, letter=ROLL) for number, text in enumerate(texts, 1)]) == [1, 2, 3]


def test_each_part_says_why_it_begins_and_names_its_pages() -> None:
    first, second = boundaries.parts(stack(FIRST, LAST, "", f"{OTHER}Page 1 of 1"))
    assert first.told() == {"documents": [{"document": 0, "pages": [1, 2]}], "reason": boundaries.FIRST}
    assert second.told() == {"documents": [{"document": 0, "pages": [4]}], "reason": "its page number is 1/1"}


def test_a_document_may_go_on_in_the_next_file() -> None:
    pages = [page(f"{FIRST}Page 1 of 2"), page(f"{LAST}Page 2 of 2", document=1), page(OTHER, document=2)]
    assert [part.told()["documents"] for part in boundaries.parts(pages)] == [
        [{"document": 0, "pages": [1]}, {"document": 1, "pages": [1]}],
        [{"document": 2, "pages": [1]}],
    ]


class TestFindings:
    def test_a_file_that_looks_like_several_is_told_of(self) -> None:
        [finding] = findings(stack(LAST, OTHER))
        assert finding.code == "looks_like_several"

    def test_files_that_came_apart_are_not(self) -> None:
        assert list(findings([page(LAST), page(OTHER, document=1)])) == []

    def test_nor_are_sheets_of_a_workbook(self) -> None:
        assert list(findings([replace(one, laid_out=True) for one in stack(LAST, OTHER)])) == []

    def test_nor_is_a_document_of_many_pages(self) -> None:
        assert list(findings(stack(FIRST, LAST))) == []
