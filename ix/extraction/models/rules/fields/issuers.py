"""The issuer and the party addressed, by the weights learned for each: how likely a name is theirs, and both together,
since nobody sends a document to themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from ix.extraction.models.rules.fields.names import Name
from ix.extraction.models.rules.fields.naming import FEATURES, Vector, described, may_be_addressed
from ix.extraction.models.rules.page.reading import Reading
from ix.extraction.models.rules.vocabulary.folding import fold
from ix.extraction.models.rules.weighing.scorer import Scorer

Role = Literal["issuers", "counterparts"]
"""Which weights: who issued the document, or whom it is addressed to."""
_NOBODY = 0.05
"""Likelihood that a page names no such party, as much as a pair of two names is held against."""
_TRIED = 8
"""Names of each party that are tried together, the likeliest."""
_BESIDE = 0.9
"""Share of the chosen name's likelihood that another one keeps at most."""


def supported(likely: float) -> float:
    """The score of a candidate that is so likely: what is right in one case of twenty reaches the floor of answers."""
    return float(likely**0.4)


class Likely(NamedTuple):
    """A name, and how likely it is that of a party."""

    name: Name
    likely: float


def likely(reading: Reading, role: Role) -> list[Likely]:
    """Every name of the first page and how likely it is a party's, as if no label of a field announced it."""
    return reading.once((likely, role), lambda: _weighed(described(reading), role))


def weighed(found: Sequence[tuple[Name, Vector]], reading: Reading, role: Role) -> list[Likely]:
    """How likely each name is a party's, chosen together with the other party's: what is not in the best pair counts
    less than what is."""
    own, other = _weighed(found, role), likely(reading, "counterparts" if role == "issuers" else "issuers")
    chosen = _chosen(own, other)
    bound = _BESIDE * (chosen.likely if chosen else _NOBODY)
    return [one if one is chosen else Likely(one.name, min(one.likely, bound)) for one in own]


def _chosen(own: Sequence[Likely], other: Sequence[Likely]) -> Likely | None:
    """The party's name of the pair that is likeliest together: two names that are not alike, or one of them and
    nobody."""
    ours, theirs = (sorted(each, key=lambda one: -one.likely)[:_TRIED] for each in (own, other))
    pairs: list[tuple[float, Likely | None]] = [(_NOBODY * theirs[0].likely, None)] if theirs else []
    for one in ours:
        text = fold(one.name.text)
        rival = max((each.likely for each in theirs if not _is_same(fold(each.name.text), text)), default=0.0)
        pairs.append((one.likely * max(rival, _NOBODY), one))
    return max(pairs, key=lambda pair: pair[0], default=(0.0, None))[1]


def party(reading: Reading, role: Role) -> Name | None:
    """The name that is most likely a party's."""
    return reading.once((party, role), lambda: _best(weighed(described(reading), reading, role)))


def _best(found: Sequence[Likely]) -> Name | None:
    top = max(found, key=lambda one: one.likely, default=None)
    return top.name if top else None


def _weighed(found: Sequence[tuple[Name, Vector]], role: Role) -> list[Likely]:
    found = [(name, vector) for name, vector in found if role == "issuers" or may_be_addressed(vector)]
    likelihoods = Scorer.load(role, FEATURES).probabilities([vector for _, vector in found])
    return [Likely(name, each) for (name, _), each in zip(found, likelihoods, strict=True)]


def _is_same(one: str, other: str) -> bool:
    return one in other or other in one
