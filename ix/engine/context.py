"""What a running use case sees of the engine: its documents, the extraction, a way to say how far it is."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from ix.config import MIB
from ix.database.jobs import Jobs
from ix.engine.keeping import JobPages, PageKeeper
from ix.engine.maintenance.progress import Steps
from ix.errors import DocumentError
from ix.extraction.page import Document
from ix.extraction.pipeline import Extractor
from ix.extraction.processes.waiting import waiting
from ix.job import Claim, DocumentRef, Response
from ix.outbound import Outbound
from ix.telemetry.log import Event, log

LARGE = MIB // 4
"""Bytes from which a digest takes long enough to be made beside the event loop."""


class JobContext:
    """`ix.use_cases.Context` for one claimed job."""

    def __init__(
        self,
        claim: Claim,
        jobs: Jobs,
        outbound: Outbound,
        extractor: Extractor,
        steps: Steps,
        keeper: PageKeeper | None = None,
    ) -> None:
        self.ix_id = claim.ix_id
        self.attempt = claim.attempts + 1
        self._claim = claim
        self._jobs = jobs
        self._outbound = outbound
        self._extractor = extractor
        self._steps = steps
        self._pages = JobPages(keeper, claim) if keeper is not None else None

    def progress(self, step: str, done: int | None = None, of: int | None = None) -> None:
        """Tells the log and event streams which step begins, or how much of it is done."""
        log(Event.JOB_PROGRESS, ix_id=self.ix_id, step=step, done=done, of=of)
        self._steps.step(step, done, of)

    async def extract(
        self, schema: Mapping[str, Any], instructions: str, result: type[BaseModel] | None = None
    ) -> Response:
        """Runs the extraction over the job's documents."""
        documents, owner = await self.documents(), (self._claim.client_id, self.ix_id)
        return await self._extractor.extract(documents, schema, instructions, self.progress, result, owner, self._pages)

    async def documents(self) -> list[Document]:
        """The job's documents with their bytes, fetched where the client named an address. Raises `DocumentError`."""
        refs = self._claim.request.documents if self._claim.request else ()
        with waiting():
            stored = await self._jobs.document_bytes([ref.sha256 for ref in refs if ref.sha256])
        # what an address gives is not known before
        return [
            Document(await self._bytes(ref, stored), ref.name, ref.media_type, "" if ref.url else ref.sha256 or "")
            for ref in refs
        ]

    async def _bytes(self, ref: DocumentRef, stored: Mapping[str, bytes]) -> bytes:
        if ref.url is not None:
            return await self._outbound.fetch(ref.url)
        data = stored.get(ref.sha256 or "")
        if data is None or await _digest(data) != ref.sha256:
            raise DocumentError("the stored document is gone or damaged", code="document_missing")
        return data


async def _digest(data: bytes) -> str:
    # the lock of the interpreter is free meanwhile, so that a thread keeps nobody from anything
    digest = await asyncio.to_thread(hashlib.sha256, data) if len(data) > LARGE else hashlib.sha256(data)
    return digest.hexdigest()
