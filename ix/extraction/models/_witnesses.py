"""Two witnesses: the rules, and a model that answers blind, which is shown nothing of what the rules say.

    pages ──▶ rules ─┐
          ──▶ model ─┴──agreed──▶ one answer: what both say is surer than what one says, and where they differ a finding
                                  `disagreement` names both values

Where both agreed the value was right in 118 of 119 cases on development receipts, and in 48 of 55 on documents that
nobody had tuned for; where they disagreed, the rules were right 16 times and the model 5.

A server that does not answer, or answers nothing that can be read, loses no job: the rules answer alone, and a finding
`witness_missing` says why. Whoever wants such jobs to fail, and to be tried again, names the model alone."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import to_json

from ix import untrusted
from ix.config import Settings
from ix.config.choices import server_of
from ix.errors import ConfigError, ModelError
from ix.extraction.findings import finding
from ix.extraction.models import (
    Answer,
    Backend,
    ColdBackend,
    Question,
    QueueingBackend,
    RemoteBackend,
    SeeingBackend,
    Tree,
    in_rounds,
)
from ix.extraction.page import ReadPage
from ix.telemetry.health import Health, Queue

_HEARD, _MISSING = b"+", b"-"
"""What a reply begins with: the server's own words, or why there are none."""


class Witnesses:
    """Asks the model that the settings name, and the rules."""

    def __init__(self, settings: Settings) -> None:
        package = __name__.rpartition(".")[0]
        module = f"{package}.{server_of(settings.extractor)}"
        backend: Backend = importlib.import_module(module).BACKEND(settings)
        if not isinstance(backend, RemoteBackend):
            raise ConfigError(f"IX_EXTRACTOR: {backend.name} asks no server, so that it cannot be a second witness")
        self.model: RemoteBackend = backend
        self.name = settings.extractor

    async def ask(self, question: Question) -> Answer:
        return await in_rounds(self, question)

    def pose(self, question: Question) -> bytes | Answer:
        try:
            posed = self.model.pose(question)
        except ModelError as error:
            return self._alone(question, error.message)
        return posed if isinstance(posed, bytes) else self._both(question, posed)

    async def shown(self, pages: Sequence[ReadPage]) -> Sequence[int]:
        return await self.model.shown(pages) if isinstance(self.model, SeeingBackend) else ()

    def with_pictures(self, request: bytes, pictures: Mapping[int, bytes]) -> bytes:
        return self.model.with_pictures(request, pictures) if isinstance(self.model, SeeingBackend) else request

    async def exchange(self, request: bytes) -> bytes:
        try:
            return _HEARD + await self.model.exchange(request)
        except ModelError as error:
            return _MISSING + to_json(error.message)

    def read(self, question: Question, reply: bytes) -> Answer | bytes:
        mark, said = reply[:1], reply[1:]
        if mark == _MISSING:
            return self._alone(question, untrusted.load(said))
        try:
            read = self.model.read(question, said)
        except ModelError as error:
            return self._alone(question, error.message)
        return read if isinstance(read, bytes) else self._both(question, read)

    def queue(self) -> Queue:
        return self.model.queue() if isinstance(self.model, QueueingBackend) else Queue()

    async def warm(self) -> None:
        if isinstance(self.model, ColdBackend):
            await self.model.warm()

    async def probe(self) -> Health:
        return await self.model.probe()

    async def aclose(self) -> None:
        await self.model.aclose()

    def _both(self, question: Question, model: Answer) -> Answer:
        # not before it is needed, as in `_by_rules`
        from ix.extraction.models._agreement import Hearing

        hearing = Hearing(question.schema)
        values = hearing.agreed(_by_rules(question), model.values)
        # of a value that was not taken nothing is to be said
        found = [one for one in model.findings if not hearing.outvoted.intersection(_above(one.path))]
        return Answer(values, self._usage(model.usage), model.warnings, (*found, *hearing.findings))

    def _alone(self, question: Question, why: str) -> Answer:
        missing = finding("witness_missing", text=why)
        return Answer(_by_rules(question), self._usage({"model": "rules"}), findings=(missing,))

    def _usage(self, usage: dict[str, Any]) -> dict[str, Any]:
        return {**usage, "witnesses": self.name}


def _above(path: str) -> list[str]:
    """A path, and those that it lies in: `lines.0.total`, `lines.0`, `lines`."""
    steps = path.split(".")
    return [".".join(steps[:count]) for count in range(1, len(steps) + 1)]


def _by_rules(question: Question) -> dict[str, Tree]:
    # not before it is needed: whoever only probes a server reads no page
    from ix.extraction.models.rules.answer import answer

    return answer(question.pages, question.schema)


BACKEND = Witnesses
