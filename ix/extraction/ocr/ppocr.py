"""PP-OCRv6: the weights in rapidocr's wheel (Apache-2.0) on onnxruntime, in a pipeline of our own.

    page ──detection──▶ lines ──orientation──▶ upright page ──cut──▶ pictures of lines ──recognition──▶ words

A third of the time and of the memory that rapidocr's own takes with them: the page is never enlarged to find its lines,
each line is read at its own width, lines are read side by side, and how a page lies is told before it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ix.errors import OcrError
from ix.extraction.ocr import Reading
from ix.extraction.page import Word

if TYPE_CHECKING:
    from PIL.Image import Image

MISSING = "rapidocr (for its models) or onnxruntime is missing: pip install 'rapidocr>=3.4' 'onnxruntime>=1.20'"

OTHERS = "rapidocr's models are not the ones that ppocr knows: pip install 'rapidocr<4', or set IX_OCR=rapidocr"


class PpOcr:
    """Reads Latin, Greek, Chinese and Japanese; finds out by itself how a page lies."""

    memory: int | None = 2 << 30
    """2 GiB of addresses, of which it touches 400 MiB: half of them are code, and the stacks of threads."""

    package = "rapidocr"

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._pages: Any = None

    def load(self) -> None:
        # heavy, and not in every installation
        try:
            from ix.extraction.ocr import _pages

            session = self.session()
        except ImportError:
            raise OcrError(MISSING, code="ocr_missing") from None
        try:
            self._pages = _pages.Pages(self._threads, session)
        except (ValueError, KeyError, IndexError, StopIteration):
            raise OcrError(OTHERS, code="ocr_missing") from None

    def session(self) -> Any:
        """What runs a model, see `ix.extraction.ocr._session.Session`."""
        from ix.extraction.ocr._session import Session

        return Session

    def recognise(self, image: Image) -> list[Word]:
        words: list[Word] = self._run(self._pages.upright, image)
        return words

    def recognise_rotated(self, image: Image) -> Reading:
        found: Reading = self._run(self._pages.any_way_up, image)
        return found

    def _run(self, read: Any, image: Image) -> Any:
        try:
            return read(image)
        except MemoryError:
            raise
        except Exception as error:
            raise OcrError(f"ppocr failed ({type(error).__name__})") from None


ENGINE = PpOcr
