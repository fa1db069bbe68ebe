"""The `openai` backend: any server that speaks OpenAI's chat completions, such as llama.cpp's, vLLM or LM Studio.

One question is one `POST /chat/completions` with a JSON schema as response format. What a server refuses of it is
spelled otherwise (`_dialect`). How long a prompt may be is the server's own setting, and IX_MODEL_CONTEXT has to say
the same. llama.cpp says that and how many questions it works on at once (`/props`, beside `/v1`), and counts tokens
(`/tokenize`); vLLM says the first (`/v1/models`). Ollama's `/v1` takes no `num_ctx` and cuts prompts: use
the `ollama` backend for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import to_json

from ix.config import Settings
from ix.errors import ModelError
from ix.extraction.models._chat import PROBE_SECONDS, ChatBackend
from ix.extraction.models._failures import invalid, unavailable
from ix.extraction.models._http import ModelServer, at, names_in
from ix.extraction.models._pictures import Message, beside_the_document
from ix.extraction.models._profile import Profile
from ix.extraction.models._reply import Reply, count_of
from ix.telemetry.health import Health


class OpenAI(ChatBackend):
    """Asks a model behind an OpenAI-compatible server."""

    name = "openai"
    path = "/chat/completions"
    usual_slots = 2

    def __init__(self, settings: Settings) -> None:
        cure = (
            "set IX_MODEL to a model that it lists under /models, and IX_OPENAI_URL to its address up to and with /v1"
        )
        key = settings.openai_key.get_secret_value()
        headers = {"authorization": f"Bearer {key}"} if key else {}
        super().__init__(
            settings,
            ModelServer("the model server", settings.openai_url, ["IX_OPENAI_URL", "IX_OPENAI_KEY"], cure, headers),
        )

    def request(self, messages: list[dict[str, str]], schema: Mapping[str, Any]) -> dict[str, Any]:
        """The body of `POST /chat/completions` (https://platform.openai.com/docs/api-reference/chat/create).
        `max_tokens` is the old name of `max_completion_tokens`, which every server understands."""
        return {
            "model": self.settings.model,
            "messages": messages,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": schema},
            },
            "max_tokens": self.settings.model_answer,
            "temperature": 0,
            "stream": False,
            # no thoughts: how llama.cpp, vLLM and SGLang pass it on to the templates of models, which differ
            "chat_template_kwargs": {"enable_thinking": False, "thinking": False},
        }

    def pictured(self, messages: Sequence[Message], pictures: Sequence[str]) -> list[Message]:
        parts = [{"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{each}"}} for each in pictures]
        return beside_the_document(
            messages,
            lambda message: {**message, "content": [*parts, {"type": "text", "text": message["content"]}]},
        )

    def reply(self, body: Any) -> Reply:
        """The parts of the first choice. Raises `ModelError` if there is none or the model refused."""
        choice = at(body, "choices", 0)
        message = at(choice, "message")
        if not isinstance(message, dict):
            raise unavailable("the model server answered with no chat completion: see its log")
        if message.get("refusal") or at(choice, "finish_reason") == "content_filter":
            raise invalid("the model refused to answer: use another model")
        return Reply(
            content=message.get("content"),
            thoughts=message.get("reasoning_content") or message.get("reasoning"),
            finished=at(choice, "finish_reason"),
            prompt_tokens=at(body, "usage", "prompt_tokens"),
            completion_tokens=at(body, "usage", "completion_tokens"),
            truncated=at(body, "truncated"),
        )

    async def look(self) -> Profile:
        """What llama.cpp's `/props` says, or for others what `/v1/models` does."""
        try:
            props = await self.server.get("//props", PROBE_SECONDS)
        except ModelError:
            props = None
        slots = count_of(at(props, "total_slots"))
        if slots is not None:
            window = count_of(at(props, "default_generation_settings", "n_ctx"))
            return Profile(slots, window, tokenizes=True, sees=at(props, "modalities", "vision") is True)
        listed = at(await self.server.get("/models", PROBE_SECONDS), "data")
        models = listed if isinstance(listed, list) else []
        mine = next((one for one in models if at(one, "id") == self.settings.model), None)
        return Profile(window=count_of(at(mine, "max_model_len")))

    async def tokens(self, text: str) -> int | None:
        """How many tokens llama.cpp makes of a text, its template left out."""
        said = await self.server.post("//tokenize", to_json({"content": text}), PROBE_SECONDS)
        found = at(self.server.parsed(said), "tokens")
        return len(found) if isinstance(found, list) else None

    async def probe(self) -> Health:
        """The server lists the model under `/models`; degraded where it lists others only."""
        try:
            listed = await self.server.get("/models", PROBE_SECONDS)
        except ModelError:
            return "fail"
        return "ok" if self.settings.model in names_in(listed, "data", "id") else "degraded"


BACKEND = OpenAI
