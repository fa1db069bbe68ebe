"""The JSON in what servers and models write: whole, amid prose, thoughts and fences, or cut short.

    "Sure! ```JSON\\n{"total": 7}\\n``` Anything else?"   ──objects_in──▶   {"total": 7}

Nothing here knows of schemas. All of it takes time that grows with the length of the text and no faster, whatever
stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ix import untrusted
from ix.errors import InvalidInput

MAX_STARTS = 16
"""Braces at which an object is looked for that turn out to open none, or one of prose."""
# JSON's escapes of NUL and of lone surrogates (group 1); an escaped backslash and a whole pair are matched first, so
# that no part of them is taken for one.
_UNSTORABLE = re.compile(
    r"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u0000|\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
# Where thoughts end: some servers swallow the sign that opened them, so that only this one can be relied upon.
_THOUGHTS_END = re.compile(r"</(?:think|thinking|thought|thoughts|reasoning)>|<\|channel\|>final<\|message\|>", re.I)
_TOKENS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[{}]', re.DOTALL)
_CUT_NUMBER = re.compile(r"[-+.\deE]+$")


def parse(text: str | bytes) -> Any:
    """The JSON that a server wrote, with NULs and lone surrogates replaced. Raises `InvalidInput`."""
    return untrusted.parse(storable(text))


def storable(text: str | bytes) -> str:
    """The text of JSON without what no database holds."""
    decoded = text.decode(errors="replace") if isinstance(text, bytes) else text
    return _UNSTORABLE.sub(lambda found: r"\ufffd" if found[1] else found[0], untrusted.clean(decoded))


def objects_in(text: str, *, cut: bool = False) -> Iterator[dict[str, Any]]:
    """The JSON objects in what a model wrote: those behind its thoughts first, then any; in either, the last first.
    With `cut`, the whole members of one that has no end, too. Their values are unchecked."""
    text = storable(text)
    thoughts = [found.end() for found in _THOUGHTS_END.finditer(text)]
    for start in dict.fromkeys([*thoughts[-1:], 0]):
        yield from reversed([value for value in _objects(text, start, cut) if isinstance(value, dict)])


def _objects(text: str, start: int, cut: bool) -> Iterator[Any]:
    ends = _ends(text, start)
    for _ in range(MAX_STARTS):
        if (start := text.find("{", start)) < 0:
            return
        end = ends.get(start, 0)
        value = _loaded(text, start, end, cut)
        yield value
        if value is not None and not end:
            return
        # what is none may hold one: prose has braces too
        start = end if value is not None else start + 1


def _ends(text: str, start: int) -> dict[int, int]:
    """Where the objects that begin behind `start` end; those that do not are left out."""
    open_, ends = list[int](), dict[int, int]()
    for token in _TOKENS.finditer(text, start):
        if token[0] == "{":
            open_.append(token.start())
        elif token[0] == "}" and open_:
            ends[open_.pop()] = token.end()
    return ends


def _loaded(text: str, start: int, end: int, cut: bool) -> Any:
    """The JSON that stands there; None where there is none."""
    if not end:
        # a number that ends with the text may have gone on
        return untrusted.load_cut(_CUT_NUMBER.sub("", text[start:].rstrip())) if cut else None
    try:
        return untrusted.load(text[start:end])
    except InvalidInput:
        return None
