"""Answers for people: leaves beside their evidence, in columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ix.cli.show import Row, pictures, rows, table
from ix.config import Settings
from ix.use_cases._einvoice import Party
from ix.use_cases.invoice import Invoice, InvoiceLine
from tests.extraction.locked import PASSWORD, locked

NODE = {
    "method": "extract",
    "match": "exact",
    "document": 0,
    "page": 1,
    "quote": "3.70",
    "boxes": [[0.1, 0.1, 0.2, 0.2]],
    "confidence": 0.95,
}


def job(**response: Any) -> dict[str, Any]:
    return {
        "ix_id": "00ff",
        "use_case": "test",
        "status": "done",
        "response": {"result": None, "evidence": None, "error": None, **response},
    }


class TestRows:
    def test_are_the_leaves_in_order_with_their_nodes_and_rows_numbered_from_one(self) -> None:
        result = {"total": 3.7, "seller": {"name": "A"}, "lines": [{"price": 1}, {"price": None}]}
        evidence = {"total": NODE, "seller": {"name": None}, "lines": [{"price": NODE}]}
        assert list(rows(result, evidence)) == [
            Row("total", 3.7, NODE),
            Row("seller.name", "A", None),
            Row("lines[1].price", 1, NODE),
            Row("lines[2].price", None, None),
        ]

    def test_evidence_of_another_shape_is_no_evidence(self) -> None:
        shapes: tuple[Any, ...] = (None, [], {"a": [1]}, {"a": "x"}, "text")
        for evidence in shapes:
            assert list(rows({"a": {"b": 1}}, evidence)) == [Row("a.b", 1, None)]

    def test_nothing_has_no_rows_with_a_path(self) -> None:
        assert [row for row in rows(None, None) if row.path] == []
        assert list(rows({}, {})) == list(rows({"a": []}, {"a": []})) == []


class TestTable:
    def test_lists_the_parts_of_a_job_that_was_split(self) -> None:
        part = {"ix_id": "01", "documents": [{"document": 0, "pages": [3, 4]}], "reason": "its page number is 1/2"}
        parts = [
            {**part, "status": "done"},
            {**part, "status": "error", "code": "time_limit"},
            {**part, "status": None},
        ]
        _, _, *rows = table(job(parts=parts)).splitlines()
        assert [row.split()[:5] for row in rows] == [
            ["01", "0:", "3,", "4", came_to] for came_to in ("done", "time_limit", "erased")
        ]

    def test_says_whose_part_a_job_is(self) -> None:
        assert table({**job(), "parent": "00aa"}).splitlines()[0] == "job 00ff  test  done  part of 00aa"

    def test_lines_up_value_page_match_confidence_and_quote(self) -> None:
        head, title, line = table(job(result={"total": 3.7}, evidence={"total": NODE})).splitlines()
        assert head == "job 00ff  test  done"
        assert line.split() == ["total", "3.7", "1", "exact", "0.95", "3.70"]
        assert line.index("exact") == title.index("match")

    def test_a_missing_value_is_a_dash_and_a_long_one_is_cut(self) -> None:
        lines = table(job(result={"a": None, "b": "x" * 200}, evidence={"a": None, "b": None})).splitlines()
        assert lines[2].split() == ["a", "-"]
        assert lines[3].endswith("…")
        assert len(lines[3]) < 60

    @pytest.mark.parametrize(
        "text", ["1 Mill Lane\nYork", "1 Mill Lane\r\n\tYork", "1 Mill\x1b[2J Lane\u2028York\x07"], ids=ascii
    )
    def test_what_a_document_says_stays_on_one_line_and_commands_no_terminal(self, text: str) -> None:
        lines = table(job(result={"address": text}, evidence={"address": {**NODE, "quote": text}})).splitlines()
        assert len(lines) == 3
        assert all(line.isprintable() for line in lines)

    def test_errors_warnings_and_timings_are_told(self) -> None:
        warnings = [
            {"code": "a", "message": "is odd", "path": "total"},
            {"code": "b", "message": "OCR is off", "path": ""},
        ]
        text = table(
            job(
                error={"code": "time_limit", "message": "too long"},
                warnings=warnings,
                timings={"read": 1.234, "ask": 0.5},
            )
        )
        assert text.splitlines()[1:] == [
            "  error time_limit: too long",
            "  ! total: is odd",
            "  ! OCR is off",
            "  seconds: read 1.23, ask 0.50",
        ]

    def test_members_come_in_the_order_of_the_use_cases_schema(self) -> None:
        result = {"total": 1, "company": "A", "surprise": 2, "items": [{"amount": 1, "description": "Tea"}]}
        lines = table({**job(result=result), "use_case": "receipt"}).splitlines()[2:]
        assert [line.split()[0] for line in lines] == [
            "company",
            "total",
            "items[1].description",
            "items[1].amount",
            "surprise",
        ]

    def test_empty_fields_of_electronic_invoices_are_counted_and_left_out_unless_all_is_wanted(self) -> None:
        invoice = Invoice(lines=[InvoiceLine(name="Tea")], profile="urn:x", seller=Party(name="Blue Kettle"))
        shown = {**job(result=invoice.model_dump(mode="json")), "use_case": "invoice"}
        few, everything = table(shown).splitlines()[2:], table(shown, everything=True).splitlines()[2:]
        names = [line.split()[0] for line in few]
        assert {"iban", "lines[1].quantity", "profile", "seller.name"} <= set(names)
        assert not {"project", "seller.city", "lines[1].details", "payee"} & set(names)
        assert f"{len(everything) - len(few) + 1} empty" in few[-1]
        assert {"project", "seller.city", "lines[1].details", "payee"} <= {line.split()[0] for line in everything}

    def test_a_job_without_a_response_is_its_head(self) -> None:
        assert (
            table({"ix_id": "00ff", "use_case": "test", "status": "cancelled", "response": None})
            == "job 00ff  test  cancelled"
        )


def test_a_picture_is_written_for_each_page_that_carries_evidence(tmp_path: Path) -> None:
    source = Path(__file__).parents[2] / "examples" / "invoice.pdf"
    found = pictures(
        job(result={"total": 3.7}, evidence={"total": NODE}),
        [source],
        tmp_path / "new",
        Settings(ocr="off", reader_workers=1),
    )
    assert [path.name for path in found] == ["invoice-page-1.png"]
    assert found[0].read_bytes().startswith(b"\x89PNG")


def test_pictures_of_files_of_one_name_and_behind_a_password_are_told_apart(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "bill.pdf").write_bytes(locked())
    found = pictures(
        job(result={"a": 1, "b": 2}, evidence={"a": NODE, "b": {**NODE, "document": 1}}),
        [tmp_path / folder / "bill.pdf" for folder in ("one", "two")],
        tmp_path / "new",
        Settings(ocr="off", reader_workers=1),
        PASSWORD,
    )
    assert [path.name for path in found] == ["bill-0-page-1.png", "bill-1-page-1.png"]
