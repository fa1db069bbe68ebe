"""The pipeline: documents and a schema in, sourced JSON out.

    open   is there anything to read?
    read   documents become pages of words             ix.extraction.reader
    ask    a model backend says what the values are    ix.extraction.models
    place  every value is found on the pages           ix.extraction.evidence
    check  what the schema says of the values          ix.extraction.checks

Each step is a function over one `Run`, in this order, in this file. To add a step, write it and name it in `STEPS`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError

from ix.config import Settings
from ix.errors import DocumentError
from ix.extraction import models
from ix.extraction.checks import check
from ix.extraction.evidence import Placed, place
from ix.extraction.models import Answer, Backend, Question
from ix.extraction.page import Document, Page
from ix.extraction.processes.waiting import waited
from ix.extraction.reader import Progress, Reader
from ix.job import Finding, Response
from ix.telemetry import tracing


@dataclass(slots=True)
class Run:
    """One extraction on its way through the steps."""

    documents: Sequence[Document]
    schema: Mapping[str, Any]
    instructions: str
    progress: Progress
    result_model: type[BaseModel] | None
    pages: Sequence[Page] = ()
    answer: Answer = field(default_factory=lambda: Answer({}))
    placed: Placed = field(default_factory=lambda: Placed({}, {}, ()))
    findings: list[Finding] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)

    def response(self) -> Response:
        """What the steps made of the documents: result, evidence, warnings, timings (seconds of work a step), usage."""
        usage = {**self.answer.usage, "documents": len(self.documents), "pages": len(self.pages)}
        return Response(
            result=self.placed.result,
            evidence=self.placed.evidence,
            warnings=tuple(self.findings),
            timings=self.timings,
            usage=usage,
        )


class Extractor:
    """Reads documents and answers schemas. Start it once; `extract` may run many times at once."""

    def __init__(self, settings: Settings, reader: Reader, backend: Backend) -> None:
        self.settings, self.reader, self.backend = settings, reader, backend

    @classmethod
    def create(cls, settings: Settings) -> Extractor:
        """The extractor that the settings describe."""
        return cls(settings, Reader(settings), models.load(settings))

    async def start(self) -> None:
        """Starts the processes that read documents; OCR goes on loading its models meanwhile."""
        await self.reader.start()

    async def stop(self) -> None:
        """Ends these processes and closes the backend's connections."""
        await self.reader.stop()
        await self.backend.aclose()

    async def extract(
        self,
        documents: Sequence[Document],
        schema: Mapping[str, Any],
        instructions: str = "",
        progress: Progress = lambda step, done=None, of=None: None,
        result_model: type[BaseModel] | None = None,
    ) -> Response:
        """Answers `schema` (JSON Schema with `x-ix`, see `ix.fields`) from the documents. `progress` hears of each
        step; a `result_model` has a look at the result's shape and what it minds becomes a warning. Raises
        `JobError`."""
        run = Run(documents, schema, instructions, progress, result_model)
        for name, step in STEPS.items():
            started, waited_before = time.perf_counter(), waited()
            with tracing.span(name):
                await step(self, run)
            waits = waited() - waited_before
            run.timings[name] = round(time.perf_counter() - started - waits, 4)
            if waits:
                run.timings["waiting"] = round(run.timings.get("waiting", 0.0) + waits, 4)
        return run.response()


async def open_(extractor: Extractor, run: Run) -> None:
    """Raises `DocumentError` `document_missing` where there is nothing to read."""
    if not run.documents:
        raise DocumentError(
            "the job carries no documents: give at least one in request.documents", code="document_missing"
        )
    for number, document in enumerate(run.documents):
        if not document.data:
            raise DocumentError(f"documents[{number}] is empty", code="document_missing")


async def read(extractor: Extractor, run: Run) -> None:
    """Documents become pages of words."""
    run.progress("reading")
    run.pages = await extractor.reader.pages(run.documents, run.progress)
    run.findings += [_page_finding(page, warning) for page in run.pages for warning in page.warnings]
    run.findings += [
        _hidden_finding(page, count) for page in run.pages if (count := sum(word.hidden for word in page.words))
    ]


async def ask(extractor: Extractor, run: Run) -> None:
    """The backend says what the values are, and by which words."""
    run.progress("asking")
    run.answer = await extractor.backend.ask(Question(run.pages, run.schema, run.instructions))
    run.findings += [Finding(code="model_warning", message=warning) for warning in run.answer.warnings]


async def place_(extractor: Extractor, run: Run) -> None:
    """Every value is found in the words, off the event loop."""
    run.progress("placing")
    run.placed = await asyncio.to_thread(place, run.answer.values, run.schema, run.pages)
    run.findings += run.placed.findings


async def check_(extractor: Extractor, run: Run) -> None:
    """What the schema, and the use case's own model, say of the values."""
    run.progress("checking")
    run.findings += check(run.placed.result, run.schema)
    # a path that the checks have named already is not named again in pydantic's words
    known = {finding.path for finding in run.findings}
    run.findings += [finding for finding in _shape(run.placed.result, run.result_model) if finding.path not in known]


Step = Callable[[Extractor, Run], Awaitable[None]]
STEPS: Mapping[str, Step] = {"open": open_, "read": read, "ask": ask, "place": place_, "check": check_}


def _page_finding(page: Page, warning: str) -> Finding:
    return Finding(code="page_warning", message=f"document {page.document}, page {page.number}: {warning}")


def _hidden_finding(page: Page, count: int) -> Finding:
    words = "1 word" if count == 1 else f"{count} words"
    where = f"document {page.document}, page {page.number}"
    return Finding(
        code="hidden_text", message=f"{where}: {words} that a person cannot see; neither read nor counted as evidence"
    )


def _shape(result: Mapping[str, Any], model: type[BaseModel] | None) -> list[Finding]:
    """What the model minds about the result. Its messages are pydantic's, which do not repeat values."""
    try:
        if model is not None:
            model.model_validate(result)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        return [Finding(code="shape", message=each["msg"], path=".".join(map(str, each["loc"]))) for each in problems]
    return []
