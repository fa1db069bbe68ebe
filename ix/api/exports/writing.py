"""An export as it is written: pages of jobs, batches of their answers, pieces of the file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Any, NamedTuple

from ix.api.answers import PIECE
from ix.api.exports import forms
from ix.api.exports.asked import Export
from ix.api.exports.batches import Batch, batch_of, head_of
from ix.api.exports.book import Book
from ix.api.exports.processes import ExportProcesses
from ix.api.exports.tables import Title
from ix.config import MIB
from ix.database import jsonb
from ix.database.exports import StoredAnswer
from ix.database.jobs import Listing
from ix.database.jobs.counts import CAP
from ix.database.keys import Caller
from ix.database.replica import Reads
from ix.job import JobHead

PAGE = 200
"""Jobs that one statement finds."""
BATCH_BYTES = MIB // 2
"""Bytes of answers, as they are stored, that are read at once, unless one has more; they unpack to a few times as
many."""
SHOWN = 8
"""Rows of a preview."""
PACKED = 8
"""How many times smaller rows of a sheet are once they are packed."""
NAMES = {"results": "Jobs", "labelled": "Jobs", "evidence": "Evidence"}
"""What the first sheet of a workbook is called."""


class Written(NamedTuple):
    """What a child made of a batch: how many rows of each table, and these."""

    counts: list[int]
    tables: list[bytes]


class Writing:
    """One export on its way. `caller` is whose it is: it sees no other jobs than in a list."""

    def __init__(self, reads: Reads, processes: ExportProcesses, asked: Export, caller: Caller) -> None:
        self._source, self._processes, self._asked, self._caller = reads.steadily(), processes, asked, caller
        self._owner = caller.client_id or caller.key_id
        self._columns: Any = None
        self._titles: list[list[Title]] = []
        self._lists = False

    async def start(self) -> None:
        """Finds out what the columns are: those of the use case that is asked for, and of the newest jobs that
        match. What later ones have beside these stands as JSON in a column of its own."""
        heads = await self._page(None)
        # the one that was asked for has its columns even where no job matches
        names = [self._asked.use_case] if self._asked.use_case else []
        first = await self._first_answers(heads)
        names += dict.fromkeys(one.answered_by for one in first)
        ids = [head.ix_id for head in heads]
        schemas = await self._source.ask(lambda there: there.exports.schemas(ids))
        body = {
            "do": "begin",
            "what": self._asked.what,
            "form": self._asked.format,
            "use_cases": names,
            "schemas": len(schemas),
        }
        answer, _ = await self._processes.ask(body, [*schemas, *(one.answer for one in first)], self._owner)
        self._columns = answer["columns"]
        self._titles = [[Title(*title) for title in titles] for titles in answer["titles"]]
        self._lists = answer["has_lists"]

    async def preview(self) -> tuple[list[Title], list[list[Any]], int]:
        """The titles of the table that a form has, or of its first one; its first rows; and about how many bytes a job
        takes in the file."""
        # of a form without lists a job may have many rows: few jobs do
        heads = (await self._page(None))[:SHOWN]
        rows: list[list[Any]] = []
        size = jobs = 0
        async for batch in self._batches(heads):
            shown = await self._ask(batch, "cells", [0, 0])
            rows += jsonb.read(shown.tables[self._table])[: SHOWN - len(rows)]
            made = await self._ask(batch, self._asked.format, [2, 2])
            tables = made.tables if self._asked.format == "xlsx" else made.tables[self._table :][:1]
            size += sum(map(len, tables)) // (PACKED if self._asked.format == "xlsx" else 1)
            jobs += len(batch.heads)
        return self._titles[self._table], rows, size // max(jobs, 1)

    async def count(self) -> tuple[int, int]:
        """How many jobs match, and the number that counts stop at."""
        listing = self._listing()
        if listing is None:
            return 0, CAP
        counts = await self._source.ask(lambda there: there.jobs.counts_of(listing, self._caller.use_cases))
        return min(sum(counts.status.get(one, 0) for one in listing.status), counts.cap), counts.cap

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The file, piece by piece."""
        async with aclosing(self._workbook() if self._asked.format == "xlsx" else self._plain()) as made:
            async for whole in made:
                for start in range(0, len(whole), PIECE):
                    yield whole[start : start + PIECE]

    @property
    def as_of(self) -> datetime | None:
        """Of a replica: the moment to which the export is complete."""
        return self._source.as_of

    @property
    def _table(self) -> int:
        """Which of the tables a form has that holds only one."""
        return 1 if self._asked.table == "lines" and len(self._titles) > 1 else 0

    async def _plain(self) -> AsyncGenerator[bytes, None]:
        is_csv = self._asked.format == "csv"
        if is_csv:
            names = [title.name for title in self._titles[self._table]]
            yield forms.BOM + forms.comma_separated([names])
        async for batch in self._all():
            yield (await self._ask(batch, self._asked.format, [0, 0])).tables[self._table if is_csv else 0]

    async def _workbook(self) -> AsyncGenerator[bytes, None]:
        book = Book(NAMES[self._asked.what], self._titles[0], self._titles[1] if self._lists else ())
        try:
            yield book.begin()
            async for batch in self._all():
                made = await self._ask(batch, "xlsx", book.next_rows)
                # once in a million rows: then the batch is made again, with the numbers of another sheet
                if (piece := book.make_room(made.counts)) is not None:
                    yield piece
                    made = await self._ask(batch, "xlsx", book.next_rows)
                yield await asyncio.to_thread(book.add, made.tables, made.counts)
            # the rows of lists are packed here, in pieces and beside the event loop
            rest = book.end()
            while (piece := await asyncio.to_thread(next, rest, None)) is not None:
                yield piece
        finally:
            book.close()

    async def _all(self) -> AsyncIterator[Batch]:
        """Every job that matches, newest first, in batches."""
        before: str | None = None
        while heads := await self._page(before):
            async for batch in self._batches(heads):
                yield batch
            # a full page may be the last one: the next is empty then
            if len(heads) < PAGE:
                return
            before = heads[-1].ix_id

    async def _page(self, before: str | None) -> Sequence[JobHead]:
        listing = self._listing()
        if listing is None:
            return []
        asked = listing.model_copy(update={"limit": PAGE, "before": before or listing.before})
        return await self._source.ask(lambda there: there.jobs.page(asked, self._caller.use_cases))

    def _listing(self) -> Listing | None:
        """The jobs that it is about; None for another client's, as if it had none: that there is one is not told."""
        own, listing = self._caller.client_id, self._asked.listing()
        if own is not None and listing.client_id not in (None, own):
            return None
        return listing.model_copy(update={"client_id": own or listing.client_id})

    async def _first_answers(self, heads: Sequence[JobHead]) -> list[StoredAnswer]:
        return await self._answers(next(_portions(await self._sizes([head.ix_id for head in heads])), []))

    async def _batches(self, heads: Sequence[JobHead]) -> AsyncIterator[Batch]:
        # one that is erased or tried again in between is left out: what is not there has no answer
        known = {head.ix_id: head for head in heads}
        for ix_ids in _portions(await self._sizes(list(known))):
            found = await self._answers(ix_ids)
            if found:
                yield batch_of([head_of(known[one.ix_id], one) for one in found], found)

    async def _sizes(self, ix_ids: Sequence[str]) -> list[tuple[str, int]]:
        return await self._source.ask(lambda there: there.exports.sizes(ix_ids))

    async def _answers(self, ix_ids: Sequence[str]) -> list[StoredAnswer]:
        with_evidence = self._asked.what != "results"
        return await self._source.ask(lambda there: there.exports.answers(ix_ids, with_evidence)) if ix_ids else []

    async def _ask(self, batch: Batch, form: str, first: Sequence[int]) -> Written:
        body = {
            "do": "rows",
            "what": self._asked.what,
            "form": form,
            "columns": self._columns,
            "lists": self._lists and (form == "xlsx" or self._table == 1),
            "first": list(first),
            "jobs": batch.heads,
        }
        answer, blobs = await self._processes.ask(body, batch.blobs, self._owner)
        return Written(list(answer["made"]), blobs)


def _portions(sizes: Sequence[tuple[str, int]]) -> Iterator[list[str]]:
    """The ids in portions whose answers are `BATCH_BYTES` together, or one of them."""
    portion: list[str] = []
    total = 0
    for ix_id, size in sizes:
        if portion and total + size > BATCH_BYTES:
            yield portion
            portion, total = [], 0
        portion.append(ix_id)
        total += size
    if portion:
        yield portion
