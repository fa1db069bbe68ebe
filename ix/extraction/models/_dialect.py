"""Parameters that a server refuses: spelled the other way, or left out.

    400 "Unsupported parameter: 'max_tokens'"   ──▶   max_completion_tokens, now and in every further question

Servers that speak the same API differ in what they take: newer models of OpenAI want another name for the longest
answer and no temperature, some servers know no JSON schema, and few say what they do with names they do not know. What
is refused is seen in what they say, the parameter that they name first; a server is asked again until it names none
that could be spelled otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Spelling:
    """Another way to say something. `refused` is how servers name what they do not take."""

    name: str
    refused: re.Pattern[str]
    respell: Callable[[Body], Body]


def respelled(body: Body, spellings: Iterable[Spelling]) -> Body:
    """The request in those spellings, one after the other."""
    for each in spellings:
        body = each.respell(body)
    return body


def other_spelling(body: Body, said: str) -> Spelling | None:
    """How to say what a server refuses, by what it said of it; None where nothing would change."""
    found = [(named.start(), each) for each in SPELLINGS if (named := each.refused.search(said))]
    able = [(at, each) for at, each in found if each.respell(body) != body]
    # the first that it names: what follows may list all that it knows
    return min(able, key=lambda pair: pair[0])[1] if able else None


def merged(body: Mapping[str, Any], extra: Mapping[str, Any]) -> Body:
    """The request with more in it, or other things: objects in both are merged, null leaves a member out."""
    whole = dict(body)
    for name, value in extra.items():
        own = whole.get(name)
        whole[name] = merged(own, value) if isinstance(own, Mapping) and isinstance(value, Mapping) else value
    return {name: value for name, value in whole.items() if value is not None}


def _without(name: str) -> Callable[[Body], Body]:
    return lambda body: {key: value for key, value in body.items() if key != name}


def _renamed(old: str, new: str) -> Callable[[Body], Body]:
    return lambda body: {new if key == old else key: value for key, value in body.items()}


def _any_json(body: Body) -> Body:
    """JSON of any form where JSON of one was asked for."""
    if isinstance(body.get("format"), Mapping):
        return {**body, "format": "json"}
    form = body.get("response_format")
    if isinstance(form, Mapping) and form.get("type") == "json_schema":
        return {**body, "response_format": {"type": "json_object"}}
    return body


def _any_text(body: Body) -> Body:
    """No word of the form: the prompt asks for JSON all the same."""
    return {key: value for key, value in body.items() if key not in ("response_format", "format")}


def _spelling(name: str, pattern: str, respell: Callable[[Body], Body]) -> Spelling:
    return Spelling(name, re.compile(pattern, re.IGNORECASE), respell)


def _without_pictures(body: Body) -> Body:
    """The words alone: a server may have a model that sees nothing."""
    return {**body, "messages": [_words_of(message) for message in body.get("messages", ())]}


def _words_of(message: Body) -> Body:
    content = message.get("content")
    if isinstance(content, list):
        content = "\n".join(part["text"] for part in content if "text" in part)
    return {name: value for name, value in {**message, "content": content}.items() if name != "images"}


_FORMAT = r"response_format|json_schema|json_object|structured output|\bformat\b|grammar"
EXTRAS = ("chat_template_kwargs", "reasoning_effort", "think", "truncate", "shift", "keep_alive", "cache_prompt")
"""Members of a request that a server may not know."""
SPELLINGS = (
    # either way, since older servers know only the one name and newer ones only the other
    _spelling("max_completion_tokens", r"\bmax_tokens\b", _renamed("max_tokens", "max_completion_tokens")),
    _spelling("max_tokens", r"\bmax_completion_tokens\b", _renamed("max_completion_tokens", "max_tokens")),
    _spelling("no temperature", r"\btemperature\b", _without("temperature")),
    # both answer the same complaint: the first that changes anything is tried first
    _spelling("any JSON", _FORMAT, _any_json),
    _spelling("any text", _FORMAT, _any_text),
    _spelling("no pictures", r"\bimages?\b|image_url|multi-?modal|vision|mmproj", _without_pictures),
    *(_spelling(f"no {name}", rf"\b{name}", _without(name)) for name in EXTRAS),
    # it says that something is unknown to it, and not what
    _spelling(
        "no chat_template_kwargs",
        r"unrecognized|unknown|unexpected|extra (?:inputs|fields)|not permitted",
        _without("chat_template_kwargs"),
    ),
)
