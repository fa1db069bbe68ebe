"""`ix export`: files of many jobs and of one."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from ix.cli.bookkeeping import electronic
from tests.cli.bookkeeping.test_electronic import INVOICE
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


class TestBookkeeping:
    BOOKS = ("--consultant", 1, "--books-of", 42, "--fiscal-year", "2026-01-01", "--creditor", 70000, "--expense", 4980)

    @pytest.fixture
    def invoice(self, ix: Ix, service_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
        """The id of an invoice that says all that there is to say."""
        monkeypatch.setenv("IX_URL", service_url)
        file = tmp_path / "invoice.xml"
        file.write_bytes(electronic.ubl(INVOICE))
        done = ix("submit", file, "--use-case", "invoice", "--wait", "--json", "--client-id", tmp_path.name)
        return str(json.loads(done.out)["ix_id"])

    def test_invoices_are_bookings(self, ix: Ix, invoice: str, tmp_path: Path) -> None:
        file = tmp_path / "bookings.csv"
        done = ix("export", file, "--what", "datev", *self.BOOKS, "--unreviewed", "--client-id", tmp_path.name)
        assert (done.code, done.err) == (0, "")
        head, titles, row = file.read_bytes().decode("cp1252").splitlines()
        assert head.startswith('"EXTF";700;21;"Buchungsstapel";13;')
        assert titles.startswith("Umsatz (ohne Soll/Haben-Kz);")
        assert row.startswith('119,00;"H";"EUR";;;;70000;4980;"9";0903;"RE-2026/0815";')

    def test_what_cannot_be_booked_is_said(self, ix: Ix, invoice: str, tmp_path: Path) -> None:
        other = ("--fiscal-year", "2024-01-01")
        done = ix("export", tmp_path / "b.csv", "--what", "datev", *self.BOOKS, *other, "--unreviewed",
                  "--client-id", tmp_path.name)  # fmt: skip
        assert done.code == 0
        assert f"ix: job {invoice} is of 2026-03-09, outside the fiscal year" in done.err

    def test_bookings_need_their_accounts(self, ix: Ix, invoice: str, tmp_path: Path) -> None:
        done = ix("export", tmp_path / "bookings.csv", "--what", "datev", "--consultant", 1)
        assert (done.code, done.err) == (1, "ix: --books-of: is needed for bookings\n")
        assert not (tmp_path / "bookings.csv").exists()

    def test_an_invoice_is_an_electronic_one(self, ix: Ix, invoice: str, tmp_path: Path) -> None:
        file = tmp_path / "out.xml"
        assert ix("export", file, "--job", invoice, "--as", "ubl").code == 0
        assert file.read_bytes() == (tmp_path / "invoice.xml").read_bytes()

    def test_a_pdf_of_an_invoice_carries_it(self, ix: Ix, invoice: str, page: bytes, tmp_path: Path) -> None:
        before, after = tmp_path / "invoice.pdf", tmp_path / "out.pdf"
        before.write_bytes(electronic.hybrid(INVOICE | {"prepaid": 19.0}, page))
        sent = ix("submit", before, "--use-case", "invoice", "--wait", "--json", "--client-id", tmp_path.name)
        ix_id = json.loads(sent.out)["ix_id"]
        done = ix("export", after, "--job", ix_id, "--as", "factur-x")
        assert (done.code, done.err) == (0, "")
        # one invoice, though there was one before
        assert PdfReader(after).attachments.keys() == {"factur-x.xml"}
        assert ix("export", tmp_path / "out.xml", "--job", ix_id, "--as", "cii").code == 0
        assert PdfReader(after).attachments["factur-x.xml"] == [(tmp_path / "out.xml").read_bytes()]
        refused = ix("export", tmp_path / "no.pdf", "--job", invoice, "--as", "factur-x")
        assert (refused.code, refused.err) == (
            1,
            "ix: no page of the job is kept: there is nothing to take away of it\n",
        )

    def test_what_is_no_invoice_is_none(self, ix: Ix, job: str, tmp_path: Path) -> None:
        done = ix("export", tmp_path / "a.xml", "--job", job, "--as", "ubl")
        assert (done.code, done.err) == (1, f"ix: {job} is no job with an answer of the use case invoice\n")
        assert not (tmp_path / "a.xml").exists()
