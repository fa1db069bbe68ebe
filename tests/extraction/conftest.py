"""The first session of onnxruntime in a process decides whether its main thread takes the smallest numbers for zero
(`set_denormal_as_zero`). OCR's own processes want that; tests that draw such numbers share theirs with tests of OCR."""

from __future__ import annotations

from contextlib import suppress

from ix.errors import OcrError

# both may be missing: then there is no session in this process either
with suppress(ImportError, OcrError):
    import onnxruntime

    from ix.extraction.ocr import _weights

    onnxruntime.InferenceSession(_weights.model(_weights.folder(), "cls"), providers=["CPUExecutionProvider"])
