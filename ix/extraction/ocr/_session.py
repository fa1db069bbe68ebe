"""A model on onnxruntime, run on processors."""

from __future__ import annotations

from typing import Any

import onnxruntime

from ix.extraction.ocr._weights import Floats


class Session:
    """A model of one input. `threads` work on one call; several calls may be made at once."""

    def __init__(self, model: bytes, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads, options.log_severity_level = threads, 1, 4
        # threads that wait by spinning take a third of all processor time; an arena keeps what the largest page took
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.enable_cpu_mem_arena = False
        # where a page is blank, detection multiplies numbers too small to be normal, which processors are slow at: of a
        # receipt's detection 0.58 s became 0.23, and not one probability changed
        options.add_session_config_entry("session.set_denormal_as_zero", "1")
        self._session: Any = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._input: str = self._session.get_inputs()[0].name

    def __call__(self, values: Floats) -> list[Floats]:
        """The model's outputs in their order."""
        outputs: list[Floats] = self._session.run(None, {self._input: values})
        return outputs
