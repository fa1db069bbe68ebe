"""Adding to ix is adding one file."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.copies import copy_package, run_python

PLACES = {
    "language": "languages/eo.py",
    "use_case": "use_cases/parrot.py",
    "ocr_engine": "extraction/ocr/guess.py",
    "backend": "extraction/models/oracle.py",
    "route": "api/routes/hello.py",
    "document_format": "extraction/documents/card.py",
}
"""Each addition of `tests/architecture/additions`, and where its file goes in the package."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a copy of the package."""
    folder = tmp_path_factory.mktemp("copy")
    copy_package(folder)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("addition", PLACES)
def test_one_file_adds(addition: str, copy: Path) -> None:
    file = copy / "ix" / PLACES[addition]
    assert not file.exists()
    shutil.copy(Path(__file__).parent / "additions" / f"{addition}.py", file)
    try:
        run_checks(copy, addition)
    finally:
        file.unlink()


def test_without_the_file_nothing_is_found(copy: Path) -> None:
    run_checks(copy)


def run_checks(copy: Path, *additions: str) -> None:
    """Checks the copy in a process of its own: fails unless the additions work, or without any, unless none does."""
    done = run_python(copy, "-m", "tests.architecture.additions.checks", *additions)
    if done.returncode:
        pytest.fail(done.stderr, pytrace=False)
