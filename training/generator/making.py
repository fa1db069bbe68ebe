"""Makes documents of a kind, one after the other, each from its own seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from ix.extraction.page import Page
from training.generator import letterhead
from training.generator.kinds import bank_statement, id_document_mrz, invoice, letter, receipt, trade
from training.generator.letterhead import Style
from training.generator.paper import Paper
from training.generator.reading import read
from training.generator.sheet import Sheet
from training.generator.world import World, languages

Maker = Callable[[World, Style], tuple[Paper, dict[str, Any], dict[str, Any]]]


@dataclass(frozen=True)
class Made:
    """A document: the use case that reads it, its language, its family of layouts, its sheets, its pages as they were
    read, its labels with typed values (dates, decimals), and what else is known of it. `printed` says of each label
    whether it stands on the page."""

    use_case: str
    language: str
    layout: str
    seed: str
    sheets: Sequence[Sheet]
    pages: Sequence[Page]
    gold: Mapping[str, Any]
    extra: Mapping[str, Any] = field(default_factory=dict)
    printed: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Kind:
    """How documents of a kind are made, and the families of layouts for training and for tests."""

    make: Maker
    train: Sequence[Style]
    test: Sequence[Style]


KINDS: Mapping[str, Kind] = {
    "bank_statement": Kind(bank_statement.make, bank_statement.TRAIN, bank_statement.TEST),
    "credit_note": Kind(trade.credit_note, letterhead.TRAIN, letterhead.TEST),
    "delivery_note": Kind(trade.delivery_note, letterhead.TRAIN, letterhead.TEST),
    "id_document_mrz": Kind(id_document_mrz.make, id_document_mrz.TRAIN, id_document_mrz.TEST),
    "invoice": Kind(invoice.make, letterhead.TRAIN, letterhead.TEST),
    "letter": Kind(letter.make, letterhead.TRAIN, letterhead.TEST),
    "purchase_order": Kind(trade.purchase_order, letterhead.TRAIN, letterhead.TEST),
    "receipt": Kind(receipt.make, receipt.TRAIN, receipt.TEST),
}
"""By the use cases that read them."""


def documents(
    kind: str,
    count: int,
    seed: int = 1,
    layouts: str = "train",
    noise: float = 0.0,
    only: Sequence[str] = (),
) -> Iterator[Made]:
    """So many documents of a kind. `noise` 0 gives pages as a text layer has them, 1 as a bad scan; `only` are the
    languages, all without it. Document by document the same for the same seed, whatever the count."""
    if layouts not in ("train", "test"):
        raise ValueError(f"layouts are train or test, not {layouts}")
    codes = list(only) or list(languages())
    for at in range(count):
        yield _one(kind, f"{kind}/{layouts}/{seed}/{at}", codes[at % len(codes)], layouts == "test", noise)


def _one(kind: str, seed: str, code: str, test: bool, noise: float) -> Made:
    # a string seeds alike in every process, which a hash of Python does not
    random = Random(seed)
    known = KINDS[kind]
    style = random.choice(known.test if test else known.train)
    world = World(code, random, test)
    paper, gold, extra = known.make(world, style)
    printed = {name: extra.get("printed", {}).get(name, True) for name, value in gold.items() if value is not None}
    return Made(
        kind,
        code,
        style.name,
        seed,
        paper.sheets,
        read(paper.sheets, Random(f"{seed}/noise"), noise),
        gold,
        {name: value for name, value in extra.items() if name != "printed"},
        printed,
    )
