"""The pipeline: documents and a schema in, sourced JSON out.

    open     is there anything to read?
    read     documents become pages of words             ix.extraction.reader
    answer   values are found, placed and checked        ix.extraction.answering, in a child process
                                                         ix.extraction.rulebook, in another one

Each step is a function over one `Run`, in this order, in this file. To add a step, write it and name it in `STEPS`;
what looks at words is a step of `ix.extraction.answering`. Here they are bytes, which nobody looks into, and so is the
answer: whatever grows with a document runs where it can be stopped.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pydantic import BaseModel
from pydantic_core import to_json

from ix.config import Settings
from ix.errors import DocumentError, ModelError, TimeLimitExceeded, WorkFailed, WorkTooMuch
from ix.extraction import models, shapes, showing
from ix.extraction.attempted import Keeper
from ix.extraction.models import Backend, ColdBackend, RemoteBackend, SeeingBackend
from ix.extraction.page import Document, ReadPage
from ix.extraction.processes import names
from ix.extraction.processes.children import ChildDied, Children, OverBudget
from ix.extraction.processes.frames import Frame
from ix.extraction.processes.waiting import waited
from ix.extraction.reader import Progress, Reader
from ix.extraction.rulebook import Rulebook, Said
from ix.extraction.sealed import NOTHING, SealedResponse
from ix.job import Response
from ix.telemetry import tracing
from ix.telemetry.health import Queue

TASK = "ix.extraction.answering"
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""Keeps libraries of use cases from threads, each of which counts against the limit of memory."""
WAITS = 10
"""How many times its processor time a call may take by the clock: a machine may have more to do than processors."""
LEAST_WAIT = 15.0
"""What every call may take by the clock, seconds."""
MAX_CALLS = 5_000
"""Calls after which a process is replaced. It runs little that is native, and its start takes half a second."""
MAX_ROUNDS = 4
"""Times that one job's backend asks its server, at most."""
CHILDREN_SECONDS = 1.0
"""How long after an engine's start the processes that read documents and find values are started, if no job has asked
for them, and time between two looks whether the engine is busy."""


@dataclass(slots=True)
class Run:
    """One extraction on its way through the steps. `shape` refers to the model of the result, `owner` is whose work it
    is; `pictured` are the pages, by index, that the backend wants to see, and `pictures` those that were drawn."""

    documents: Sequence[Document]
    schema: Mapping[str, Any]
    instructions: str
    progress: Progress
    shape: Mapping[str, Any] | None
    owner: Sequence[str] = ()
    keeper: Keeper | None = None
    pages: Sequence[ReadPage] = ()
    timings: dict[str, float] = field(default_factory=dict)
    rules: Sequence[Said] = ()
    pictured: Sequence[int] = ()
    pictures: Mapping[int, bytes] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)
    risk: float | None = None
    answer: bytes = b""
    told: Mapping[str, Any] = field(default_factory=dict)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Notes the seconds of a part: of its work, and those in which it only waited for places."""
        started, before = time.perf_counter(), waited()
        yield
        waits = waited() - before
        took = self.timings.get(name, 0.0) + time.perf_counter() - started - waits
        self.timings[name] = round(took, 4)
        if waits:
            self.timings["waiting"] = round(self.timings.get("waiting", 0.0) + waits, 4)


class Reading(NamedTuple):
    """What was read of a job's documents, and how long each step took, seconds."""

    pages: Sequence[ReadPage]
    timings: Mapping[str, float]


