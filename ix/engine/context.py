"""What a running use case sees of the engine: its documents, the extraction, a way to say how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from ix.engine.documents import JobDocuments
from ix.engine.keeping import JobPages, PageKeeper
from ix.engine.maintenance.progress import Steps
from ix.extraction.page import Document
from ix.extraction.pipeline import Extractor
from ix.job import Claim, Response
from ix.telemetry.log import Event, log


class JobContext:
    """`ix.use_cases.Context` for one claimed job."""

    def __init__(
        self,
        claim: Claim,
        documents: JobDocuments,
        extractor: Extractor,
        steps: Steps,
        keeper: PageKeeper | None = None,
    ) -> None:
        self.ix_id = claim.ix_id
        self.attempt = claim.attempts + 1
        self._claim = claim
        self._documents = documents
        self._extractor = extractor
        self._steps = steps
        self._keeper = keeper

    def progress(self, step: str, done: int | None = None, of: int | None = None) -> None:
        """Tells the log and event streams which step begins, or how much of it is done."""
        log(Event.JOB_PROGRESS, ix_id=self.ix_id, step=step, done=done, of=of)
        self._steps.step(step, done, of)

    async def extract(
        self, schema: Mapping[str, Any], instructions: str, result: type[BaseModel] | None = None
    ) -> Response:
        """Runs the extraction over the job's documents."""
        documents, owner = await self.documents(), (self._claim.client_id, self.ix_id)
        pages = JobPages(self._keeper, self._claim) if self._keeper is not None else None
        return await self._extractor.extract(documents, schema, instructions, self.progress, result, owner, pages)

    async def documents(self) -> list[Document]:
        """The job's documents with their bytes, fetched where the client named an address. Raises `DocumentError`."""
        return await self._documents.load(self._claim.request.documents if self._claim.request else (), self.ix_id)
