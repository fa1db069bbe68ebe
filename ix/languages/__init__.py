"""Languages: the words that documents are written with. One file, one language; the folder is the registry.

A module of this package with an attribute `LANGUAGE` is a language. What it brings reaches everything that reads by
words: its labels stand in the use cases' JSON Schemas, its months are dates, its legal forms are names. To add one, add
a file that is called as ISO 639-1 calls the language, and measure with `make accuracy`:

    LANGUAGE = Language(
        code="eo",
        common="kaj | la | de | por",
        labels={"invoice": {"invoice_number": "numero de fakturo", "seller_name": "vendisto"}},
        months=("januaro", "februaro", ...),
        money={"total": "sumo", "tax": "imposto"},
        legal_forms=r"k\\.o\\. | s\\.a\\.",
        streets="strato",
    )

Labels of a language are looked for in documents of that language alone, which its own words tell
(`ix.extraction.values.telling`). Names of months that the Unicode CLDR has are known without
(`ix.extraction.values.cldr`), and stand here only in further forms.

The code that uses the words (patterns, scores, structure) is not here: it is in `ix.extraction`, and asks `merged()`
for the words of all languages when it is imported."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache
from itertools import chain, zip_longest
from typing import Any

from ix.languages._papers import WORDS, labels_of, papers

Phrases = str
"""A list: words or phrases with ` | ` between them, each once, in lower case (labels and distractors: as printed).
Members that say so take regular expressions, read without regard to case; most of these are plain words as well."""
_MANY = 12
"""Phrases from which on those with one first letter are one in a pattern."""


@dataclass(frozen=True, kw_only=True)
class Language:
    """All words of a language that documents are read by. What it does not bring is empty."""

    code: str
    """ISO 639-1, and the name of the file: `de`."""
    rank: int = 100
    """Where its labels stand among those of other languages, lowest first; languages of one rank go by the alphabet. A
    label that stands later counts a little less."""

    common: Phrases = ""
    """Words of everyday by which the language is told: `der | und | für`."""
    labels: Mapping[str, Mapping[str, Phrases]] = field(default_factory=dict)
    """What stands beside a field's value, by use case and the field's path, most telling first, as printed:
    `{"invoice": {"due_date": "Fälligkeitsdatum | fällig am", "lines.quantity": "Menge | Anzahl"}}`. What follows ` || `
    counts less than what any language has before it: `invoice date || date`."""
    columns: Mapping[str, Phrases] = field(default_factory=dict)
    """What heads the columns of tables of goods, by `ix.extraction.models.rules.tables.aligned.heads.ROLES`, those that
    nobody asks for too: `{"position": "pos | lfd. nr", "quantity": "menge | anzahl"}`. Beside these heads what
    `labels` have of the lines of invoices."""
    distractors: Phrases = ""
    """What reads like a label and announces a value that nobody asks for: `Lieferdatum | Kundennummer`. What one use
    case asks for may distract in another."""
    field_names: Mapping[str, Phrases] = field(default_factory=dict)
    """What a property's name says of it in a client's own JSON Schema: `first_date`, `last_date` of a period,
    `due_date`, `other_date` (none of the document's own), `counterpart` (whom the document is addressed to), `deadline`
    (until when something is wanted), `subject` (what a letter is about), `issuer` (who issued the paper)."""
    terms: Mapping[str, Phrases] = field(default_factory=dict)
    """Words that forms and tables are headed with, abbreviations too, by the English words that mean the same, so that
    a schema in English is understood on other forms: `{"birth date": "geburtsdatum | geb", "number": "nr | nummer"}`.
    Single words; where `compounds` are written, those of two of them are understood without being listed."""
    compounds: bool = False
    """Nouns are written together: `Kundennummer`."""
    small_words: Phrases = ""
    """What says nothing in a caption: `der | von | und`."""

    titles: Mapping[str, Phrases] = field(default_factory=dict)
    """What documents are titled, by use case, and as `other` those that no use case reads; what follows ` || ` stands
    on them elsewhere: `{"receipt": "kassenbon || rückgeld", "other": "angebot | lieferschein"}`."""
    paper_names: Phrases = ""
    """What papers of any kind are called, in expressions: `formulaire | certificat`. A line with such a word is no
    name."""
    page_words: Phrases = ""
    """What stands before the number of a page: `seite | blatt`."""
    page_totals: Phrases = ""
    """What stands between that and how many there are: `von`."""
    carried: Phrases = ""
    """What says that a document goes on, at the end of a page or at the head of the next: `übertrag`."""

    months: tuple[Phrases, ...] = ()
    """Twelve groups of names and abbreviations: `("januar | jan", "februar | feb", ...)`. Those that CLDR has
    (`ix.extraction.values.cldr`) are known without: of its languages only further ones stand here."""
    ordinals: Phrases = ""
    """What follows the number of a day: `st | nd | rd | th`."""
    month_first: bool = False
    """The month may stand before the day: "March 5th, 2020"."""
    date_joiners: Phrases = ""
    """Phrases between day, month and year: `de` in "5 de marzo de 2020"."""
    clock: Phrases = ""
    """What follows a time of day: `uhr`."""
    between_dates: Phrases = ""
    """What stands between the first and the last day of a period: `bis`."""
    paying: Phrases = ""
    """What a sentence that asks to pay has: `zahl` in "Bitte zahlen Sie bis 3.5.2020"."""
    deadlines: Phrases = ""
    """What stands before the last day to do something: `bis | spätestens`."""

    money: Mapping[str, Phrases] = field(default_factory=dict)
    """What the words beside an amount say of it, by `ix.extraction.models.rules.vocabulary.money.FEATURES`:
    `{"total": "gesamt | summe", "tax": "mwst | ust"}`. Several words in one phrase say it together alone: `be pvm`."""
    money_parts: Phrases = ""
    """Phrases of `money` that are recognised inside compounds although they are shorter than five letters: `mwst`."""
    taxes: Phrases = ""
    """Names of value added tax: what follows "19 %" and does not make it a part of what is taxed: `mwst | ust`."""
    paid_out: Phrases = ""
    """What heads the column of an account's statement that has what was paid out: `debit | withdrawals`."""
    paid_in: Phrases = ""
    """What heads the column that has what was paid in: `credit | deposits`."""
    currencies: Mapping[str, Phrases] = field(default_factory=dict)
    """Names of currencies by ISO 4217 code: `{"GBP": "pound pounds"}`."""
    credit_notes: Phrases = ""
    """Titles of documents that give money back: `gutschrift | stornorechnung`."""
    in_credit: Phrases = ""
    """What makes the sum beside it one that is given back: `guthaben`."""
    early_payment: Phrases = ""
    """What is deducted for paying early, or how words of it begin: `skonto`."""
    greetings: Phrases = ""
    """What the line that greets the reader of a letter begins with: `dear | to whom it may concern`."""
    days: Phrases = ""
    """Days that are counted: `tage | tagen`."""
    prepositions: Phrases = ""
    """What may stand before a currency: `in` in "Total in EUR"."""

    number_words: Phrases = ""
    """What may stand between a label and a number: `nr | nummer`."""
    yes: Phrases = ""
    """What affirms: `ja`."""
    no: Phrases = ""
    """What denies: `nein`."""

    legal_forms: Phrases = ""
    """Legal forms that end the name of a business: `gmbh | ag`."""
    lone_legal_forms: Phrases = ""
    """Those that stand alone on a line under a name that is too long: `gmbh.*`."""
    trades: Phrases = ""
    """Phrases that tell a business by its trade: `bäckerei | apotheke`."""
    salutations: Phrases = ""
    """Forms of address before a person's name: `frau`."""
    registers: Phrases = ""
    """What announces a business's registration number behind its name: `ssm`, `company`."""
    registration_numbers: Phrases = ""
    """What may follow that: `no`."""
    name_keys: Phrases = ""
    """What announces a name under a party's heading: `firma`."""
    attentions: Phrases = ""
    """What leads to the person that is meant, in expressions: `attn | att`."""
    counterpart: Phrases = ""
    """What a label has that speaks of the party addressed: `kunde | ihre` in "Ihre USt-IdNr"."""
    not_names: Phrases = ""
    """What stands near names and in none: titles of documents, telephone, till: `rechnung | seite`."""
    lone_not_names: Phrases = ""
    """What is no name if it is all that stands there: `firma`."""

    streets: Phrases = ""
    """Phrases that a street, a building or a post box has: `rue | place`."""
    street_endings: Phrases = ""
    """What such a word ends with, before a house number: `straat` in "Hoofdstraat 5"."""
    street_patterns: Phrases = ""
    """Streets that the two above cannot say."""
    units: Phrases = ""
    """What stands before the number of a flat, a floor or a lot: `unit`."""
    regions: Phrases = ""
    """Countries and states, which end addresses: `deutschland`."""
    address_keys: Phrases = ""
    """What announces an address: `anschrift`."""
    not_addresses: Phrases = ""
    """What stands under addresses and in none: `telefon | rechnung`."""


@cache
def load() -> tuple[Language, ...]:
    """Every language of this package, in the order in which they are merged."""
    # what begins with an underscore is no language
    modules = [found.name for found in pkgutil.iter_modules(__path__) if not found.name.startswith("_")]
    found = [importlib.import_module(f"{__name__}.{name}").LANGUAGE for name in modules]
    found += [Language(code=code) for code in sorted(papers().keys() - {language.code for language in found})]
    return tuple(sorted(map(_with_papers, found), key=lambda language: (language.rank, language.code)))


def _with_papers(language: Language) -> Language:
    """A language with its words of papers beside invoices and receipts; what its own file has stands first."""
    own = papers().get(language.code, {})
    return replace(
        language,
        labels={**labels_of(language.code), **language.labels},
        titles={**own.get("titles", {}), **language.titles},
        field_names={**own.get("field_names", {}), **language.field_names},
        trades=_merged([language.trades, own.get("trades", "")]),
        **{name: own[name] for name in WORDS if name in own and not getattr(language, name)},
    )


@cache
def merged() -> Language:
    """The words of all languages as if they were one, but for their labels and titles. A word that several have stands
    there once."""
    lists = [each.name for each in fields(Language) if each.name not in ("code", "rank", "labels", "titles")]
    return Language(code="", **{name: _merged([getattr(one, name) for one in load()]) for name in lists})


def _merged(values: Sequence[Any]) -> Any:
    if isinstance(values[0], str):
        unique: dict[str, str] = {}
        for phrase in chain.from_iterable(map(phrases, values)):
            unique.setdefault(phrase.casefold(), phrase)
        return " | ".join(unique.values())
    if isinstance(values[0], Mapping):
        keys = dict.fromkeys(chain.from_iterable(values))
        return {key: _merged([value[key] for value in values if key in value]) for key in keys}
    if isinstance(values[0], tuple):
        # languages that bring no months are left out; one with eleven is a mistake, hence strict
        return tuple(_merged(groups) for groups in zip(*filter(None, values), strict=True))
    return any(values)


def labels(use_case: str, path: str) -> Phrases:
    """What stands beside a field's value in any language, most telling first; see `Language.labels`. Empty if no
    language has a label for it."""
    # taken across, not along: what all have before their bars comes first, then what each has behind them
    own = [one.labels.get(use_case, {}).get(path, "").split("||") for one in load()]
    return str(_merged([text for texts in zip_longest(*own, fillvalue="") for text in texts]))


def titles(use_case: str) -> Phrases:
    """What documents of a use case are titled in any language, and behind a double bar what else stands on them."""
    parts = [one.titles.get(use_case, "").partition("||") for one in load()]
    return " || ".join(str(_merged([part[at] for part in parts])) for at in (0, 2))


def phrases(text: Phrases) -> list[str]:
    """The phrases of a list."""
    # blanks around the bar part phrases, so that a regular expression may hold bars of its own
    return [phrase.strip() for phrase in text.split(" | ") if phrase.strip()]


def one_of(text: Phrases) -> str:
    """A regular expression that any phrase of a list fits: `(?:rue|place)`. Nothing fits an empty list."""
    return f"(?:{'|'.join(_by_first_letter(phrases(text)))})" if text else r"(?!)"


def _by_first_letter(found: list[str]) -> list[str]:
    """The phrases, those that begin with one letter as one: `r(?:ue|oad)`. Patterns of many languages have hundreds,
    and Python tries each in turn."""
    if len(found) < _MANY:
        return found
    groups: dict[str, list[str]] = {}
    for phrase in found:
        # what is no plain letter, or may be left out or repeated, begins a group of its own
        plain = phrase[0].isalpha() and phrase[1:2] not in ("?", "*", "+", "{") and "|" not in phrase
        groups.setdefault(phrase[0] if plain else phrase, []).append(phrase)
    return [
        f"{first}(?:{'|'.join(phrase[1:] for phrase in group)})" if len(group) > 1 else group[0]
        for first, group in groups.items()
    ]