class Extractor:
    """Reads documents and answers schemas. Start it once; `extract` may run many times at once.

    `backend` is made by `module`, which is the one that the settings name unless another is given; `results` are models
    that its processes know from the start."""

    def __init__(
        self,
        settings: Settings,
        reader: Reader,
        backend: Backend,
        module: str = "",
        results: Sequence[type[BaseModel]] = (),
    ) -> None:
        self.settings, self.reader, self.backend = settings, reader, backend
        self.module = module or models.module_of(settings)
        self._starting: asyncio.Task[None] | None = None
        self.rulebook = Rulebook(settings)
        known = {names.of_module(result.__module__): None for result in results}
        self.children = Children(
            TASK,
            settings.answer_workers,
            settings.answer_memory,
            extra=ONE_THREAD,
            calls=MAX_CALLS,
            modules=(self.module, *known),
            ahead=True,
            # what is none of those modules may be imported by a call
            readable=[settings.use_case_dir],
        )

    @classmethod
    def create(cls, settings: Settings, results: Sequence[type[BaseModel]] = ()) -> Extractor:
        """The extractor that the settings describe. Raises `ConfigError` for rules that cannot be applied."""
        found = cls(settings, Reader(settings), models.load(settings), results=results)
        # at once: an engine whose operator wants rules must not go on without them
        found.rulebook.check()
        return found

    def queues(self) -> dict[str, Queue]:
        """What waits for `ocr` and for the `model` now."""
        asked = self.backend.queue() if isinstance(self.backend, models.QueueingBackend) else Queue()
        return {"ocr": self.reader.queue, "model": asked}

    async def start(self, is_busy: Callable[[], bool] = lambda: False) -> None:
        """Has OCR load its models. The processes that read documents, and those that find values, start when they are
        first needed, or soon, unless the engine `is_busy`."""
        await self.reader.start_ocr()
        if self._starting is None:
            self._starting = asyncio.create_task(self._start_children(is_busy))

    async def stop(self) -> None:
        """Ends these processes and closes the backend's connections."""
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.wait([self._starting])
            self._starting = None
        await self.reader.stop()
        await self.children.stop()
        await self.rulebook.stop()
        await self.backend.aclose()

    async def _start_children(self, is_busy: Callable[[], bool]) -> None:
        # what they import takes a processor for a second, which jobs that wait already have a better use for; one that
        # needs such a process starts it
        while True:
            await asyncio.sleep(CHILDREN_SECONDS)
            if not is_busy():
                break
        await asyncio.gather(self.reader.start(), self.children.start(), self._warm())

    async def _warm(self) -> None:
        if isinstance(self.backend, ColdBackend):
            # whoever needs the model hears of it
            with suppress(ModelError):
                await self.backend.warm()

    async def extract(
        self,
        documents: Sequence[Document],
        schema: Mapping[str, Any],
        instructions: str = "",
        progress: Progress = lambda step, done=None, of=None: None,
        result_model: type[BaseModel] | None = None,
        owner: Sequence[str] = (),
        keeper: Keeper | None = None,
        reading: Reading | None = None,
        about: Mapping[str, Any] = NOTHING,
        risk: float | None = None,
    ) -> Response:
        """Answers `schema` (JSON Schema with `x-ix`, see `ix.fields`) from the documents. `progress` hears of each
        step; a `result_model` has a look at the result's shape and what it minds becomes a warning. `owner` is the
        client and its job, between which places are shared out; `keeper` keeps what is read of the job, unless a
        `reading` of it is given. `about` joins the response's usage. `risk` is the share of wrong values that may pass
        unmarked, 0 to 1. Raises `JobError`."""
        shape = None if result_model is None else shapes.reference(result_model)
        run = Run(documents, schema, instructions, progress, shape, owner, keeper, about=about, risk=risk)
        if reading is None:
            await self._through(run, STEPS)
        else:
            run.pages, run.timings = reading.pages, dict(reading.timings)
            await self._through(run, ("answer",))
        return SealedResponse.of(run.answer, run.told)

    async def read(
        self, documents: Sequence[Document], progress: Progress, owner: Sequence[str], keeper: Keeper | None = None
    ) -> Reading:
        """Only reads the documents, so that it can be seen what they are before they are asked anything. Raises
        `JobError`."""
        run = Run(documents, {}, "", progress, None, owner, keeper)
        await self._through(run, READING)
        return Reading(run.pages, run.timings)

    async def stacked(self, reading: Reading, owner: Sequence[str] = ()) -> list[dict[str, Any]]:
        """The documents that lie in a stack, in order: of each its pages and why it begins there, as
        `ix.extraction.sorting` writes them. Raises `JobError`."""
        found: list[dict[str, Any]] = (await self._sorted("part", reading, owner))["parts"]
        return found

    async def recognised(
        self, reading: Reading, kinds: Mapping[str, Mapping[str, Any]], owner: Sequence[str] = ()
    ) -> tuple[str, str]:
        """Which of `kinds` the pages are, by its name, empty where none is likely enough; and why, for people. A kind
        is what `ix.extraction.sorting` looks for. Raises `JobError`."""
        answer = await self._sorted("recognise", reading, owner, to_json(kinds))
        return answer["kind"], answer["reason"]

    async def _sorted(self, do: str, reading: Reading, owner: Sequence[str], *more: bytes) -> Mapping[str, Any]:
        electronic = any(page.invoice for page in reading.pages)
        body = {"do": do, "pages": [page.head() for page in reading.pages], "electronic": electronic}
        blobs = [*more, *(page.words for page in reading.pages)]
        return (await _in_child(self, body, blobs, owner))[0]

    async def _through(self, run: Run, steps: Iterable[str]) -> None:
        for name in steps:
            with tracing.span(name), run.timed(name):
                await STEPS[name](self, run)


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
    run.pages = await extractor.reader.pages(run.documents, run.progress, run.keeper)


