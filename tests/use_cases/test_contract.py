"""What every use case keeps, whoever adds one: the tests find them in the folder."""

from __future__ import annotations

import asyncio
import pkgutil
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import pytest
from pydantic import BaseModel, JsonValue, ValidationError

from ix import use_cases
from ix.config import Settings
from ix.errors import DocumentError, JobError
from ix.extraction.page import Document
from ix.extraction.pipeline import Extractor
from ix.extraction.sealed import storable
from ix.fields import KINDS, Field, fields_of
from ix.job import Request, Response
from ix.use_cases import Extraction, Recognised, UseCase, check_schema

FOUND = use_cases.load(drill=True)
READING = {name: use_case for name, use_case in FOUND.items() if isinstance(use_case, Extraction)}
SETTINGS = Settings(ocr="off", reader_workers=1)

TEXTS = {
    "receipt": "CORNER SHOP LTD\n12 High Street\nLondon N1 4AB\n\nDate: 05/03/2024\n\n"
    "Tea     2.50\nMilk    1.20\n\nTOTAL   3.70\n",
    "invoice": "Blue Kettle Ltd\n1 Mill Lane\nInvoice number: INV-2024-17\nInvoice date: 2024-03-05\n"
    "Bill to: Red Teapot Inc\n"
    "IBAN: DE89 3704 0044 0532 0130 00\n\nNet total    100.00\nVAT 20%       20.00\nGrand total  120.00 GBP\n",
    "bank_statement_header": "First Example Bank\nAccount statement\nAccount holder: Mary Miller\n"
    "IBAN: DE89 3704 0044 0532 0130 00\n"
    "Period: 01.03.2024 to 31.03.2024\nOpening balance: 1,000.00 EUR\nClosing balance: 1,250.50 EUR\n",
    "bank_statement": "First Example Bank\nAccount statement\nAccount holder: Mary Miller\n"
    "IBAN: DE89 3704 0044 0532 0130 00\nPeriod: 01.03.2024 to 31.03.2024\n\n"
    "Date         Details                        Amount     Balance\n"
    "             Opening balance                           1,000.00\n"
    "05.03.2024   Card payment Blue Kettle       -49.50       950.50\n"
    "             reference 4711\n"
    "12.03.2024   Salary Red Teapot              300.00     1,250.50\n"
    "             Closing balance                           1,250.50\n",
    "id_document_mrz": "Utopia\nPassport\n\nP<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n"
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10\n",
    "letter": "Blue Kettle Ltd\n1 Mill Lane\nLondon N1 4AB\n\nMs Mary Miller\n2 High Street\nLeeds LS1 4AB\n\n"
    "Our ref: BK/4711\nDate: 5 March 2024\n\nSubject: Your enquiry\n\nDear Ms Miller,\nthank you for your letter. "
    "Please reply by 19 March 2024.\nYours sincerely\nJ. Brown\n",
    "credit_note": "Blue Kettle Ltd\n1 Mill Lane\nCredit note\nCredit note no: CN-2024-17\nDate: 2024-03-05\n"
    "Original invoice: INV-2024-11\n\nNet total    100.00\nVAT 20%       20.00\nTotal credit  120.00 GBP\n",
    "purchase_order": "Blue Kettle Ltd\n1 Mill Lane\nPurchase order\nOrder number: PO-2024-17\nOrder date: 2024-03-05\n"
    "Delivery date: 2024-03-19\n\nNet total    100.00\nVAT 20%       20.00\nGrand total  120.00 GBP\n",
    "delivery_note": "Blue Kettle Ltd\n1 Mill Lane\nDelivery note\nDelivery note no: DN-2024-17\n"
    "Delivery date: 2024-03-05\nYour order: PO-99\n\nTotal weight: 12.5 kg\n",
    "custom": "Blue Kettle Ltd\nTracking code: ZX-99817\nWeight: 12.5 kg\n",
    "auto": "Blue Kettle Ltd\n1 Mill Lane\nInvoice INV-2024-17\nInvoice date: 2024-03-05\nDue date: 2024-04-05\n"
    "Bill to: Red Teapot Inc\n\nNet total    100.00\nVAT 20%       20.00\nGrand total  120.00 GBP\n",
}
OPTIONS: Mapping[str, dict[str, Any]] = {
    "custom": {
        "schema": {
            "type": "object",
            "properties": {
                "tracking_code": {"type": "string", "x-ix": {"kind": "identifier"}},
                "weight": {"type": "number"},
            },
        }
    }
}
PRINTED: Mapping[str, dict[str, Any]] = {
    "receipt": {"company": "CORNER SHOP LTD", "date": "2024-03-05", "total": 3.7},
    "invoice": {
        "invoice_number": "INV-2024-17",
        "issue_date": "2024-03-05",
        "grand_total": 120.0,
        "iban": "DE89370400440532013000",
    },
    "bank_statement_header": {
        "holder": "Mary Miller",
        "period_end": "2024-03-31",
        "opening_balance": 1000.0,
        "closing_balance": 1250.5,
    },
    "bank_statement": {"holder": "Mary Miller", "opening_balance": 1000.0, "closing_balance": 1250.5},
    "id_document_mrz": {"document_number": "L898902C3", "birth_date": "1974-08-12", "surname": "ERIKSSON"},
    "letter": {"date": "2024-03-05", "subject": "Your enquiry", "reference": "BK/4711", "deadline": "2024-03-19"},
    "credit_note": {
        "credit_note_number": "CN-2024-17",
        "original_invoice_number": "INV-2024-11",
        "grand_total": 120.0,
    },
    "purchase_order": {"order_number": "PO-2024-17", "delivery_date": "2024-03-19", "grand_total": 120.0},
    "delivery_note": {"delivery_note_number": "DN-2024-17", "delivery_date": "2024-03-05", "total_weight": 12.5},
    "custom": {"tracking_code": "ZX-99817", "weight": 12.5},
    "auto": {"invoice_number": "INV-2024-17", "grand_total": 120.0},
}


