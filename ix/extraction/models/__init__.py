"""Model backends: who answers a question about pages.

A backend gets the pages and the JSON Schema of the result and returns a tree of the result's shape whose leaves are
`Leaf`s: a value and the quote it was read from. It never touches coordinates; the place step finds each quote on the
page.

To add a backend, add a module (or package) to this folder whose `BACKEND` makes a `Backend` from the settings, or a
`RemoteBackend` where it asks a server: the module's name is what `IX_EXTRACTOR` says, or `rules+NAME` for a server that
is asked beside the rules, and the contract test picks it up. Modules that help backends start with an underscore.
Whoever loads a backend to see whether it answers (the web process does) gets along without the libraries that read
documents."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

from ix.config import Settings
from ix.config.choices import BOTH
from ix.extraction.page import Page, ReadPage
from ix.job import Finding
from ix.telemetry.health import Health, Queue

PICTURE_SIDE = 1280
"""Longest side of a page's picture for a model, pixels: print of 8 points on A4 is 12 high, and models that take less
shrink it."""
PICTURE_KIND = "JPEG"
"""What every server takes; llama.cpp knows no WebP."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value and where it was read. `value` is a JSON scalar or None. `quote` is the words as printed. `page`
    indexes `Question.pages` and `words` that page's words: a hint that only a backend which reads words itself
    (`rules`) can give. `confidence` is 0..1, the backend's own, None where it has none; `derived` marks a value that
    is concluded rather than printed. `rival` is the value that the backend would have answered next, None where it
    knows of none; `margin` is how much better supported the value is than that, on the scale of `confidence` before the
    words' own doubts, and all of its support where nothing rivals it; None where the backend does not weigh. `guess`
    marks a value that no word on the pages names: its look alone, or the lack of others, speaks for it. `witness` is
    what a second backend says of it (`_witnesses`): `agreed`, `disagreed`, `alone` where only one of the two has a
    value; empty where there was one backend."""

    value: str | int | float | bool | None
    quote: str | None = None
    page: int | None = None
    words: tuple[int, ...] = ()
    confidence: float | None = None
    derived: bool = False
    rival: str | int | float | bool | None = None
    margin: float | None = None
    guess: bool = False
    witness: Literal["", "agreed", "disagreed", "alone"] = ""


Tree: TypeAlias = "dict[str, Tree] | list[Tree] | Leaf"


@dataclass(frozen=True, slots=True)
class Question:
    """What a backend is asked: the pages read, the result's JSON Schema (see `ix.fields`), and one paragraph of
    instructions. `pictured` are the pages, by index, whose pictures are sent along."""

    pages: Sequence[Page]
    schema: Mapping[str, Any]
    instructions: str = ""
    pictured: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a backend answers. `values` mirrors the schema's object. `usage` is plain JSON: model, prompt_tokens,
    completion_tokens. `warnings` are sentences, `findings` have a code of their own."""

    values: dict[str, Tree]
    usage: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


class Backend(Protocol):
    """A model backend. `ask` runs in a child process, which has of the settings those that `told` names; what is not
    made for that, a connection to a server say, belongs into a `RemoteBackend`. Its methods raise
    `ix.errors.ModelError` and nothing else on purpose; cancelling one ends its request."""

    name: str

    async def ask(self, question: Question) -> Answer:
        """The values that the pages say, each with its quote; what they do not say is None."""

    async def probe(self) -> Health:
        """Whether the backend can answer now, within 2 seconds."""

    async def aclose(self) -> None:
        """Closes its connections; it is not used afterwards."""


class Rounds(Protocol):
    """Questions to a server and its answers, of which one may lead to the next question."""

    def pose(self, question: Question) -> bytes | Answer:
        """What the server is to be asked; the answer itself where it need not be. Runs in a child."""

    async def exchange(self, request: bytes) -> bytes:
        """What the server says. Runs in the engine."""

    def read(self, question: Question, reply: bytes) -> Answer | bytes:
        """The answer in what the server said, or what it is to be asked then. Runs in a child."""


@runtime_checkable
class RemoteBackend(Backend, Rounds, Protocol):
    """A backend that asks a server, which is left to the engine's process, so that no child waits for it. What grows
    with a document runs in children, before and after; neither keeps anything between."""


@runtime_checkable
class SeeingBackend(RemoteBackend, Protocol):
    """A backend whose model may take pictures of pages beside their words."""

    async def shown(self, pages: Sequence[ReadPage]) -> Sequence[int]:
        """Of which pages, by index, it wants pictures: of none where its server does not say that its model sees. Runs
        in the engine."""

    def with_pictures(self, request: bytes, pictures: Mapping[int, bytes]) -> bytes:
        """What the server is to be asked, with the pages' pictures by index. Runs in the engine."""


@runtime_checkable
class ColdBackend(Protocol):
    """A backend whose server may have to load its model first."""

    async def warm(self) -> None:
        """Has the model loaded. Raises `ModelError`. Runs in the engine, when it has nothing else to do."""


@runtime_checkable
class QueueingBackend(Protocol):
    """A backend whose questions wait for places of its server."""

    def queue(self) -> Queue:
        """Those that wait now, in the engine."""


async def in_rounds(backend: Rounds, question: Question) -> Answer:
    """The answer of a backend that asks a server, all rounds in a row: for who has nothing else to do meanwhile."""
    said = backend.pose(question)
    while not isinstance(said, Answer):
        said = backend.read(question, await backend.exchange(said))
    return said


def told(settings: Settings) -> dict[str, Any]:
    """The settings that a backend in a child process has: which one it is, and those of the model. No addresses, no
    secrets."""
    return {name: getattr(settings, name) for name in Settings.model_fields if name.startswith(("extractor", "model"))}


def load(settings: Settings, module: str = "") -> Backend:
    """The backend that the settings name, or that of another `module`. Only that one is imported."""
    backend: Backend = importlib.import_module(module or module_of(settings)).BACKEND(settings)
    return backend


def module_of(settings: Settings) -> str:
    """The module of the backend that the settings name: of two witnesses that which hears both."""
    return f"{__name__}.{'_witnesses' if settings.extractor.startswith(BOTH) else settings.extractor}"
