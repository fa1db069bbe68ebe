"""Rules as they are for documents that nobody has seen: their weights fitted anew without these."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ix.extraction.models.rules.weighing import scorer
from ix.extraction.models.rules.weighing.scorer import Scorer
from training.documents import Labelled
from training.fitting import fitted
from training.generated import invented
from training.tasks import Decision, Task, all_tasks


@contextmanager
def without(others: Sequence[Labelled]) -> Iterator[None]:
    """Meanwhile the rules answer by weights that were fitted to these documents, and to made-up ones, alone."""
    made = {}
    for task in all_tasks():
        decisions = [one for document in others for one in _gathered(task, document)]
        if decisions:
            decisions += [one for document in invented(task) for one in _gathered(task, document)]
            made[task.name] = Scorer(fitted(task, decisions))
    shipped = scorer._loaded
    scorer._loaded = lambda name: made.get(name) or shipped(name)  # type: ignore[assignment]
    try:
        yield
    finally:
        scorer._loaded = shipped


_GATHERED: dict[tuple[str, int], tuple[Labelled, list[Decision]]] = {}
"""With the document itself: as long as it is here, no other one has its place in memory."""


def _gathered(task: Task, document: Labelled) -> list[Decision]:
    """The decisions of a document, gathered once for all folds: they are the same in each."""
    key = task.name, id(document)
    if key not in _GATHERED:
        _GATHERED[key] = document, list(task.gather(document))
    return _GATHERED[key][1]
