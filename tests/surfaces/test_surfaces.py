"""The public surfaces are what their files say."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

import pytest

from ix.errors import IxError
from tests.surfaces import SURFACES, file_of, sql, text_of


@pytest.mark.parametrize("surface", SURFACES)
def test_surface(surface: str) -> None:
    compare(surface, SURFACES[surface]())


async def test_sql(database_url: str) -> None:
    try:
        found = await sql.facts(database_url)
    except IxError as error:
        pytest.skip(str(error))
    compare("sql", found)


def compare(surface: str, facts: Iterable[str]) -> None:
    """Fails where facts and file differ, with what differs and how to accept it."""
    file = file_of(surface)
    known, now = file.read_text().splitlines() if file.exists() else [], text_of(facts).splitlines()
    compared = difflib.unified_diff(known, now, lineterm="", n=0)
    changes = [line for line in compared if not line.startswith(("---", "+++", "@@"))]
    if changes:
        lines = (
            f"{surface}: {len(changes)} lines differ from {file.name}.",
            "If that is meant, `make surfaces` writes it down; say in CHANGELOG.md what is gone or renamed.",
            *changes,
        )
        pytest.fail("\n".join(lines), pytrace=False)
