"""Saved configurations that submissions name: what web remembers of them, and what they come to with what a submission
says itself.

    named ──▶ known already ──▶ merged ──▶ validated, as if the client had sent all of it
                │ no
                └─▶ Unresolved, to whoever may ask the database ──▶ the body is read again

The newest version is the one at the moment in which a job is accepted. A repetition is known by what was sent, so that
it finds its job whatever the newest version is by then, and also where there is none any more."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from time import monotonic
from typing import Any, NamedTuple, TypeAlias

from pydantic import TypeAdapter
from pydantic_core import to_json

from ix import untrusted
from ix.api.live.notifications import Notifications
from ix.api.middleware.memory import MAX_AGE_SECONDS
from ix.api.problems import Problem, invalid
from ix.api.submission.models import SubmissionIn
from ix.config import MIB
from ix.database.channels import CONFIGURATIONS_CHANNEL
from ix.database.configurations import Configurations, Reference, Saved
from ix.database.keys import Caller
from ix.errors import InvalidInput

MOST_REMEMBERED = 1_000
"""Configurations that are remembered, or that there are none such."""
MOST_BYTES = 16 * MIB
"""Bytes of their options."""
Named: TypeAlias = "tuple[str, str]"
"""A client, and what it names: `name` or `name@version`."""
Known: TypeAlias = "Mapping[Named, Saved | None]"
"""What is known of what clients name; None where there is no such configuration."""
NOTHING: Known = {}
SAVED = TypeAdapter(Saved)
"""How a configuration travels, in JSON."""
# what a submission says instead of its configuration
_OWN = ("use_case", "callback_url", "priority")


class Unresolved(Exception):
    """What submissions name, and nobody has looked up yet."""

    def __init__(self, named: Iterable[Named]) -> None:
        super().__init__("configurations")
        self.named = tuple(named)


class Remembered(NamedTuple):
    """What was found, and until when that is believed, seconds of the clock."""

    found: Saved | None
    until: float
    size: int


class ConfigurationMemory:
    """What a web process remembers of configurations: until a notification tells of a change, and where none arrives
    for `MAX_AGE_SECONDS`."""

    def __init__(
        self,
        configurations: Configurations,
        notifications: Notifications,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._configurations = configurations
        self._notifications = notifications
        self._clock = clock
        self._known: dict[Named, Remembered] = {}
        self._bytes = 0
        self._changes = 0
        notifications.subscribers.append(self)

    async def resolve(self, named: Collection[Named]) -> Known:
        """What is meant, by what was named. Raises what the database does."""
        # from now on changes are heard of
        await self._notifications.start()
        now = self._clock()
        found = {one: known.found for one in named if (known := self._known.get(one)) and known.until > now}
        if missing := [one for one in named if one not in found]:
            found |= await self._read(missing)
        return found

    async def _read(self, named: Collection[Named]) -> Known:
        changes, until = self._changes, self._clock() + MAX_AGE_SECONDS
        asked = [(one, reference) for one in named if (reference := Reference.of(one[1]))]
        rows = await self._configurations.resolve([(one[0], reference) for one, reference in asked])
        found: dict[Named, Saved | None] = dict.fromkeys(named)
        found |= {one: saved for (one, _), saved in zip(asked, rows, strict=True)}
        # what changed while it was read may have been read before
        if changes == self._changes:
            for one, saved in found.items():
                self._remember(one, Remembered(saved, until, len(to_json(saved.options)) if saved else 0))
        return found

    def _remember(self, one: Named, known: Remembered) -> None:
        if len(self._known) >= MOST_REMEMBERED or self._bytes + known.size > MOST_BYTES:
            self._forget()
        # one that was remembered for too long counts until all is forgotten
        self._known[one] = known
        self._bytes += known.size

    def _forget(self) -> None:
        self._known.clear()
        self._bytes = 0

    def heard(self, channel: str, payload: str) -> None:
        """One of those that are remembered may have changed."""
        if channel == CONFIGURATIONS_CHANNEL:
            self.missed()

    def missed(self) -> None:
        """Any of those that are remembered may have changed."""
        self._changes += 1
        self._forget()

    async def poll(self) -> None:
        """Takes all for changed, since nothing would tell."""
        self.missed()


def named_in(payload: Any, caller: Caller) -> Named | None:
    """What a payload that nobody has checked names, if it can name anything."""
    if not isinstance(payload, dict) or "configuration" not in payload:
        return None
    client, reference = caller.client_id or payload.get("client_id"), payload["configuration"]
    if not isinstance(client, str) or not isinstance(reference, str) or Reference.of(reference) is None:
        return None
    try:
        # what of a batch nobody has looked at may be no text of the database
        untrusted.check(client)
    except InvalidInput:
        return None
    return client, reference


def require(payloads: Iterable[Any], caller: Caller, known: Known) -> None:
    """Raises `Unresolved` with all that payloads name and nobody has looked up."""
    missing = {one for payload in payloads if (one := named_in(payload, caller)) and one not in known}
    if missing:
        raise Unresolved(sorted(missing))


def merged(given: SubmissionIn, saved: Saved | None) -> SubmissionIn:
    """What a submission comes to: what it says itself counts before what is saved, option by option. Raises `Problem`
    422 where there is no such configuration, or it is of another use case than the one that is said."""
    if saved is None:
        raise invalid(InvalidInput("configuration", "there is none of this name, or no such version"))
    if given.use_case not in (None, saved.use_case):
        raise invalid(InvalidInput("use_case", f"is not the one of the configuration, {saved.use_case}; leave it out"))
    said = {name: getattr(given, name) for name in _OWN if name in given.model_fields_set}
    stored = {name: getattr(saved, name) for name in _OWN}
    return given.model_copy(update={**stored, **said, "options": {**saved.options, **given.options}})


def digest_of(content: bytes, given: SubmissionIn) -> bytes:
    """What tells a submission with a configuration from others: the digest of what it says itself, what it names, and
    which of the saved values it sets aside, were it by saying null."""
    said = [name for name in _OWN if name in given.model_fields_set]
    return hashlib.sha256(content + to_json([given.configuration, said])).digest()


def refusal_of(told: Mapping[str, Any] | None) -> Problem | None:
    """A refusal that came from a child process."""
    return Problem(**told) if told else None
