"""What every backend over a chat server does: compose, send, read, believe nothing.

pose       compose ──check_fits──▶ request                   in a child
exchange   request ──server──▶ reply                         in the engine
read       reply ──check_read──▶ read_answer ──Leaks──▶ leaves   in a child
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json

from ix.config import MIB, Settings
from ix.extraction.models import Answer, Question
from ix.extraction.models._answer import answer_schema, no_answer, read_answer
from ix.extraction.models._failures import invalid, truncated
from ix.extraction.models._http import ModelServer
from ix.extraction.models._leaks import Leaks
from ix.extraction.models._prompt import compose
from ix.extraction.models._tokens import check_fits, check_read
from ix.extraction.processes.turns import Turns
from ix.telemetry import tracing

PROBE_SECONDS = 1.8
"""Time limit of each probe: below the 2 seconds that a probe may take."""
MAX_COUNTED = MIB // 16
"""Longest reply whose counts of tokens a span gets, bytes: reading it takes less than a millisecond."""
NOTHING_READ = "the pages hold no text that a person can see, so the model was not asked"
LEAKED = "the model repeated its instructions as values, which were left out: the document may ask for that"
UNCOUNTED = "the server does not say how many tokens it read, so it may have cut the prompt short"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a chat server said. Members are whatever its JSON holds: `content_of` and `_count` look at them."""

    content: object
    thoughts: object = None
    finished: object = None
    prompt_tokens: object = None
    completion_tokens: object = None


class ChatBackend(ABC):
    """A backend that sends one question as one chat. A subclass says what a request and a reply look like; `path` is
    where the server takes it."""

    name: str
    path: str

    def __init__(self, settings: Settings, server: ModelServer) -> None:
        self.settings, self.server = settings, server
        # a server with fewer slots than askers lets the rest wait, and their time limits run out
        self._turns = Turns(settings.model_slots)

    @abstractmethod
    def request(self, messages: list[dict[str, str]], schema: Mapping[str, Any]) -> dict[str, Any]:
        """The body that asks for an answer of this schema."""

    @abstractmethod
    def reply(self, body: Any) -> Reply:
        """What the server's answer says. Raises `ModelError`."""

    async def ask(self, question: Question) -> Answer:
        """All three in a row, for who has nothing else to do meanwhile."""
        request = self.pose(question)
        return request if isinstance(request, Answer) else self.read(question, await self.exchange(request))

    def pose(self, question: Question) -> bytes | Answer:
        prompt = compose(question)
        if not prompt.has_text:
            return Answer(no_answer(question.schema), {"model": self.settings.model}, (NOTHING_READ,))
        check_fits(prompt.text, self.settings)
        return to_json(self.request(prompt.messages, answer_schema(question.schema)))

    async def exchange(self, request: bytes) -> bytes:
        """One request and its reply, as a span with the attributes that OpenTelemetry names for models
        (https://opentelemetry.io/docs/specs/semconv/gen-ai)."""
        about = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": self.name,
            "gen_ai.request.model": self.settings.model,
        }
        with tracing.span(f"chat {self.settings.model}", "client", about) as span:
            async with self._turns.place():
                body = await self.server.post(self.path, request, self.settings.model_timeout)
            # a longer one is not looked into here: its counts are in the answer's usage alone
            if len(body) <= MAX_COUNTED:
                reply = self.reply(self.server.parsed(body))
                span.set(
                    gen_ai__usage__input_tokens=_count(reply.prompt_tokens),
                    gen_ai__usage__output_tokens=_count(reply.completion_tokens),
                )
        return body

    def read(self, question: Question, reply: bytes) -> Answer:
        """What the reply says, once it is known to be of the whole prompt and to repeat none of its instructions."""
        said, prompt = self.reply(self.server.parsed(reply)), compose(question)
        read, written = _count(said.prompt_tokens), _count(said.completion_tokens)
        # before the answer is looked at: one to a prompt that was cut short may look right
        if read is not None:
            check_read(prompt.text, read, self.settings)
        leaks = Leaks(prompt)
        values = leaks.without(read_answer(content_of(said), question.schema))
        usage = {"model": self.settings.model, "prompt_tokens": read, "completion_tokens": written}
        warnings = (UNCOUNTED if read is None else "", LEAKED if leaks.found else "")
        return Answer(values, usage, tuple(filter(None, warnings)))

    async def aclose(self) -> None:
        await self.server.aclose()


def content_of(reply: Reply) -> str:
    """The text of a whole answer. Raises `ModelError` for one that was cut short or is empty."""
    if reply.finished == "length":
        cure = "raise IX_MODEL_ANSWER (and IX_MODEL_CONTEXT with it), or send fewer pages"
        raise truncated(f"the model's answer was cut short: {cure}")
    if isinstance(reply.content, str) and reply.content.strip():
        return reply.content
    if reply.thoughts:
        cure = "turn its thinking off in its server, or use a model that does not think"
        raise invalid(f"the model wrote thoughts and no answer: {cure}")
    raise invalid("the model's answer is empty: use another model")


def _count(tokens: object) -> int | None:
    """A count of tokens, if it is one: old servers leave it out, or say 0, for a prompt that they have in their
    cache."""
    return tokens if isinstance(tokens, int) and not isinstance(tokens, bool) and tokens > 0 else None
