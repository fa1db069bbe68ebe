"""Settings by use case: `IX_LIMITS`, how many of their jobs run at once over all engines, and `IX_DOCUMENT_DAYS`, how
long their documents are kept."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import NamedTuple

MAX_LIMIT = 10_000
"""Most jobs that one limit may allow: more are no limit, but as many rows."""
MAX_DAYS = 36_500
"""A hundred years."""


class Limit(NamedTuple):
    """At most `most` jobs of these use cases run at once, over all engines."""

    use_cases: tuple[str, ...]
    most: int

    @property
    def queue(self) -> str:
        """The name of their common queue."""
        return "+".join(sorted(self.use_cases))

    def __str__(self) -> str:
        return f"{self.queue}={self.most}"


def limits(given: object) -> object:
    """`invoice+receipt=2` as a `Limit`, for each member of a list; whatever else was given is left to pydantic."""
    if not isinstance(given, (list, tuple)):
        return given
    found = [_limit(one) if isinstance(one, str) else one for one in given]
    counts = Counter(name for limit in found if isinstance(limit, Limit) for name in limit.use_cases)
    if twice := [name for name, count in counts.items() if count > 1]:
        raise ValueError(f"names {twice[0]} twice")
    return found


def _limit(text: str) -> Limit:
    names, _, count = text.partition("=")
    use_cases = tuple(name.strip() for name in names.split("+") if name.strip())
    if not use_cases or not count.strip().isdecimal() or not 0 < int(count) <= MAX_LIMIT:
        raise ValueError(f"{text!r} is not such as invoice=2 or invoice+receipt=2, at most {MAX_LIMIT}")
    return Limit(use_cases, int(count))


ALL_OTHERS = "*"


class Term(NamedTuple):
    """Documents of this use case, or of `ALL_OTHERS`, are kept for so many days after their job's end."""

    use_case: str
    days: float

    def __str__(self) -> str:
        return f"{self.use_case}={self.days:g}"


def terms(given: object) -> object:
    """`invoice=30` as a `Term`, for each member of a list; whatever else was given is left to pydantic."""
    if not isinstance(given, (list, tuple)):
        return given
    found = [_term(one) if isinstance(one, str) else one for one in given]
    counts = Counter(term.use_case for term in found if isinstance(term, Term))
    if twice := [name for name, count in counts.items() if count > 1]:
        raise ValueError(f"names {twice[0]} twice")
    return found


def _term(text: str) -> Term:
    name, _, days = (part.strip() for part in text.partition("="))
    with suppress(ValueError):
        if name and 0 < float(days) <= MAX_DAYS:
            return Term(name, float(days))
    raise ValueError(f"{text!r} is not such as invoice=30 or *=90, days above 0 and at most {MAX_DAYS}")
