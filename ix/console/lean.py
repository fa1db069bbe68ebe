"""Scripts and styles without what a browser does not need: comments, indentation, and in scripts the spaces between
signs. Lines end where a statement might, so that no rule about missing semicolons is touched.

A script is taken apart into its tokens (ECMAScript 2023, section 12), as far as that tells a string, a template and a
regular expression from what stands between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(
    r"""(?P<space>\s+) | (?P<comment>//[^\n]*|/\*.*?\*/) | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<word>[\w$\#]+) | (?P<template>`) | (?P<slash>/) | (?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)
_LITERAL = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/")
"""A regular expression, without its flags, which are a word of their own."""
_TEXT = re.compile(r"(?:[^`\\$]|\\.|\$(?!\{))*", re.DOTALL)
"""What of a template stands before its end, or before an expression."""
_BEFORE_A_VALUE = frozenset(("return", "typeof", "case", "in", "of", "await", "yield", "delete", "void", "new", "else"))
_GOES_ON = frozenset("{([,;:?=>&|")
"""Signs behind which a line's end says nothing."""
_COMMENTS = re.compile(r"/\*.*?\*/", re.DOTALL)
_STRINGS = re.compile(r"""("[^"]*"|'[^']*')""")


class _Token(NamedTuple):
    """A piece of a script. `kind` is a group of `_TOKEN`'s, or `literal`."""

    kind: str
    text: str


def style(source: str) -> str:
    """A style sheet that means the same; a space before a colon is one between selectors."""
    pieces = _STRINGS.split(_COMMENTS.sub("", source))
    return "".join(piece if n % 2 else _spare(piece) for n, piece in enumerate(pieces)).strip() + "\n"


def _spare(piece: str) -> str:
    return re.sub(r"\s*([{};,])\s*", r"\1", re.sub(r":\s+", ":", re.sub(r"\s+", " ", piece)))


def script(source: str) -> str:
    """A script that means the same. Raises `ValueError` for one that ends within a template."""
    written: list[str] = []
    last = _Token("sign", ";")
    gap = ""
    for token in _tokens(source):
        if token.kind in ("space", "comment"):
            # the end of a line counts even if comments stand around it: it may end a statement
            gap = "\n" if "\n" in token.text or gap == "\n" else " "
            continue
        if gap == "\n" and not _goes_on(last):
            written.append("\n")
        elif gap and _need_a_space(last, token):
            written.append(" ")
        written.append(token.text)
        last, gap = token, ""
    return "".join(written) + "\n"


def _goes_on(last: _Token) -> bool:
    return last.kind == "sign" and last.text in _GOES_ON


def _need_a_space(one: _Token, other: _Token) -> bool:
    """Whether the two would be read as something else without a space between them."""
    words = one.kind in ("word", "literal") and other.kind == "word"
    # `a + +b`, `a / /b/`
    return words or (one.text[-1] == other.text[0] and one.text[-1] in "+-/")


def _tokens(source: str) -> Iterator[_Token]:
    at, value = 0, False
    while at < len(source):
        found = _TOKEN.match(source, at)
        assert found
        kind, text = str(found.lastgroup), found[0]
        if kind == "template":
            text = source[at : _end_of_template(source, at + 1)]
        # where a value has ended a slash divides
        elif kind == "slash" and not value and (literal := _LITERAL.match(source, at)):
            kind, text = "literal", literal[0]
        if kind not in ("space", "comment"):
            value = kind in ("string", "template", "literal") or text in (")", "]", "}")
            value = value or (kind == "word" and text not in _BEFORE_A_VALUE)
        yield _Token(kind, text)
        at += len(text)


def _end_of_template(source: str, at: int) -> int:
    """Where the template ends whose text begins here: templates stand in expressions of others."""
    while True:
        text = _TEXT.match(source, at)
        assert text
        at = text.end()
        if source[at : at + 1] == "`":
            return at + 1
        if not source.startswith("${", at):
            raise ValueError("a template has no end")
        at, depth = at + 2, 1
        while depth:
            found = _TOKEN.match(source, at)
            if not found:
                raise ValueError("a template has no end")
            # a brace in a string is none: strings are one token
            depth += {"{": 1, "}": -1}.get(found[0], 0)
            at = _end_of_template(source, found.end()) if found[0] == "`" else found.end()
