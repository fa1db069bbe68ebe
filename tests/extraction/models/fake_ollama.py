"""A server that speaks Ollama's wire format and has no model: it fills the schema it is sent, or fails as it is told.

The format is that of https://docs.ollama.com/api/chat and of Ollama's `server/routes.go`; errors are `{"error": text}`.
A prompt that does not fit into the context is refused with llama.cpp's error inside Ollama's, as since 0.34; with
`deaf` set it is cut to half the context and answered 200, as by versions from before `truncate`."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.extraction.models.serving import served

MODEL = "qwen3:8b"
NAME, NUMBER, DAY = "IX", 7, "2024-03-05"
"""What the fake writes: this for every text, for every number, for every date."""
NANOSECONDS = 10**9
CREATED = "2026-11-01T09:30:00.123456789Z"


class FakeOllama:
    """What the server has, how it behaves, and what it was asked. `capabilities` are the model's: `vision` is one.

    `fault` names one of `FAULTS`, or `hang`; `content` is said instead of the filled schema; `context` is what the
    model was trained on, which `num_ctx` cannot exceed; `counts` says whether it tells how many tokens it read, and
    `count` makes it tell that number; `entered` and `left` tell of a hanging request."""

    def __init__(self) -> None:
        self.url = ""
        self.reset()

    def reset(self) -> None:
        """As new."""
        self.models = [MODEL]
        self.capabilities = ["completion", "tools"]
        self.fault = ""
        self.content: str | None = None
        self.context = 40_960
        self.deaf = False
        self.counts, self.count = True, 0
        self.asked: list[dict[str, Any]] = []
        self.loads: list[dict[str, Any]] = []
        self.entered, self.left = threading.Event(), threading.Event()

    @contextmanager
    def running(self) -> Iterator[str]:
        """The address of the server."""
        routes = [
            Route("/api/version", self._version),
            Route("/api/tags", self._tags),
            Route("/api/ps", self._loaded),
            Route("/api/chat", self._chat, methods=["POST"]),
            Route("/api/generate", self._load, methods=["POST"]),
            Route("/api/show", self._show, methods=["POST"]),
        ]
        with served(Starlette(routes=routes)) as self.url:
            yield self.url

    async def _version(self, request: Request) -> Response:
        return JSONResponse({"version": "0.34.2"})

    async def _tags(self, request: Request) -> Response:
        return JSONResponse({"models": [_listed(name) for name in self.models]})

    async def _show(self, request: Request) -> Response:
        model = (await request.json())["model"]
        if model not in self.models:
            return _error(404, f"model '{model}' not found")
        return JSONResponse({"details": _listed(model)["details"], "capabilities": self.capabilities})

    async def _loaded(self, request: Request) -> Response:
        window = min(self.context, self.asked[-1]["options"]["num_ctx"]) if self.asked else self.context
        return JSONResponse({"models": [{**_listed(name), "context_length": window} for name in self.models]})

    async def _load(self, request: Request) -> Response:
        self.loads.append(await request.json())
        return JSONResponse({"model": self.loads[-1]["model"], "done": True, "done_reason": "load"})

    async def _chat(self, request: Request) -> Response:
        body = await request.json()
        self.asked.append(body)
        if body["model"] not in self.models:
            return _error(404, f"model '{body['model']}' not found")
        if self.fault == "hang":
            return await self._hang(request)
        if self.fault in FAULTS:
            return FAULTS[self.fault](body)
        return self._answered(body)

    async def _hang(self, request: Request) -> Response:
        self.entered.set()
        while not await request.is_disconnected():
            await request.receive()
        self.left.set()
        return Response()

    def _answered(self, body: dict[str, Any]) -> Response:
        window = min(self.context, body["options"]["num_ctx"])
        tokens = sum(len(message["content"]) for message in body["messages"]) // 2
        if tokens > window:
            if body.get("truncate", True) is False and not self.deaf:
                return _too_long(tokens, window)
            tokens = window // 2 + 2
        tokens = self.count or tokens
        content = json.dumps(filled(body["format"])) if self.content is None else self.content
        answer = _done(body["model"], {"role": "assistant", "content": content}, tokens)
        return JSONResponse(
            {name: value for name, value in answer.items() if self.counts or name != "prompt_eval_count"}
        )


def filled(schema: dict[str, Any]) -> Any:
    """A value of a schema."""
    kind = schema["type"][0] if isinstance(schema["type"], list) else schema["type"]
    if kind == "object":
        return {name: filled(member) for name, member in schema["properties"].items()}
    if kind == "array":
        return [filled(schema["items"])]
    if "enum" in schema:
        return schema["enum"][0]
    if kind == "string":
        return DAY if schema.get("format") == "date" else NAME
    return True if kind == "boolean" else NUMBER


def _listed(name: str) -> dict[str, Any]:
    details = {"parent_model": "", "format": "gguf", "family": "qwen3", "families": ["qwen3"], "parameter_size": "8.2B"}
    return {
        "name": name,
        "model": name,
        "modified_at": CREATED,
        "size": 5_225_388_164,
        "digest": "500a1f067a9f" + "0" * 52,
        "details": {**details, "quantization_level": "Q4_K_M"},
    }


def _done(model: str, message: dict[str, str], tokens: int, reason: str = "stop") -> dict[str, Any]:
    return {
        "model": model,
        "created_at": CREATED,
        "message": message,
        "done": True,
        "done_reason": reason,
        "total_duration": 3 * NANOSECONDS,
        "load_duration": NANOSECONDS,
        "prompt_eval_count": tokens,
        "prompt_eval_duration": NANOSECONDS,
        "eval_count": 96,
        "eval_duration": NANOSECONDS,
    }


def _error(status: int, message: str) -> Response:
    return JSONResponse({"error": message}, status)


def _too_long(tokens: int, window: int) -> Response:
    message = f"request ({tokens} tokens) exceeds the available context size ({window} tokens), try increasing it"
    detail = {
        "code": 400,
        "message": message,
        "type": "exceed_context_size_error",
        "n_prompt_tokens": tokens,
        "n_ctx": window,
    }
    return _error(400, json.dumps({"error": detail}))


def _busy(body: dict[str, Any]) -> Response:
    return _error(503, "server busy, please try again.  maximum pending requests exceeded")


def _crashed(body: dict[str, Any]) -> Response:
    return _error(500, "llama runner process has terminated: exit status 2")


def _refusing(body: dict[str, Any]) -> Response:
    return _error(400, f'"{body["model"]}" does not support chat')


def _cut(body: dict[str, Any]) -> Response:
    return JSONResponse(_done(body["model"], {"role": "assistant", "content": '{"company": {"quo'}, 2_000, "length"))


def _thinking(body: dict[str, Any]) -> Response:
    return JSONResponse(
        _done(body["model"], {"role": "assistant", "content": "", "thinking": '{"company": null}'}, 2_000)
    )


def _silent(body: dict[str, Any]) -> Response:
    return JSONResponse(_done(body["model"], {"role": "assistant", "content": " \n"}, 2_000))


def _undone(body: dict[str, Any]) -> Response:
    message = {"role": "assistant", "content": json.dumps(filled(body["format"]))}
    return JSONResponse({"model": body["model"], "created_at": CREATED, "message": message, "done": False})


def _half(body: dict[str, Any]) -> Response:
    """Promises a whole answer, sends half of it and closes the connection."""
    whole = json.dumps(
        _done(body["model"], {"role": "assistant", "content": json.dumps(filled(body["format"]))}, 2_000)
    ).encode()

    async def half() -> AsyncIterator[bytes]:
        yield whole[: len(whole) // 2]

    return StreamingResponse(
        half(), headers={"content-length": str(len(whole)), "content-type": "application/json; charset=utf-8"}
    )


def _huge(body: dict[str, Any]) -> Response:
    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"message": {"content": "'
        for _ in range(100):
            yield b"x" * 65_536

    return StreamingResponse(chunks(), media_type="application/json")


def _drip(body: dict[str, Any]) -> Response:
    """Never silent for long, and never done."""

    async def drops() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" "
            await asyncio.sleep(0.02)

    return StreamingResponse(drops(), media_type="application/json")


def _page(body: dict[str, Any]) -> Response:
    return HTMLResponse("<h1>It works!</h1>")


FAULTS: dict[str, Callable[[dict[str, Any]], Response]] = {
    "busy": _busy,
    "crashed": _crashed,
    "refusing": _refusing,
    "cut": _cut,
    "thinking": _thinking,
    "silent": _silent,
    "undone": _undone,
    "half": _half,
    "huge": _huge,
    "drip": _drip,
    "page": _page,
}
