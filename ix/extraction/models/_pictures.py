"""Pictures of pages, for models that see: of those pages whose words were read from a picture, where the picture says
more than they do, or of all.

    request   ──with_pictures──▶   the same, with the pages of each question beside its last document

They are drawn by whoever has the documents, and joined here to what a child has written without them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ix.extraction.page import ReadPage

Message = Mapping[str, Any]
MOST_TOKENS = 2_880
"""Tokens of one picture, at most: LLaVA 1.6 takes as many of any (five tiles of 576), Qwen2.5-VL 2,116 of a square of
`PICTURE_SIDE` (one for each 28 by 28 pixels), others fewer."""
MOST = 40
"""Pages of a job that are shown, the first ones: each costs a model as much as two pages of text."""


def worth_showing(choice: str, pages: Sequence[ReadPage]) -> list[int]:
    """The pages whose pictures go along, by their index; `choice` is what `IX_MODEL_IMAGES` says."""
    drawn = [at for at, page in enumerate(pages) if not page.laid_out]
    return [at for at in drawn if choice == "all" or pages[at].source != "text"][:MOST]


def tokens_of(pages: Iterable[int], pictured: Sequence[int]) -> int:
    """Tokens that the pictures of these pages take, at most."""
    return MOST_TOKENS * len({*pages} & {*pictured})


def beside_the_document(messages: Sequence[Message], add: Callable[[Message], Message]) -> list[Message]:
    """The messages, with pictures added to the one that holds the document: the last of a user that has one, since
    examples come before it, and a question may be asked again after its answer."""
    mine = max(n for n, each in enumerate(messages) if each["role"] == "user" and "<document>" in each["content"])
    return [add(message) if n == mine else message for n, message in enumerate(messages)]


def in_base64(pictures: Iterable[bytes]) -> list[str]:
    """Pictures as a question in JSON carries them."""
    return [b64encode(picture).decode() for picture in pictures]
