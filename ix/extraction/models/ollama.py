"""The `ollama` backend: a local model through Ollama's own API.

One question is one `POST /api/chat` with `stream: false`: Ollama writes the whole answer at once, so that what arrives
is complete or no JSON at all, and closing the connection still stops the model. Left to itself Ollama cuts a prompt
that is too long and answers 200; `truncate` and `shift` forbid it (since 0.12.6), and the count of tokens read shows
where an older one did it all the same. `num_ctx` is one value for all questions, because a change makes Ollama load the
model anew. A model that answers although it was told not to think may ignore `format`; the rules in the prompt say what
the answer looks like, and nothing is believed unread. Some releases count only the tokens that they had not in their
cache, so that a low count alone says nothing: the context that the model was loaded with tells (`/api/ps`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import to_json

from ix.config import Settings
from ix.errors import ModelError
from ix.extraction.models._chat import PROBE_SECONDS, ChatBackend
from ix.extraction.models._failures import unavailable
from ix.extraction.models._http import ModelServer, at, names_in
from ix.extraction.models._pictures import Message, beside_the_document
from ix.extraction.models._profile import Profile
from ix.extraction.models._reply import Reply, count_of
from ix.telemetry.health import Health

KEEP_ALIVE = "30m"
"""How long the model stays loaded after a question: loading takes longer than most answers. `IX_MODEL_EXTRA_BODY` may
say otherwise."""


class Ollama(ChatBackend):
    """Asks a model that Ollama runs."""

    name = "ollama"
    path = "/api/chat"
    # its own default is one question at a time, and the rest waits in it
    usual_slots = 1
    counts_new = True

    def __init__(self, settings: Settings) -> None:
        cure = f"run `ollama pull {settings.model}` where Ollama runs, or correct IX_MODEL or IX_OLLAMA_URL"
        super().__init__(settings, ModelServer("Ollama", settings.ollama_url, ["IX_OLLAMA_URL"], cure))

    def request(self, messages: list[dict[str, str]], schema: Mapping[str, Any]) -> dict[str, Any]:
        """The body of `POST /api/chat` (https://docs.ollama.com/api/chat)."""
        return {
            "model": self.settings.model,
            "messages": messages,
            "format": schema,
            "stream": False,
            "think": False,
            "truncate": False,
            "shift": False,
            "keep_alive": KEEP_ALIVE,
            "options": {
                "num_ctx": self.settings.model_context,
                "num_predict": self.settings.model_answer,
                "temperature": 0,
            },
        }

    def pictured(self, messages: Sequence[Message], pictures: Sequence[str]) -> list[Message]:
        return beside_the_document(messages, lambda message: {**message, "images": pictures})

    def reply(self, body: Any) -> Reply:
        """The parts of the answer. Raises `ModelError` if Ollama stopped before it was done."""
        if at(body, "done") is not True:
            raise unavailable("Ollama stopped before its answer was done: see its log")
        return Reply(
            content=at(body, "message", "content"),
            thoughts=at(body, "message", "thinking"),
            finished=at(body, "done_reason"),
            prompt_tokens=at(body, "prompt_eval_count"),
            completion_tokens=at(body, "eval_count"),
        )

    async def look(self) -> Profile:
        """Whether the model sees (`/api/show`, since 0.6.4). It does not tell its places, and its context is the one
        that questions name."""
        said = await self.server.post("/api/show", to_json({"model": self.settings.model}), PROBE_SECONDS)
        able = at(self.server.parsed(said), "capabilities")
        return Profile(sees=isinstance(able, list) and "vision" in able)

    async def window(self) -> int | None:
        """The context that the model was loaded with, as `/api/ps` says (since 0.11)."""
        loaded = at(await self.server.get("/api/ps", PROBE_SECONDS), "models")
        return count_of(at(self._mine(loaded), "context_length"))

    def _mine(self, listed: Any) -> Any:
        models = listed if isinstance(listed, list) else []
        return next((one for one in models if full_name(str(at(one, "name"))) == full_name(self.settings.model)), None)

    async def warm(self) -> None:
        """An empty question makes Ollama load the model, with the context that all others have; which weights its name
        stands for then is told with every answer."""
        options = {"num_ctx": self.settings.model_context}
        body = {"model": self.settings.model, "keep_alive": KEEP_ALIVE, "stream": False, "options": options}
        await self.server.post("/api/generate", to_json(body), self.settings.model_timeout)
        listed = at(await self.server.get("/api/tags", PROBE_SECONDS), "models")
        self.digest = str(at(self._mine(listed), "digest") or "")

    async def probe(self) -> Health:
        """Ollama is up (`/api/version`) and has the model (`/api/tags`); degraded where it lacks the model."""
        try:
            # half the time each, since a probe may take 2 seconds in all
            await self.server.get("/api/version", PROBE_SECONDS / 2)
            installed = await self.server.get("/api/tags", PROBE_SECONDS / 2)
        except ModelError:
            return "fail"
        names = {full_name(name) for name in names_in(installed, "models", "name")}
        return "ok" if full_name(self.settings.model) in names else "degraded"


def full_name(model: str) -> str:
    """A model's name with its tag, which is `latest` if not named; Ollama does not tell capitals from small letters."""
    # behind the last slash only: a colon before it is the port of a registry
    return (model if ":" in model.rpartition("/")[2] else f"{model}:latest").casefold()


BACKEND = Ollama