class Desk:
    """The context of a use case that reads one text."""

    ix_id = "0" * 16

    def __init__(self, extractor: Extractor | None = None, text: str = "", attempt: int = 1) -> None:
        self.attempt, self._extractor, self._text = attempt, extractor, text

    def progress(self, step: str, done: int | None = None, of: int | None = None) -> None:
        pass

    async def extract(
        self, schema: Mapping[str, Any], instructions: str, result: type[BaseModel] | None = None
    ) -> Response:
        assert self._extractor is not None
        return await self._extractor.extract(self._documents, schema, instructions, self.progress, result)

    async def recognise(self) -> Recognised:
        assert self._extractor is not None
        reading = await self._extractor.read(self._documents, self.progress, ())
        kinds = {name: use_case.kind for name, use_case in READING.items() if use_case.kind}
        name, reason = await self._extractor.recognised(reading, kinds)
        return Recognised(FOUND.get(name), reason)

    @property
    def _documents(self) -> list[Document]:
        return [Document(self._text.encode(), "a.txt", "text/plain")] if self._text else []


@pytest.fixture
async def extractor() -> AsyncIterator[Extractor]:
    extractor = Extractor.create(SETTINGS)
    await extractor.start()
    yield extractor
    await extractor.stop()


def leaves(fields: tuple[Field, ...]) -> Iterator[Field]:
    for field in fields:
        yield field
        yield from leaves(field.fields)


class TestEvery:
    def test_module_is_a_use_case_of_the_same_name(self) -> None:
        assert set(FOUND) == {
            module.name for module in pkgutil.iter_modules(use_cases.__path__) if not module.name.startswith("_")
        }

    @pytest.mark.parametrize("use_case", FOUND.values(), ids=FOUND)
    def test_describes_itself_in_one_sentence(self, use_case: UseCase) -> None:
        assert 10 < len(use_case.description) < 120
        assert not use_case.description.endswith(".")

    @pytest.mark.parametrize("use_case", FOUND.values(), ids=FOUND)
    def test_refuses_options_that_it_does_not_know(self, use_case: UseCase) -> None:
        with pytest.raises(ValidationError) as refused:
            use_case.request.model_validate({"surprise": 1})
        assert ("surprise",) in [error["loc"] for error in refused.value.errors()]

    @pytest.mark.parametrize("use_case", FOUND.values(), ids=FOUND)
    def test_has_limits_that_can_be_kept(self, use_case: UseCase) -> None:
        assert use_case.max_attempts is None or use_case.max_attempts > 0
        assert use_case.timeout is None or use_case.timeout > 0

    @pytest.mark.parametrize("name", FOUND)
    async def test_that_reads_answers_from_a_small_text_with_its_evidence(
        self, name: str, extractor: Extractor
    ) -> None:
        if name == "drill":
            return
        request = Request(options=OPTIONS.get(name, {}))
        FOUND[name].request.model_validate(request.options)
        response = Response.model_validate_json(storable(await FOUND[name].run(request, Desk(extractor, TEXTS[name]))))
        assert response.error is None
        assert isinstance(response.result, dict)
        assert isinstance(response.evidence, dict)
        assert {field: response.result[field] for field in PRINTED[name]} == PRINTED[name]
        assert set(response.evidence) == set(response.result)
        for field in PRINTED[name]:
            node = response.evidence[field]
            assert isinstance(node, dict)
            assert (node["page"], node["match"] != "none", bool(node["boxes"])) == (1, True, True)

    @pytest.mark.parametrize("name", [*READING, "custom", "auto"])
    async def test_that_reads_says_that_there_is_nothing_to_read(self, name: str, extractor: Extractor) -> None:
        with pytest.raises(DocumentError) as raised:
            await FOUND[name].run(Request(options=OPTIONS.get(name, {})), Desk(extractor))
        assert raised.value.code == "document_missing"


