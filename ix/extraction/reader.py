"""Documents in, pages of words out: the text layer where a page has a good one, OCR otherwise.

Documents are opened and rendered in one pool of child processes and recognised in another; nothing that parses a
document is imported here."""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, Protocol, TypeVar

from ix.config import Settings
from ix.errors import DocumentError, JobError, OcrError, TimeLimitExceeded
from ix.extraction import ocr
from ix.extraction.page import Document, Page, Word
from ix.extraction.processes.children import ChildDied, Children
from ix.extraction.processes.frames import Frame
from ix.extraction.words import MAX_JOB_WORDS
from ix.telemetry.health import Health

OCR_SIDE = 2600
"""Longest side of an image given to OCR, pixels: engines shrink larger ones, and enlarging does not help."""
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
            extra=_environment(self._threads),
        )
        # one page more than there are processes, so that the next one is drawn while they all read
        self._in_hand = asyncio.Semaphore(settings.ocr_workers + 1)
        # long ago: a monotonic clock may start at 0
        self._ocr_worked = -FRESH
        self._warming: asyncio.Task[Health] | None = None

    async def start(self) -> None:
        """Starts the first process of each pool and has OCR load its models meanwhile."""
        await self._documents.start()
        if self._settings.ocr != "off":
            await self._ocr.start()
            self._warming = asyncio.create_task(self.probe_ocr())

    async def stop(self) -> None:
        """Ends every process, also those at work: their callers get an error."""
        if self._warming:
            self._warming.cancel()
            await asyncio.gather(self._warming, return_exceptions=True)
        await asyncio.gather(self._documents.stop(), self._ocr.stop())

    async def pages(self, documents: Sequence[Document], progress: Progress | None = None) -> list[Page]:
        """Every page of every document, in order. `progress` hears each time how many documents are opened, and how
        many pages read. Raises `DocumentError`, `OcrError`, `TimeLimitExceeded`."""
        opened = await _counted(
            "opening", [self._open(document, index) for index, document in enumerate(documents)], progress
        )
        unread = [one for pages in opened for one in pages]
        if len(unread) > self._settings.max_job_pages:
            raise _too_many_pages(len(unread), self._settings.max_job_pages)
        if sum(len(one.page.words) for one in unread) > MAX_JOB_WORDS:
            raise DocumentError(
                f"the documents of the job have more than {MAX_JOB_WORDS} words together", code="document_too_large"
            )
        return await _counted("reading", [self._read(documents[one.page.document], one) for one in unread], progress)

    async def image(self, document: Document, page_number: int, dpi: int = 110, rotation: int = 0) -> bytes:
        """A page (1-based) as PNG, as a person sees it; with the page's `rotation`, upright. Raises `DocumentError`,
        `TimeLimitExceeded`."""
        _, blobs = await self._picture(document, page_number, dpi=dpi, rotation=rotation, png=True)
        return blobs[0]

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

    async def _open(self, document: Document, index: int) -> list[_Opened]:
        if len(document.data) > self._settings.max_document_bytes:
            raise _too_large(len(document.data), self._settings.max_document_bytes)
        answer, _ = await self._call_documents({"do": "open"}, document)
        return [unpacked_page(packed, index, number) for number, packed in enumerate(answer["pages"], 1)]

    async def _read(self, document: Document, opened: _Opened) -> Page:
        page = await self._read_image(document, opened.page) if opened.unread else opened.page
        # a page without words is no error: the other pages may say all that is asked for
        return page if page.words else replace(page, warnings=(*page.warnings, "no words were found on this page"))

    async def _read_image(self, document: Document, page: Page) -> Page:
        if self._settings.ocr == "off":
            return replace(page, warnings=(*page.warnings, "this page needs OCR, and OCR is off"))
        async with self._in_hand:
            size, blobs = await self._picture(document, page.number, dpi=self._settings.ocr_dpi, rotation=page.rotation)
            answer, _ = await self._recognise({"do": "read", **size}, blobs)
        read = _recognised(page, int(answer["rotation"]), tuple(map(unpacked_word, answer["words"])))
        return replace(read, warnings=(*read.warnings, *answer.get("warnings", ())))

    async def _picture(self, document: Document, number: int, *, dpi: int, rotation: int, png: bool = False) -> Frame:
        body = {"do": "image", "page": number - 1, "dpi": dpi, "longest": OCR_SIDE, "rotation": rotation, "png": png}
        return await self._call_documents(body, document)

    async def _call_documents(self, body: Mapping[str, Any], document: Document) -> Frame:
        limits = {"pages": self._settings.max_pages, "pixels": self._settings.max_pixels}
        try:
            return await self._documents.call(
                {**body, "limits": limits}, [document.data], seconds=self._settings.reader_timeout
            )
        except TimeLimitExceeded as error:
            raise TimeLimitExceeded(f"opening a document {error.message}") from None
        except ChildDied as error:
            reason = "it is damaged, or asks for more memory or time than one of its size may take"
            raise DocumentError(f"the document cannot be read: {reason} ({error})") from None

    async def _recognise(self, body: Mapping[str, Any], blobs: Sequence[bytes] = ()) -> Frame:
        engine = {"engine": self._settings.ocr, "threads": self._threads}
        try:
            answer = await self._ocr.call({**body, **engine}, blobs, seconds=self._settings.ocr_timeout)
        except TimeLimitExceeded as error:
            raise TimeLimitExceeded(f"OCR of a page {error.message}") from None
        except ChildDied as error:
            raise OcrError(f"OCR failed: {error}") from None
        self._ocr_worked = time.monotonic()
        return answer


def _environment(threads: int) -> dict[str, str]:
    """What keeps OCR's libraries to so many threads, and glibc to two heaps: it makes one for every thread otherwise,
    each of which counts against the limit of the address space."""
    return {"OMP_NUM_THREADS": str(threads), "OMP_THREAD_LIMIT": str(threads), "MALLOC_ARENA_MAX": "2"}


def _too_large(size: int, most: int) -> DocumentError:
    return DocumentError(f"the document has {size} bytes, more than the {most} allowed", code="document_too_large")


def _too_many_pages(count: int, most: int) -> DocumentError:
    return DocumentError(
        f"the documents of the job have {count} pages together, more than the {most} allowed", code="document_too_large"
    )


def _recognised(page: Page, rotation: int, words: tuple[Word, ...]) -> Page:
    """The page as OCR read it, after it rotated the picture by so many degrees more."""
    width, height = (page.height, page.width) if rotation % 180 else (page.width, page.height)
    whole = (page.rotation + rotation) % 360
    return replace(page, width=width, height=height, words=words, source="ocr", rotation=whole)


class _Opened(NamedTuple):
    """A page as its text layer gives it, and whether OCR is to read it instead."""

    page: Page
    unread: bool


def unpacked_page(packed: Mapping[str, Any], document: int, number: int) -> _Opened:
    """A page as the child that opened it gave it (`documents.packed`)."""
    words, warnings = tuple(map(unpacked_word, packed["words"])), tuple(packed["warnings"])
    size = packed["width"], packed["height"]
    return _Opened(
        Page(number, *size, words, document=document, warnings=warnings, rotation=packed["rotation"]), packed["unread"]
    )


def unpacked_word(packed: Sequence[Any]) -> Word:
    """A word from the list that it travels as (`documents.packed`, `ocr.handle`)."""
    text, x0, y0, x1, y1, *rest = packed
    return Word(text, (x0, y0, x1, y1), *rest)


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
