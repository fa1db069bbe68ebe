"""What stands in the place of an OCR process, and reads a page in the time it is told; the engine writes down which
page it has read.

`python -m tests.counted_ocr engine` is an engine that uses it, told by `OCR_LOG` and `OCR_SECONDS` in its
environment."""

from __future__ import annotations

import base64
import io
import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from ix.cli import main
from ix.extraction import reader as reading
from ix.extraction.page import Word, packed_words
from ix.extraction.processes import children as pools
from ix.extraction.processes.children import Child, Children
from ix.extraction.processes.frames import Body, Frame

FIRST_WIDTH = 200
"""Width of a scan's first page, pixels; each further one is a pixel wider, so that it can be told apart."""


def handle(body: Body, blobs: list[bytes]) -> Frame:
    """Answers with the page's width for a word."""
    if body["do"] == "probe":
        return {"works": True}, []
    time.sleep(float(os.environ["OCR_SECONDS"]))
    words = [Word("TOTAL", (0.1, 0.1, 0.3, 0.2), 0.9), Word(f"{body['width']}.00", (0.4, 0.1, 0.6, 0.2), 0.9)]
    return {"rotation": 0, "confidence": 0.9}, [packed_words(words)]


def scan(pages: int, first: int = FIRST_WIDTH) -> bytes:
    """A TIFF of so many pages without words."""
    images = [Image.new("L", (first + number, 100), 255) for number in range(pages)]
    buffer = io.BytesIO()
    images[0].save(buffer, "TIFF", save_all=True, append_images=images[1:])
    return buffer.getvalue()


def inline(document: bytes) -> dict[str, str]:
    """The document as a client sends it."""
    return {"data": base64.b64encode(document).decode()}


def read(log: Path) -> Counter[int]:
    """How often each page was read, by its width."""
    return Counter(order(log))


def order(log: Path) -> Sequence[int]:
    """The pages in the order in which they were begun."""
    return [int(line) for line in log.read_text().splitlines()] if log.exists() else []


class Counted(Child):
    """A child, whose parent writes down each page before it is read: the child itself may write no file."""

    log: Path

    async def ask(self, body: Mapping[str, Any], blobs: Sequence[bytes], processor: float) -> Frame:
        """Has a page read."""
        if body["do"] == "read":
            with self.log.open("a") as log:
                log.write(f"{body['width']}\n")
        return await super().ask(body, blobs, processor)


def children(task: str, *arguments: Any, log: Path | str, seconds: float | str, **more: Any) -> Children:
    """The pool of processes for a task, this one in the place of OCR."""
    if task != "ix.extraction.ocr":
        return Children(task, *arguments, **more)
    Counted.log = Path(log)
    pools.__dict__["Child"] = Counted
    return Children(__spec__.name, *arguments[:1], extra={"OCR_SECONDS": str(seconds)})


if __name__ == "__main__":
    told = {"log": os.environ["OCR_LOG"], "seconds": os.environ["OCR_SECONDS"]}
    reading.__dict__["Children"] = lambda task, *a, **more: children(task, *a, **told, **more)
    main()
