"""The OpenAI-compatible backend: against a real llama.cpp server, and against a scripted one for what that does not do
on demand."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from ix.config import Settings
from ix.errors import ModelError
from ix.extraction.models import Answer, Leaf, Question
from ix.extraction.models._asking import answer_schema
from ix.extraction.models._printed import printed_on
from ix.extraction.models.openai import OpenAI
from ix.extraction.page import Document
from ix.extraction.pipeline import Extractor
from ix.job import Response
from ix.use_cases.receipt import USE_CASE as RECEIPT_CASE
from tests.extraction.models import llama_server
from tests.extraction.models.questions import RECEIPT, TOTAL, question
from tests.extraction.models.scripted import Scripted
from tests.extraction.models.serving import dead_address, listening
from tests.extraction.models.tiny_gguf import CONTEXT, DIGIT, NAME

KEY = "sk-very-secret"


def settings(url: str, **changes: Any) -> Settings:
    common = {
        "extractor": "openai",
        "model": llama_server.MODEL,
        "openai_url": url,
        "model_context": CONTEXT,
        "ocr": "off",
    }
    return Settings.model_validate({**common, **changes})


async def asked(url: str, about: Question | None = None, **changes: Any) -> Answer:
    backend = OpenAI(settings(url, **changes))
    try:
        return await backend.ask(about or question())
    finally:
        await backend.aclose()


async def failure(url: str, about: Question | None = None, **changes: Any) -> ModelError:
    with pytest.raises(ModelError) as raised:
        await asked(url, about, **changes)
    return raised.value


async def probed(url: str, **changes: Any) -> str:
    backend = OpenAI(settings(url, **changes))
    async with asyncio.timeout(2):
        state = await backend.probe()
    await backend.aclose()
    return state


class TestRealServer:
    async def test_the_grammar_makes_the_model_fill_the_schema(self, llama_url: str) -> None:
        answer = await asked(llama_url)
        assert answer.values == {"total": Leaf(DIGIT)}
        assert answer.warnings == ()
        assert answer.usage["model"] == llama_server.MODEL

    async def test_every_token_of_the_prompt_was_read(self, llama_url: str) -> None:
        """The tiny model's tokens are bytes, so that its count is exact."""
        short, long = await asked(llama_url), await asked(llama_url, question(f"{RECEIPT}Thanks!"))
        assert long.usage["prompt_tokens"] - short.usage["prompt_tokens"] == len("\nThanks!")

    async def test_a_document_is_extracted_with_evidence_for_every_value(self, llama_url: str) -> None:
        response = await extracted(llama_url, RECEIPT)
        assert isinstance(response.result, dict)
        assert response.result == {
            "company": NAME,
            "date": "2024-03-05",
            "address": NAME,
            "total": DIGIT,
            "currency": NAME,
            "tax": DIGIT,
            "items": [{"description": NAME, "quantity": DIGIT, "amount": DIGIT}],
        }
        assert isinstance(response.evidence, dict)
        nodes: Any = response.evidence
        assert all(isinstance(node, dict) for node in (*list(nodes.values())[:-1], *nodes["items"][0].values()))
        assert (nodes["company"]["match"], nodes["company"]["quote"], nodes["company"]["page"]) == ("exact", NAME, 1)
        assert nodes["date"]["match"] == "normalised"
        assert response.usage["pages"] == 1

    async def test_many_questions_at_once_are_all_answered(self, llama_url: str) -> None:
        answers = await asyncio.gather(*(asked(llama_url) for _ in range(6)))
        assert [answer.values for answer in answers] == [{"total": Leaf(DIGIT)}] * 6

    async def test_an_answer_longer_than_allowed_is_truncated(self, llama_url: str) -> None:
        error = await failure(llama_url, model_answer=10)
        assert (error.code, error.retryable) == ("model_truncated", False)
        assert "IX_MODEL_ANSWER" in error.message

    async def test_a_prompt_longer_than_the_servers_context_is_truncated(self, llama_url: str) -> None:
        error = await failure(llama_url, question(RECEIPT * 500), model_context=10 * CONTEXT)
        assert error.code == "model_truncated"

    async def test_the_model_is_listed(self, llama_url: str) -> None:
        assert await probed(llama_url) == "ok"
        assert await probed(llama_url, model="other") == "degraded"

    async def test_a_wrong_address_says_what_to_set(self, llama_url: str) -> None:
        error = await failure(f"{llama_url}/v2")
        assert (error.code, error.retryable) == ("model_missing", False)
        assert "IX_OPENAI_URL" in error.message


async def extracted(url: str, text: str) -> Response:
    extractor = Extractor.create(settings(url, reader_workers=1))
    await extractor.start()
    try:
        document = Document(text.encode(), "receipt.txt", "text/plain")
        return await extractor.extract(
            [document], RECEIPT_CASE.schema, RECEIPT_CASE.instructions, result_model=RECEIPT_CASE.result
        )
    finally:
        await extractor.stop()


