"""Where an error stands on its page: the picture, cut to what matters, for a report that is one file."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image

from ix import untrusted
from ix.cli.evaluating.asking import Outcome
from ix.cli.evaluating.comparing import choices, is_empty
from ix.cli.evaluating.grounding import places
from ix.cli.evaluating.judging import Judged
from ix.cli.evaluating.labels import value_at
from ix.client import Client, ClientError
from ix.extraction.page import Box, Page, Word

SECONDS = 60.0
"""How long an engine may take to draw a page."""
ACROSS, DOWN = 0.2, 0.025
"""What is left around a value, in fractions of the page: the words beside it, and the lines above and below."""
WIDEST = 900
"""Pixels of the widest crop."""
_WORD_MEMBERS = 5
"""A text and its box; with a confidence, and whether it is hidden."""


class Pages:
    """The pages of jobs, as a running service has them; each is fetched once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._words: dict[tuple[str, int, int], Page] = {}
        self._pictures: dict[tuple[str, int, int], Image.Image | None] = {}

    def text(self, outcome: Outcome) -> str:
        """All words that were read of a job's pages."""
        pages = (self.page(outcome.ix_id, *one) for one in numbers(outcome))
        return "\n".join(" ".join(word.text for word in page.words) for page in pages)

    def page(self, ix_id: str, document: int, number: int) -> Page:
        """A page with its words; without any where it is not kept."""
        key = ix_id, document, number
        if key not in self._words:
            rows = untrusted.parse_table(self._taken(ix_id, f"pages/{document}/{number}/words") or b"[]")
            words = tuple(Word(str(row[0]), tuple(row[1:_WORD_MEMBERS])) for row in rows if len(row) >= _WORD_MEMBERS)
            # boxes are fractions already, so that the size of the page says nothing
            self._words[key] = Page(number, 1.0, 1.0, words, document=document)
        return self._words[key]

    def crop(self, outcome: Outcome, value: Judged) -> str:
        """The place of the answer, or where the label stands, as the address of a picture that is in itself; empty
        where neither has a place or the page cannot be drawn."""
        place = _answered(outcome, value) or self._labelled(outcome, value)
        if place is None:
            return ""
        document, number, boxes = place
        picture = self._picture(outcome.ix_id, document, number)
        return _cut(picture, boxes) if picture else ""

    def _labelled(self, outcome: Outcome, value: Judged) -> tuple[int, int, Sequence[Box]] | None:
        """Where the pages print the labelled value."""
        for document, number in numbers(outcome):
            page = self.page(outcome.ix_id, document, number)
            for label in choices(value.label):
                found = None if is_empty(label) else next(places(page, value.kind, label), None)
                if found:
                    return document, number, found
        return None

    def _picture(self, ix_id: str, document: int, number: int) -> Image.Image | None:
        key = ix_id, document, number
        if key not in self._pictures:
            drawn = self._taken(ix_id, f"pages/{document}/{number}/picture")
            # one at a time: a report goes document by document, and pictures are large
            self._pictures = {key: Image.open(io.BytesIO(drawn)).convert("RGB") if drawn else None}
        return self._pictures[key]

    def _taken(self, ix_id: str, what: str) -> bytes:
        """A file of a job; nothing where it is not kept, or cannot be made."""
        into = io.BytesIO()
        try:
            self._client.take(ix_id, what, into, SECONDS)
        except ClientError:
            # a report without a picture is better than none
            return b""
        return into.getvalue()


def numbers(outcome: Outcome) -> list[tuple[int, int]]:
    """The pages of a job that were read: the index of the document and the number of the page."""
    usage = outcome.response.get("usage")
    read = usage.get("read", ()) if isinstance(usage, Mapping) else ()
    return [(one["document"], one["page"]) for one in read]


def _answered(outcome: Outcome, value: Judged) -> tuple[int, int, Sequence[Box]] | None:
    seen: Any = value_at(outcome.evidence, value.field)[1]
    if not isinstance(seen, Mapping) or not seen.get("boxes") or seen.get("page") is None:
        return None
    return seen["document"], seen["page"], [tuple(box) for box in seen["boxes"]]


def _cut(picture: Image.Image, boxes: Sequence[Box]) -> str:
    left, top = min(box[0] for box in boxes) - ACROSS, min(box[1] for box in boxes) - DOWN
    right, bottom = max(box[2] for box in boxes) + ACROSS, max(box[3] for box in boxes) + DOWN
    width, height = picture.size
    across = round(max(left, 0.0) * width), round(min(right, 1.0) * width)
    down = round(max(top, 0.0) * height), round(min(bottom, 1.0) * height)
    part = picture.crop((across[0], down[0], across[1], down[1]))
    part.thumbnail((WIDEST, WIDEST))
    saved = io.BytesIO()
    part.save(saved, "WEBP", quality=70)
    return f"data:image/webp;base64,{base64.b64encode(saved.getvalue()).decode()}"
