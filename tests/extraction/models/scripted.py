"""An OpenAI-compatible server that says what it is told: for answers that a real one does not give on demand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.extraction.models.serving import served

USAGE = {"prompt_tokens": 2_000, "completion_tokens": 96, "total_tokens": 2_096}


class Scripted:
    """The next answer, and what came in."""

    def __init__(self) -> None:
        self.url = ""
        self.reset()

    def reset(self) -> None:
        """As new."""
        self.status, self.body = 200, dict[str, Any]()
        self.headers: dict[str, str] = {}
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []

    @contextmanager
    def running(self) -> Iterator[str]:
        """The base address, up to and with /v1."""
        with served(Starlette(routes=[Route("/v1/chat/completions", self._answer, methods=["POST"])])) as url:
            self.url = f"{url}/v1"
            yield self.url

    def says(self, content: object, *, finished: str = "stop", **message: object) -> None:
        """The next answer is this completion."""
        self.completes(
            {"index": 0, "message": {"role": "assistant", "content": content, **message}, "finish_reason": finished}
        )

    def completes(self, *choices: dict[str, Any]) -> None:
        """The next answer has these choices."""
        self.body = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1_793_000_000,
            "model": "m",
            "choices": choices,
        }
        self.body["usage"] = USAGE

    def fails(self, status: int, message: str = "no", **error: object) -> None:
        """The next answer is an error."""
        self.status, self.body = status, {"error": {"message": message, **error}}

    async def _answer(self, request: Request) -> Response:
        self.keys.append(request.headers.get("authorization"))
        self.asked.append(await request.json())
        return JSONResponse(self.body, self.status, self.headers)