@pytest.fixture(scope="module")
def guarded_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real server that asks for the key."""
    with llama_server.or_skip(tmp_path_factory.mktemp("guarded"), key=KEY) as url:
        yield url


class TestKey:
    async def test_the_key_opens_the_server_and_is_never_logged(
        self, guarded_url: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.DEBUG):
            assert (await asked(guarded_url, openai_key=KEY)).values
        assert caplog.records
        assert KEY not in caplog.text

    async def test_a_wrong_key_is_not_worth_a_retry_and_not_repeated(self, guarded_url: str) -> None:
        error = await failure(guarded_url, openai_key="wrong-key")
        assert (error.code, error.retryable) == ("model_unavailable", False)
        assert "IX_OPENAI_KEY" in error.message
        assert "wrong-key" not in error.message

    async def test_without_a_key_none_is_sent(self, scripted: Scripted) -> None:
        scripted.says('{"total": null}')
        await asked(scripted.url)
        assert scripted.keys == [None]


class TestScriptedServer:
    async def test_what_is_sent(self, scripted: Scripted) -> None:
        scripted.says('{"total": {"quote": "7", "value": 7}}')
        await asked(f"{scripted.url}/", model_answer=500)
        [sent] = scripted.asked
        messages = sent.pop("messages")
        assert [message["role"] for message in messages] == ["system", "user"]
        assert sent == {
            "model": llama_server.MODEL,
            "response_format": {
                "type": "json_schema",
                "json_schema": {
                    "name": "answer",
                    "strict": True,
                    "schema": answer_schema(TOTAL, printed_on(question().pages)),
                },
            },
            "max_tokens": 500,
            "temperature": 0,
            "stream": False,
            "chat_template_kwargs": {"enable_thinking": False, "thinking": False},
        }

    @pytest.mark.parametrize(
        ("status", "code", "retryable"),
        [
            (400, "model_unavailable", False),
            (401, "model_unavailable", False),
            (403, "model_unavailable", False),
            (404, "model_missing", False),
            (429, "model_overloaded", True),
            (500, "model_unavailable", True),
            (502, "model_unavailable", True),
            (503, "model_overloaded", True),
        ],
    )
    async def test_each_status_has_its_code(self, scripted: Scripted, status: int, code: str, retryable: bool) -> None:
        scripted.fails(status, "no, and this is from the document: Tea")
        error = await failure(scripted.url)
        assert (error.code, error.retryable) == (code, retryable)
        assert str(status) in error.message
        assert "Tea" not in error.message

    @pytest.mark.parametrize("status", [429, 503])
    async def test_a_busy_server_says_when_to_come_again(self, scripted: Scripted, status: int) -> None:
        scripted.fails(status)
        scripted.headers = {"retry-after": "20"}
        assert (await failure(scripted.url)).after == 20

    @pytest.mark.parametrize(
        "message",
        [
            "This model's maximum context length is 8192 tokens. However, you requested 9100 tokens.",
            "request (20026 tokens) exceeds the available context size (16384 tokens), try increasing it",
            "prompt is too long: 215000 tokens > 200000 maximum",
        ],
    )
    async def test_servers_words_for_a_prompt_too_long_are_understood(self, scripted: Scripted, message: str) -> None:
        scripted.fails(400, message)
        assert (await failure(scripted.url)).code == "model_truncated"

    async def test_a_redirect_is_not_followed(self, scripted: Scripted) -> None:
        scripted.status, scripted.headers = 307, {"location": f"{scripted.url}/chat/completions?again"}
        error = await failure(scripted.url)
        assert (error.code, error.retryable, len(scripted.asked)) == ("model_unavailable", False, 1)

    async def test_an_answer_cut_short_is_truncated(self, scripted: Scripted) -> None:
        scripted.says('{"total": {"quo', finished="length")
        assert (await failure(scripted.url)).code == "model_truncated"

    @pytest.mark.parametrize(
        ("message", "advice"),
        [
            ({"content": None, "refusal": "I cannot help with Tea."}, "refused"),
            ({"content": "", "finished": "content_filter"}, "refused"),
            ({"content": "", "reasoning_content": '{"total": 7}'}, "thinking"),
            ({"content": None, "reasoning": "Let me see: Tea"}, "thinking"),
            ({"content": ""}, "empty"),
            ({"content": None}, "empty"),
            ({"content": [{"type": "text", "text": "{}"}]}, "empty"),
        ],
    )
    async def test_an_answer_without_an_answer_says_why(
        self, scripted: Scripted, message: dict[str, Any], advice: str
    ) -> None:
        scripted.says(**message)
        error = await failure(scripted.url)
        assert (error.code, error.retryable) == ("model_answer_invalid", False)
        assert advice in error.message
        assert "Tea" not in error.message

    async def test_thoughts_beside_an_answer_do_no_harm(self, scripted: Scripted) -> None:
        scripted.says('{"total": {"quote": "7", "value": 7}}', reasoning_content="Seven it is.")
        assert (await asked(scripted.url)).values == {"total": Leaf(7, "7")}

    @pytest.mark.parametrize(
        "body", [{}, {"choices": []}, {"choices": "none"}, {"choices": [{}]}, {"error": {"code": 502}}]
    )
    async def test_what_is_no_completion_may_be_asked_again(self, scripted: Scripted, body: dict[str, Any]) -> None:
        scripted.body = body
        error = await failure(scripted.url)
        assert (error.code, error.retryable) == ("model_unavailable", True)

    async def test_a_count_below_what_was_sent_means_that_the_prompt_was_cut(self, scripted: Scripted) -> None:
        scripted.says('{"total": {"quote": "7", "value": 7}}')
        scripted.body["usage"] = {"prompt_tokens": 40, "completion_tokens": 20}
        error = await failure(scripted.url)
        assert error.code == "model_truncated"
        assert "40 tokens" in error.message


async def test_nobody_there_is_retryable_and_its_probe_fails() -> None:
    error = await failure(f"{dead_address()}/v1")
    assert (error.code, error.retryable) == ("model_unavailable", True)
    assert "IX_OPENAI_URL" in error.message


async def test_the_time_limit_is_a_total() -> None:
    with listening() as mute:
        error = await failure(f"http://127.0.0.1:{mute.getsockname()[1]}/v1", model_timeout=0.1)
    assert (error.code, error.retryable) == ("model_unavailable", True)
