"""What every backend over a chat server does: compose, send, read, believe nothing.

compose ──check_fits──▶ request ──server──▶ reply ──check_read──▶ read_answer ──Leaks──▶ leaves
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ix.config import Settings
from ix.extraction.models import Answer, Question
from ix.extraction.models._answer import answer_schema, no_answer, read_answer
from ix.extraction.models._failures import invalid, truncated
from ix.extraction.models._http import ModelServer
from ix.extraction.models._leaks import Leaks
from ix.extraction.models._prompt import compose
from ix.extraction.models._tokens import check_fits, check_read
from ix.telemetry import tracing

PROBE_SECONDS = 1.8
"""Time limit of each probe: below the 2 seconds that a probe may take."""
NOTHING_READ = "the pages hold no text that a person can see, so the model was not asked"
LEAKED = "the model repeated its instructions as values, which were left out: the document may ask for that"
UNCOUNTED = "the server does not say how many tokens it read, so it may have cut the prompt short"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a chat server said. The counts are None where it names none."""

    content: object
    thoughts: object = None
    finished: object = None
    prompt_tokens: object = None
    completion_tokens: object = None


class ChatBackend(ABC):
    """A backend that sends one question as one chat. A subclass says what a request and a reply look like."""

    name: str
    path: str

    def __init__(self, settings: Settings, server: ModelServer) -> None:
        self.settings, self.server = settings, server

    @abstractmethod
    def request(self, messages: list[dict[str, str]], schema: Mapping[str, Any]) -> dict[str, Any]:
        """The body that asks for an answer of this schema."""

    @abstractmethod
    def reply(self, body: Any) -> Reply:
        """What the server's answer says. Raises `ModelError`."""

    async def ask(self, question: Question) -> Answer:
        """Answers the question. Raises `ModelError`."""
        prompt = await asyncio.to_thread(compose, question)
        if not prompt.has_text:
            return Answer(no_answer(question.schema), {"model": self.settings.model}, (NOTHING_READ,))
        check_fits(prompt.text, self.settings)
        request = self.request(prompt.messages, answer_schema(question.schema))
        about = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": self.name,
            "gen_ai.request.model": self.settings.model,
        }
        with tracing.span(f"chat {self.settings.model}", "client", about) as span:
            reply = self.reply(await self.server.post(self.path, request, self.settings.model_timeout))
            read, written = _count(reply.prompt_tokens), _count(reply.completion_tokens)
            span.set(gen_ai__usage__input_tokens=read, gen_ai__usage__output_tokens=written)
        if read is not None:
            check_read(prompt.text, read, self.settings)
        leaks = await asyncio.to_thread(Leaks, prompt)
        values = leaks.without(await asyncio.to_thread(read_answer, content_of(reply), question.schema))
        usage = {"model": self.settings.model, "prompt_tokens": read, "completion_tokens": written}
        return Answer(
            values, usage, tuple(filter(None, (UNCOUNTED if read is None else "", LEAKED if leaks.found else "")))
        )

    async def aclose(self) -> None:
        """Closes connections."""
        await self.server.aclose()


def content_of(reply: Reply) -> str:
    """The text of a whole answer. Raises `ModelError` for one that was cut short or is empty."""
    if reply.finished == "length":
        raise truncated(
            "the model's answer was cut short: raise IX_MODEL_ANSWER (and IX_MODEL_CONTEXT with it), or send fewer pages"
        )
    if isinstance(reply.content, str) and reply.content.strip():
        return reply.content
    if reply.thoughts:
        raise invalid(
            "the model wrote thoughts and no answer: turn its thinking off in its server, or use a model that does not think"
        )
    raise invalid("the model's answer is empty: use another model")


def _count(tokens: object) -> int | None:
    """A count of tokens, if it is one: old servers leave it out, or say 0, for a prompt that they have in their
    cache."""
    return tokens if isinstance(tokens, int) and not isinstance(tokens, bool) and tokens > 0 else None
