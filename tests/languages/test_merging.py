"""How languages are merged, and that a new one is a file and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ix import languages
from ix.languages import Language, labels, merged, one_of, phrases
from tests.copies import copy_package, run_python

ESPERANTO = '''"""Esperanto."""

from ix.languages import Language

LANGUAGE = Language(
    code="eo",
    labels={"invoice": {"invoice_number": "Kodo de kalkulo", "seller_name": "Vendisto"}},
    months=(
        "januaro", "februaro", "marto", "aprilo", "majo", "junio", "julio", "aŭgusto", "septembro", "oktobro",
        "novembro", "decembro",
    ),
    legal_forms=r"k\\.o\\. estontec",
    streets="strato",
)
'''
INVOICE = """
Vendisto:
Verda Arbaro k.o. estontec
strato Kviet 7
00-950 Varsovio

Kodo de kalkulo: FV/2024/0117
Varsovio, 5 aprilo 2024
"""
READ = """
import json, sys
from ix.extraction.models.rules.vocabulary.addresses import is_address
from tests.extraction.rules.documents import invoice
found = invoice(sys.stdin.read())
print(json.dumps([found["invoice_number"], found["issue_date"], found["seller_name"], is_address("strato Kviet")]))
"""


def read_in(folder: Path) -> list[object]:
    """What the copy of ix in a folder reads in the invoice, in a process of its own."""
    done = run_python(folder, "-c", READ, given=INVOICE)
    assert done.returncode == 0, done.stderr
    found: list[object] = json.loads(done.stdout)
    return found


def test_a_file_is_all_that_a_new_language_needs(tmp_path: Path) -> None:
    package = copy_package(tmp_path)
    assert read_in(tmp_path)[:2] == [None, None]
    (package / "languages" / "eo.py").write_text(ESPERANTO)
    assert read_in(tmp_path) == ["FV/2024/0117", "2024-04-05", "Verda Arbaro k.o. estontec", True]


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two small languages instead of those of the folder."""
    found = (
        Language(code="aa", labels={"bill": {"day": "day of bill || day"}}, streets="road | Lane", yes="yes"),
        Language(code="bb", labels={"bill": {"day": "Tag der Rechnung || Tag", "sum": "Summe"}}, streets="lane | weg"),
    )
    monkeypatch.setattr(languages, "load", lambda: found)


@pytest.mark.usefixtures("two")
class TestMerging:
    def test_words_follow_one_another_and_stand_once(self) -> None:
        together = languages.merged.__wrapped__()
        assert (phrases(together.streets), together.yes, together.months) == (["road", "Lane", "weg"], "yes", ())

    def test_labels_that_count_less_follow_those_of_every_language(self) -> None:
        assert phrases(labels("bill", "day")) == ["day of bill", "Tag der Rechnung", "day", "Tag"]
        assert labels("bill", "sum") == "Summe"
        assert labels("bill", "nothing") == labels("nothing", "day") == ""


def test_an_empty_list_fits_nothing() -> None:
    assert one_of("") == "(?!)"
    assert one_of("rue | place") == "(?:rue|place)"


def test_english_labels_come_first() -> None:
    assert [language.code for language in languages.load()][:2] == ["en", "de"]
    assert phrases(labels("invoice", "due_date"))[0] == "due date"
    assert merged() is merged()
