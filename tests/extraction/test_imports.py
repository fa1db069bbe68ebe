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


FEW_NEED = READERS - {"PIL", "pypdfium2"} | {"PIL.ImageDraw", "PIL.ImageOps", "PIL.JpegImagePlugin"}
FEW_NEED |= {"email.message", "zipfile", "xml.parsers.expat", "ix.extraction.einvoice.parsing"}


def test_a_child_that_has_read_a_plain_pdf_has_imported_nothing_that_it_did_not_need() -> None:
    # the module that writes the PDF imports Pillow, as the child does
    made = "from tests.extraction.pdfs import PARAGRAPH, Sheet, pdf; documents.read(pdf(Sheet(PARAGRAPH)), limits)"
    found = loaded(f"ix.extraction.documents as documents; limits = documents.Limits(1, 1); {made}")
    assert "ix.extraction.documents.pdf_ciphers" in found
    assert not found & FEW_NEED


@pytest.mark.parametrize("module", ["ix.extraction.models.rules", "ix.extraction.pipeline", "ix.extraction.reader"])
def test_the_parent_imports_nothing_that_parses_documents(module: str) -> None:
    found = loaded(module)
    assert module in found
    assert not found & READERS
