"""The `rules` backend: answers without any model, by layout.

    pages ──Reading──▶ lines ──Labels──▶ labels found ──finders──▶ candidates ──best──▶ leaves

It reads only what the schema says of a field (`ix.fields`): its kind and its labels. To teach it a new kind, write a
finder and name it in `finders.FINDERS`; to teach it the words beside amounts, add them to `money_words`."""

from __future__ import annotations

import asyncio

from ix.config import Settings
from ix.extraction.models import Answer, Question
from ix.extraction.models.rules.answer import answer
from ix.telemetry.health import Health


class Rules:
    """Answers by labels, places and arithmetic. Works in a thread, so that the event loop stays free."""

    name = "rules"

    def __init__(self, settings: Settings) -> None:
        """Needs no settings."""

    async def ask(self, question: Question) -> Answer:
        """Answers the question. Values that the pages do not support are None."""
        return Answer(await asyncio.to_thread(answer, question.pages, question.schema), {"model": "rules"})

    async def probe(self) -> Health:
        """Nothing can be missing."""
        return "ok"

    async def aclose(self) -> None:
        """Holds nothing."""


BACKEND = Rules
