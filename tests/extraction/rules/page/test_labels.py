"""Labels: found in spite of OCR, owned by the longest phrase."""

from __future__ import annotations

import pytest

from ix.extraction.models.rules.page.labels import Labels
from ix.extraction.models.rules.page.reading import Reading
from ix.fields import fields_of
from tests.extraction.rules.documents import custom, labelled, page


def found(text: str, **fields: tuple[str, ...]) -> list[tuple[str, str]]:
    """The labels on the first line: the field, "" for none of those asked for, and the words."""
    schema = custom(**{name: labelled("text", *labels) for name, labels in fields.items()})
    reading = Reading([page(text)])
    return [
        (path, hit.row.text[hit.start : hit.end])
        for hit in Labels(reading, fields_of(schema)).on(reading.rows[0])
        for path in hit.owners
    ]


@pytest.mark.parametrize(
    "text",
    ["Contract holder: Ann", "CONTRACT HOLDER Ann", "Contractholder Ann", "Contract ho1der Ann", "Cantract holder"],
)
def test_case_spaces_and_single_letters_misread_do_not_hide_a_label(text: str) -> None:
    assert [path for path, _ in found(text, holder=("contract holder",))] == ["holder"]


@pytest.mark.parametrize("text", ["Contact form", "Contract", "Shareholder contract", "to Ann"])
def test_other_words_are_no_label(text: str) -> None:
    assert found(text, holder=("contract holder", "at")) == []


def test_short_labels_match_to_the_letter() -> None:
    assert found("Dale 1 May", day=("date",)) == []
    assert found("Date 1 May", day=("date",)) == [("day", "Date")]


def test_the_longer_label_owns_its_words() -> None:
    assert found("Due date 1 May", day=("date",), due=("due date",)) == [("due", "Due date")]


def test_a_phrase_that_nobody_asked_for_owns_its_words_too() -> None:
    assert found("Delivery date 1 May", day=("date",)) == [("", "Delivery date")]


def test_the_better_spelt_label_owns_words_that_two_resemble() -> None:
    assert found("Rechnung Nr 5512", number=("Rechnung Nr",), buyer=("Rechnung an",)) == [("number", "Rechnung Nr")]


def test_a_label_that_two_fields_share_is_both_fields() -> None:
    assert {path for path, _ in found("Total 5", gross=("total",), sum=("total",))} == {"gross", "sum"}


def test_accents_may_be_missing() -> None:
    assert found("Echeance 1 May", due=("échéance",)) == [("due", "Echeance")]
