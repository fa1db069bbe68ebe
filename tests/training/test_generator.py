"""Documents that nobody wrote: the same for the same seed, right in themselves, and read back as they were made."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ix import use_cases
from ix.extraction.page import unpacked
from training.generator import KINDS, Made, documents
from training.generator.__main__ import main
from training.generator.world import World, languages


@pytest.mark.parametrize("kind", KINDS)
class TestEveryKind:
    def test_is_the_same_for_the_same_seed_whatever_the_count(self, kind: str) -> None:
        few, more = list(documents(kind, 2, seed=5, noise=0.7)), list(documents(kind, 4, seed=5, noise=0.7))
        assert few == more[:2]
        assert few[0].pages != next(documents(kind, 1, seed=6, noise=0.7)).pages

    def test_has_labels_for_fields_of_its_use_case(self, kind: str) -> None:
        schema: Any = use_cases.load()[kind].result
        made = next(documents(kind, 1))
        assert made.gold.keys() <= schema.model_json_schema()["properties"].keys()

    def test_has_layouts_for_tests_that_are_not_for_training(self, kind: str) -> None:
        assert not set(KINDS[kind].train) & set(KINDS[kind].test)
        made = {one.layout for one in documents(kind, 20, layouts="test")}
        assert made <= {style.name for style in KINDS[kind].test}

    def test_prints_what_its_labels_say(self, kind: str) -> None:
        for made in documents(kind, 5, seed=9):
            printed = "".join(word.text for page in made.pages for word in page.words)
            for name, value in made.gold.items():
                if isinstance(value, str) and made.printed[name] and name not in ("currency", "address"):
                    assert "".join(value.split()).casefold() in printed.casefold(), (name, value)


def test_there_are_languages_enough_and_each_has_every_word() -> None:
    assert len(languages()) >= 8
    first, *others = languages().values()
    for words in others:
        assert (words["label"].keys(), words["text"].keys()) == (first["label"].keys(), first["text"].keys())


@pytest.mark.parametrize("kind", ["invoice", "credit_note"])
def test_invoices_add_up(kind: str) -> None:
    for made in documents(kind, 10):
        gold = made.gold
        assert gold["net_total"] + gold["tax_total"] == gold["grand_total"]
        assert sum((row["line_total"] for row in gold["lines"]), Decimal()) == gold["net_total"]


def test_statements_add_up() -> None:
    for made in documents("bank_statement", 10):
        balance = made.gold["opening_balance"]
        for row in made.gold["movements"]:
            balance += row["amount"]
            assert row["balance"] in (None, balance)
        assert balance == made.gold["closing_balance"]


def test_words_beside_values_on_tests_were_not_all_seen_in_training() -> None:
    from random import Random

    def said(test: bool) -> set[str]:
        return {World("de", Random(seed), test).label("number") for seed in range(200)}

    assert said(test=True) - said(test=False)


def test_noise_misreads_letters_and_moves_boxes_and_leaves_most_as_it_is() -> None:
    clean, noisy = (next(documents("invoice", 1, noise=noise)).pages[0] for noise in (0.0, 1.0))
    texts = [{word.text for word in page.words} for page in (clean, noisy)]
    assert 0.6 < len(texts[0] & texts[1]) / len(texts[0]) < 1.0
    assert {word.confidence for word in clean.words} == {1.0}
    assert min(word.confidence for word in noisy.words) < 1.0


def test_a_pdf_has_the_words_of_its_sheets() -> None:
    pytest.importorskip("reportlab")
    import pypdfium2

    from training.generator.pdf import pdf

    made = next(documents("invoice", 1, only=["fr"]))
    page = pypdfium2.PdfDocument(pdf(made.sheets))[0]
    text = page.get_textpage().get_text_bounded()
    assert str(made.gold["invoice_number"]) in text
    assert pdf(made.sheets) == pdf(made.sheets)


def test_the_command_writes_a_folder_of_labelled_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = ["generator", "--kind", "receipt", "--count", "3", "--pages", "--out", str(tmp_path), "--noise", "0.4"]
    monkeypatch.setattr(sys, "argv", command)
    main()
    labels = [json.loads(line) for line in (tmp_path / "gold.jsonl").read_text().splitlines()]
    assert [label["use_case"] for label in labels] == ["receipt"] * 3
    (page,) = json.loads((tmp_path / labels[0]["file"]).read_text())
    words, _ = unpacked(json.dumps(page["words"]).encode())
    assert len(words) > 10
    made: Made = next(documents("receipt", 1, noise=0.4))
    assert labels[0]["gold"]["total"] == float(made.gold["total"])