async def answer(extractor: Extractor, run: Run) -> None:
    """A child process finds the values, places and checks them; a server that has to be asked for them is asked from
    here, so that no process waits for it."""
    run.progress("asking")
    await _apply_rules(extractor, run)
    if isinstance(extractor.backend, SeeingBackend):
        run.pictured = await extractor.backend.shown(run.pages)
    body, blobs = await _call(extractor, run, "ask")
    rounds = 0
    while body.get("asks") and isinstance(extractor.backend, RemoteBackend):
        if (rounds := rounds + 1) > MAX_ROUNDS:
            raise WorkFailed("finding the values failed: its backend asks its server again and again")
        request = await _with_pictures(extractor, run, blobs[0])
        with run.timed("ask"):
            reply = await extractor.backend.exchange(request)
        run.progress("placing")
        body, blobs = await _call(extractor, run, "read", reply)
    (run.answer,), run.told = blobs, body.get("told", NOTHING)


async def _with_pictures(extractor: Extractor, run: Run, request: bytes) -> bytes:
    """A question with the pictures of its pages, drawn once for all rounds, where the backend wants any."""
    if not run.pictured or not isinstance(extractor.backend, SeeingBackend):
        return request
    if not run.pictures:
        with run.timed("draw"):
            run.pictures = await showing.drawn(extractor.reader, run.documents, run.pages, run.pictured)
    return extractor.backend.with_pictures(request, run.pictures)


async def _apply_rules(extractor: Extractor, run: Run) -> None:
    """The electronic invoice that answers is checked with the official rules, where a setting names them."""
    invoice = next((page.invoice for page in run.pages if page.invoice), b"")
    if invoice and extractor.rulebook.has_rules and (run.schema.get("x-ix") or {}).get("einvoice"):
        with run.timed("rules"):
            run.rules = await extractor.rulebook.broken(invoice)


async def _call(extractor: Extractor, run: Run, do: str, *reply: bytes) -> Frame:
    settings = extractor.settings
    body = {
        "do": do,
        "backend": extractor.module,
        "settings": models.told(settings),
        "instructions": run.instructions,
        "pages": [page.head() for page in run.pages],
        "documents": len(run.documents),
        "shape": run.shape,
        "timings": run.timings,
        "rules": run.rules,
        "pictured": run.pictured,
        "about": dict(run.about),
        "review": (settings.review_bar, settings.review_sample),
        "risk": run.risk,
        "ix_id": run.owner[1] if len(run.owner) > 1 else "",
        "invoices": [at for at, page in enumerate(run.pages) if page.invoice],
    }
    invoices = (page.invoice for page in run.pages if page.invoice)
    blobs = [to_json(run.schema), *reply, *(page.words for page in run.pages), *invoices]
    return await _in_child(extractor, body, blobs, run.owner)


async def _in_child(
    extractor: Extractor, body: Mapping[str, Any], blobs: Sequence[bytes], owner: Sequence[str]
) -> Frame:
    seconds = extractor.settings.answer_seconds
    try:
        return await extractor.children.call(
            body, blobs, seconds=max(WAITS * seconds, LEAST_WAIT), processor=seconds, owner=owner
        )
    except TimeLimitExceeded as error:
        raise TimeLimitExceeded(f"finding the values {error.message}") from None
    except OverBudget as error:
        cure = "send fewer pages or ask for fewer fields, or raise IX_ANSWER_SECONDS or IX_ANSWER_MEMORY"
        raise WorkTooMuch(f"finding the values takes too much ({error}): {cure}") from None
    except ChildDied as error:
        raise WorkFailed(f"finding the values failed: {error}") from None


Step = Callable[[Extractor, Run], Awaitable[None]]
STEPS: Mapping[str, Step] = {"open": open_, "read": read, "answer": answer}
READING = ("open", "read")
"""The steps that need no question."""
