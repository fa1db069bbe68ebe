"""Which languages a document is in, by its words and letters; and whose labels are looked for in it."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from ix import languages
from ix.extraction.models.rules.page.labels import Labels
from ix.extraction.models.rules.page.reading import Reading
from ix.extraction.values.telling import folded, speakers, told
from ix.fields import Field
from ix.languages import Language, labels, phrases
from tests.extraction.rules.documents import page

WITH_LABELS = [language for language in languages.load() if language.labels]
ENGLISH = "Invoice number 17\nPlease pay this invoice within 14 days of the date of issue. Thank you for your order."


def lines_of(language: Language) -> Iterable[str]:
    """What a small invoice in a language says: three words of everyday, and its labels."""
    own = language.labels["invoice"]
    fields = ("invoice_number", "issue_date", "buyer_name", "grand_total")
    first = (phrases(own[path].replace("||", " | "))[0] for path in fields if path in own)
    return [" ".join(phrases(language.common)[:8]), *first]


@pytest.mark.parametrize("language", WITH_LABELS, ids=lambda language: language.code)
def test_a_small_invoice_tells_its_language(language: Language) -> None:
    found = told(lines_of(language))
    assert language.code in found.languages[:2]
    assert {language.code, "en"} <= found.in_play


def test_related_languages_are_not_told_beside_the_one_that_most_tells() -> None:
    german = "Rechnung Nr 17 vom 5. März", "Bitte überweisen Sie den Betrag bis zum Ende des Monats. Vielen Dank."
    assert told(german).languages == ("de",)
    assert told([ENGLISH]).languages == ("en",)


def test_two_languages_of_one_document_are_both_told() -> None:
    found = told([ENGLISH, "Faktura nr 17, sprzedawca i nabywca, razem do zapłaty przez nabywcę na rachunek bankowy"])
    assert set(found.languages) == {"en", "pl"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *(("請求書をお送りします", "ja"), ("增值税专用发票号码", "zh"), ("세금계산서 번호", "ko"), ("ใบกำกับภาษี", "th")),
        *(("Τιμολόγιο πώλησης", "el"), ("فاتورة ضريبية", "ar"), ("חשבונית מס", "he"), ("گزارش چاپگر و پژوهش", "fa")),
    ],
)
def test_letters_tell_of_languages_that_have_their_own(text: str, code: str) -> None:
    assert told([text]).languages[:1] == (code,)


def test_a_few_letters_of_another_script_come_after_what_words_tell() -> None:
    assert told([ENGLISH, "新加坡茶室"]).languages == ("en", "zh")


def test_where_nothing_tells_every_language_is_in_play() -> None:
    assert told(["4711", "12.50"]).languages == ()
    assert told([]).in_play == {language.code for language in languages.load()}


def test_one_short_word_tells_nothing() -> None:
    assert told(["Springfield, IL 62701"]).languages == ()


def test_accents_and_capitals_do_not_matter() -> None:
    assert folded("Fälligkeit ZAŁĄCZNIK") == "falligkeit zalacznik"


class TestLabels:
    def find(self, text: str, *wanted: str) -> list[str]:
        field = Field(name="wanted", path="wanted", kind="text", labels=wanted)
        return [hit.row.text[hit.start : hit.end] for hit, _ in Labels(Reading([page(text)]), [field]).of("wanted")]

    def test_labels_of_languages_that_a_document_is_not_in_are_not_looked_for(self) -> None:
        every = phrases(labels("invoice", "due_date"))
        # "forfald" is Danish, and here a name
        assert self.find(f"{ENGLISH}\nForfald 2024-03-05", *every) == []
        assert self.find("Fakturadato, kunde og beløb\nForfald 2024-03-05", *every) == ["Forfald"]

    def test_a_clients_own_label_is_looked_for_whatever_language_it_is(self) -> None:
        assert speakers("Forfald") == {"da"} or "da" in speakers("Forfald")
        assert self.find(f"{ENGLISH}\nForfald 2024-03-05", "Forfald") == ["Forfald"]
        assert self.find(f"{ENGLISH}\nZorgvuldigheid X", "Zorgvuldigheid") == ["Zorgvuldigheid"]
