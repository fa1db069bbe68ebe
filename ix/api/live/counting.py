"""How many jobs there are, asked of the database at most once a second for each question, however many ask."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Collection
from time import monotonic
from typing import TypeAlias

from ix.database.jobs import Counts, Jobs, Listing
from ix.database.replica import Reads

FRESH_SECONDS = 1.0
"""How long counts are remembered."""
REMEMBERED = 64
"""Questions whose counts are remembered."""

_Question: TypeAlias = "tuple[Listing, frozenset[str] | None]"


class Counting:
    """The counts of a web process. One statement is under way at a time: what comes meanwhile waits for it, and mostly
    finds its answer there."""

    def __init__(self, jobs: Jobs | Reads) -> None:
        self._jobs = jobs
        self._known: OrderedDict[_Question, tuple[float, Counts]] = OrderedDict()
        self._asking = asyncio.Lock()

    async def counts(self, asked: Listing, use_cases: Collection[str] | None = None) -> Counts:
        """How many jobs there are of each kind, as they were at most `FRESH_SECONDS` ago."""
        # what counts do not heed makes no other question
        question = (
            asked.model_copy(update={"status": (), "before": None, "limit": 1}),
            None if use_cases is None else frozenset(use_cases),
        )
        if (fresh := self._fresh(question)) is not None:
            return fresh
        async with self._asking:
            if (fresh := self._fresh(question)) is not None:
                return fresh
            found = await self._jobs.counts_of(*question)
            self._known[question] = monotonic(), found
            self._known.move_to_end(question)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
            return found

    def _fresh(self, question: _Question) -> Counts | None:
        at, found = self._known.get(question, (float("-inf"), None))
        return found if monotonic() - at < FRESH_SECONDS else None
