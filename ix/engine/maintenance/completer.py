"""The completer: ends batches that take no more jobs when the last of their jobs has ended, and their callbacks go.

Each end is told to every engine. Whoever looks after the last of them was committed finds the batch, and one of those
who look ends it; a notification that is lost is made up for by the look that comes unasked."""

from __future__ import annotations

import asyncio

from ix.database.batches import Batches
from ix.engine.maintenance.timed import TimedActor
from ix.telemetry.log import Event, log

REST = 0.1
"""Seconds between two looks, at least: thousands of jobs may end in one."""
SHARE = 10
"""How many times as long as a look took it rests: one costs a little for each closed batch that has not ended."""


class Completer(TimedActor):
    """Woken because a job of a batch has ended, or a batch was closed."""

    who = "completer"
    shortest_sleep = REST

    def __init__(self, batches: Batches) -> None:
        super().__init__()
        self._batches = batches
        self._rest = REST

    async def pause(self) -> None:
        """Rests, however often it is woken meanwhile, and waits until it is."""
        await asyncio.sleep(self._rest)
        await super().pause()

    async def do_what_is_due(self) -> float | None:
        """Ends the batches whose jobs have all ended; when the next one will is not known."""
        began = asyncio.get_running_loop().time()
        # again and again: one statement ends 100 at most
        while ended := await self._batches.end_ready():
            for client_id, batch_id in ended:
                log(Event.BATCH_ENDED, client=client_id, batch=batch_id)
        self._rest = max(REST, SHARE * (asyncio.get_running_loop().time() - began))
        return None
