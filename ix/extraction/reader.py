"""Documents in, pages of words out: the text layer where a page has a good one, OCR otherwise, and both where a good
one does not say all that is drawn.

Documents are opened and rendered in one pool of child processes and recognised in another; nothing that parses a
document is imported here."""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from ix.config import Settings
from ix.errors import ConfigError, DocumentError, JobError, OcrError, TimeLimitExceeded
from ix.extraction import ocr, opening
from ix.extraction.attempted import Attempted, Keeper, digests, reader_name
from ix.extraction.opening import Opened
from ix.extraction.page import Document, ReadPage
from ix.extraction.processes.children import ChildDied, Children, WasKilled
from ix.extraction.processes.frames import Frame
from ix.extraction.processes.turns import Turns
from ix.extraction.words import MAX_JOB_WORDS
from ix.telemetry.health import Health, Queue

OCR_SIDE = 2600
"""Longest side of an image given to OCR, pixels: engines shrink larger ones, and enlarging does not help."""
FINEST_DPI = 600
"""Dots an inch beyond which no page is drawn for a screen."""
MAX_THREADS = 8
"""Processors beyond which one page is read no faster."""
FRESH = 60.0
"""How long a page that was read shows that OCR works, seconds."""
T = TypeVar("T")


class Progress(Protocol):
    """Hears which step begins, and how much of it is done where that can be counted."""

    def __call__(self, step: str, done: int | None = None, of: int | None = None) -> None: ...


