"""`ix export`: files of many jobs and of one."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from tests.cli.conftest import Ix


@pytest.fixture
def job(ix: Ix, service_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A receipt of a client of its own."""
    monkeypatch.setenv("IX_URL", service_url)
    file = tmp_path / "a.txt"
    file.write_text("CORNER SHOP LTD\nDate 02/11/2026\nTOTAL 20.21\n")
    done = ix("submit", file, "--use-case", "receipt", "--client-id", tmp_path.name, "--wait", "--json")
    return str(json.loads(done.out)["ix_id"])


def test_the_files_ending_says_the_format(ix: Ix, job: str, tmp_path: Path) -> None:
    asked = ("--client-id", tmp_path.name, "--use-case", "receipt")
    book, table = tmp_path / "x.xlsx", tmp_path / "x.csv"
    assert ix("export", book, *asked).out == f"{book}  {book.stat().st_size} bytes\n"
    assert CalamineWorkbook.from_path(book).get_sheet_by_name("Jobs").to_python()[1][0] == job
    ix("export", table, *asked)
    [row] = csv.DictReader(io.StringIO(table.read_text("utf-8-sig")))
    assert row["total"] == "20.21"
    assert {path.name for path in tmp_path.iterdir()} == {"a.txt", "x.xlsx", "x.csv"}


def test_what_says_no_format_is_refused_and_nothing_written(ix: Ix, job: str, tmp_path: Path) -> None:
    done = ix("export", tmp_path / "x")
    assert (done.code, "--format" in done.err) == (1, True)
    before = tmp_path / "text"
    before.write_text("as it was")
    done = ix("export", before, "--job", "0" * 16, "--as", "text")
    assert (done.code, before.read_text()) == (1, "as it was")
    assert {path.name for path in tmp_path.iterdir()} == {"a.txt", "text"}
    assert "cannot be written" in ix("export", tmp_path / "no" / "x.csv").err
