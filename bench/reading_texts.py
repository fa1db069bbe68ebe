"""What reads the text layers of PDFs in `bench.reading`, each in a process of its own: `python -m bench.reading_texts
NAME` takes files, a path in each line, and answers each by a line of JSON:

    {"pages": 2, "words": 412, "cpu": {part: seconds, …}, "memory": MiB}

The parts of ix are those of a job; the others have one, `reading`. Nothing of ix is imported for them: they have an
environment of their own."""

from __future__ import annotations

import importlib
import io
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

Seconds: TypeAlias = "Counter[str]"
Reading: TypeAlias = Callable[[bytes], tuple[int, int]]
"""Takes a file; gives its pages and its words, or lines of text."""


class Contender(NamedTuple):
    """What reads: the package that it needs, what makes it, given where its parts are written, and what it gives."""

    package: str
    made: Callable[[Seconds], Reading]
    gives: str


def _ix(seconds: Seconds) -> Reading:
    """ix as a job reads, without OCR: from the document to the answer that is stored."""
    # as every child does (`processes.child`)
    importlib.import_module("ix.extraction.processes.child").collect_garbage_seldom()
    settings = importlib.import_module("ix.config").Settings(extractor="rules", ocr="off", postgres_url="postgres:///x")
    documents, answering, opening, models, shapes, frames = (
        importlib.import_module(f"ix.extraction.{name}")
        for name in ("documents", "answering", "opening", "models", "shapes", "processes.frames")
    )
    use_case = importlib.import_module("ix.use_cases.invoice").USE_CASE
    schema, shape = json.dumps(use_case.schema).encode(), shapes.reference(use_case.result)
    limits = {"pages": settings.max_pages, "pixels": settings.max_pixels}
    _watched(seconds, answering)

    def call(task: Any, body: Mapping[str, Any], blobs: list[bytes]) -> Any:
        """A call as a child answers it: what travels is written and read both ways."""
        asked = frames.read(io.BytesIO(b"".join(frames.encode(body, blobs))))
        answer, given = task.handle(asked.body, asked.blobs)
        return frames.read(io.BytesIO(b"".join(frames.encode(answer, given))))

    def read(data: bytes) -> tuple[int, int]:
        with _timed(seconds, "reading"):
            opened = call(documents, {"do": "open", "limits": limits}, [data])
            found = opening.all_opened(opened.body["pages"], opened.blobs, 0)
            pages = [opening.unread(one) for one in found]
        with _timed(seconds, "rest"):
            body = {
                "do": "ask",
                "backend": models.module_of(settings),
                "settings": models.told(settings),
                "instructions": use_case.instructions,
                "pages": [page.head() for page in pages],
                "documents": 1,
                "shape": shape,
                "timings": {},
                "invoices": [],
            }
            call(answering, body, [schema, *(page.words for page in pages)])
        return len(pages), sum(one.words for one in found)

    return read


def _watched(seconds: Seconds, answering: Any) -> None:
    """Has the parts of a job within opening a document and answering told apart."""
    ink, pictures, ciphers = (
        importlib.import_module(f"ix.extraction.documents.{name}")
        for name in ("pdf_ink", "pdf_pictures", "pdf_ciphers")
    )
    for owner, name, part in (
        (ink, "hide_unseen", "ink"),
        (pictures, "is_lost", "ink"),
        (pictures, "unread", "ink"),
        (ciphers.Fonts, "condemn", "samples"),
    ):
        setattr(owner, name, _as_part(seconds, part, getattr(owner, name)))
    names = {"ask": "rules", "place": "placing"}
    answering.STEPS = {
        name: _as_part(seconds, names[name], step) if name in names else step for name, step in answering.STEPS.items()
    }


