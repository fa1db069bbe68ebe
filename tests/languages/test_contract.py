"""What every language keeps, whoever adds one: the tests find them in the folder."""

from __future__ import annotations

import pkgutil
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import fields
from itertools import chain
from typing import Any

import pytest

from ix import languages, use_cases
from ix.extraction.models.rules.page.labels import Labels
from ix.extraction.models.rules.page.reading import Reading
from ix.extraction.models.rules.vocabulary.folding import fold
from ix.extraction.models.rules.vocabulary.money import FEATURES, concepts, features
from ix.extraction.values import parse_currency, parse_date
from ix.extraction.values.codes import ISO_4217
from ix.fields import Field, fields_of
from ix.languages import Language, one_of, phrases
from ix.use_cases import Extraction
from tests.extraction.rules.documents import page

FOUND = {language.code: language for language in languages.load()}
SCHEMAS = {name: each.schema for name, each in use_cases.load().items() if isinstance(each, Extraction)}
KINDS = {name: each.kind or {} for name, each in use_cases.load().items() if isinstance(each, Extraction)}
PRINTED = frozenset(("labels", "distractors"))
BESIDE = frozenset(("order_number", "sales_order_number", "contract_number", "despatch_advice", "delivery_date"))
"""Fields of an order, a contract or a delivery: where nobody asks for them, their labels distract from the document's
own number and date."""
"""Members that stand as they are printed; all others are in lower case."""
NO_PATTERNS = PRINTED | {"titles", "months", "money", "money_parts", "currencies", "yes", "no"}
FIELD_NAMES = frozenset(
    ("first_date", "last_date", "due_date", "other_date", "counterpart", "deadline", "subject", "issuer")
)

NEEDED = {
    "invoice": "invoice_number issue_date due_date seller_name seller_vat_id buyer_name net_total tax_total "
    "grand_total due_amount currency lines.name lines.quantity lines.unit_price lines.line_total",
    "receipt": "total tax items.description items.quantity items.amount",
    "bank_statement_header": "holder account_number period_start period_end opening_balance closing_balance",
}
"""Fields for which every language has a label."""
WORDS = (
    *("common", "distractors", "credit_notes", "titles", "page_words", "paying", "deadlines", "days", "yes", "no"),
    *("legal_forms", "trades", "counterpart", "not_names", "regions", "address_keys", "not_addresses"),
)
"""Members that every language brings."""

every = pytest.mark.parametrize("language", FOUND.values(), ids=FOUND)


def lists(language: Language) -> Iterator[tuple[str, str]]:
    """Every list of a language with the member that has it."""
    for member in fields(language):
        for text in _texts(getattr(language, member.name)):
            yield member.name, text


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from chain.from_iterable(map(_texts, value.values()))
    elif isinstance(value, tuple):
        yield from chain.from_iterable(map(_texts, value))


def entries(text: str) -> list[str]:
    """The phrases of a list, those that count less included."""
    return [phrase for part in text.split("||") for phrase in phrases(part)]


def leaves(found: tuple[Field, ...]) -> Iterator[Field]:
    for field in found:
        yield field
        yield from leaves(field.fields)


PATHS = {name: {field.path: field for field in leaves(fields_of(schema))} for name, schema in SCHEMAS.items()}


def test_every_module_is_a_language_with_its_name() -> None:
    modules = {found.name for found in pkgutil.iter_modules(languages.__path__)}
    assert set(FOUND) == {name for name in modules if not name.startswith("_")}
    assert len(languages.load()) == len(FOUND)


