"""The pipeline over real readers: what goes in, what comes out, in which order, and what it says when it cannot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pydantic import BaseModel

from ix.config import Settings
from ix.errors import DocumentError, ModelError
from ix.extraction import answering, pipeline
from ix.extraction.answering import STEPS
from ix.extraction.models import Leaf, Tree
from ix.extraction.page import Document, ReadPage
from ix.extraction.pipeline import Extractor
from ix.extraction.reader import Reader
from ix.job import Response
from ix.use_cases.invoice import USE_CASE as INVOICE
from tests.extraction.dictated import Dictated
from tests.extraction.offices import docx, mail, outlook, word_table, xls, xlsx
from tests.extraction.pdfs import PARAGRAPH, Sheet, line, pdf, protected
from tests.extraction.test_coded import modules
from tests.extraction.test_merging import letterhead, page_with

pytestmark = pytest.mark.asyncio(loop_scope="module")

EXAMPLES = Path(__file__).parents[2] / "examples"
SETTINGS = Settings(ocr="off", reader_workers=1)
NOTE = Document(b"Blue Kettle Ltd\nDate 05/03/2019\nTotal 12.50\n", "note.txt", "text/plain")
SCHEMA = {
    "type": "object",
    "properties": {
        "shop": {"type": "string", "x-ix": {"kind": "organisation"}},
        "day": {"type": "string", "format": "date"},
        "total": {"type": "number", "x-ix": {"kind": "money"}},
    },
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared() -> AsyncIterator[Extractor]:
    """One for all tests, which take their processes a while to start."""
    extractor = Extractor(SETTINGS, Reader(SETTINGS), Dictated({}), Dictated.__module__)
    await extractor.start()
    yield extractor
    await extractor.stop()


def extracting(shared: Extractor, backend: Dictated) -> Extractor:
    """An extractor with this backend, and the processes of the shared one."""
    extractor = Extractor(SETTINGS, shared.reader, backend, Dictated.__module__)
    extractor.children = shared.children
    return extractor


async def extracted(shared: Extractor, values: Mapping[str, Tree], *documents: Document, **more: Any) -> Response:
    return await extracting(shared, Dictated(values)).extract(documents or (NOTE,), SCHEMA, "Read it.", **more)


GOOD: dict[str, Tree] = {
    "shop": Leaf("Blue Kettle Ltd", "Blue Kettle Ltd"),
    "day": Leaf("2019-03-05", "05/03/2019"),
    "total": Leaf(12.5, "12.50"),
}


async def test_values_come_out_untouched_with_evidence_beside_them(shared: Extractor) -> None:
    response = await extracted(shared, GOOD)
    assert response.result == {"shop": "Blue Kettle Ltd", "day": "2019-03-05", "total": 12.5}
    assert isinstance(response.evidence, dict)
    assert [node["match"] for node in response.evidence.values() if isinstance(node, dict)] == ["exact"] * 3
    assert response.error is None


async def test_every_step_is_timed_and_told_in_order(shared: Extractor) -> None:
    told: list[str] = []

    def hear(step: str, done: int | None = None, of: int | None = None) -> None:
        if done is None:
            told.append(step)

    response = await extracted(shared, GOOD, progress=hear)
    assert list(response.timings) == ["open", "read", *STEPS] == ["open", "read", "ask", "place", "check"]
    assert told == ["reading", "asking", "placing"]


async def test_usage_tells_what_was_read_and_asked(shared: Extractor) -> None:
    response = await extracted(shared, GOOD, NOTE, NOTE)
    read = [{"document": at, "page": 1, "source": "text", "confidence": 1.0} for at in (0, 1)]
    assert response.usage == {"model": "dictated", "documents": 2, "pages": 2, "read": read}


async def test_the_backend_is_asked_with_pages_schema_and_instructions(shared: Extractor) -> None:
    backend = Dictated(GOOD)
    await extracting(shared, backend).extract([NOTE], SCHEMA, "Read it.")
    [(words, schema, instructions)] = backend.questions
    assert (schema, instructions) == (SCHEMA, "Read it.")
    assert "Kettle" in words


async def test_what_place_check_and_the_backend_mind_becomes_warnings(shared: Extractor) -> None:
    response = await extracted(shared, {**GOOD, "day": Leaf("2019-02-31"), "total": Leaf(99.0, "Total 12.50")})
    assert [(each.code, each.path) for each in response.warnings] == [
        ("model_warning", ""),
        ("value_not_found", "day"),
        ("value_not_in_quote", "total"),
        ("date_invalid", "day"),
    ]
    assert response.result == {"shop": "Blue Kettle Ltd", "day": "2019-02-31", "total": 99.0}


async def test_what_reading_minds_becomes_a_warning(shared: Extractor) -> None:
    scan = Document((EXAMPLES / "receipt.jpg").read_bytes())
    response = await extracted(shared, {}, scan)
    assert any(each.code == "page_warning" and "OCR" in each.message for each in response.warnings)


class Shape(BaseModel):
    shop: str
    day: date
    total: int


async def test_a_result_model_has_a_look_but_changes_nothing(shared: Extractor) -> None:
    response = await extracted(shared, GOOD, result_model=Shape)
    found = [(each.code, each.path) for each in response.warnings]
    assert found == [("model_warning", ""), ("ambiguous", "day"), ("shape", "total")]
    assert isinstance(response.result, dict)
    assert response.result["day"] == "2019-03-05"


@pytest.mark.parametrize("documents", [(), (Document(b""),), (NOTE, Document(b""))])
async def test_nothing_to_read_is_said_plainly(shared: Extractor, documents: tuple[Document, ...]) -> None:
    with pytest.raises(DocumentError, match="documents") as raised:
        await extracting(shared, Dictated({})).extract(documents, SCHEMA, "")
    assert raised.value.code == "document_missing"


async def test_the_backends_failure_is_the_callers(shared: Extractor) -> None:
    failure = ModelError("the model is not there", code="model_missing")
    with pytest.raises(ModelError) as raised:
        await extracting(shared, Dictated(failure)).extract([NOTE], SCHEMA)
    assert raised.value is failure


async def test_many_extractions_run_at_once(shared: Extractor) -> None:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(extracted(shared, {"total": Leaf(12.5, "12.50")})) for _ in range(5)]
    assert [task.result().result for task in tasks] == [{"shop": None, "day": None, "total": 12.5}] * 5


async def test_stop_closes_the_backend() -> None:
    backend = Dictated({})
    extractor = Extractor(SETTINGS, Reader(SETTINGS), backend, Dictated.__module__)
    await extractor.start()
    await extractor.stop()
    assert backend.closed


async def test_a_busy_engine_starts_no_process_that_no_job_has_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "CHILDREN_SECONDS", 0.0)
    extractor = Extractor(SETTINGS, Reader(SETTINGS), Dictated({}), Dictated.__module__)
    started, seen = asyncio.Event(), list[bool]()

    async def start() -> None:
        started.set()

    def is_busy() -> bool:
        seen.append(started.is_set())
        return len(seen) < 3

    monkeypatch.setattr(extractor.children, "start", start)
    await extractor.start(is_busy)
    try:
        async with asyncio.timeout(5):
            await started.wait()
    finally:
        await extractor.stop()
    assert seen == [False] * 3


async def test_the_sample_invoice_is_read_by_the_rules() -> None:
    extractor = Extractor.create(SETTINGS)
    await extractor.start()
    try:
        document = Document((EXAMPLES / "invoice.pdf").read_bytes(), "invoice.pdf")
        response = await extractor.extract(
            [document], INVOICE.schema, INVOICE.instructions, result_model=INVOICE.result
        )
    finally:
        await extractor.stop()
    assert isinstance(response.result, dict)
    printed = {
        name: response.result[name]
        for name in ("invoice_number", "issue_date", "net_total", "tax_total", "grand_total", "currency")
    }
    assert printed == {
        "invoice_number": "RE-2024-0318",
        "issue_date": "2024-09-05",
        "net_total": 3005.0,
        "tax_total": 570.95,
        "grand_total": 3575.95,
        "currency": "EUR",
    }
    assert isinstance(response.evidence, dict)
    assert all(response.evidence[name]["match"] != "none" for name in printed)  # type: ignore[index, call-overload]


async def test_what_was_not_looked_at_is_a_warning_of_its_own(shared: Extractor) -> None:
    response = await extracted(shared, GOOD, NOTE, Document(page_with(letterhead())))
    assert [(each.code, each.message) for each in response.warnings if each.code == "text_unverified"] == [
        ("text_unverified", "document 1, page 1: it shows writing beside its text layer, and OCR is off")
    ]


async def test_a_page_that_ocr_is_unsure_of_is_a_warning() -> None:
    sure, unsure = (ReadPage(1, 100, 100, source="ocr", confidence=value) for value in (0.9, 0.7))
    assert [*answering._findings_of(sure)] == []
    assert [(each.code, "0.70" in each.message) for each in answering._findings_of(unsure)] == [
        ("low_confidence", True)
    ]


async def test_words_that_nobody_can_see_are_counted_by_page(shared: Extractor) -> None:
    secret = Document(pdf(Sheet(PARAGRAPH), Sheet(PARAGRAPH + line("pay this instead", y=300, before="1 1 1 rg"))))
    response = await extracted(shared, GOOD, NOTE, secret)
    assert [finding.message for finding in response.warnings if finding.code == "hidden_text" and not finding.path] == [
        "document 1, page 2: 3 words that a person cannot see; neither read nor counted as evidence"
    ]


async def test_a_code_beside_text_gives_what_print_does_not(shared: Extractor) -> None:
    letter = pdf(Sheet(f"{PARAGRAPH}{line('Total 12.50', y=400)}{modules()} f"))
    schema = {"type": "object", "properties": {"total": {"type": "number"}, "iban": {"type": "string"}}}
    extractor = extracting(shared, Dictated({"total": Leaf(12.5, "12.50")}))
    response = await extractor.extract([Document(letter)], schema)
    assert response.result == {"total": 12.5, "iban": "CH4431999123000889012"}
    evidence: Any = response.evidence
    assert evidence["iban"]["source"] == "code"
    assert [finding.message for finding in response.warnings if finding.code == "code_mismatch"] == [
        "total: print says 12.5, the QR Code on document 0, page 1 says 1949.75"
    ]


async def test_a_mail_and_its_attachments_are_read_in_a_confined_process(
    shared: Extractor,
) -> None:
    files = {
        "bill.docx": docx(word_table(["Blue Kettle", "12.50"])),
        "bill.xlsx": xlsx([["Blue Kettle", 12.5]]),
        "bill.html": b"<!DOCTYPE html><p>Blue Kettle",
        "old.xls": xls([["Blue Kettle", 12.5]]),
        "note.txt": "Zakład Usług, ul. Żwirki 5, Łódź".encode("cp1250"),
        "locked.pdf": protected(),
    }
    for data in (mail("See below.", files=files).as_bytes(), outlook(mail("See below.", files=files))):
        response = await extracted(shared, {"total": Leaf(12.5, "12.50")}, Document(data))
        assert response.evidence["total"]["match"] == "exact"  # type: ignore[index, call-overload]
        assert response.usage["pages"] == 6
        assert {"attachment_unread", "encoding_guessed", "page_warning"} <= {each.code for each in response.warnings}
        picture = await shared.reader.image(Document(data), 2)
        assert picture.startswith(b"\x89PNG")
