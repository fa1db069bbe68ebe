"""A model on OpenVINO, in numbers of 16 bits (bfloat16), which some processors multiply several times as quickly."""

from __future__ import annotations

import sys
import threading
from typing import Any

import numpy as np

from ix.errors import OcrError
from ix.extraction.ocr._weights import Floats

NO_BFLOAT16 = (
    "the processor does not multiply bfloat16 (AVX512_BF16 or AMX), without which OpenVINO is no gain: set IX_OCR=ppocr"
)


class OpenVinoSession:
    """A model of one input, as `ix.extraction.ocr._session.Session` is. Raises `OcrError` `ocr_missing` where the
    processor lacks the instructions."""

    def __init__(self, model: bytes, threads: int) -> None:
        core: Any = library().Core()
        if "BF16" not in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
            raise OcrError(NO_BFLOAT16, code="ocr_missing")
        settings = {
            "INFERENCE_PRECISION_HINT": "bf16",
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
            # a container's processors may not be the machine's first ones
            "ENABLE_CPU_PINNING": False,
        }
        self._compiled: Any = core.compile_model(core.read_model(model), "CPU", settings)
        # a request holds the tensors of one call
        self._own = threading.local()

    def __call__(self, values: Floats) -> list[Floats]:
        """The model's outputs in their order."""
        if not hasattr(self._own, "request"):
            self._own.request = self._compiled.create_infer_request()
        request: Any = self._own.request
        request.infer([np.ascontiguousarray(values)], share_inputs=True)
        # copies: the next call writes over them
        return [np.array(tensor.data) for tensor in request.output_tensors]


def library() -> Any:
    """OpenVINO, which is an extra: raises `ImportError` without it. Its import would tell its makers that it is used,
    and write a file; without the module for that it does neither."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    return openvino
