"""Headings of parties: the words that head a party in any language, whatever a schema calls it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Literal, NamedTuple

from ix.extraction.models.rules.vocabulary.folding import fold
from ix.extraction.models.rules.vocabulary.phrases import TEXTS, Phrases
from ix.languages import labels, merged, one_of, phrases

Side = Literal["issuer", "counterpart", "holder", "other"]
"""Whose name follows: who issued the document, whom it is addressed to, who holds the account to pay to,
or somebody else, such as where goods go."""
_SIDES: tuple[tuple[Side, str], ...] = (
    ("other", merged().distractors),
    ("holder", labels("bank_statement_header", "holder")),
    ("issuer", labels("invoice", "seller_name")),
    ("counterpart", labels("invoice", "buyer_name")),
)
_KEYED = Phrases(
    f"{merged().name_keys} | {merged().attentions}",
    rf"^\W*PHRASES\s*[:.]+\s*(?=\S)|^\W*{one_of(merged().attentions)}[\s:.]+(?=\S)",
)
_TRAILING = re.compile(
    rf"\s*(?:{one_of(merged().name_keys)}|{one_of(merged().address_keys)}|details|info\w*)\W*$", re.I
)
_LEADING = re.compile(
    rf"^\s*{one_of(merged().name_keys)}\s+(?:(?:d\w{{1,3}}|of|van)\s+)?(?:the\s+|l[ao]?\s*['’]?\s*)?", re.I
)
"""What leads to a heading where the key stands first: "Nom de l'abonné", "Nombre del cliente"."""
_COUNTERPART = re.compile(one_of(merged().counterpart), re.I)
_LONGEST = 40
"""Characters of the longest heading."""
_TELLING = range(2, 5)
"""Letters that a heading begins with by which it is told from most other texts: as many as it has, up to four."""


class Headed(NamedTuple):
    """A heading at the beginning of a text: whose, and where what it heads begins."""

    side: Side
    end: int


@cache
def _sides() -> dict[str, Side]:
    return {fold(phrase): side for side, text in _SIDES for phrase in phrases(text.replace(" || ", " | "))}


@cache
def _beginnings() -> frozenset[str]:
    keys = map(fold, phrases(merged().name_keys.replace(" || ", " | ")))
    return frozenset(phrase[: _TELLING[-1]] for phrase in (*_sides(), *keys))


@lru_cache(maxsize=TEXTS)
def heading(text: str) -> Headed | None:
    """The heading that a text begins with, up to a colon or its end: "Bill to:", "Kunde: Acme", "Customer details"."""
    head, colon, _ = text[: _LONGEST + 1].partition(":")
    begins = fold(head)
    if len(head) > _LONGEST or _beginnings().isdisjoint(begins[:count] for count in _TELLING):
        return None
    side = next((found for one in _forms(head) if (found := _sides().get(fold(one)))), None)
    if side is None:
        return None
    return Headed(side, len(head) + len(colon) if colon else len(text))


def _forms(head: str) -> Iterator[str]:
    yield head
    # "Käufer/Leistungsempfänger", "Bill to (address)"
    yield re.split("[/(]", head, maxsplit=1)[0]
    yield _TRAILING.sub("", head)
    yield _LEADING.sub("", head)


def speaks_of_counterpart(text: str) -> bool:
    """Whether a label speaks of the other party: "Customer VAT Number", "Ihre USt-IdNr"."""
    return bool(_COUNTERPART.search(text))


def keyed(text: str) -> int:
    """How many characters of a text only lead to a name: "Name: ", "Attn: ", "z. Hd. "."""
    found = _KEYED.match(text)
    return found.end() if found else 0
