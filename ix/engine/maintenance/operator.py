"""The operator: does to many jobs what somebody has asked for, and brings the jobs of use cases that were paused, or go
on, to where they belong.

A batch at a time, and every engine takes part: actions take turns, and one whose engine dies goes on in another."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError

from ix.config import Settings
from ix.database import Database
from ix.database.actions import BATCH, Order
from ix.database.jobs import Listing
from ix.engine.maintenance.timed import TimedActor
from ix.telemetry.log import Event, log


class Operator(TimedActor):
    """Woken because something was asked for."""

    who = "operator"
    # between two batches others have their turn at the database
    shortest_sleep = 0.01

    def __init__(self, settings: Settings, database: Database) -> None:
        super().__init__()
        self._database = database
        # as long as it may take to find the jobs of a batch; while they are seen to, nobody can take the action anyway
        self._lease = settings.acquire_timeout + settings.statement_timeout

    async def do_what_is_due(self) -> float | None:
        """One batch of everything that is asked for; seconds until there may be more to do."""
        pauses, actions = self._database.pauses, self._database.actions
        busy = [await pauses.settle(), await pauses.bring_back()]
        if order := await actions.claim(self._lease):
            await self._carry_out(order)
        return 0.0 if order or any(busy) else await actions.seconds_to_next()

    async def _carry_out(self, order: Order) -> None:
        """The next batch of an action, or its end where no job is left."""
        try:
            ix_ids = await self._next(order)
        except ValidationError:
            # asked for by another version of ix, whose engines understand it; its turn is another's when the lease ends
            log(Event.ACTION_NOT_UNDERSTOOD, action=order.id)
            return
        if ix_ids:
            await self._database.actions.act(order, ix_ids)
        else:
            await self._database.actions.end(order)
            log(Event.ACTION_DONE, action=order.id)

    async def _next(self, order: Order) -> Sequence[str]:
        """The ids of the next jobs, in falling order."""
        if order.ix_ids is not None:
            return sorted((ix_id for ix_id in order.ix_ids if ix_id < order.before_id), reverse=True)[:BATCH]
        asked = Listing.model_validate(order.filters)
        listing = asked.model_copy(
            update={"client_id": order.client_id or asked.client_id, "before": order.before_id, "limit": BATCH}
        )
        return [head.ix_id for head in await self._database.jobs.page(listing, order.use_cases)]
