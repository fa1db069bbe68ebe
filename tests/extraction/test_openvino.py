"""PP-OCR on OpenVINO says what is missing. What it reads is held to the contract of engines, where it is installed."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from ix.errors import OcrError
from ix.extraction.ocr.ppocr_openvino import ENGINE

MODULE = "ix.extraction.ocr._openvino"


def refusal(openvino: Any, monkeypatch: pytest.MonkeyPatch) -> OcrError:
    """Why the engine does not load with this for the package."""
    monkeypatch.delitem(sys.modules, MODULE, raising=False)
    monkeypatch.setitem(sys.modules, "openvino", openvino)
    with pytest.raises(OcrError) as caught:
        ENGINE(1).load()
    # made with the one that is no package
    monkeypatch.delitem(sys.modules, MODULE, raising=False)
    return caught.value


def test_without_the_package_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    error = refusal(None, monkeypatch)
    assert error.code == "ocr_missing"
    assert "pip install 'ix-documents[openvino]'" in error.message


def test_a_processor_that_is_no_quicker_so_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    core = SimpleNamespace(get_property=lambda *_: ["FP32", "INT8"])
    error = refusal(SimpleNamespace(Core=lambda: core), monkeypatch)
    assert error.code == "ocr_missing"
    assert "set IX_OCR=ppocr" in error.message
