"""Documents in, pages of words out: the text layer where a page has a good one, OCR otherwise.

Documents are opened and rendered in one pool of child processes and recognised in another; nothing that parses a
document is imported here."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import os
import time
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib import metadata
from typing import Any, NamedTuple, Protocol, TypeVar

from ix.config import DISTRIBUTION, Settings
from ix.errors import DocumentError, JobError, OcrError, TimeLimitExceeded
from ix.extraction import ocr
from ix.extraction.page import Document, ReadPage
from ix.extraction.processes.children import ChildDied, Children, WasKilled
from ix.extraction.processes.frames import Frame
from ix.extraction.processes.turns import Turns
from ix.extraction.words import MAX_JOB_WORDS
from ix.telemetry.health import Health

OCR_SIDE = 2600
"""Longest side of an image given to OCR, pixels: engines shrink larger ones, and enlarging does not help."""
MAX_THREADS = 8
"""Processors beyond which one page is read no faster."""
NEEDS_OCR = "this page needs OCR, and OCR is off"
FRESH = 60.0
"""How long a page that was read shows that OCR works, seconds."""
T = TypeVar("T")


class Progress(Protocol):
    """Hears which step begins, and how much of it is done where that can be counted."""

    def __call__(self, step: str, done: int | None = None, of: int | None = None) -> None: ...


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A page that was read, of the document with this `sha256` (hex), and by which `reader`: another may read it
    otherwise. `confidence` is that of OCR, where it gave one."""

    page: ReadPage
    sha256: str
    reader: str
    confidence: float | None = None


class Keeper(Protocol):
    """Keeps what is read of a job for its next attempt, which reads only what is missing."""

    async def kept(self) -> Sequence[KeptPage]:
        """What earlier attempts of the job have read."""

    def keep(self, pages: Sequence[KeptPage]) -> None:
        """Keeps pages, in its own time."""


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
            programs=ocr.starts_programs(settings.ocr),
        )
        # one page more than there are processes, so that the next one is drawn while they all read; and as many for
        # clients that have none in hand, so that theirs are drawn when it is their turn to be read
        self._in_hand = Turns(settings.ocr_workers + 1, spare=settings.ocr_workers + 1)
        self._name = _reader_name(settings)
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
        job = _Job(documents, keeper, await _digests(documents) if keeper else (), self._name)
        # asked for by no job without OCR, so that these cost no statement
        if self._settings.ocr != "off" and any(one.unread for one in all_opened):
            await job.find_kept()
        pages = await _counted("reading", [self._read(job, one) for one in all_opened], progress)
        job.keep(*(page for page in pages if page.source == "text" and not page.laid_out))
        return pages

    def _require_bearable(self, opened: Sequence[_Opened]) -> None:
        if len(opened) > self._settings.max_job_pages:
            raise _too_many_pages(len(opened), self._settings.max_job_pages)
        if sum(one.words for one in opened) > MAX_JOB_WORDS:
            raise DocumentError(
                f"the documents of the job have more than {MAX_JOB_WORDS} words together", code="document_too_large"
            )

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
        answer, blobs = await self._call_documents({"do": "open"}, document)
        count = len(answer["pages"])
        pages, invoices = zip(answer["pages"], blobs[:count], strict=True), iter(blobs[count:])
        opened = [_opened(packed, own, index, number) for number, (packed, own) in enumerate(pages, 1)]
        return [
            one._replace(page=replace(one.page, invoice=next(invoices))) if packed["invoice"] else one
            for packed, one in zip(answer["pages"], opened, strict=True)
        ]

    async def _read(self, job: _Job, opened: _Opened) -> ReadPage:
        if opened.unread and self._settings.ocr != "off":
            kept = job.kept.get((opened.page.document, opened.page.number))
            # what the document carries beside its pages is not kept with them
            return replace(kept, invoice=opened.page.invoice) if kept else await self._read_image(job, opened.page)
        return _remarked(opened.page, NEEDS_OCR if opened.unread else "")

    async def _read_image(self, job: _Job, page: ReadPage) -> ReadPage:
        document = job.documents[page.document]
        async with self._in_hand.place():
            size, blobs = await self._picture(document, page.number, dpi=self._settings.ocr_dpi, rotation=page.rotation)
            answer, (words,) = await self._recognise({"do": "read", **size}, blobs)
        read = _remarked(_recognised(page, int(answer["rotation"]), words), *answer.get("warnings", ()))
        job.keep(read, confidence=answer.get("confidence"))
        return read

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


class _Job:
    """What is known of the pages of one job: those that were `kept`, by document and number."""

    def __init__(
        self, documents: Sequence[Document], keeper: Keeper | None, digests: Sequence[str], reader: str
    ) -> None:
        self.documents = documents
        self.kept: dict[tuple[int, int], ReadPage] = {}
        self._keeper, self._digests, self._reader = keeper, digests, reader

    async def find_kept(self) -> None:
        """Finds what OCR has read of these very documents."""
        for kept in await self._keeper.kept() if self._keeper is not None else ():
            page = kept.page
            of_the_same = self._digests[page.document : page.document + 1] == [kept.sha256]
            if page.source == "ocr" and kept.reader == self._reader and of_the_same:
                self.kept[page.document, page.number] = page

    def keep(self, *pages: ReadPage, confidence: float | None = None) -> None:
        if self._keeper is not None and pages:
            self._keeper.keep(
                [KeptPage(page, self._digests[page.document], self._reader, confidence) for page in pages]
            )


async def _digests(documents: Sequence[Document]) -> list[str]:
    # in a thread, where the lock of the interpreter is free meanwhile
    return [one.sha256 or (await asyncio.to_thread(hashlib.sha256, one.data)).hexdigest() for one in documents]


def _reader_name(settings: Settings) -> str:
    """What reads the pages, with the settings that change what is read."""
    return f"ix {_version(DISTRIBUTION)}, {settings.ocr} {_version(settings.ocr)} at {settings.ocr_dpi} dpi"


def _version(distribution: str) -> str:
    """The version of what is installed; empty for a checkout, and for an engine that is no package of Python."""
    with suppress(metadata.PackageNotFoundError):
        return metadata.version(distribution)
    return ""


def _remarked(page: ReadPage, *remarks: str) -> ReadPage:
    """The page with what there is to say of it."""
    # a page without words is no error: the other pages may say all that is asked for
    said = [*filter(None, remarks), *([] if page.has_words else ["no words were found on this page"])]
    return replace(page, warnings=(*page.warnings, *said)) if said else page


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


def _recognised(page: ReadPage, rotation: int, words: bytes) -> ReadPage:
    """The page as OCR read it, after it rotated the picture by so many degrees more."""
    width, height = (page.height, page.width) if rotation % 180 else (page.width, page.height)
    whole = (page.rotation + rotation) % 360
    return replace(page, width=width, height=height, words=words, source="ocr", rotation=whole, hidden=0)


class _Opened(NamedTuple):
    """A page as its text layer gives it, whether OCR is to read it instead, and how many words it has."""

    page: ReadPage
    unread: bool
    words: int


def _opened(packed: Mapping[str, Any], words: bytes, document: int, number: int) -> _Opened:
    """A page as the child that opened it gave it (`documents.packed`)."""
    page = ReadPage(
        number,
        packed["width"],
        packed["height"],
        words,
        document=document,
        warnings=tuple(packed["warnings"]),
        rotation=packed["rotation"],
        hidden=packed["hidden"],
        laid_out=packed["laid_out"],
    )
    return _Opened(page, packed["unread"], packed["count"])


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
