"""The documents of a job, within what all jobs of an engine may hold at once.

    stored ─ sizes are known ─┐
    addresses ─ to disk, one ─┴─▶ the whole job's bytes are taken at once ─▶ loaded ─▶ given back when the job ends
               after the other

A job takes what all its documents need in one go, first come, first served, so that no two jobs wait for each other's
halves. What an address gives goes to an unnamed file first: one that trickles holds up nobody's memory."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections import deque
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import IO, TypeVar

from ix.config import MIB, Settings
from ix.database.connect import DATABASE_ERRORS
from ix.database.documents import Documents
from ix.database.faults import kind_of, minds_data
from ix.database.jobs import Jobs
from ix.errors import DocumentError, StoreUnavailable
from ix.extraction.page import Document
from ix.extraction.processes.waiting import waiting
from ix.job import DocumentRef
from ix.outbound import Outbound

LARGE = MIB // 4
"""Bytes from which a digest takes long enough to be made beside the event loop."""
MISSING = "the stored document is gone or damaged"

T = TypeVar("T")


class DocumentMemory:
    """The bytes of documents that an engine may hold, shared out first come, first served."""

    def __init__(self, settings: Settings) -> None:
        self._free = settings.engine_bytes
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    async def take(self, size: int) -> None:
        """Returns when so many bytes are the caller's; `give` gives them back."""
        if not self._waiting and size <= self._free:
            self._free -= size
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((size, turn))
        try:
            with waiting():
                await turn
        except asyncio.CancelledError:
            # its turn may have come in the moment in which it was cancelled
            if turn.done() and not turn.cancelled():
                self.give(size)
            else:
                self._waiting.remove((size, turn))
                self._serve()
            raise

    def give(self, size: int) -> None:
        """Gives bytes back, and lets those in who wait for them."""
        self._free += size
        self._serve()

    def _serve(self) -> None:
        # strictly in turn: a large job is not passed by small ones for ever
        while self._waiting and self._waiting[0][0] <= self._free:
            size, turn = self._waiting.popleft()
            if not turn.done():
                self._free -= size
                turn.set_result(None)


class JobDocuments:
    """One job's documents. `release` when the job has ended."""

    _taken = 0
    _loaded: list[Document] | None = None

    def __init__(
        self, memory: DocumentMemory, documents: Documents, jobs: Jobs, outbound: Outbound, settings: Settings
    ) -> None:
        self._memory = memory
        self._documents = documents
        self._jobs = jobs
        self._outbound = outbound
        self._most = settings.max_job_bytes

    def release(self) -> None:
        """Gives back what `load` took."""
        if self._loaded is not None or self._taken:
            self._memory.give(self._taken)
            self._taken, self._loaded = 0, None

    async def digests(self) -> list[str] | None:
        """The SHA-256 of each document in hex, of those that were fetched too; None where `load` gave none."""
        if self._loaded is None:
            return None
        return [one.sha256 or await _digest(one.data) for one in self._loaded]

    async def load(self, refs: Sequence[DocumentRef], ix_id: str = "") -> list[Document]:
        """The documents with their bytes, fetched where the client named an address, and with the passwords that came
        with the job of this id. Raises `DocumentError`, and `StoreUnavailable`."""
        # a use case may ask twice: who holds some and waits for more could wait for another who does the same
        if self._loaded is None:
            loaded = await self._load(refs)
            if any(ref.with_password for ref in refs):
                passwords = await _asked(self._jobs.passwords(ix_id))
                loaded = [replace(one, password=passwords.get(at, "")) for at, one in enumerate(loaded)]
            self._loaded = loaded
        return self._loaded

    async def _load(self, refs: Sequence[DocumentRef]) -> list[Document]:
        sizes = {ref.sha256: ref.size or 0 for ref in refs if ref.sha256}
        size = self._within(sum(sizes.values()))
        with ExitStack() as files:
            fetched: dict[int, IO[bytes]] = {}
            for at, ref in enumerate(refs):
                if ref.url is not None:
                    fetched[at] = files.enter_context(tempfile.TemporaryFile())
                    size = self._within(size + await self._outbound.fetch_into(ref.url, fetched[at]))
            await self._memory.take(size)
            self._taken = size
            with waiting():
                stored = await _asked(intact(self._documents, list(sizes)))
            # what an address gives is not known before, and so has no digest
            return [
                Document(await _read(fetched[at]), ref.name, ref.media_type, pages=ref.pages)
                if at in fetched
                else _named(ref, stored)
                for at, ref in enumerate(refs)
            ]

    def _within(self, size: int) -> int:
        if size > self._most:
            message = f"the documents of the job have more than the {self._most} bytes allowed together"
            raise DocumentError(message, code="document_too_large")
        return size


async def _asked(given: Awaitable[T]) -> T:
    """What the database gives. One that breaks meanwhile says nothing of the document: its job waits. Raises
    `StoreUnavailable`."""
    try:
        return await given
    except DATABASE_ERRORS as error:
        if minds_data(error):
            raise
        raise StoreUnavailable(f"PostgreSQL did not give it ({kind_of(error)})", code="database_unavailable") from None


async def _read(file: IO[bytes]) -> bytes:
    file.seek(0)
    return await asyncio.to_thread(file.read)


async def intact(documents: Documents, hashes: Sequence[str]) -> dict[str, bytes]:
    """Stored documents by their SHA-256 in hex, without those that are gone or damaged. Raises `StoreUnavailable`."""
    found = await documents.read(hashes)
    return {sha: data for sha, data in found.items() if await _digest(data) == sha}


def _named(ref: DocumentRef, stored: Mapping[str, bytes]) -> Document:
    sha256 = ref.sha256 or ""
    if sha256 not in stored:
        raise DocumentError(MISSING, code="document_missing")
    return Document(stored[sha256], ref.name, ref.media_type, sha256, ref.pages)


async def _digest(data: bytes) -> str:
    # the lock of the interpreter is free meanwhile, so that a thread keeps nobody from anything
    digest = await asyncio.to_thread(hashlib.sha256, data) if len(data) > LARGE else hashlib.sha256(data)
    return digest.hexdigest()
