"""The painter: draws pages for people who look at jobs, when web has ordered a picture.

One at a time, so that whoever turns pages keeps no job waiting; every engine paints, and clients take turns."""

from __future__ import annotations

from ix.database import Database
from ix.database.connect import DATABASE_ERRORS
from ix.database.pictures import Drawn, Order
from ix.engine.documents import DocumentMemory, intact
from ix.engine.maintenance.timed import TimedActor
from ix.errors import JobError
from ix.extraction.page import Document
from ix.extraction.reader import Reader
from ix.telemetry.log import Event, log

LEASE_SECONDS = 90.0
"""How long a picture may take before another engine draws it: longer than a document's child may."""
GONE = "the document is not kept"


class Painter(TimedActor):
    """Draws what is ordered; woken because something was."""

    who = "painter"
    unreachable = DATABASE_ERRORS
    shortest_sleep = 0.5

    def __init__(self, database: Database, reader: Reader, memory: DocumentMemory) -> None:
        super().__init__()
        self._database = database
        self._reader = reader
        self._memory = memory

    async def do_what_is_due(self) -> float | None:
        """Draws all that is due; seconds until there may be more to do."""
        pictures = self._database.pictures
        while order := await pictures.claim(LEASE_SECONDS):
            if drawn := await self._drawn(order):
                await pictures.finish(order, drawn)
        return await pictures.seconds_to_next()

    async def _drawn(self, order: Order) -> Drawn | None:
        """What comes of an order; None where another try may bring more, once its lease is over."""
        digest = order.sha256.hex()
        size = await self._database.documents.size(order.sha256)
        await self._memory.take(size)
        try:
            data = (await intact(self._database.documents, [digest])).get(digest)
            if data is None:
                return Drawn(None, GONE)
            picture = await self._reader.picture(
                Document(data, sha256=digest), order.page, rotation=order.rotation, longest=order.longest
            )
        except JobError as error:
            log(Event.PICTURE_NOT_DRAWN, sha256=digest, page=order.page, code=error.code)
            return None if error.retryable else Drawn(None, error.message)
        finally:
            self._memory.give(size)
        return Drawn(picture, None)
