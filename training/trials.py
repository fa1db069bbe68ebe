"""Trials: whether learned weights choose better than those set by hand, on documents of companies or sources that they
were not fitted on."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ix.extraction.models.rules.weighing.scorer import Scorer
from training.documents import MADE_UP, OTHER_LAYOUTS, Labelled
from training.fitting import fitted
from training.tasks import Decision, Task

FOLDS = 5


class Outcome(NamedTuple):
    """Of a fold's decisions: how many, how many had a right candidate, and how many were chosen rightly by hand and by
    learned weights."""

    decisions: int
    possible: int
    by_hand: int
    learned: int


def by_issuer(document: Labelled) -> str:
    """One of five folds, the same for all documents of an issuer."""
    if document.origin == OTHER_LAYOUTS:
        return OTHER_LAYOUTS
    return f"issuers {int(hashlib.sha256(document.issuer.encode()).hexdigest(), 16) % FOLDS + 1}/{FOLDS}"


def by_origin(document: Labelled) -> str:
    """The set and source that a document comes from."""
    return document.origin


def trials(task: Task, decisions: Sequence[Decision], fold_of: Callable[[Labelled], str]) -> dict[str, Outcome]:
    """For each field and fold, what weights that were fitted on all other folds choose there."""
    found = {}
    taught = [one for one in decisions if one.teaches]
    for fold in sorted({fold_of(one.document) for one in decisions if one.is_judged}):
        kept_apart = [one for one in decisions if one.is_judged and fold_of(one.document) == fold]
        others = [one for one in taught if fold_of(one.document) != fold or one.document.origin == MADE_UP]
        if others:
            scorer = Scorer(fitted(task, others))
            for field in sorted({one.field for one in kept_apart}):
                found[f"{field}, {fold}"] = judged(scorer, [one for one in kept_apart if one.field == field])
    return found


def judged(scorer: Scorer, decisions: Sequence[Decision]) -> Outcome:
    """How many decisions come out right by hand and by these weights."""
    counts = Counter[str]()
    for one in decisions:
        counts["possible"] += any(one.right)
        counts["by hand"] += _chosen(one, one.by_hand)
        counts["learned"] += _chosen(one, scorer.probabilities(one.vectors))
    return Outcome(len(decisions), counts["possible"], counts["by hand"], counts["learned"])


def _chosen(one: Decision, scores: Sequence[float]) -> bool:
    """Whether the candidate with the best score, the first of equals, is right."""
    return bool(scores) and one.right[max(range(len(scores)), key=scores.__getitem__)]


def table(task: Task, decisions: Sequence[Decision]) -> Iterator[str]:
    """The lines of the table: by field and fold, shares that were chosen rightly by hand and by learned weights."""
    yield f"{task.name} ({task.form}, {len(task.features)} features)"
    yield f"  {'kept apart':44} {'count':>5} {'possible':>8} {'by hand':>8} {'learned':>8}"
    for fold_of in (by_issuer, by_origin):
        found = trials(task, decisions, fold_of)
        for field in sorted({one.field for one in decisions}):
            own = {name: outcome for name, outcome in found.items() if name.startswith(f"{field}, ")}
            yield from (_line(name, outcome) for name, outcome in sorted(own.items()))
            sent = {name: outcome for name, outcome in own.items() if not name.endswith(OTHER_LAYOUTS)}
            if sent:
                yield _line(f"{field}, all of these", Outcome(*map(sum, zip(*sent.values(), strict=True))))


def _line(name: str, found: Outcome) -> str:
    shares = [f"{share / max(found.decisions, 1):8.1%}" for share in found[1:]]
    return f"  {name:44} {found.decisions:5} {' '.join(shares)}"
