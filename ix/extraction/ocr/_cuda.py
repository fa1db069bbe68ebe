"""A model on a graphics processor (onnxruntime-gpu, CUDA), which plans and tunes for each shape of input that it meets:
inputs are filled up to few shapes, and outputs cut back.

    lines    1 x channels x HEIGHT x width        width up to a multiple of `STEP`
    pages    1 x channels x height x width        both, alike
    batches  count x channels x height x width    count up to `VOTERS`
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnxruntime

from ix.errors import OcrError
from ix.extraction.ocr._lines import HEIGHT
from ix.extraction.ocr._orientation import VOTERS
from ix.extraction.ocr._weights import Floats, Model

STEP = 320
"""What sides are filled up to a multiple of, pixels: three or four of them are the longest side of a page as the model
sees it, so that some twenty shapes are all there are."""
PROVIDER = "CUDAExecutionProvider"
NO_CUDA = (
    "onnxruntime has no CUDA here: pip uninstall onnxruntime, pip install 'ix-documents[cuda]', or set IX_OCR=ppocr"
)
NO_DEVICE = "onnxruntime finds no CUDA device that it can use: look at nvidia-smi, or set IX_OCR=ppocr"


class CudaSession:
    """A model of one input, as `ix.extraction.ocr._session.Session` is. Raises `OcrError` `ocr_missing` without a
    device: onnxruntime by itself would go on with processors and say nothing."""

    def __init__(self, model: bytes, threads: int) -> None:
        if PROVIDER not in onnxruntime.get_available_providers():
            raise OcrError(NO_CUDA, code="ocr_missing")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = threads, 4
        # tuning by trial for each shape would cost the first pages seconds
        provider = (PROVIDER, {"cudnn_conv_algo_search": "HEURISTIC", "arena_extend_strategy": "kSameAsRequested"})
        session: Any = onnxruntime.InferenceSession(model, options, providers=[provider])
        if PROVIDER not in session.get_providers():
            raise OcrError(NO_DEVICE, code="ocr_missing")
        name = session.get_inputs()[0].name
        self._run = in_few_shapes(lambda values: session.run(None, {name: values}))

    def __call__(self, values: Floats) -> list[Floats]:
        """The model's outputs in their order."""
        return self._run(values)


def in_few_shapes(run: Callable[[Floats], list[Floats]]) -> Model:
    """A model that meets few shapes, however many are asked for."""

    def filled(values: Floats) -> list[Floats]:
        shape = _shape(values.shape)
        if shape == values.shape:
            return run(values)
        # zero is the grey between black and white, in which a model sees nothing
        padded = np.zeros(shape, np.float32)
        padded[tuple(slice(side) for side in values.shape)] = values
        return [_cut(output, values.shape, shape) for output in run(padded)]

    return filled


def _shape(asked: tuple[int, ...]) -> tuple[int, ...]:
    count, channels, height, width = asked
    if count > 1 or channels > 1:
        return max(count, VOTERS), channels, height, width
    return count, channels, height if height == HEIGHT else _up(height), _up(width)


def _up(side: int) -> int:
    return -(-side // STEP) * STEP


def _cut(output: Floats, asked: tuple[int, ...], shape: tuple[int, ...]) -> Floats:
    """The part of an output that is about what was asked: pixels for a page, columns of a line, members of a batch."""
    output = output[: asked[0]]
    if output.ndim == 4:
        return output[:, :, : asked[2], : asked[3]]
    return output[:, : output.shape[1] * asked[3] // shape[3]] if output.ndim == 3 else output