def _as_part(seconds: Seconds, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def timed(*arguments: Any, **named: Any) -> Any:
        with _timed(seconds, part):
            return function(*arguments, **named)

    return timed


_STACK: list[str] = []


@contextmanager
def _timed(seconds: Seconds, part: str) -> Iterator[None]:
    """Counts the processor time of a part, which is not that of the part that it belongs to."""
    # what is looked for within looking for ink is the same part
    if _STACK and _STACK[-1] == part:
        yield
        return
    began = time.process_time()
    _STACK.append(part)
    try:
        yield
    finally:
        _STACK.pop()
        took = time.process_time() - began
        seconds[part] += took  # type: ignore[assignment]
        if _STACK:
            seconds[_STACK[-1]] -= took  # type: ignore[assignment]


def _lines(seconds: Seconds) -> Reading:
    """pypdfium2's own way: each line of text with its box."""
    pdfium: Any = importlib.import_module("pypdfium2")

    def read(data: bytes) -> tuple[int, int]:
        pages = found = 0
        with _timed(seconds, "reading"):
            for page in pdfium.PdfDocument(data):
                text = page.get_textpage()
                boxes = [text.get_rect(index) for index in range(text.count_rects())]
                found += len([(text.get_text_bounded(*box), box) for box in boxes])
                pages += 1
        return pages, found

    return read


def _words(seconds: Seconds) -> Reading:
    """Words by pypdfium2: what white space parts, each with the boxes of its first and its last character."""
    pdfium: Any = importlib.import_module("pypdfium2")
    word = importlib.import_module("re").compile(r"\S+")

    def read(data: bytes) -> tuple[int, int]:
        pages = found = 0
        with _timed(seconds, "reading"):
            for page in pdfium.PdfDocument(data):
                text = page.get_textpage()
                # as many characters as pdfium counts, but for those beyond 16 bits
                spans = [one.span() for one in word.finditer(text.get_text_range())]
                last = text.count_chars() - 1
                boxes = [
                    (text.get_charbox(at), text.get_charbox(min(end - 1, last))) for at, end in spans if at <= last
                ]
                found += len(boxes)
                pages += 1
        return pages, found

    return read


def _pdfplumber(seconds: Seconds) -> Reading:
    plumber: Any = importlib.import_module("pdfplumber")

    def read(data: bytes) -> tuple[int, int]:
        with _timed(seconds, "reading"), plumber.open(io.BytesIO(data)) as document:
            return len(document.pages), sum(len(page.extract_words()) for page in document.pages)

    return read


def _docling_parse(seconds: Seconds) -> Reading:
    """What docling reads text layers with; docling itself needs models that are fetched."""
    parser: Any = importlib.import_module("docling_parse.pdf_parser").DoclingPdfParser(loglevel="fatal")
    unit: Any = importlib.import_module("docling_core.types.doc.page").TextCellUnit.WORD

    def read(data: bytes) -> tuple[int, int]:
        pages = found = 0
        with _timed(seconds, "reading"):
            for _, page in parser.load(path_or_stream=io.BytesIO(data)).iterate_pages():
                found += len([(cell.text, cell.rect) for cell in page.iterate_cells(unit_type=unit)])
                pages += 1
        return pages, found

    return read


CONTENDERS = {
    "ix": Contender("ix", _ix, "an answer"),
    "pypdfium2": Contender("pypdfium2", _lines, "lines"),
    "pypdfium2, words": Contender("pypdfium2", _words, "words"),
    "pdfplumber": Contender("pdfplumber", _pdfplumber, "words"),
    "docling-parse": Contender("docling_parse", _docling_parse, "words"),
}


def serve(name: str) -> None:
    """Reads the files that come by standard input."""
    seconds: Seconds = Counter()
    read = CONTENDERS[name].made(seconds)
    for line in sys.stdin:
        data = Path(line.rstrip("\n")).read_bytes()
        seconds.clear()
        pages, words = read(data)
        print(json.dumps({"pages": pages, "words": words, "cpu": seconds, "memory": most_memory()}), flush=True)


def most_memory() -> float:
    """The most memory that this process has held, MiB."""
    # getrusage would count what the process that started this one held
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    serve(sys.argv[1])
