"""What a running use case sees of the engine: its documents, the extraction, a way to say how far it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from ix.engine.documents import JobDocuments
from ix.engine.keeping import JobPages, PageKeeper
from ix.engine.maintenance.progress import Steps
from ix.engine.stacks import is_to_split, risk_of, stack_of
from ix.extraction.page import Document
from ix.extraction.pipeline import Extractor, Reading
from ix.job import Claim, Response
from ix.telemetry.log import Event, log
from ix.use_cases import UNKNOWN, Extraction, Recognised, UseCase


class JobContext:
    """`ix.use_cases.Context` for one claimed job."""

    _reading: Reading | None = None
    _about: Mapping[str, Any] = MappingProxyType({})

    def __init__(
        self,
        claim: Claim,
        documents: JobDocuments,
        extractor: Extractor,
        steps: Steps,
        keeper: PageKeeper | None = None,
        use_cases: Mapping[str, UseCase] = MappingProxyType({}),
    ) -> None:
        self.ix_id = claim.ix_id
        self.attempt = claim.attempts + 1
        self._claim = claim
        self._documents = documents
        self._extractor = extractor
        self._steps = steps
        self._keeper = keeper
        self._use_cases = use_cases

    # what a job without documents never asks for is made when it is asked for
    @cached_property
    def _pages(self) -> JobPages | None:
        return JobPages(self._keeper, self._claim) if self._keeper is not None else None

    @cached_property
    def _splits(self) -> bool:
        return is_to_split(self._claim, self._use_cases)

    def progress(self, step: str, done: int | None = None, of: int | None = None) -> None:
        """Tells the log and event streams which step begins, or how much of it is done."""
        log(Event.JOB_PROGRESS, ix_id=self.ix_id, step=step, done=done, of=of)
        self._steps.step(step, done, of)

    async def extract(
        self, schema: Mapping[str, Any], instructions: str, result: type[BaseModel] | None = None
    ) -> Response:
        """Runs the extraction over the job's documents. Raises `Stack` where they are to be split."""
        reading = await self._read() if self._splits else self._reading
        documents = await self.documents()
        return await self._extractor.extract(
            documents,
            schema,
            instructions,
            self.progress,
            result,
            self._owner,
            self._pages,
            reading,
            self._about,
            risk_of(self._claim, self._use_cases),
        )

    async def recognise(self) -> Recognised:
        """Which use case the pages are for. Raises `Stack` where they are to be split."""
        kinds = {
            name: case.kind for name, case in self._use_cases.items() if isinstance(case, Extraction) and case.kind
        }
        reading = await self._read()
        self.progress("recognising")
        name, reason = await self._extractor.recognised(reading, kinds, self._owner)
        self._about = {"use_case": name or UNKNOWN, "because": reason}
        return Recognised(self._use_cases.get(name), reason)

    async def documents(self) -> list[Document]:
        """The job's documents with their bytes, fetched where the client named an address. Raises `DocumentError`."""
        return await self._documents.load(self._claim.request.documents if self._claim.request else (), self.ix_id)

    @property
    def _owner(self) -> Sequence[str]:
        return self._claim.client_id, self.ix_id

    async def _read(self) -> Reading:
        """What is on the pages, read once. Raises `Stack`."""
        if self._reading is None:
            documents = await self.documents()
            self._reading = await self._extractor.read(documents, self.progress, self._owner, self._pages)
            if self._splits:
                self.progress("splitting")
                await self._require_single(documents, self._reading)
        return self._reading

    async def _require_single(self, documents: Sequence[Document], reading: Reading) -> None:
        """Raises `Stack` where the pages are several documents."""
        found = await self._extractor.stacked(reading, self._owner)
        if len(found) < 2:
            return
        if self._pages is not None:
            # what has been read goes along with the parts
            await self._pages.stored()
        raise await stack_of(self._claim, documents, found)
