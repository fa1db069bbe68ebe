"""A backend that answers what a test says: in its process it is the server, in a child it reads what that said."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ix.config import Settings
from ix.errors import ModelError
from ix.extraction.models import Answer, Leaf, Question, Tree
from ix.telemetry.health import Health


class Dictated:
    """Answers `values`, or raises."""

    name = "dictated"

    def __init__(self, values: Mapping[str, Tree] | ModelError | Settings) -> None:
        self.values, self.questions, self.closed = values, list[Any](), False

    async def ask(self, question: Question) -> Answer:
        raise AssertionError

    def pose(self, question: Question) -> bytes:
        words = [word.text for page in question.pages for word in page.words]
        return json.dumps([words, question.schema, question.instructions]).encode()

    async def exchange(self, request: bytes) -> bytes:
        self.questions.append(json.loads(request))
        if isinstance(self.values, ModelError):
            raise self.values
        assert isinstance(self.values, Mapping)
        return json.dumps({name: asdict(leaf) for name, leaf in self.values.items() if isinstance(leaf, Leaf)}).encode()

    def read(self, question: Question, reply: bytes) -> Answer:
        values: dict[str, Tree] = {name: Leaf(**leaf) for name, leaf in json.loads(reply).items()}
        return Answer(values, {"model": "dictated"}, ("the page was long",))

    async def probe(self) -> Health:
        return "ok"

    async def aclose(self) -> None:
        self.closed = True


BACKEND = Dictated
