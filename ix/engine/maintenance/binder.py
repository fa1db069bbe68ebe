"""The binder: makes PDFs of jobs' pages for people who take them away, when web has ordered one.

One at a time, page by page, in the processes that open documents: it shares these with jobs. Every engine binds, and
clients take turns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import groupby

from ix.config import MIB
from ix.database import Database
from ix.database.connect import DATABASE_ERRORS
from ix.database.pages import StoredPage
from ix.database.pdfs import Order
from ix.engine.documents import DocumentMemory, intact
from ix.engine.keeping import unpacked
from ix.engine.maintenance.painter import GONE
from ix.engine.maintenance.timed import TimedActor
from ix.errors import DocumentError, JobError
from ix.extraction.page import Document
from ix.extraction.reader import Reader
from ix.extraction.sheets.binding import Binding
from ix.telemetry.log import Event, log

LEASE_SECONDS = 120.0
"""How long one page may take before another engine begins anew: longer than a document's child may."""
LONGEST = 1754
"""Pixels of a page's longest side: A4 at 150 dpi."""
MOST_BYTES = 64 * MIB
"""Largest file; one of 300 scanned pages has 60 MiB."""


class Binder(TimedActor):
    """Makes what is ordered; woken because something was."""

    who = "binder"
    unreachable = DATABASE_ERRORS
    shortest_sleep = 0.5

    def __init__(self, database: Database, reader: Reader, memory: DocumentMemory) -> None:
        super().__init__()
        self._database = database
        self._reader = reader
        self._memory = memory

    async def do_what_is_due(self) -> float | None:
        """Makes all that is due; seconds until there may be more to do."""
        pdfs = self._database.pdfs
        while order := await pdfs.claim(LEASE_SECONDS):
            try:
                if (file := await self._bound(order)) is not None:
                    await pdfs.finish(order, file, None)
            except JobError as error:
                log(Event.PDF_NOT_MADE, ix_id=order.ix_id, kind=order.kind, code=error.code)
                # another try may bring more, once its lease is over
                if not error.retryable:
                    await pdfs.finish(order, None, error.message)
        return await pdfs.seconds_to_next()

    async def _bound(self, order: Order) -> bytes | None:
        """The file; None where nobody wants it any more. Raises `DocumentError`, `TimeLimitExceeded`."""
        pages = await self._database.pages.of_job(order.ix_id)
        if not pages:
            raise DocumentError("no page of the job is kept")
        binding = Binding()
        # a document's pages stand together: it is held as long as it takes, and no other beside it
        for digest, of_document in groupby(pages, lambda page: page.sha256):
            async with self._document(digest) as document:
                for page in of_document:
                    # between pages: an erased job costs no more than the one that is being drawn
                    if not await self._database.pdfs.renew(order, LEASE_SECONDS):
                        return None
                    await self._add(binding, document, page, order.answer)
        # tens of MiB are joined
        return await asyncio.to_thread(binding.whole)

    async def _add(self, binding: Binding, document: Document, page: StoredPage, answer: bytes | None) -> None:
        [kept] = await asyncio.to_thread(unpacked, [page])
        told, (picture, content) = await self._reader.sheet(document, kept.page, LONGEST, answer)
        binding.add(told, picture, content)
        if binding.size > MOST_BYTES:
            raise DocumentError(f"the pages make a file of more than {MOST_BYTES // MIB} MiB")

    @asynccontextmanager
    async def _document(self, sha256: bytes) -> AsyncIterator[Document]:
        """The document, and room for it, during the block. Raises `DocumentError`."""
        size = await self._database.documents.size(sha256)
        await self._memory.take(size)
        try:
            data = (await intact(self._database.documents, [sha256.hex()])).get(sha256.hex())
            if data is None:
                raise DocumentError(GONE)
            yield Document(data, sha256=sha256.hex())
        finally:
            self._memory.give(size)
