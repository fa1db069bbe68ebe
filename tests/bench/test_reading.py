"""What reading costs, measured on one small document."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench import reading
from bench.book import Bench, Book, Sizes
from bench.contestants import ContestantFailed
from bench.peer import ENVIRONMENT
from bench.targets import targets
from tests.bench.test_run import NOWHERE
from tests.extraction.pdfs import PARAGRAPH, Sheet, pdf


def test_the_parts_of_a_job_are_told_apart_and_samples_are_no_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENVIRONMENT, sys.prefix)
    file = tmp_path / "1.pdf"
    file.write_bytes(pdf(Sheet(PARAGRAPH), Sheet(PARAGRAPH)))
    made = Bench(NOWHERE, None, [], Sizes(repetitions=1), Book())
    for name in ("ix", "pypdfium2"):
        with reading.Process(name) as process:
            reading.texts(made, name, process, [file])
    median = made.book.median
    parts = [median("reading", part, "ix") or 0 for part in reading.PARTS]
    assert min(parts) > 0
    assert sum(parts) == pytest.approx(median("reading", "a text page", "ix"))
    assert (median("reading", "samples, a document", "ix") or 0) >= 0
    assert 0 < (median("reading", "a text page", "pypdfium2") or 0) < sum(parts)
    assert median("reading", "ink", "pypdfium2") is None
    assert "a page with a text layer: at most 12 ms" in {one.asks for one in targets(made.book) if one.found}


def test_a_file_that_cannot_be_read_is_a_failure(tmp_path: Path) -> None:
    file = tmp_path / "1.pdf"
    file.write_bytes(b"%PDF-1.4 and no more")
    with reading.Process("pypdfium2") as process, pytest.raises(ContestantFailed, match=r"1\.pdf"):
        process.ask(file)


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, "nowhere")
    with pytest.raises(ContestantFailed, match="no_such_package is not installed"):
        reading.interpreter("no_such_package")
