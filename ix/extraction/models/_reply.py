"""What a chat server said, whatever its API. Nothing here knows of documents: a web process that only asks whether a
server answers loads no more than this."""

from __future__ import annotations

from dataclasses import dataclass

from ix.extraction.models._failures import invalid


@dataclass(frozen=True, slots=True)
class Reply:
    """What a chat server said. Members are whatever its JSON holds: `content_of` and `count_of` look at them. `cached`
    counts tokens that it read before, `truncated` is its own word that it cut the prompt."""

    content: object
    thoughts: object = None
    finished: object = None
    prompt_tokens: object = None
    completion_tokens: object = None
    cached: object = None
    truncated: object = None
    fingerprint: object = None


def content_of(reply: Reply) -> str:
    """The text of an answer. Raises `ModelError` for one that is empty."""
    if isinstance(reply.content, str) and reply.content.strip():
        return reply.content
    if reply.thoughts:
        cure = "turn its thinking off in its server or by IX_MODEL_EXTRA_BODY, or use a model that does not think"
        raise invalid(f"the model wrote thoughts and no answer: {cure}")
    raise invalid("the model's answer is empty: use another model")


def count_of(value: object) -> int | None:
    """A count, if it is one: old servers leave some out, or say 0."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
