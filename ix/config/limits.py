"""The setting `IX_LIMITS`: how many jobs of some use cases run at once over all engines."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

MAX_LIMIT = 10_000
"""Most jobs that one limit may allow: more are no limit, but as many rows."""


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
