"""The `rules` backend: answers without any model, by layout.

    pages ──Reading──▶ lines ──Labels──▶ labels found ──finders──▶ candidates ──best──▶ leaves

Fields of a schema that nobody described have no labels: `forms` compares the captions of the pages with all of them at
once, and `tables.own` the titles of tables.

    fields ──wording──┐
    captions ─────────┴─likeness──▶ claims ──best first──▶ leaves

It reads only what the schema says of a field (`ix.fields`): its kind and its labels. To teach it a new kind, write a
finder and name it in `fields.finders.FINDERS`; to teach it words, add them to their language (`ix.languages`)."""

from __future__ import annotations

from ix.config import Settings
from ix.extraction.models import Answer, Question
from ix.extraction.models.rules.answer import answer
from ix.telemetry.health import Health


class Rules:
    """Answers by labels, places and arithmetic. Needs no settings, nothing can be missing, and there is nothing to
    close."""

    name = "rules"

    def __init__(self, settings: Settings) -> None:
        pass

    async def ask(self, question: Question) -> Answer:
        """Every value that the pages support; the others are None."""
        return Answer(answer(question.pages, question.schema), {"model": "rules"})

    async def probe(self) -> Health:
        return "ok"

    async def aclose(self) -> None:
        pass


BACKEND = Rules
