"""The issuer and the party addressed, by the weights learned for each: how likely a name is theirs, and both together,
since nobody sends a document to themselves."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nlargest
from typing import Literal, NamedTuple

from ix.extraction.models.rules.fields.names import Name
from ix.extraction.models.rules.fields.naming import FEATURES, Vector, described, may_be_addressed
from ix.extraction.models.rules.page.reading import Reading
from ix.extraction.models.rules.vocabulary.folding import fold
from ix.extraction.models.rules.weighing.scorer import Scorer

Role = Literal["issuers", "counterparts"]
"""Which weights: who issued the document, or whom it is addressed to."""
_ROLES: tuple[Role, Role] = ("issuers", "counterparts")
_TRIED = 6
"""Names that are tried together for each of two parties."""
_UNLIKELY = 0.1
"""Names that are less likely the other party's are nobody's."""
_BESIDE = 0.9
"""Share of the chosen name's likelihood that another one keeps at most."""


def supported(likely: float) -> float:
    """The score of a candidate that is so likely: what is right in one case of twenty reaches the floor of answers."""
    return float(likely**0.4)


class Likely(NamedTuple):
    """A name, and how likely it is that of a party."""

    name: Name
    likely: float


def likely(reading: Reading, role: Role, crossed: bool = False) -> list[Likely]:
    """Every name of the first page and how likely it is a party's, as if no label of a field announced it; for
    `crossed` see `naming.described`."""
    return reading.once((likely, role, crossed), lambda: _weighed(described(reading, crossed), role))


def weighed(found: Sequence[tuple[Name, Vector]], reading: Reading, role: Role, crossed: bool = False) -> list[Likely]:
    """How likely each name is a party's, together with how likely it is the other party's: any other name counts less
    than the one that is chosen."""
    # where no label announces a name, they are as they stand
    own = likely(reading, role, crossed) if found is described(reading, crossed) else _weighed(found, role)
    other = likely(reading, "counterparts" if role == "issuers" else "issuers", crossed)
    chosen = _chosen(own, other)
    bound = _BESIDE * (chosen.likely if chosen else 0.0)
    # a name that is likelier by itself, but the other party's, stays behind the chosen one
    return [one if one is chosen else Likely(one.name, min(one.likely, bound)) for one in own]


def _chosen(own: Sequence[Likely], other: Sequence[Likely]) -> Likely | None:
    """The likeliest name that is not likelier the other party's, wherever else it stands: nobody writes to themselves.
    Where all are, the likeliest."""
    theirs = [(fold(one.name.text), one.likely) for one in other if one.likely > _UNLIKELY]
    free = [one for one in own if one.likely >= _as_other(fold(one.name.text), theirs)]
    return max(free or own, key=lambda one: one.likely, default=None)


def _as_other(text: str, theirs: Sequence[tuple[str, float]]) -> float:
    # a name stands with its legal form here and without it there
    return max((likely for other, likely in theirs if other in text or text in other), default=0.0)


def is_crossed(reading: Reading) -> bool:
    """Whether two parties are likelier found with the headings of an invoice taken the other way round."""
    return reading.once(is_crossed, lambda: _both(reading, True) > _both(reading, False))


def _both(reading: Reading, crossed: bool) -> float:
    """How likely the likeliest two different names are who issued the document and whom it is addressed to."""
    issuers, others = (likely(reading, role, crossed) for role in _ROLES)
    pairs = ((one, other) for one in _top(issuers) for other in _top(others))
    return max(
        (one.likely * other.likely for one, other in pairs if fold(one.name.text) != fold(other.name.text)),
        default=0.0,
    )


def _top(found: Sequence[Likely]) -> list[Likely]:
    return nlargest(_TRIED, found, key=lambda one: one.likely)


def party(reading: Reading, role: Role) -> Name | None:
    """The name that is most likely a party's."""
    return reading.once((party, role), lambda: _best(weighed(described(reading), reading, role)))


def _best(found: Sequence[Likely]) -> Name | None:
    top = max(found, key=lambda one: one.likely, default=None)
    return top.name if top else None


def _weighed(found: Sequence[tuple[Name, Vector]], role: Role) -> list[Likely]:
    # an issuer may name itself in the footer alone, where nobody is addressed
    found = [(name, vector) for name, vector in found if role == "issuers" or may_be_addressed(vector)]
    likelihoods = Scorer.load(role, FEATURES).probabilities([vector for _, vector in found])
    return [Likely(name, each) for (name, _), each in zip(found, likelihoods, strict=True)]
