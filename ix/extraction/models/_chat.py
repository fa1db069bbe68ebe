"""What every backend over a chat server does: plan, send, read, believe nothing.

pose       plan ──▶ round of questions                                                      in a child
exchange   round ──server──▶ replies                                                        in the engine
read       replies ──check_read──▶ read_answer ──quotes, Leaks, joined──▶ leaves            in a child
           or once more a round, for what was wrong
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from itertools import repeat
from typing import Any, NamedTuple

from pydantic_core import to_json

from ix import untrusted
from ix.config import MIB, Settings
from ix.errors import ModelError
from ix.extraction.models import Answer, Question, in_rounds
from ix.extraction.models._asker import Asker
from ix.extraction.models._dialect import merged
from ix.extraction.models._failures import truncated
from ix.extraction.models._frames import packed, unpacked
from ix.extraction.models._http import ModelServer
from ix.extraction.models._pictures import MOST_TOKENS, Message, in_base64, tokens_of, worth_showing
from ix.extraction.models._profile import Profile
from ix.extraction.models._reply import Reply, count_of
from ix.extraction.models._tokens import Counted, check_fits, fewest, most
from ix.extraction.page import ReadPage
from ix.telemetry import tracing
from ix.telemetry.health import Queue

PROBE_SECONDS = 1.8
"""Time limit of each probe: below the 2 seconds that a probe may take."""
MAX_COUNTED = MIB // 16
"""Longest reply whose counts of tokens a span gets, bytes: reading it takes less than a millisecond."""
LEAST_ANSWER = 64
"""Tokens that an answer needs at least."""
NOTHING_READ = "the pages hold no text that a person can see, so the model was not asked"


class Asked(NamedTuple):
    """A question by its messages, the schema of its answer, and which pages it is about, by index."""

    messages: list[dict[str, str]]
    form: Mapping[str, Any]
    pages: Sequence[int]


class ChatBackend(ABC):
    """A backend that sends questions as chats. A subclass says what a request and a reply look like; `path` is where
    the server takes it, `usual_slots` its places where nobody says how many, and `counts_new` whether it may count only
    the tokens that it did not have in its cache; `digest` tells the model's weights apart, where that is known."""

    name: str
    path: str
    usual_slots: int
    counts_new = False
    digest = ""

    def __init__(self, settings: Settings, server: ModelServer) -> None:
        self.settings, self.server = settings, server
        self._asker = Asker(settings, server, self.path, self.look, self.usual_slots)

    @abstractmethod
    def request(self, messages: list[dict[str, str]], schema: Mapping[str, Any]) -> dict[str, Any]:
        """The body that asks for an answer of this schema."""

    @abstractmethod
    def pictured(self, messages: Sequence[Message], pictures: Sequence[str]) -> list[Message]:
        """The messages with pictures, base64, beside the document."""

    @abstractmethod
    def reply(self, body: Any) -> Reply:
        """What the server's answer says. Raises `ModelError`."""

    @abstractmethod
    async def look(self) -> Profile:
        """What the server says of itself. Raises `ModelError`."""

    async def window(self) -> int | None:
        """The context that the model has in its server now, tokens; None where that does not say."""
        return None

    async def tokens(self, text: str) -> int | None:
        """How many tokens the server's own tokenizer makes of a text; None where it has none."""
        return None

    async def ask(self, question: Question) -> Answer:
        return await in_rounds(self, question)

    def pose(self, question: Question) -> bytes | Answer:
        # what reads documents is loaded in children only
        from ix.extraction.models._answer import no_answer
        from ix.extraction.models._parts import plan

        parts = plan(question, self.settings)
        if not parts:
            return Answer(no_answer(question.schema), {"model": self.settings.model}, (NOTHING_READ,))
        for part in parts:
            check_fits(part.prompt.text, self.settings, tokens_of(part.pages, question.pictured))
        return self._round([Asked(part.prompt.messages, part.form, part.pages) for part in parts], question)

    async def shown(self, pages: Sequence[ReadPage]) -> Sequence[int]:
        choice = self.settings.model_images
        if choice == "off" or not (found := worth_showing(choice, pages)):
            return ()
        # whoever names pages has a model that sees, whether or not its server says so
        return found if choice != "auto" or (await self._asker.profile()).sees else ()

    def with_pictures(self, request: bytes, pictures: Mapping[int, bytes]) -> bytes:
        head, *frames = unpacked(request)
        about = untrusted.load(head)
        carried, bodies = frames[: about["carried"]], frames[about["carried"] :]
        return packed([head, *carried, *map(self._with_pictures, bodies, about["pages"], repeat(pictures))])

    def _with_pictures(self, body: bytes, pages: Sequence[int], pictures: Mapping[int, bytes]) -> bytes:
        mine = in_base64(pictures[at] for at in pages if at in pictures)
        if not mine:
            return body
        written = untrusted.load(body)
        return to_json({**written, "messages": self.pictured(written["messages"], mine)})

    async def exchange(self, request: bytes) -> bytes:
        head, *frames = unpacked(request)
        about = untrusted.load(head)
        carried, bodies = frames[: about["carried"]], frames[about["carried"] :]
        profile = await self._asker.profile()
        asked = [
            asyncio.create_task(self._one(body, need, profile))
            for body, need in zip(bodies, about["needs"], strict=True)
        ]
        try:
            replies = await asyncio.gather(*asked)
        finally:
            # one that failed ends all: their answer would be of no use
            for task in asked:
                task.cancel()
        seen = [*about["counted"], *(counted for _, counted in replies)]
        told = {"digest": self.digest, "counted": seen}
        return packed([to_json(told), *carried, *(body for body, _ in replies)])

    def read(self, question: Question, reply: bytes) -> Answer | bytes:
        from ix.extraction.models._parts import plan
        from ix.extraction.models._replies import Replies

        head, *bodies = unpacked(reply)
        told = untrusted.load(head)
        counted = [Counted(**each) for each in told["counted"]]
        replies = Replies(self, question, plan(question, self.settings), counted)
        repairs = replies.read([self.reply(self.server.parsed(body)) for body in bodies])
        if repairs:
            asked = [Asked(each.messages, each.form, each.pages) for each in repairs]
            return self._round(asked, question, bodies, told["counted"])
        return replies.answer(told["digest"])

    def queue(self) -> Queue:
        return self._asker.queue

    async def aclose(self) -> None:
        await self.server.aclose()

    def _round(
        self,
        asked: Sequence[Asked],
        question: Question,
        carried: Sequence[bytes] = (),
        counted: Sequence[Any] = (),
    ) -> bytes:
        extra = untrusted.load(self.settings.model_extra_body or b"{}")
        bodies = [to_json(merged(self.request(each.messages, each.form), extra)) for each in asked]
        pages = [[at for at in each.pages if at in question.pictured] for each in asked]
        texts = [_text(each.messages) for each in asked]
        needs = [(fewest(text), most(text) + MOST_TOKENS * len(at)) for text, at in zip(texts, pages, strict=True)]
        about = {"carried": len(carried), "counted": counted, "needs": needs, "pages": pages}
        return packed([to_json(about), *carried, *bodies])

    async def _one(self, body: bytes, need: Sequence[int], profile: Profile) -> tuple[bytes, Counted]:
        """One question and its reply, as a span with the attributes that OpenTelemetry names for models
        (https://opentelemetry.io/docs/specs/semconv/gen-ai); and what the server says of how much of it was read."""
        about = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": self.name,
            "gen_ai.request.model": self.settings.model,
        }
        least, longest = need
        with tracing.span(f"chat {self.settings.model}", "client", about) as span:
            await self._check_window(body, longest, profile)
            said = await self._asker.ask(body)
            # a longer one is not looked into here: its counts are in the answer's usage alone
            if len(said) > MAX_COUNTED:
                return said, Counted()
            reply = self.reply(self.server.parsed(said))
            span.set(
                gen_ai__usage__input_tokens=count_of(reply.prompt_tokens),
                gen_ai__usage__output_tokens=count_of(reply.completion_tokens),
            )
            return said, await self._counted(body, count_of(reply.prompt_tokens), least, profile)

    async def _check_window(self, body: bytes, longest: int, profile: Profile) -> None:
        """Raises `ModelError` for a prompt that does not fit into what the server says it has, counted by its own
        tokenizer where a bound does not tell."""
        if profile.window is None or longest + LEAST_ANSWER <= profile.window or not profile.tokenizes:
            return
        count = await self._tokenized(body)
        if count is not None and count + LEAST_ANSWER > profile.window:
            raise truncated(
                f"the prompt has {count} tokens and the model's server holds {profile.window}: set IX_MODEL_CONTEXT to "
                "that, so that documents are asked about in parts, or give the model more"
            )

    async def _counted(self, body: bytes, count: int | None, least: int, profile: Profile) -> Counted:
        """Where a server says that it read less than was sent: what tells whether it cut the prompt."""
        if count is None or count >= least:
            return Counted()
        try:
            return Counted(await self.window(), await self._tokenized(body) if profile.tokenizes else None)
        except ModelError:
            return Counted()

    async def _tokenized(self, body: bytes) -> int | None:
        messages = untrusted.load(body)["messages"]
        try:
            return await self.tokens(_text(messages))
        except ModelError:
            return None


def _text(messages: Sequence[Message]) -> str:
    """What is written in them; a message with pictures may be a list of its parts."""
    contents = (message["content"] for message in messages)
    parted = (content if isinstance(content, list) else [{"text": content}] for content in contents)
    return "\n".join(part["text"] for parts in parted for part in parts if "text" in part)
