"""Does a prompt fit, and was all of it read? Bounds on the tokens of a text, for models whose tokenizer is not at hand.

Servers may cut a prompt that is too long and answer as if nothing had happened. So a prompt that may not fit is refused
before it is sent, and the server's own count is compared with the fewest tokens that the prompt can have."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import filterfalse

from ix.config import Settings
from ix.errors import ModelError
from ix.extraction.models._failures import truncated

TEMPLATE = 64
"""Tokens that a chat template adds around two messages, at most."""
LONGEST_BLANK = 8
"""Blanks that one token holds, at least: SentencePiece and BPE have tokens for runs of 16 and more."""
LEAST_CUT = 1_000
"""A server that cuts prompts leaves about half of its context or more, and none has a context below 2,048: a lower
count is what was not in its cache."""
_PIECES = re.compile(r"[^\W\d_]+|\d{1,3}|[^\w\s]+(?![^\W\d_])|(?<![^\w\s])\n+")
_WORDS = re.compile(r"[^\W\d_]+")
_LETTERS_AND_BLANKS = re.compile(r"[^\W\d_]+|\s+")
_BLANKS = re.compile(r"\s{2,}|[^\S ]")


def fewest(text: str) -> int:
    """The fewest tokens that `text` can have: words, threes of digits, runs of signs and line ends.

    The expressions that split text before byte pair encoding in GPT-4, Llama 3, Qwen and their like never join these,
    and SentencePiece does not either. Measured with the tokenizers of Qwen and of Mistral (SentencePiece, Tekken): in
    prose and lists of plain English up to all of the real number and never more, in invoices and receipts about half of
    it."""
    return sum(1 for _ in _PIECES.finditer("".join(filterfalse(_joins, text))))


def _joins(char: str) -> bool:
    """Marks, joiners and apostrophes, which some tokenizers take as part of the word around them."""
    return char in "'\u2019" or unicodedata.category(char)[0] == "M" or unicodedata.category(char) == "Cf"


def most(text: str) -> int:
    """The most tokens that a document's text has: words in twos of their bytes, every digit and sign alone, every blank
    run but single spaces. The same tokenizers gave 0.5 to 1.0 of it, on average 0.85 for invoices and receipts."""
    # -(-n // 2) is half of n, rounded up
    words = sum(-(-len(word.encode()) // 2) for word in _WORDS.findall(text))
    signs = len(_LETTERS_AND_BLANKS.sub("", text).encode())
    # long runs, which lay columns out, are a token for every so many blanks
    return words + signs + sum(1 + len(run) // LONGEST_BLANK for run in _BLANKS.findall(text))


def check_fits(text: str, settings: Settings, beside: int = 0) -> None:
    """Raises `ModelError` unless the prompt, what else takes tokens `beside` it and the longest answer surely fit into
    the model's context."""
    needed = most(text) + beside + TEMPLATE + settings.model_answer
    if needed > settings.model_context:
        raise truncated(
            f"prompt and answer may need {needed} tokens and IX_MODEL_CONTEXT allows {settings.model_context}: raise "
            "it as far as the model and its machine allow, lower IX_MODEL_ANSWER, or send fewer pages"
        )


@dataclass(frozen=True, slots=True)
class Counted:
    """What else tells how much of a prompt was read: the context that the model has, and how many tokens the server's
    own tokenizer makes of the prompt. None where nobody says."""

    window: int | None = None
    tokens: int | None = None


def check_read(
    text: str, count: int, settings: Settings, counted: Counted | None = None, *, counts_new: bool = False
) -> bool:
    """Whether the server, which says it read `count` tokens, surely read all of the prompt; False where nothing tells.
    Raises `ModelError` if it cannot have. `counts_new` is for servers that may count only what they did not have in
    their cache."""
    least, counted = fewest(text), counted or Counted()
    if count >= settings.model_context:
        raise _cut(count, least, settings)
    if count >= least or (counted.tokens is not None and count >= counted.tokens):
        return True
    if counted.window is not None and most(text) + TEMPLATE < counted.window:
        # all of it fitted, so that nothing was cut
        return True
    if counts_new and count < LEAST_CUT and (counted.window is None or counted.window > least):
        return False
    raise _cut(count, least, settings)


def _cut(count: int, least: int, settings: Settings) -> ModelError:
    return truncated(
        f"the model read {count} tokens of a prompt of {least} or more: its server cut the prompt to a smaller "
        f"context than IX_MODEL_CONTEXT={settings.model_context}; use a model or server settings with that much, "
        "or send fewer pages"
    )
