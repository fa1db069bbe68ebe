"""Phrases are found where the pattern of all of them finds them, and most lines do not run that pattern."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator

import pytest

from ix.extraction.models.rules.vocabulary import addresses, names, parties
from ix.extraction.models.rules.vocabulary.folding import caseless, fold
from ix.extraction.models.rules.vocabulary.phrases import Phrases
from ix.languages import merged, one_of, phrases

LISTS = ("legal_forms", "trades", "not_names", "streets", "regions", "not_addresses", "address_keys", "name_keys")
SHOP = ("Bread rolls 12.50", "2 x Oat milk", "THANK YOU", "Thu 12/03/2020 10:44", "0123456789", "")


def _near(phrase: str) -> Iterator[str]:
    """A phrase as it may be printed, also where a word goes on and it is none."""
    plain = re.sub(r"\\s[?*]?", " ", re.sub(r"\(\?[:=!].*|\\b", "", phrase))
    for bare in {re.sub(r"[\\?*+^$()\[\]|]", "", plain), re.sub(r".\?|[\\*+^$()\[\]|]", "", plain)}:
        for written in (bare, bare.upper(), bare.title()):
            yield from (
                f"{before}{written}{behind}" for before in ("", "The ", "x", "(") for behind in ("", ".", " 1", "s")
            )


@pytest.mark.parametrize("name", LISTS)
def test_found_as_by_the_pattern_of_all(name: str) -> None:
    listed = getattr(merged(), name)
    sought, whole = Phrases(listed), re.compile(rf"\b{one_of(listed)}\b", re.I)
    texts = [*SHOP, *(text for phrase in phrases(listed) for text in _near(phrase))]
    for text in texts:
        assert _span(sought.search(text)) == _span(whole.search(text)), text
        assert _span(sought.fullmatch(text)) == _span(whole.fullmatch(text)), text
        assert [one.span() for one in sought.finditer(text)] == [one.span() for one in whole.finditer(text)], text
    # else this would compare nothing with nothing
    assert sum(whole.search(text) is not None for text in texts) > len(phrases(listed))


def _span(found: re.Match[str] | None) -> tuple[int, int] | None:
    return found.span() if found else None


@pytest.mark.parametrize(
    ("listed", "text"), [("xy?z", "xz"), (r"x\.?y", "XY"), (r"x\.?y", "x.y"), ("ab|cd", "cd"), ("[xy]z", "yz")]
)
def test_expressions_that_begin_in_several_ways(listed: str, text: str) -> None:
    assert Phrases(listed).fullmatch(text)


def test_few_lines_run_the_pattern_of_all() -> None:
    every = [one for module in (addresses, names, parties) for one in vars(module).values() if isinstance(one, Phrases)]
    runs = [sought._pattern(text) is sought._all for sought in every for text in SHOP]
    assert len(every) > 5
    assert sum(runs) < 0.2 * len(runs)


def test_caseless_is_equal_for_what_python_takes_for_the_same() -> None:
    same = 0
    for code in range(sys.maxunicode + 1):
        char = chr(code)
        for other in {char.lower(), char.upper(), char.title(), char.casefold()} - {char}:
            if len(other) == 1 and re.fullmatch(re.escape(char), other, re.I):
                same += 1
                assert caseless(char) == caseless(other), (char, other)
    assert same > 2_000
    assert caseless("İSTANBUL") == caseless("istanbul") == caseless("ıstanbul")


def test_ascii_folds_as_everything_else_does() -> None:
    for text in (*map(chr, range(128)), "Rechnungs-Nr.: 12/A", "TOTAL\t1'234.50", "a_b"):
        decomposed = unicodedata.normalize("NFKD", text).casefold()
        assert fold(text) == "".join(char for char in decomposed if char.isalnum())
