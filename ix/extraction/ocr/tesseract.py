"""Tesseract, by way of its command."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ix.errors import OcrError
from ix.extraction.page import Word

if TYPE_CHECKING:
    from PIL.Image import Image

MISSING = "the tesseract command is missing: apt-get install tesseract-ocr, or brew install tesseract"
WORD_LEVEL = "5"
"""Rows of Tesseract's TSV output whose first column is 5 are words (TessBaseAPI::GetTSVText)."""
NOT_LANGUAGES = {"osd", "equ"}
"""Trained data that reads no words: orientation and equations."""


class Tesseract:
    """Reads every language that is installed. OMP_THREAD_LIMIT in the child's environment bounds its threads."""

    memory = 1536 << 20
    """1.5 GiB, for this process and the command that it starts, which inherits the limit."""

    programs = True

    def __init__(self, threads: int) -> None:
        self._languages = ""

    def load(self) -> None:
        if shutil.which("tesseract") is None:
            raise OcrError(MISSING, code="ocr_missing")
        # the first line is a heading
        languages = sorted(set(run(["--list-langs"]).splitlines()[1:]) - NOT_LANGUAGES)
        if not languages:
            raise OcrError("tesseract has no language installed: apt-get install tesseract-ocr-eng", code="ocr_missing")
        self._languages = "+".join(languages)

    def recognise(self, image: Image) -> list[Word]:
        # the quickest compression: the file lives only as long as the pipe
        buffer = io.BytesIO()
        image.save(buffer, "PNG", compress_level=1)
        return list(words(run(["-", "-", "-l", self._languages, "tsv"], buffer.getvalue()), image.width, image.height))


def run(arguments: list[str], given: bytes = b"") -> str:
    """What the command prints when it reads `given`. Raises `OcrError`."""
    try:
        done = subprocess.run(["tesseract", *arguments], input=given, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise OcrError(f"tesseract failed ({type(error).__name__})") from None
    return done.stdout.decode(errors="replace")


def words(table: str, width: int, height: int) -> Iterator[Word]:
    """The words of a TSV output, boxes as fractions of a page of `width` by `height` pixels."""
    # Tesseract quotes nothing: a quotation mark on the page would swallow the lines behind it
    for row in csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
        if row["level"] == WORD_LEVEL and row["text"].strip():
            left, top, across, down = (int(row[name]) for name in ("left", "top", "width", "height"))
            box = left / width, top / height, (left + across) / width, (top + down) / height
            yield Word(row["text"].strip(), box, float(row["conf"]) / 100)


ENGINE = Tesseract