class Reader:
    """Reads documents. `start` before use, `stop` after; between them any number of jobs may call it at once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._documents = Children("ix.extraction.documents", settings.reader_workers, settings.reader_memory)
        # the processors are shared out among the OCR processes
        self._threads = min(max((os.cpu_count() or 1) // settings.ocr_workers, 1), MAX_THREADS)
        self._ocr = Children(
            "ix.extraction.ocr",
            settings.ocr_workers,
            ocr.memory(settings.ocr),
            extra=environment(self._threads),
            programs=ocr.starts_programs(settings.ocr),
        )
        # one page more than there are processes, so that the next one is drawn while they all read; and as many for
        # clients that have none in hand, so that theirs are drawn when it is their turn to be read
        self._in_hand = Turns(settings.ocr_workers + 1, spare=settings.ocr_workers + 1)
        self._name = reader_name(settings)
        # long ago: a monotonic clock may start at 0
        self._ocr_worked = -FRESH
        self._warming: asyncio.Task[Health] | None = None

    async def start(self) -> None:
        """Starts the first process of each pool and has OCR load its models meanwhile."""
        await self.start_ocr()
        await self._documents.start()

    async def start_ocr(self) -> None:
        """Starts the first process of OCR, unless that was done before, and has it load its models. Raises
        `ConfigError` where the engine needs a device that is not there."""
        if self._settings.ocr != "off" and self._warming is None:
            await self._ocr.start()
            if ocr.needs_device(self._settings.ocr):
                await self._require_device()
            self._warming = asyncio.create_task(self.probe_ocr())

    async def _require_device(self) -> None:
        try:
            await self._recognise({"do": "probe"})
        except JobError as error:
            raise ConfigError(f"IX_OCR: {error.message}") from None

    async def stop(self) -> None:
        """Ends every process, also those at work: their callers get an error."""
        if self._warming:
            self._warming.cancel()
            await asyncio.gather(self._warming, return_exceptions=True)
            self._warming = None
        await asyncio.gather(self._documents.stop(), self._ocr.stop())

    async def pages(
        self, documents: Sequence[Document], progress: Progress | None = None, keeper: Keeper | None = None
    ) -> list[ReadPage]:
        """Every page of every document, in order. `progress` hears each time how many documents are opened, and how
        many pages read. What OCR has read of them before is taken from the `keeper`, which keeps what is read now.
        Raises `DocumentError`, `OcrError`, `TimeLimitExceeded`."""
        opened = await _counted(
            "opening", [self._open(document, index) for index, document in enumerate(documents)], progress
        )
        all_opened = [one for pages in opened for one in pages]
        self._require_bearable(all_opened)
        job = Attempted(documents, keeper, await digests(documents) if keeper else (), self._name)
        # asked for by no job without OCR, so that these cost no statement
        if self._settings.ocr != "off" and any(one.wants_ocr for one in all_opened):
            await job.find_kept()
        pages = await _counted("reading", [self._read(job, one) for one in all_opened], progress)
        job.keep(*(page for page in pages if page.source == "text" and not page.laid_out))
        return pages

    def _require_bearable(self, opened: Sequence[Opened]) -> None:
        if len(opened) > self._settings.max_job_pages:
            raise _too_many_pages(len(opened), self._settings.max_job_pages)
        if sum(one.words for one in opened) > MAX_JOB_WORDS:
            raise DocumentError(
                f"the documents of the job have more than {MAX_JOB_WORDS} words together", code="document_too_large"
            )

    async def image(self, document: Document, page_number: int, dpi: int = 110, rotation: int = 0) -> bytes:
        """A page (1-based) as PNG, as a person sees it; with the page's `rotation`, upright. Raises `DocumentError`,
        `TimeLimitExceeded`."""
        # it alone counts: there may be more pages than may be read
        alone = replace(document, pages=str(page_number))
        _, blobs = await self._picture(alone, page_number, dpi=dpi, rotation=rotation, kind="PNG")
        return blobs[0]

    async def picture(
        self, document: Document, page_number: int, *, rotation: int, longest: int, kind: str = "WEBP"
    ) -> bytes:
        """A page (1-based) as WebP for a screen, or as JPEG: as it is drawn, rotated clockwise by so many degrees, its
        longest side so many pixels, or fewer where the document has no more. Raises as `image` does."""
        alone = replace(document, pages=str(page_number))
        _, blobs = await self._picture(
            alone, page_number, dpi=FINEST_DPI, rotation=rotation, longest=longest, kind=kind
        )
        return blobs[0]

    async def sheet(self, document: Document, page: ReadPage, longest: int, answer: bytes | None) -> Frame:
        """A page as a sheet of a PDF (`ix.extraction.sheets`), with its picture's longest side so many pixels; with an
        `answer`, marked with what it says stands there. Raises as `image` does."""
        alone = replace(document, pages=str(page.number))
        _, blobs = await self._picture(
            alone, page.number, dpi=FINEST_DPI, rotation=page.rotation, longest=longest, kind="JPEG"
        )
        told = {name: getattr(page, name) for name in ("number", "document", "width", "height")}
        return await self._in_child(
            {"do": "sheet", **told}, [*blobs, page.words, *([] if answer is None else [answer])]
        )

    @property
    def queue(self) -> Queue:
        """The pages that wait for OCR."""
        return self._in_hand.queue

    async def probe_ocr(self) -> Health:
        """Whether OCR works, found out by reading an image; a page read within the last minute says so too. Bring your
        own time limit."""
        if self._settings.ocr == "off":
            return "off"
        if time.monotonic() - self._ocr_worked < FRESH:
            return "ok"
        try:
            answer, _ = await self._recognise({"do": "probe"})
        except JobError:
            return "fail"
        return "ok" if answer["works"] is True else "degraded"

    async def _open(self, document: Document, index: int) -> list[Opened]:
        if len(document.data) > self._settings.max_document_bytes:
            raise _too_large(len(document.data), self._settings.max_document_bytes)
        answer, blobs = await self._call_documents({"do": "open"}, document)
        return opening.all_opened(answer["pages"], blobs, index)

    async def _read(self, job: Attempted, opened: Opened) -> ReadPage:
        if not opened.wants_ocr or self._settings.ocr == "off":
            return opening.unread(opened)
        if kept := job.kept.get((opened.page.document, opened.page.number)):
            return opening.kept(opened, kept)
        async with self._in_hand.place():
            page, confidence = await (self._read_image if opened.unread else self._read_area)(job, opened)
        if page.source != "text":
            job.keep(page, confidence=confidence)
        return page

    async def _read_image(self, job: Attempted, opened: Opened) -> opening.Read:
        drawn, blobs = await self._draw(job, opened.page, "image")
        answer, (words,) = await self._recognise({"do": "read", **drawn}, blobs)
        if opened.words:
            # a layer that is not seen, or not believed, may still spell better what was read where it says the same
            body = {"do": "agree", "rotation": answer["rotation"]}
            _, (words,) = await self._in_child(body, [opened.page.words, words])
        return opening.recognised(opened.page, answer, words, drawn["warnings"])

    async def _read_area(self, job: Attempted, opened: Opened) -> opening.Read:
        """What is drawn beside the text layer, merged with that."""
        area = {"area": opened.area}
        drawn, blobs = await self._draw(job, opened.page, "rest", **area)
        try:
            answer, (words,) = await self._recognise({"do": "read", **drawn}, blobs)
        except (OcrError, TimeLimitExceeded):
            # the text layer is good without it, as where OCR is off
            return opening.unlooked(opened)
        body = {"do": "merge", "rotation": answer["rotation"], **area}
        merged, (both,) = await self._in_child(body, [opened.page.words, words])
        return opening.merged(opened.page, answer, both, merged["warnings"])

    async def _draw(self, job: Attempted, page: ReadPage, do: str, **more: Any) -> Frame:
        document, dpi = job.documents[page.document], self._settings.ocr_dpi
        return await self._picture(document, page.number, dpi=dpi, rotation=page.rotation, do=do, **more)

    async def _picture(
        self, document: Document, number: int, *, dpi: int, rotation: int, do: str = "image", **more: Any
    ) -> Frame:
        body = {"do": do, "page": number - 1, "dpi": dpi, "longest": OCR_SIDE, "rotation": rotation, "kind": "grey"}
        return await self._call_documents({**body, **more}, document)

    async def _call_documents(self, body: Mapping[str, Any], document: Document) -> Frame:
        limits: dict[str, Any] = {"pages": self._settings.max_pages, "pixels": self._settings.max_pixels}
        if document.pages:
            limits["ranges"] = document.pages
        if document.password:
            limits["password"] = document.password
        return await self._in_child({**body, "limits": limits}, [document.data])

    async def _in_child(self, body: Mapping[str, Any], blobs: Sequence[bytes]) -> Frame:
        try:
            return await self._documents.call(body, blobs, seconds=self._settings.reader_timeout)
        except TimeLimitExceeded as error:
            raise TimeLimitExceeded(f"opening a document {error.message}") from None
        except ChildDied as error:
            reason = "it is damaged, or asks for more memory or time than one of its size may take"
            # a process that was killed from outside says nothing of the document
            again = isinstance(error, WasKilled)
            raise DocumentError(f"the document cannot be read: {reason} ({error})", retryable=again) from None

    async def _recognise(self, body: Mapping[str, Any], blobs: Sequence[bytes] = ()) -> Frame:
        engine = {"engine": self._settings.ocr, "threads": self._threads}
        try:
            seconds = self._settings.ocr_timeout
            answer = await self._ocr.call({**body, **engine}, blobs, seconds=seconds, processor=seconds * self._threads)
        except TimeLimitExceeded as error:
            raise TimeLimitExceeded(f"OCR of a page {error.message}") from None
        except ChildDied as error:
            raise OcrError(f"OCR failed: {error}", retryable=isinstance(error, WasKilled)) from None
        self._ocr_worked = time.monotonic()
        return answer


def environment(threads: int) -> dict[str, str]:
    """What keeps OCR's libraries to so many threads, and glibc to two heaps: it makes one for every thread otherwise,
    each of which counts against the limit of the address space. Blocks of 8 MiB and more, a page's pictures and maps,
    are given back by themselves: holes that they leave in a heap cost a process 90 MiB, and mapping them a twentieth of
    the time (glibc's thresholds grow to 32 and 64 MiB with what is freed, unless they are set)."""
    heaps = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": f"{8 << 20}", "MALLOC_TRIM_THRESHOLD_": f"{32 << 20}"}
    return {"OMP_NUM_THREADS": str(threads), "OMP_THREAD_LIMIT": str(threads), **heaps}


def _too_large(size: int, most: int) -> DocumentError:
    return DocumentError(f"the document has {size} bytes, more than the {most} allowed", code="document_too_large")


def _too_many_pages(count: int, most: int) -> DocumentError:
    return DocumentError(
        f"the documents of the job have {count} pages together, more than the {most} allowed", code="document_too_large"
    )


async def _counted(step: str, works: Sequence[Coroutine[Any, Any, T]], progress: Progress | None) -> list[T]:
    """Runs all `together`, and tells `progress` each time that one is done."""
    done = itertools.count(1)

    async def counted(work: Coroutine[Any, Any, T]) -> T:
        result = await work
        if progress is not None:
            progress(step, next(done), len(works))
        return result

    return await together([counted(work) for work in works])


async def together(steps: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """Runs all at once and gives their results in order. The first failure cancels the others and is raised itself,
    not as a group: a job ends with one error."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(step) for step in steps]
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]
