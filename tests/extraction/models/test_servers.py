"""Model servers with few places, of other dialects, and several of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ix.config import Settings
from ix.errors import ModelError
from ix.extraction.models import Answer, Backend, Leaf
from ix.extraction.models.ollama import Ollama
from ix.extraction.models.openai import OpenAI
from ix.extraction.processes.waiting import JOB, Owner
from tests.extraction.models.fake_ollama import MODEL, FakeOllama
from tests.extraction.models.questions import RECEIPT, question
from tests.extraction.models.serving import dead_address, served

JOBS = 24
CONTENT = '{"total": {"quote": "7", "value": 7}}'


class Server:
    """An OpenAI-compatible server with places: who comes while all are taken waits in it. `refuses` says with what
    words a request is refused; `most` is the most that were in it at once."""

    def __init__(self, slots: int = 1, refuses: Callable[[dict[str, Any]], str] = lambda body: "") -> None:
        self.slots, self.refuses = slots, refuses
        self.asked: list[dict[str, Any]] = []
        self.inside = self.most = 0
        self.seconds = 0.01
        self._places = asyncio.Semaphore(slots)

    @contextmanager
    def running(self) -> Iterator[str]:
        """The base address, up to and with /v1."""
        routes = [Route("/v1/chat/completions", self._answer, methods=["POST"]), Route("/props", self._props)]
        with served(Starlette(routes=routes)) as url:
            yield f"{url}/v1"

    async def _props(self, request: Request) -> Response:
        return JSONResponse({"total_slots": self.slots, "default_generation_settings": {"n_ctx": 16_384}})

    async def _answer(self, request: Request) -> Response:
        body = await request.json()
        self.asked.append(body)
        if said := self.refuses(body):
            return JSONResponse({"error": {"message": said}}, 400)
        self.inside += 1
        self.most = max(self.most, self.inside)
        async with self._places:
            # not at once, so that others come meanwhile
            await asyncio.sleep(self.seconds)
        self.inside -= 1
        choice = {"index": 0, "message": {"role": "assistant", "content": CONTENT}, "finish_reason": "stop"}
        return JSONResponse({"choices": [choice], "usage": {"prompt_tokens": 2_000, "completion_tokens": 9}})


def openai(url: str, **changes: Any) -> OpenAI:
    return OpenAI(Settings.model_validate({"extractor": "openai", "model": "m", "openai_url": url, **changes}))


async def asked(backend: Backend, times: int = 1) -> list[Answer]:
    try:
        return await asyncio.gather(*(backend.ask(question()) for _ in range(times)))
    finally:
        await backend.aclose()


class Marks:
    """A job as those see it who make it wait or work, see `ix.extraction.processes.waiting`."""

    owner: Owner = ("client", "job")
    waited = 0.0

    def __init__(self) -> None:
        self.waiting = self.working = 0
        self.waits = 0

    def mark(self, *, waiting: int = 0, working: int = 0) -> None:
        self.waiting += waiting
        self.working += working
        self.waits += waiting > 0


class TestPlaces:
    async def test_many_jobs_on_one_place_are_all_answered(self) -> None:
        """The time limit is that of one question: what waits for the place does not use it up. All of them together
        take longer than that, so that a server that were asked everything at once would lose some."""
        server = Server()
        server.seconds = 0.05
        with server.running() as url:
            answers = await asked(openai(url, model_timeout=1.0, model_slots=1), JOBS)
        assert [answer.values for answer in answers] == [{"total": Leaf(7, "7")}] * JOBS
        assert (len(server.asked), server.most) == (JOBS, 1)

    async def test_the_servers_own_word_says_how_many(self) -> None:
        server = Server(slots=3)
        with server.running() as url:
            await asked(openai(url), JOBS)
        assert server.most == 3

    async def test_a_setting_outweighs_it(self) -> None:
        server = Server(slots=3)
        with server.running() as url:
            await asked(openai(url, model_slots=1), 6)
        assert server.most == 1

    async def test_who_waits_for_a_place_only_waits(self) -> None:
        server, jobs = Server(), [Marks() for _ in range(4)]
        with server.running() as url:
            backend = openai(url)

            async def one(job: Marks) -> None:
                JOB.set(job)
                await backend.ask(question())

            await asyncio.gather(*(one(job) for job in jobs))
            await backend.aclose()
        assert [job.waits for job in jobs] == [0, 1, 1, 1]
        assert {(job.waiting, job.working) for job in jobs} == {(0, 0)}

    def test_ollama_is_asked_one_question_at_a_time(self) -> None:
        assert Ollama.usual_slots == 1


def refusing(*refused: str) -> Callable[[dict[str, Any]], str]:
    """Refuses requests with these members, or response formats."""

    def say(body: dict[str, Any]) -> str:
        form = body.get("response_format", {}).get("type", "")
        return next((f"Unsupported parameter: '{each}'" for each in refused if each in body or each == form), "")

    return say


class TestDialects:
    @pytest.mark.parametrize(
        ("refused", "left", "gone"),
        [
            (["max_tokens"], {"max_completion_tokens"}, {"max_tokens"}),
            (["temperature"], {"max_tokens"}, {"temperature"}),
            (["chat_template_kwargs"], {"temperature"}, {"chat_template_kwargs"}),
            (["json_schema", "json_object"], {"temperature"}, {"response_format"}),
            (["max_tokens", "temperature", "json_schema"], {"max_completion_tokens"}, {"max_tokens", "temperature"}),
        ],
    )
    async def test_what_is_refused_is_spelled_otherwise_and_remembered(
        self, refused: list[str], left: set[str], gone: set[str]
    ) -> None:
        server = Server(refuses=refusing(*refused))
        with server.running() as url:
            answers = await asked(openai(url, model_slots=1), 2)
        assert [answer.values for answer in answers] == [{"total": Leaf(7, "7")}] * 2
        # the second question knows it already
        assert len(server.asked) == len(refused) + 2
        assert left <= server.asked[-1].keys()
        assert not gone & server.asked[-1].keys()

    async def test_a_server_that_names_nothing_and_knows_less(self) -> None:
        def say(body: dict[str, Any]) -> str:
            return "Unrecognized request argument supplied" if "chat_template_kwargs" in body else ""

        with Server(refuses=say).running() as url:
            assert (await asked(openai(url)))[0].values == {"total": Leaf(7, "7")}

    async def test_the_first_that_is_named_is_meant(self) -> None:
        def say(body: dict[str, Any]) -> str:
            known = "expected one of `model`, `messages`, `temperature`, `max_tokens`, `response_format`"
            return f"unknown field `chat_template_kwargs`, {known}" if "chat_template_kwargs" in body else ""

        server = Server(refuses=say)
        with server.running() as url:
            await asked(openai(url))
        assert {"temperature", "max_tokens", "response_format"} <= server.asked[-1].keys()

    async def test_what_cannot_be_spelled_otherwise_stays_refused(self) -> None:
        server = Server(refuses=lambda body: "temperature, max_tokens and chat_template_kwargs are not what I want")
        with server.running() as url, pytest.raises(ModelError) as raised:
            await asked(openai(url))
        assert (raised.value.code, raised.value.retryable) == ("model_unavailable", False)

    async def test_a_setting_adds_to_the_request_and_takes_out_of_it(self) -> None:
        server = Server()
        extra = {"temperature": None, "seed": 1, "chat_template_kwargs": {"thinking": None}}
        with server.running() as url:
            await asked(openai(url, model_extra_body=json.dumps(extra)))
        [sent] = server.asked
        assert "temperature" not in sent
        assert (sent["seed"], sent["chat_template_kwargs"]) == (1, {"enable_thinking": False})


class TestSeveral:
    async def test_where_one_is_down_the_next_one_answers_and_stays(self) -> None:
        server = Server()
        with server.running() as url:
            backend = openai(f"{dead_address()}/v1, {url}")
            assert (await asked(backend))[0].values == {"total": Leaf(7, "7")}
            assert backend.server.url == url

    async def test_where_all_are_down_it_says_so(self) -> None:
        with pytest.raises(ModelError) as raised:
            await asked(openai(f"{dead_address()}/v1,{dead_address()}/v1"))
        assert raised.value.code == "model_unavailable"

    async def test_a_refusal_asks_no_other(self) -> None:
        refusing_one, other = Server(refuses=lambda body: "no"), Server()
        with refusing_one.running() as first, other.running() as second, pytest.raises(ModelError):
            await asked(openai(f"{first},{second}"))
        assert other.asked == []


class TestCachedCounts:
    async def test_a_count_of_what_was_not_in_the_cache_is_no_cut(self, ollama: FakeOllama) -> None:
        """Releases of 0.30 count only the tokens that they had not in their cache."""
        ollama.count = 49
        backend = Ollama(Settings.model_validate({"extractor": "ollama", "model": MODEL, "ollama_url": ollama.url}))
        [answer] = await asked(backend)
        assert answer.values == {"total": Leaf(7)} or answer.values["total"] == Leaf(2.5)
        assert answer.warnings == ()

    async def test_where_nothing_tells_it_is_warned_of(self, ollama: FakeOllama) -> None:
        ollama.count, ollama.context = 49, 700
        changes = {"extractor": "ollama", "model": MODEL, "ollama_url": ollama.url}
        with pytest.raises(ModelError) as raised:
            await Ollama(Settings.model_validate(changes)).ask(question(RECEIPT * 60))
        assert raised.value.code == "model_truncated"


@pytest.mark.parametrize("text", ["insufficient_quota", "You exceeded your current quota, check your plan and billing"])
async def test_an_account_without_credit_is_not_asked_again(text: str) -> None:
    async def broke(request: Request) -> Response:
        return JSONResponse({"error": {"message": text}}, 429)

    app = Starlette(routes=[Route("/v1/chat/completions", broke, methods=["POST"])])
    with served(app) as url, pytest.raises(ModelError) as raised:
        await asked(openai(f"{url}/v1"))
    assert (raised.value.code, raised.value.retryable) == ("model_unavailable", False)
    assert "credit" in raised.value.message
