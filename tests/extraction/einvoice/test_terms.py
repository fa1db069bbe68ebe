"""Every business term of EN 16931 has a field, and a place in each syntax, as the documentation says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from ix.extraction.einvoice import cii, ubl
from ix.extraction.einvoice.mapping import Each, Part, Spec
from ix.fields import Field
from tests.extraction.einvoice.invoices import cii as cii_invoice
from tests.extraction.einvoice.invoices import ubl as ubl_invoice
from tests.extraction.einvoice.test_mapping import FIELDS, values

DOCUMENT = Path(__file__).parents[3] / "docs" / "einvoices.md"
TERMS = frozenset(range(1, 166)) - {4}
"""Numbers of the terms; there is no BT-4."""


def documented() -> dict[int, str]:
    """The field of each term, by its dotted path."""
    found: dict[int, str] = {}
    for first, last, names in re.findall(r"^\| BT-(\d+)(?: to (\d+))? \| (.+) \|$", DOCUMENT.read_text(), re.MULTILINE):
        paths = re.findall(r"`([\w.]+)`", names)
        part = paths[0].rpartition(".")[0]
        paths[1:] = [f"{part}.{name}" if part else name for name in paths[1:]]
        numbers = range(int(first), int(last or first) + 1)
        found |= dict(zip(numbers, paths, strict=True))
    return found


def held(fields: tuple[Field, ...]) -> set[str]:
    """The paths of all fields."""
    return {one.path for one in fields} | {path for one in fields for path in held(one.fields)}


def placed(table: Mapping[str, Spec], at: str = "") -> set[str]:
    """The paths of all fields that a table has a place for."""
    found: set[str] = set()
    for name, spec in table.items():
        path = f"{at}.{name}" if at else name
        found.add(path)
        if isinstance(spec, Each | Part):
            found |= placed(spec.members, path)
    return found


def test_every_term_has_a_field() -> None:
    assert frozenset(documented()) == TERMS
    assert set(documented().values()) <= held(FIELDS)


@pytest.mark.parametrize("table", [cii.INVOICE, ubl.INVOICE], ids=["CII", "UBL"])
def test_every_term_has_a_place_in_each_syntax(table: Mapping[str, Spec]) -> None:
    # the subject of a note is the beginning of its text in UBL
    assert {path for path in documented().values() if path not in placed(table)} <= {"notes.subject"}


def test_the_subject_of_a_note_is_told_in_each_syntax() -> None:
    note = "<ram:Content>Thank you</ram:Content>"
    coded = cii_invoice().decode().replace(note, f"{note}<ram:SubjectCode>AAI</ram:SubjectCode>").encode()
    assert values(coded)["notes"] == [{"text": "Thank you", "subject": "AAI"}]
    marked = ubl_invoice().replace(b"Thank you", b"#AAI#Thank you")
    assert values(marked)["notes"] == [{"text": "#AAI#Thank you", "subject": "AAI"}]
    assert values(ubl_invoice())["notes"] == [{"text": "Thank you"}]
