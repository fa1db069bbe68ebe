"""Ollama, over its real wire format: what is sent, what is believed, and what is said when it fails."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ix.config import Settings
from ix.errors import ModelError
from ix.extraction import models
from ix.extraction.models import Answer, ColdBackend, Leaf, Question
from ix.extraction.models._asking import answer_schema
from ix.extraction.models._printed import printed_on
from ix.extraction.models.ollama import Ollama
from ix.extraction.page import Page, Word
from ix.use_cases.receipt import USE_CASE as RECEIPT_CASE
from tests.extraction.models.fake_ollama import MODEL, FakeOllama
from tests.extraction.models.questions import RECEIPT, TOTAL, page_of, question
from tests.extraction.models.serving import address, dead_address, listening


def settings(url: str, **changes: Any) -> Settings:
    return Settings.model_validate({"extractor": "ollama", "model": MODEL, "ollama_url": url, **changes})


@pytest.fixture
async def backend(ollama: FakeOllama) -> AsyncIterator[Ollama]:
    backend = Ollama(settings(ollama.url))
    yield backend
    await backend.aclose()


async def asked(url: str, about: Question | None = None, **changes: Any) -> Answer:
    backend = Ollama(settings(url, **changes))
    try:
        return await backend.ask(about or question())
    finally:
        await backend.aclose()


async def failure(url: str, about: Question | None = None, **changes: Any) -> ModelError:
    with pytest.raises(ModelError) as raised:
        await asked(url, about, **changes)
    return raised.value


async def test_a_question_becomes_leaves_with_quotes(ollama: FakeOllama, backend: Ollama) -> None:
    ollama.content = json.dumps({"total": {"quote": "7", "value": 7}})
    answer = await backend.ask(question())
    assert answer.values == {"total": Leaf(7, "7")}
    assert answer.warnings == ()


async def test_usage_names_model_and_tokens(ollama: FakeOllama, backend: Ollama) -> None:
    usage = (await backend.ask(question())).usage
    prompt = sum(len(message["content"]) for message in ollama.asked[0]["messages"])
    assert usage == {"model": MODEL, "prompt_tokens": prompt // 2, "completion_tokens": 96, "questions": 1}


async def test_usage_names_the_weights_of_a_model_that_was_loaded(ollama: FakeOllama, backend: Ollama) -> None:
    await backend.warm()
    assert (await backend.ask(question())).usage["digest"] == "500a1f067a9f" + "0" * 52


async def test_every_safeguard_is_sent(ollama: FakeOllama) -> None:
    await asked(ollama.url, model_context=9_000, model_answer=500)
    [sent] = ollama.asked
    assert {name: sent[name] for name in ("model", "stream", "think", "truncate", "shift")} == {
        "model": MODEL,
        "stream": False,
        "think": False,
        "truncate": False,
        "shift": False,
    }
    assert sent["options"] == {"num_ctx": 9_000, "num_predict": 500, "temperature": 0}
    assert sent["format"] == answer_schema(TOTAL, printed_on(question().pages))
    assert sent["keep_alive"] == "30m"


async def test_the_context_is_the_same_for_every_question(ollama: FakeOllama, backend: Ollama) -> None:
    await backend.ask(question("short"))
    await backend.ask(question(RECEIPT * 20, RECEIPT_CASE.schema, RECEIPT_CASE.instructions))
    assert len({sent["options"]["num_ctx"] for sent in ollama.asked}) == 1


@pytest.mark.parametrize("extractor", ["ollama", "rules+ollama"])
async def test_the_model_is_loaded_with_the_context_of_all_questions(ollama: FakeOllama, extractor: str) -> None:
    backend = models.load(settings(ollama.url, extractor=extractor, model_context=9_000))
    assert isinstance(backend, ColdBackend)
    await backend.warm()
    await backend.aclose()
    [sent] = ollama.loads
    assert (sent["model"], sent["options"], sent["keep_alive"]) == (MODEL, {"num_ctx": 9_000}, "30m")
    assert ollama.asked == []


async def test_the_rules_go_to_the_system_and_the_document_to_the_user(ollama: FakeOllama, backend: Ollama) -> None:
    await backend.ask(question(instructions="It is a bill."))
    system, user = ollama.asked[0]["messages"]
    assert (system["role"], user["role"]) == ("system", "user")
    assert "London" not in system["content"]
    document, task = user["content"].split("</document>")
    assert "London" in document
    assert "It is a bill." in task


@pytest.mark.parametrize(
    ("fault", "code", "retryable", "advice"),
    [
        ("busy", "model_overloaded", True, "IX_MODEL_SLOTS"),
        ("crashed", "model_unavailable", True, "log"),
        ("refusing", "model_unavailable", False, "IX_OLLAMA_URL"),
        ("cut", "model_truncated", False, "IX_MODEL_ANSWER"),
        ("thinking", "model_answer_invalid", False, "thinking"),
        ("silent", "model_answer_invalid", False, "empty"),
        ("undone", "model_unavailable", True, "before its answer was done"),
        ("half", "model_unavailable", True, "broke off"),
        ("huge", "model_unavailable", False, "bytes"),
        ("page", "model_unavailable", True, "JSON"),
    ],
)
async def test_each_failure_has_its_code_and_says_what_to_do(
    ollama: FakeOllama, fault: str, code: str, retryable: bool, advice: str
) -> None:
    ollama.fault = fault
    error = await failure(ollama.url)
    assert (error.code, error.retryable) == (code, retryable)
    assert advice in error.message


async def test_a_model_that_is_not_there_says_how_to_get_it(ollama: FakeOllama) -> None:
    error = await failure(ollama.url, model="qwen3:14b")
    assert (error.code, error.retryable) == ("model_missing", False)
    assert "ollama pull qwen3:14b" in error.message


async def test_nobody_there_says_what_to_start() -> None:
    error = await failure(dead_address())
    assert (error.code, error.retryable) == ("model_unavailable", True)
    assert "IX_OLLAMA_URL" in error.message


@pytest.mark.parametrize("url", ["localhost:11434", "ftp://127.0.0.1/", "http://[::1", "", "http://"])
async def test_an_address_that_is_none_is_the_settings_fault(url: str) -> None:
    error = await failure(url)
    assert (error.code, error.retryable) == ("model_unavailable", False)
    assert "IX_OLLAMA_URL" in error.message


async def test_no_proxy_is_read_from_the_environment(ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(variable, dead_address())
    assert (await asked(ollama.url)).values


async def test_the_time_limit_is_a_total_and_ends_the_request(ollama: FakeOllama) -> None:
    ollama.fault = "hang"
    error = await failure(ollama.url, model_timeout=0.2)
    assert (error.code, error.retryable) == ("model_unavailable", True)
    assert "IX_MODEL_TIMEOUT" in error.message
    assert await asyncio.to_thread(ollama.left.wait, 10)


async def test_a_server_that_goes_on_and_on_is_left_when_the_time_is_up(ollama: FakeOllama) -> None:
    ollama.fault = "drip"
    error = await failure(ollama.url, model_timeout=0.2)
    assert (error.code, error.retryable) == ("model_unavailable", True)
    assert "IX_MODEL_TIMEOUT" in error.message


async def test_cancellation_ends_the_request_so_that_the_model_stops(ollama: FakeOllama, backend: Ollama) -> None:
    ollama.fault = "hang"
    task = asyncio.create_task(backend.ask(question()))
    assert await asyncio.to_thread(ollama.entered.wait, 10)
    assert not ollama.left.is_set()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(ollama.left.wait, 10)


class TestContext:
    """A prompt that is cut silently must never be answered from."""

    LONG = RECEIPT * 150

    async def test_a_prompt_that_may_not_fit_is_sent_in_parts(self, ollama: FakeOllama) -> None:
        answer = await asked(ollama.url, question(self.LONG), model_context=8_192)
        assert answer.usage["questions"] == len(ollama.asked) > 1
        pages = [sent["messages"][-1]["content"].partition("</page>")[0] for sent in ollama.asked]
        assert sum(page.count("Milk") for page in pages) == self.LONG.count("Milk")

    async def test_where_nothing_of_a_document_fits_it_is_not_sent(self, ollama: FakeOllama) -> None:
        error = await failure(ollama.url, model_context=4_600)
        assert error.code == "model_truncated"
        assert "IX_MODEL_CONTEXT" in error.message
        assert ollama.asked == []

    async def test_a_server_that_refuses_it_is_understood(self, ollama: FakeOllama) -> None:
        ollama.context = 2_048
        assert (await failure(ollama.url, question(self.LONG))).code == "model_truncated"
        assert len(ollama.asked) == 1

    async def test_a_server_that_cuts_it_silently_is_caught_by_its_count(self, ollama: FakeOllama) -> None:
        ollama.context, ollama.deaf = 2_048, True
        error = await failure(ollama.url, question(self.LONG))
        assert error.code == "model_truncated"
        assert "1026 tokens" in error.message

    async def test_a_count_as_large_as_the_context_means_that_it_was_cut(self, ollama: FakeOllama) -> None:
        ollama.count = 9_000
        error = await failure(ollama.url, model_context=9_000)
        assert error.code == "model_truncated"
        assert "read 9000 tokens" in error.message

    async def test_a_server_that_does_not_count_is_warned_of(self, ollama: FakeOllama, backend: Ollama) -> None:
        ollama.counts = False
        answer = await backend.ask(question())
        assert answer.usage["prompt_tokens"] is None
        assert [warning for warning in answer.warnings if "cut" in warning]


class TestAnswers:
    """Whatever the server claims, its answer is read with care."""

    @pytest.mark.parametrize(
        "content",
        [
            "I am sorry, Tea costs 2.50",
            "[]",
            "7",
            "null",
            '{"answer": {"total": 7}}',
            "{}",
        ],
    )
    async def test_what_is_not_the_object_asked_for_is_refused_without_repeating_it(
        self, ollama: FakeOllama, content: str
    ) -> None:
        ollama.content = content
        error = await failure(ollama.url)
        assert (error.code, error.retryable) == ("model_answer_invalid", False)
        assert "Tea" not in error.message
        # it was asked once more, and told why
        assert len(ollama.asked) == 2
        assert "no JSON object" in ollama.asked[1]["messages"][-1]["content"]

    @pytest.mark.parametrize("value", ['"about seven"', "[7]", "true", "6e2123", "-1e400", "12345678901234567890"])
    async def test_a_value_that_cannot_be_is_null_and_named_by_its_path(self, ollama: FakeOllama, value: str) -> None:
        ollama.content = f'{{"total": {{"quote": "", "value": {value}}}}}'
        answer = await asked(ollama.url)
        assert answer.values == {"total": Leaf(None)}
        [found] = answer.findings
        assert (found.code, found.path) == ("model_value_invalid", "total")
        assert "seven" not in found.message

    async def test_a_value_that_cannot_be_is_that_of_its_quote(self, ollama: FakeOllama) -> None:
        ollama.content = '{"total": {"quote": "TOTAL 7", "value": "about seven"}}'
        assert (await asked(ollama.url, question("TOTAL 7"))).values == {"total": Leaf(7, "TOTAL 7")}

    async def test_a_made_up_path_costs_nothing(self, ollama: FakeOllama) -> None:
        ollama.content = '{"total": null, "Secret of the document": 6e2123}'
        answer = await asked(ollama.url)
        assert (answer.values, answer.findings) == ({"total": Leaf(None)}, ())

    async def test_an_answer_in_a_code_fence_after_thoughts_is_read(self, ollama: FakeOllama, backend: Ollama) -> None:
        ollama.content = '<think>The total is {7}.</think>\n```json\n{"total": {"quote": "7", "value": 7}}\n```\n'
        assert (await backend.ask(question())).values == {"total": Leaf(7, "7")}

    async def test_nuls_and_lone_surrogates_are_replaced(self, ollama: FakeOllama, backend: Ollama) -> None:
        ollama.content = '{"name": {"quote": "I\\u0000X \x00 \\\\u0000", "value": "\\ud83d \\ud83d\\ude00 \\udc00"}}'
        schema = {"type": "object", "properties": {"name": {"type": "string"}}}
        answer = await backend.ask(question(schema=schema))
        assert answer.values == {"name": Leaf("\ufffd \U0001f600 \ufffd", "I\ufffdX \ufffd \\u0000")}


async def test_pages_without_a_visible_word_are_not_asked_about(ollama: FakeOllama, backend: Ollama) -> None:
    hidden = Page(1, 600, 800, (Word("TOTAL 7", (0.1, 0.1, 0.2, 0.12), hidden=True),))
    answer = await backend.ask(Question([hidden, page_of("")], TOTAL))
    assert answer.values == {"total": Leaf(None)}
    assert [warning for warning in answer.warnings if "no text" in warning]
    assert ollama.asked == []


class TestProbe:
    @pytest.mark.parametrize(
        ("model", "installed", "state"),
        [
            ("qwen3:8b", ["llama3.2:latest", "qwen3:8b"], "ok"),
            ("llama3.2", ["llama3.2:latest"], "ok"),
            ("llama3.2:latest", ["llama3.2:latest"], "ok"),
            ("hf.co/Org/Model-GGUF:Q4_K_M", ["hf.co/org/model-gguf:Q4_K_M"], "ok"),
            ("localhost:5000/llama3.2", ["localhost:5000/llama3.2:latest"], "ok"),
            ("qwen3", ["qwen3:8b"], "degraded"),
            ("qwen3:8b", [], "degraded"),
        ],
    )
    async def test_up_with_the_model_is_ok_and_without_it_degraded(
        self, ollama: FakeOllama, model: str, installed: list[str], state: str
    ) -> None:
        ollama.models = installed
        backend = Ollama(settings(ollama.url, model=model))
        assert await backend.probe() == state
        await backend.aclose()

    async def test_nobody_there_fails(self) -> None:
        backend = Ollama(settings(dead_address()))
        assert await backend.probe() == "fail"
        await backend.aclose()

    async def test_a_server_that_says_nothing_fails_in_time(self) -> None:
        with listening() as mute:
            backend = Ollama(settings(address(mute)))
            async with asyncio.timeout(2):
                assert await backend.probe() == "fail"
            await backend.aclose()
