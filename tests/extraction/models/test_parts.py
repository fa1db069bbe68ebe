"""A question in parts, and what is made of answers that are cut, loop, or are wrong in places."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from ix.config import Settings
from ix.errors import ModelError
from ix.extraction.models import Answer, Leaf, Question, Tree, _parts
from ix.extraction.models._frames import packed, unpacked
from ix.extraction.models._parts import joined, plan
from ix.extraction.models.openai import OpenAI
from ix.use_cases.receipt import USE_CASE as RECEIPT_CASE
from tests.extraction.models.questions import RECEIPT, page_of, question

SCHEMA = {
    "type": "object",
    "properties": {
        "company": {"type": "string"},
        "total": {"type": "number", "x-ix": {"kind": "money"}},
        "date": {"type": "string", "format": "date"},
        "items": {
            "type": "array",
            "items": {"type": "object", "properties": {"what": {"type": "string"}, "price": {"type": "number"}}},
        },
    },
}
ROW = {"what": "Tea", "price": 2.5}


class Said(OpenAI):
    """The backend over a server that says these contents one after the other, the last for ever."""

    def __init__(self, *contents: object, finished: Sequence[str] = ()) -> None:
        super().__init__(Settings(extractor="openai", model="m"))
        self.contents = [each if isinstance(each, str) else json.dumps(each) for each in contents]
        self.finished = finished
        self.asked: list[Mapping[str, Any]] = []

    async def exchange(self, request: bytes) -> bytes:
        head, *frames = unpacked(request)
        about = json.loads(head)
        carried, bodies = frames[: about["carried"]], frames[about["carried"] :]
        replies = [self._reply(json.loads(body)) for body in bodies]
        told = {"digest": "", "counted": [*about["counted"], *({} for _ in replies)]}
        return packed([json.dumps(told).encode(), *carried, *replies])

    def _reply(self, body: Mapping[str, Any]) -> bytes:
        at = len(self.asked)
        self.asked.append(body)
        finished = self.finished[at] if at < len(self.finished) else "stop"
        message = {"role": "assistant", "content": self.contents[min(at, len(self.contents) - 1)]}
        usage = {"prompt_tokens": 2_000, "completion_tokens": 9}
        return json.dumps({"choices": [{"message": message, "finish_reason": finished}], "usage": usage}).encode()


async def answered(backend: Said, text: str = RECEIPT, schema: Mapping[str, Any] = SCHEMA) -> Answer:
    return await backend.ask(question(text, schema))


class TestAsking:
    async def test_single_values_and_lists_are_asked_apart(self) -> None:
        backend = Said({"company": "IX", "total": 7}, {"items": [ROW]})
        answer = await answered(backend)
        forms = [body["response_format"]["json_schema"]["schema"]["properties"] for body in backend.asked]
        assert [list(form) for form in forms] == [["company", "total", "date"], ["items"]]
        assert answer.values["items"] == [{"what": Leaf("Tea"), "price": Leaf(2.5)}]
        assert (answer.values["company"], answer.values["date"]) == (Leaf("IX"), Leaf(None))

    def test_long_documents_are_asked_in_parts_that_leave_nothing_out(self) -> None:
        pages = [page_of(f"{RECEIPT}page {number} of many\n" * 6, number) for number in range(1, 40)]
        parts = plan(Question(pages, SCHEMA), Settings(model_context=4_096, model_answer=1_024))
        texts = [part.prompt.document for part in parts if "items" not in part.schema["properties"]]
        assert len(texts) > 2
        for number in range(1, 40):
            assert sum(text.count(f"page {number} of many") for text in texts) == 6

    def test_a_page_that_does_not_fit_alone_is_cut_between_lines(self) -> None:
        lines = [f"{number} one line of a page that is far too long" for number in range(60)]
        parts = plan(question("\n".join(lines), SCHEMA), Settings(model_context=1_900, model_answer=1_024))
        texts = [part.prompt.document for part in parts if "items" in part.schema["properties"]]
        assert len(texts) > 1
        assert [line for text in texts for line in text.splitlines() if "far too long" in line] == lines

    def test_a_document_of_too_many_parts_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_parts, "MOST_PARTS", 8)
        pages = [page_of("word " * 12, number) for number in range(1, 60)]
        with pytest.raises(ModelError) as raised:
            plan(Question(pages, SCHEMA), Settings(model_context=1_600, model_answer=1_024))
        assert raised.value.code == "model_truncated"


class TestPuttingTogether:
    def test_the_first_says_who_and_the_last_how_much(self) -> None:
        parts: list[dict[str, Tree]] = [
            {"company": Leaf("A"), "total": Leaf(1), "items": [{"what": Leaf("x")}]},
            {"company": Leaf("B"), "total": Leaf(None), "items": []},
            {"company": Leaf("a"), "total": Leaf(3), "items": [{"what": Leaf("y")}]},
        ]
        values, findings = joined(parts, SCHEMA)
        assert (values["company"], values["total"]) == (Leaf("A"), Leaf(3))
        assert values["items"] == [{"what": Leaf("x")}, {"what": Leaf("y")}]
        assert [(one.code, one.path, one.params["other"]) for one in findings] == [
            ("model_parts", "company", "B"),
            ("model_parts", "total", "1"),
        ]

    def test_what_no_part_or_only_one_says_is_no_finding(self) -> None:
        values, findings = joined([{"company": Leaf(None)}, {"company": Leaf("B")}, {"company": Leaf("b")}], SCHEMA)
        assert (values["company"], findings) == (Leaf("B"), ())


class TestCutAndLooping:
    async def test_a_list_that_was_cut_keeps_what_is_whole_and_says_so(self) -> None:
        cut = '{"items": [{"what": "Tea", "price": 2.50}, {"what": "Milk", "price": 4'
        answer = await answered(Said({"total": 7}, cut, finished=("stop", "length")))
        assert answer.values["items"] == [{"what": Leaf("Tea"), "price": Leaf(2.5)}]
        assert [(one.code, one.path) for one in answer.findings] == [("model_cut", "items")]
        assert answer.values["total"] == Leaf(7)

    async def test_of_a_list_with_nothing_whole_there_is_nothing_and_that_is_said(self) -> None:
        answer = await answered(Said({"total": 7}, "Let me think. ", finished=("stop", "length")))
        assert (answer.values["items"], answer.values["total"]) == ([], Leaf(7))
        assert [(one.code, one.path) for one in answer.findings] == [("model_cut", "items")]

    async def test_a_row_is_kept_as_often_as_it_is_printed(self) -> None:
        answer = await answered(
            Said({"total": 7}, {"items": [ROW, ROW, *[{"what": "Milk", "price": 4.5}] * 30]}),
            "Tea 2.50\nTea 2.50\nMilk 4.50",
        )
        assert [leaf["what"].value for leaf in rows(answer)] == ["Tea", "Tea", "Milk"]
        [found] = answer.findings
        assert (found.code, found.path, found.params["count"]) == ("model_loop", "items", 29)


def rows(answer: Answer) -> list[dict[str, Leaf]]:
    found: Any = answer.values["items"]
    return list(found)


class TestRepair:
    async def test_a_wrong_value_is_asked_for_once_more_by_its_name(self) -> None:
        backend = Said({"company": "IX", "total": "N/A"}, {"items": []}, {"total": 7})
        answer = await answered(backend)
        assert (answer.values["total"], answer.values["company"], answer.findings) == (Leaf(7), Leaf("IX"), ())
        again = backend.asked[2]
        assert "total: a value of type number, or null, was asked for" in again["messages"][-1]["content"]
        assert list(again["response_format"]["json_schema"]["schema"]["properties"]) == ["total"]
        assert answer.usage["questions"] == 3

    async def test_one_that_stays_wrong_is_null_with_a_finding_and_costs_no_other(self) -> None:
        backend = Said({"company": "IX", "total": "N/A"}, {"items": [ROW]}, {"total": "N/A"})
        answer = await answered(backend)
        assert (answer.values["total"], answer.values["company"]) == (Leaf(None), Leaf("IX"))
        assert [(one.code, one.path) for one in answer.findings] == [("model_value_invalid", "total")]
        assert len(backend.asked) == 3

    async def test_a_wrong_cell_is_null_and_its_row_stays(self) -> None:
        backend = Said({"total": 7}, {"items": [{"what": "Tea", "price": "much"}]})
        answer = await answered(backend)
        assert rows(answer) == [{"what": Leaf("Tea"), "price": Leaf(None)}]
        assert [(one.code, one.path) for one in answer.findings] == [("model_value_invalid", "items.0.price")]
        assert len(backend.asked) == 2

    async def test_a_part_that_cannot_be_read_costs_no_other(self) -> None:
        answer = await answered(Said({"total": 7}, "no idea"))
        assert (answer.values["total"], answer.values["items"]) == (Leaf(7), [])
        assert [(one.code, one.path) for one in answer.findings] == [("model_value_invalid", "items")]


class TestQuotes:
    @pytest.mark.parametrize(
        ("name", "quote", "said", "value"),
        [
            ("total", "EUR 1.234,50", 123450, 1234.5),
            ("total", "1,234.50", "1,234.50", 1234.5),
            ("date", "5. März 2024", "2024-03-25", "2024-03-05"),
        ],
    )
    async def test_a_quote_on_the_page_decides(self, name: str, quote: str, said: object, value: object) -> None:
        answer = await answered(Said({name: {"quote": quote, "value": said}}, {"items": []}), f"Bill\n{quote}")
        assert answer.values[name] == Leaf(value, quote)  # type: ignore[arg-type]
        told = [one.params["other"] for one in answer.findings if one.code == "quote_decides"]
        assert told == ([] if said == quote else [str(said)])

    @pytest.mark.parametrize(
        ("page", "quote", "said"),
        [
            ("another page", "EUR 12.50", 99),
            ("12.50 and 14.00", "12.50 and 14.00", 99),
            ("VAT 19 %", "19 %", 0.19),
            ("credit 5.00", "credit 5.00", -5),
        ],
    )
    async def test_other_quotes_decide_nothing(self, page: str, quote: str, said: float) -> None:
        answer = await answered(Said({"total": {"quote": quote, "value": said}}, {"items": []}), page)
        assert (answer.values["total"], answer.findings) == (Leaf(said, quote), ())

    async def test_a_date_as_printed_is_written_as_asked(self) -> None:
        answer = await answered(Said({"date": "5. März 2024"}, {"items": []}), "Tea 5. März 2024")
        assert (answer.values["date"], answer.findings) == (Leaf("2024-03-05", "5. März 2024"), ())


CASES = Path(__file__).parents[4] / "shared" / "cases" / "open"


@pytest.mark.parametrize(
    "written",
    [
        'Okay, a receipt.\n</think>\n\n{"total": 7}',
        '<think>Perhaps {"total": 1}?</think>{"total": 7}',
        'Here it is:\n\n```JSON\n{"total": 7}\n```\n\nAnything {else}?',
        '~~~\n{"total": 7}\n~~~',
        '<|channel|>analysis<|message|>{"total": 1}<|end|><|channel|>final<|message|>{"total": 7}',
        'In {short}: {"total": 7}',
    ],
)
async def test_an_answer_amid_thoughts_prose_and_fences_is_read(written: str) -> None:
    assert (await answered(Said(written, {"items": []}))).values["total"] == Leaf(7)


@pytest.mark.parametrize("name", ["llm_think_noopen.txt", "llm_fence_prose.txt", "llm_num_na.txt"])
async def test_recorded_answers_are_read(name: str) -> None:
    if not (CASES / name).is_file():
        pytest.skip(f"{CASES / name} is not there")
    answer = await answered(Said((CASES / name).read_text()), schema=RECEIPT_CASE.schema)
    assert {key: leaf.value for key, leaf in answer.values.items() if isinstance(leaf, Leaf)} == {
        "company": "Blue Kettle Ltd",
        "date": "2024-03-05",
        "address": None,
        "total": 1234.5,
        "currency": "GBP",
        "tax": None,
    }
    told = [(one.code, one.path) for one in answer.findings]
    assert told == ([("model_value_invalid", "tax")] if "num_na" in name else [])