@pytest.mark.parametrize("use_case", READING.values(), ids=READING)
class TestExtraction:
    def test_schema_is_one_that_a_client_could_have_brought(self, use_case: Extraction) -> None:
        check_schema(use_case.schema)

    def test_every_field_has_a_kind_and_words_that_stand_beside_it(self, use_case: Extraction) -> None:
        fields = list(leaves(fields_of(use_case.schema)))
        assert fields
        assert {field.kind for field in fields} <= KINDS
        assert [field.path for field in fields if not field.labels] == []

    def test_every_field_may_be_missing_from_a_document(self, use_case: Extraction) -> None:
        assert use_case.result is not None
        nothing: dict[str, Any] = use_case.result().model_dump(mode="json")
        assert {name: value for name, value in nothing.items() if value not in (None, [])} == {}
        use_case.result.model_validate(nothing)
        for model in models(use_case.result):
            model()

    def test_result_refuses_fields_that_it_does_not_know(self, use_case: Extraction) -> None:
        assert use_case.result is not None
        with pytest.raises(ValidationError):
            use_case.result.model_validate({"surprise": 1})

    def test_rules_of_arithmetic_name_fields_that_exist(self, use_case: Extraction) -> None:
        known = set(use_case.schema["properties"])
        rules = use_case.schema.get("x-ix", {})
        named = [name for rule in rules.get("sums", ()) for name in (rule["total"], *rule["parts"])]
        named += [name for pair in rules.get("order", ()) for name in pair]
        assert {name.partition(".")[0] for name in named} <= known


def models(result: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """The models of rows inside a result."""
    for field in result.model_fields.values():
        for inner in getattr(field.annotation, "__args__", ()):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield inner


async def test_auto_says_that_it_does_not_know_rather_than_guess(extractor: Extractor) -> None:
    text = "Maple Grove School\n\nDear parents,\nthe summer fair takes place on 15 June.\nYours sincerely\nJ. Brown"
    response = await FOUND["auto"].run(Request(), Desk(extractor, text))
    assert (response.result, response.error, response.usage["use_case"]) == (None, None, "unknown")
    assert [finding.code for finding in response.warnings] == ["use_case_unknown"]


class TestDrill:
    @pytest.fixture
    def drill(self) -> UseCase:
        return FOUND["drill"]

    async def test_succeeds_with_what_it_is_told(self, drill: UseCase) -> None:
        response = await drill.run(Request(options={"result": {"answer": 42}}), Desk(attempt=2))
        assert isinstance(response.result, dict)
        assert (response.result["answer"], response.result["attempt"]) == (42, 2)
        assert drill.result is not None
        drill.result.model_validate(response.result)

    async def test_fails_with_its_code(self, drill: UseCase) -> None:
        with pytest.raises(JobError) as failed:
            await drill.run(Request(options={"action": "fail"}), Desk())
        assert failed.value.code == "drill_failed"

    async def test_raises(self, drill: UseCase) -> None:
        with pytest.raises(RuntimeError):
            await drill.run(Request(options={"action": "raise"}), Desk())

    async def test_hangs(self, drill: UseCase) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await drill.run(Request(options={"action": "hang"}), Desk())

    async def test_sleeps_for_its_seconds(self, drill: UseCase) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await drill.run(Request(options={"action": "sleep", "seconds": 0.05}), Desk())
        assert loop.time() - began >= 0.05

    async def test_stops_misbehaving_after_the_attempts_it_is_given(self, drill: UseCase) -> None:
        options: dict[str, JsonValue] = {"action": "fail", "attempts": 2}
        for attempt in (1, 2):
            with pytest.raises(JobError):
                await drill.run(Request(options=options), Desk(attempt=attempt))
        assert (await drill.run(Request(options=options), Desk(attempt=3))).error is None