@every
class TestEvery:
    def test_it_is_whole(self, language: Language) -> None:
        missing = [
            (use_case, path)
            for use_case, paths in NEEDED.items()
            for path in paths.split()
            if path not in language.labels.get(use_case, {})
        ]
        assert missing == []
        assert [member for member in WORDS if not getattr(language, member)] == []
        assert language.streets or language.street_endings or language.street_patterns
        assert set(language.titles) >= {*NEEDED, "other"}

    def test_what_it_calls_totals_and_taxes_is_known_beside_amounts(self, language: Language) -> None:
        for path, concept in (("grand_total", "total"), ("tax_total", "tax"), ("net_total", "net")):
            said = [concepts(label) for label in entries(language.labels["invoice"][path])]
            assert any(concept in weights for weights in said), path

    def test_code_is_one_of_iso_639_1(self, language: Language) -> None:
        assert re.fullmatch(r"[a-z]{2}", language.code)

    def test_words_are_composed_and_in_lower_case(self, language: Language) -> None:
        for member, text in lists(language):
            assert unicodedata.normalize("NFC", text) == text
            plain = re.sub(r"\\.", "", text)
            assert member in PRINTED or plain == plain.lower(), (member, text)

    def test_no_word_stands_in_a_list_twice(self, language: Language) -> None:
        for member, text in lists(language):
            folded = [entry.casefold() for entry in entries(text)]
            assert len(folded) == len(set(folded)), (member, text)

    def test_bars_between_words_have_spaces_around_them(self, language: Language) -> None:
        for member, text in lists(language):
            for entry in entries(text):
                assert member not in NO_PATTERNS or "|" not in entry, (member, entry)

    def test_patterns_compile_and_find_words_alone(self, language: Language) -> None:
        for member, text in lists(language):
            if member not in NO_PATTERNS:
                assert not re.compile(one_of(text)).fullmatch(""), (member, text)

    def test_months_are_twelve_and_every_name_makes_a_date(self, language: Language) -> None:
        assert len(language.months) in (0, 12)
        for number, names in enumerate(language.months, 1):
            assert phrases(names)
            for name in phrases(names):
                for written in (name, name.upper()):
                    day = parse_date(f"7 {written} 2024")
                    assert day is not None, written
                    assert (day.year, day.month, day.day) == (2024, number, 7)

    def test_labels_are_of_fields_that_exist(self, language: Language) -> None:
        for use_case, own in language.labels.items():
            assert set(own) <= set(PATHS[use_case]), use_case

    def test_a_label_is_in_the_schema_of_its_use_case(self, language: Language) -> None:
        for use_case, path, label in labels(language):
            known = {name.casefold() for name in PATHS[use_case][path].labels}
            assert label.casefold() in known, (use_case, path)

    def test_the_first_label_of_each_field_is_found_on_a_page(self, language: Language) -> None:
        for use_case, own in language.labels.items():
            for path, text in own.items():
                label = entries(text)[0]
                wanted = Field(name="wanted", path=path, kind="text", labels=(label,))
                found = Labels(Reading([page(f"{label}: X\n")]), [wanted]).of(path)
                assert [hit.row.text[hit.start : hit.end] for hit, _ in found], (use_case, path, label)

    def test_titles_are_of_use_cases_or_of_what_none_reads(self, language: Language) -> None:
        assert set(language.titles) <= {*SCHEMAS, "other"}
        for use_case in set(language.titles) - {"other"}:
            kind = KINDS[use_case]
            known = {*kind["titles"], *kind["cues"]}
            assert set(entries(language.titles[use_case])) <= known, use_case

    def test_no_label_is_a_distractor_too_but_of_what_stands_beside_the_document(self, language: Language) -> None:
        # what distracts on an invoice may be asked of another paper
        own = {
            fold(label)
            for kind, path, label in labels(language)
            if path not in BESIDE and kind in ("invoice", "receipt")
        }
        assert not own & set(map(fold, phrases(language.distractors)))

    def test_what_words_say_of_amounts_is_known(self, language: Language) -> None:
        assert set(language.money) <= set(FEATURES)
        for feature, words in language.money.items():
            for word in phrases(words):
                assert features(word) == {feature}, word

    def test_currencies_are_found_by_their_names(self, language: Language) -> None:
        assert set(language.currencies) <= ISO_4217
        for code, names in language.currencies.items():
            assert {parse_currency(name) for name in phrases(names)} == {code}

    def test_names_of_fields_say_what_is_asked(self, language: Language) -> None:
        assert set(language.field_names) <= FIELD_NAMES


def labels(language: Language) -> Iterator[tuple[str, str, str]]:
    """Every label with its use case and the field's path."""
    for use_case, own in language.labels.items():
        for path, text in own.items():
            yield from ((use_case, path, label) for label in entries(text))


def test_no_month_has_two_numbers() -> None:
    numbers: dict[str, set[int]] = {}
    for language in FOUND.values():
        for number, names in enumerate(language.months, 1):
            for name in phrases(names):
                numbers.setdefault(fold(name), set()).add(number)
    assert {name: found for name, found in numbers.items() if len(found) > 1} == {}


def test_no_word_says_two_things_of_an_amount() -> None:
    said: dict[str, set[str]] = {}
    for language in FOUND.values():
        for feature, words in language.money.items():
            for word in phrases(words):
                said.setdefault(fold(word), set()).add(feature)
    assert {word: found for word, found in said.items() if len(found) > 1} == {}


def test_every_member_of_a_language_is_documented() -> None:
    source: Any = languages.__loader__
    text = source.get_source("ix.languages")
    for member in fields(Language):
        assert re.search(rf'^    {member.name}: .*\n    """', text, re.M), member.name
