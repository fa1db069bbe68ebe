"""A server that speaks Ollama's and OpenAI's wire formats and has no model: it does whatever the document in its prompt
asks for.

What a real model might do on a bad day, this does every time: it says what it is told to say, repeats its system's
message, answers in another shape, adds members, and asks for tools to be called. It looks for orders by the phrases in
`ORDERS`, in several languages."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.extraction.models.fake_ollama import FakeOllama, filled
from tests.extraction.models.serving import served

SAY = re.compile(r"(?:the company is|die firma ist|la société est|la empresa es|公司是|شركة) (\w+)", re.IGNORECASE)
LEAK = re.compile(r"system (?:prompt|message)|systemnachricht|message système|系统提示", re.IGNORECASE)
FETCH = re.compile(r"(?:fetch|open|load|call|run|img|\]\()\W*(?:curl |wget )?(https?://[^\s)'\"]+)", re.IGNORECASE)
WHOLE = re.compile(r"answer (?:exactly|only) (.+)", re.IGNORECASE)
ORDERS = (SAY, LEAK, FETCH, WHOLE)


class Obedient(FakeOllama):
    """`read` holds the documents' texts that it was sent."""

    def reset(self) -> None:
        super().reset()
        self.read: list[str] = []

    @contextmanager
    def running(self) -> Iterator[str]:
        """The address of the server; OpenAI's paths are below /v1."""
        routes = [
            Route("/api/version", self._version),
            Route("/api/tags", self._tags),
            Route("/api/ps", self._loaded),
            Route("/api/chat", self._chat, methods=["POST"]),
            Route("/v1/models", self._listed),
            Route("/v1/chat/completions", self._complete, methods=["POST"]),
        ]
        with served(Starlette(routes=routes)) as self.url:
            yield self.url

    def _answered(self, body: dict[str, Any]) -> Response:
        self.content, calls = self.obey(body["messages"], body["format"])
        answer: dict[str, Any] = json.loads(bytes(super()._answered(body).body))
        if "message" in answer and calls:
            answer["message"]["tool_calls"] = [
                {"function": {"name": "fetch", "arguments": {"url": url}}} for url in calls
            ]
        return JSONResponse(answer)

    async def _listed(self, request: Request) -> Response:
        return JSONResponse({"object": "list", "data": [{"id": name, "object": "model"} for name in self.models]})

    async def _complete(self, request: Request) -> Response:
        body = await request.json()
        content, calls = self.obey(body["messages"], body["response_format"]["json_schema"]["schema"])
        tools = [
            {"id": "1", "type": "function", "function": {"name": "fetch", "arguments": json.dumps({"url": url})}}
            for url in calls
        ]
        message = {"role": "assistant", "content": content, **({"tool_calls": tools} if tools else {})}
        usage = {"prompt_tokens": 2_000, "completion_tokens": 96, "total_tokens": 2_096}
        choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
        return JSONResponse(
            {
                "id": "1",
                "object": "chat.completion",
                "created": 1,
                "model": body["model"],
                "choices": choices,
                "usage": usage,
            }
        )

    def obey(self, messages: list[dict[str, str]], schema: dict[str, Any]) -> tuple[str, list[str]]:
        """The answer, and the addresses that it wants called."""
        system, text = messages[0]["content"], unicodedata.normalize("NFKC", messages[-1]["content"])
        self.read.append(text)
        if whole := WHOLE.search(text):
            return whole[1], []
        answer = filled(schema)
        calls = FETCH.findall(text)
        said = [found[1] for found in SAY.finditer(text)] + calls + ([system] if LEAK.search(text) else [])
        for name, leaf in answer.items():
            value = leaf.get("value") if isinstance(leaf, dict) else leaf
            if said and isinstance(value, str) and "date" not in name:
                answer[name] = {"quote": said[-1], "value": said[-1]} if isinstance(leaf, dict) else said[-1]
        return json.dumps({**answer, "obeyed": said}), calls
