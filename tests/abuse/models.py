"""A model server whose answers are chosen by the documents that it is asked about, byte by byte, in OpenAI's wire
format."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tests.receiver import Answer, Received, Receiver, status

NAME = "m"
_CASE = re.compile(rb"CASE (\d+)")


def completion(content: object, **choice: object) -> bytes:
    """A whole answer, as a chat completion."""
    chosen = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop", **choice}
    return json.dumps(
        {"id": "1", "object": "chat.completion", "choices": [chosen], "usage": {"prompt_tokens": 300}}
    ).encode()


class Models(Receiver):
    """A document that says `CASE 7` is answered with `bodies[7]`."""

    def __init__(self, bodies: Mapping[int, tuple[int, bytes]]) -> None:
        super().__init__(status(404))
        self._bodies = bodies

    @property
    def settings(self) -> dict[str, str]:
        """What an engine needs to ask it."""
        return {"IX_EXTRACTOR": "openai", "IX_OPENAI_URL": f"http://{self.host}/v1", "IX_MODEL": NAME}

    def note(self, received: Received) -> Answer:
        super().note(received)
        if received.method == "GET":
            return status(200, json.dumps({"data": [{"id": NAME}]}).encode())
        found = _CASE.search(received.body)
        return status(*self._bodies[int(found[1])]) if found else status(404)


def asks(case: int, request_id: str) -> dict[str, Any]:
    """A submission that makes the engine ask about a case."""
    schema = {"type": "object", "properties": {"code": {"type": "string"}, "total": {"type": "number"}}}
    document = {"text": f"CASE {case}\nCode A1\nTotal 12.50"}
    return {
        "client_id": "abuse",
        "request_id": request_id,
        "use_case": "custom",
        "options": {"schema": schema},
        "documents": [document],
    }
