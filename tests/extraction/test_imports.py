"""What an import loads: web probes a model server and reads schemas without the libraries that read documents."""

from __future__ import annotations

import subprocess
import sys

import pytest

READERS = {"PIL", "numpy", "onnxruntime", "pypdfium2", "rapidocr", "cv2"}
READERS |= {"chardet", "lxml", "oxmsg", "python_calamine", "selectolax"}
MATCHERS = {"rapidfuzz", "stdnum"}


def loaded(module: str) -> set[str]:
    """The modules that a fresh interpreter has after importing one."""
    script = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "module",
    [
        "ix.fields",
        "ix.untrusted",
        "ix.extraction.annotate",
        "ix.extraction.models",
        "ix.extraction.models.ollama",
        "ix.extraction.models.openai",
        "ix.extraction.reader",
    ],
)
def test_it_loads_neither_readers_nor_matchers(module: str) -> None:
    found = loaded(module)
    assert module in found
    assert not found & (READERS | MATCHERS)


def test_a_child_that_opens_documents_imports_what_few_need_only_when_it_is_needed() -> None:
    found = loaded("ix.extraction.documents as documents; documents.formats()")
    assert "ix.extraction.documents.mail" in found
    assert not found & {"chardet", "lxml", "oxmsg", "python_calamine", "selectolax"}


@pytest.mark.parametrize("module", ["ix.extraction.models.rules", "ix.extraction.pipeline", "ix.extraction.reader"])
def test_the_parent_imports_nothing_that_parses_documents(module: str) -> None:
    found = loaded(module)
    assert module in found
    assert not found & READERS
