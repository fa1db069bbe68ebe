"""Sends the questions of a round to a model server, as many at once as it has places, in the spelling that it takes.

    round ──▶ [what it is about, replies of the round before, questions]
    said  ──▶ [what the server says of itself, replies of the round before, replies]

Whoever waits for a place only waits: that counts against no time limit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from pydantic_core import to_json

from ix import untrusted
from ix.config import Settings
from ix.errors import ModelError
from ix.extraction.models._dialect import Spelling, other_spelling, respelled
from ix.extraction.models._failures import RefusedRequest
from ix.extraction.models._http import ModelServer
from ix.extraction.models._profile import UNKNOWN, Profile
from ix.extraction.processes.turns import Turns
from ix.extraction.processes.waiting import working
from ix.telemetry.health import Queue

LOOK_SECONDS = 5.0
"""Time limit of looking at what a server says of itself."""
LOOK_AGAIN = 30.0
"""Time until a server that did not say is looked at again, seconds."""
Look = Callable[[], Awaitable[Profile]]


class Asker:
    """Asks at `path` of a server. `look` gives its profile; `usual` are its places where neither the settings nor the
    server say how many it has."""

    def __init__(self, settings: Settings, server: ModelServer, path: str, look: Look, usual: int) -> None:
        self._settings, self._server, self._path, self._look = settings, server, path, look
        self._own = settings.model_slots
        # a server with fewer places than askers lets the rest wait, and their time limits run out
        self._turns = Turns(self._own or usual)
        self._looking = asyncio.Lock()
        self._look_again: dict[str, float] = {}
        self._profiles: dict[str, Profile] = {}
        self._spellings: dict[str, list[Spelling]] = {}

    async def profile(self) -> Profile:
        """What the server that is asked now says of itself; looked at until it says something."""
        async with self._looking:
            url = self._server.url
            known = self._profiles.get(url)
            # jobs that ask a server that is down are not to wait for it twice
            if known is None and time.monotonic() >= self._look_again.get(url, 0.0):
                try:
                    async with asyncio.timeout(min(LOOK_SECONDS, self._settings.model_timeout)):
                        known = self._profiles[url] = await self._look()
                except (ModelError, TimeoutError):
                    self._look_again[url] = time.monotonic() + LOOK_AGAIN
            if known is None:
                return UNKNOWN
            if self._turns.places != (places := self._own or known.slots or self._turns.places):
                self._turns.resize(places)
        return known

    @property
    def queue(self) -> Queue:
        """The questions that wait for a place."""
        return self._turns.queue

    async def ask(self, body: bytes) -> bytes:
        """The reply to one question. Raises `ModelError`."""
        async with self._turns.place():
            with working():
                return await self._in_its_words(body)

    async def _in_its_words(self, body: bytes) -> bytes:
        """Asks in the spelling that the server is known to take, and finds that out where it refuses."""
        while True:
            known = list(self._spellings.get(self._server.url, ()))
            spelled = to_json(respelled(untrusted.load(body), known)) if known else body
            try:
                return await self._server.post(self._path, spelled, self._settings.model_timeout)
            except RefusedRequest as refusal:
                other = other_spelling(untrusted.load(spelled), refusal.said)
                # each spelling is tried once, so that this ends
                if other is None or other in known:
                    raise
                learned = self._spellings.setdefault(self._server.url, [])
                if other not in learned:
                    learned.append(other)
