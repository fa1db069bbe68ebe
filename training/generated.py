"""Invoices and receipts that nobody wrote, as labelled documents, each an issuer of its own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from training import fitting, letterheads
from training.documents import MADE_UP, Labelled
from training.generator import documents
from training.tasks import Task

SEED = 20_261_130
"""The same documents each time."""
NOISE = 0.1
"""How badly those are read that teach names: hardly, since letterheads are about places."""


def generated(
    kind: str, count: int, noise: float, origin: str, layouts: str = "train", seed: int = SEED
) -> Iterator[Labelled]:
    """So many documents of a kind and family of layouts (`training.generator.documents`), with what their pages
    show."""
    for at, one in enumerate(documents(kind, count, seed=seed, layouts=layouts, noise=noise)):
        name = f"{origin}/{kind}-{layouts}-{noise}-{at}"
        gold = {
            field: value
            for field, value in one.gold.items()
            if value is None or isinstance(value, list) or one.printed.get(field, True)
        }
        yield Labelled(name, origin, name, one.pages, gold)


def invented(task: Task) -> list[Labelled]:
    """The made-up documents that teach a task beside the labelled ones, the same each time."""
    return _invented(task.made_up, task.generated)


@cache
def _invented(made_up: int, count: int) -> list[Labelled]:
    return [*letterheads.made_up(made_up, fitting.SEED), *generated("invoice", count, NOISE, MADE_UP)]
