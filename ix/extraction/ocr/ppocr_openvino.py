"""PP-OCRv6 as `ppocr` reads, its models run by OpenVINO: about half of the processor time, on processors that multiply
numbers of 16 bits, and twice the memory. Its words differ in one of some hundred from those of `ppocr`, since it counts
less exactly. Needs the extra `openvino`."""

from __future__ import annotations

from typing import Any

from ix.errors import OcrError
from ix.extraction.ocr import ppocr

MISSING = "OpenVINO is missing: pip install 'ix-documents[openvino]', or set IX_OCR=ppocr"


class PpOcrOpenVino(ppocr.PpOcr):
    """`ppocr` on OpenVINO. Loading raises `OcrError` `ocr_missing` without the package, or the processor for it."""

    memory = 4 << 30
    """4 GiB of addresses, of which it touches 700 MiB: it makes code for each width of line that it meets."""

    def session(self) -> Any:
        from ix.extraction.ocr._openvino import OpenVinoSession, library

        try:
            library()
        except ImportError:
            raise OcrError(MISSING, code="ocr_missing") from None
        return OpenVinoSession


ENGINE = PpOcrOpenVino
