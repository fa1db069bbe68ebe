"""PP-OCRv6 as `ppocr` reads, its models run by a graphics processor of NVIDIA. Needs the extra `cuda`, in which
onnxruntime-gpu takes the place of onnxruntime, and a driver. Does not start without a device."""

from __future__ import annotations

from typing import Any

from ix.errors import OcrError
from ix.extraction.ocr import ppocr

MISSING = "onnxruntime-gpu is missing: pip install 'ix-documents[cuda]', or set IX_OCR=ppocr"
WARM = ((640, 900), (900, 640), (900, 900))
"""Sizes of the pages that are read before the first of a job is: most shapes are met in them."""


class PpOcrCuda(ppocr.PpOcr):
    """`ppocr` on CUDA. Loading raises `OcrError` `ocr_missing` without the package, or a device for it."""

    memory = None
    """CUDA reserves addresses for all memory that there is, of the machine and of the device."""

    device = True
    """Nobody should begin with it where there is none."""

    def session(self) -> Any:
        try:
            from ix.extraction.ocr._cuda import CudaSession
        except ImportError:
            raise OcrError(MISSING, code="ocr_missing") from None
        return CudaSession

    def load(self) -> None:
        super().load()
        self._warm()

    def _warm(self) -> None:
        from PIL import Image, ImageDraw, ImageFont

        for width, height in WARM:
            page = Image.new("L", (width, height), "white")
            draw, font = ImageDraw.Draw(page), ImageFont.load_default(24)
            # lines of all lengths
            for row in range(8):
                draw.text((20, 40 + 100 * row), "TOTAL 2024 "[: 5 + row] * (row + 1), "black", font)
            self.recognise(page)


ENGINE = PpOcrCuda
