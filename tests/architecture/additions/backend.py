"""A model backend that knows one answer."""

from __future__ import annotations

from ix.config import Settings
from ix.extraction.models import Answer, Leaf, Question
from ix.telemetry.health import Health


class Oracle:
    """Answers 42."""

    name = "oracle"

    def __init__(self, settings: Settings) -> None:
        self._model = settings.model

    async def ask(self, question: Question) -> Answer:
        return Answer({"answer": Leaf(42)}, {"model": self._model})

    async def probe(self) -> Health:
        return "ok"

    async def aclose(self) -> None:
        pass


BACKEND = Oracle
