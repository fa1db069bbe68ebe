"""Which kind of document pages are: what their words and their shape say, and why.

A kind is what a use case says of its documents (`ix.use_cases.Extraction`): titles, other words that stand on them, the
labels of its fields, and whether they are printed on rolls. Titles of documents that no use case reads speak against
all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ix import languages
from ix.extraction.models.rules.vocabulary.folding import fold
from ix.extraction.page import Page
from ix.extraction.sorting.views import SHEET, View
from ix.languages import phrases

ENOUGH = 3.0
"""Weight from which pages are of a kind."""
CLEARLY = 1.0
"""By how much the likeliest kind is to be ahead of the next."""
MOST_PAGES = 3
"""Pages that are looked at: a document says at its beginning what it is."""
TITLED = 3.0
CUE, MOST_CUES = 0.75, 4
LABEL, NAMED, MOST_LABELS = 0.5, 1.0, 3.5
TOTAL = 0.75
LONGEST_PHRASE = 5
"""Words of a label, a title or another phrase."""
SHAPED = 2.0
_OTHERS = languages.titles("other").partition("||")[0]


class Score(NamedTuple):
    """How much speaks for a kind, and what, for people."""

    weight: float
    reasons: Sequence[str]


def recognised(
    pages: Sequence[Page], kinds: Mapping[str, Mapping[str, Any]], electronic: bool = False
) -> tuple[str, str]:
    """The name of the kind that the pages are, empty where none is likely enough, and why."""
    if electronic and "invoice" in kinds:
        return "invoice", "it carries an electronic invoice"
    views = [view for page in pages if not (view := View(page)).is_blank][:MOST_PAGES]
    if not views:
        return "", "there is nothing on the pages"
    words = _Words(views)
    scores = _scores(words, kinds)
    own = {fold(title) for kind in kinds.values() for title in kind["titles"]}
    if other := words.title([title for title in phrases(_OTHERS) if fold(title) not in own], outstanding=True):
        scores[""] = Score(TITLED, [f"it is titled {other!r}, which no use case is for"])
    ranked = sorted(scores.items(), key=lambda item: -item[1].weight)
    (name, best), *others = ranked
    # kinds of one and the same title read more of a document or less of it: either is right
    others = [one for one in others if not _titled_alike(kinds.get(name), kinds.get(one[0]))]
    second = others[0][1].weight if others else 0.0
    if best.weight < ENOUGH:
        return "", f"too little speaks for any use case, most for {name}: {_said(best)}" if name else _said(best)
    if best.weight - second < CLEARLY:
        return (
            "",
            f"as much speaks for {name or 'another kind'} ({_said(best)}) as for {others[0][0] or 'another kind'}",
        )
    return name, _said(best)


def _titled_alike(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> bool:
    return one is not None and other is not None and bool(one["titles"]) and one["titles"] == other["titles"]


def _is_more_special(title: str, kind: Mapping[str, Any], kinds: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a title is one of another kind that has fewer: of a credit note, which may be read as an invoice too."""
    others = (other["titles"] for other in kinds.values() if len(other["titles"]) < len(kind["titles"]))
    return any(fold(title) in map(fold, titles) for titles in others)


def _said(score: Score) -> str:
    return "; ".join(score.reasons) or "nothing"


def _scores(words: _Words, kinds: Mapping[str, Mapping[str, Any]]) -> dict[str, Score]:
    found = {name: _found(words, kind["labels"]) for name, kind in kinds.items()}
    titled = {name: _title(words, kind, kinds) for name, kind in kinds.items()}
    cues = {name: [cue for cue in kind["cues"] if words.has(cue)][:MOST_CUES] for name, kind in kinds.items()}
    # kinds that nothing but shared labels speaks for are no rivals: a credit note has all the fields of an invoice
    rivals = [name for name, kind in kinds.items() if titled[name] or cues[name] or kind["on_rolls"]]
    shared = {name: Counter(found[name].values()) for name in kinds}
    among = sum((shared[name] for name in rivals), Counter[str]())
    scores = {}
    for name, kind in kinds.items():
        counts = among if name in rivals else among + shared[name]
        said = list(_speaks(words, kind, titled[name], cues[name], found[name], counts))
        scores[name] = Score(sum(weight for weight, _ in said), [why for _, why in said if why])
    return scores


def _title(words: _Words, kind: Mapping[str, Any], kinds: Mapping[str, Mapping[str, Any]]) -> str:
    title = words.title(kind["titles"])
    return "" if title and _is_more_special(title, kind, kinds) else title


def _speaks(
    words: _Words,
    kind: Mapping[str, Any],
    title: str,
    cues: Sequence[str],
    found: Mapping[str, str],
    shared: Mapping[str, int],
) -> Iterator[tuple[float, str]]:
    if title:
        yield TITLED, f"it is titled {title!r}"
    if cues:
        yield CUE * len(cues), f"it says {', '.join(map(repr, cues))}"
    weights = [(NAMED if path in kind["identifiers"] else LABEL) / shared[label] for path, label in found.items()]
    if weights:
        named = "1 of its fields is" if len(found) == 1 else f"{len(found)} of its fields are"
        yield min(sum(weights), MOST_LABELS), f"{named} named"
    if kind["on_rolls"]:
        yield from _rolled(words.first)
    elif words.first.is_roll:
        yield -SHAPED, ""


def _rolled(view: View) -> Iterator[tuple[float, str]]:
    """What the shape of a page says for a kind that is printed on rolls."""
    if view.is_roll:
        yield SHAPED, "it is as narrow as a roll"
        if view.has_total:
            yield TOTAL, "it has a total"
    elif view.width > SHEET:
        yield -SHAPED, ""


def _found(words: _Words, labels: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The first label of each field that stands on the pages."""
    first = ((path, next((label for label in own if words.has(label)), "")) for path, own in labels.items())
    return {path: fold(label) for path, label in first if label}


class _Words:
    """What stands on the pages, so that it can be asked for by phrases."""

    def __init__(self, views: Sequence[View]) -> None:
        self.first = views[0]
        cells = [cell.text.split() for view in views for line in view.lines for cell in line.cells]
        # what begins a cell is a label or a heading; what stands within one is prose
        self._begun = frozenset(
            fold("".join(words[:count])) for words in cells for count in range(1, LONGEST_PHRASE + 1)
        )

    def has(self, phrase: str) -> bool:
        """Whether a cell begins with the phrase."""
        return fold(phrase) in self._begun

    def title(self, titles: Sequence[str], outstanding: bool = False) -> str:
        """The first of these that heads the pages; only what stands out, where that is asked for."""
        wanted = {fold(title): title for title in titles}
        return next((title for title, stands in self.first.headings(wanted) if stands or not outstanding), "")
