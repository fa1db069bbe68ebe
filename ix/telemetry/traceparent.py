"""Trace contexts on the wire: the headers `traceparent` and `tracestate`, after the W3C Recommendation Trace Context,
version 00.

    traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01     version, trace id, span id, flags
    tracestate: vendor=opaque,other=opaque                                   newest first

A header that breaks the rules counts as not sent (sections 3.2.2.3 and 3.3.1.5): a client's trace is never a reason to
refuse its job."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from typing import NamedTuple

MAX_STATE = 512
"""Characters of `tracestate` that are passed on: what section 3.3.1.5 asks for at least."""
LONG_MEMBER = 128
"""Characters beyond which a member is the first to go where there are too many."""
MAX_MEMBERS = 32  # the most that the Recommendation allows
SAMPLED = 1
"""The flag that is defined; all others are sent as 0 (section 3.2.2.5)."""
_PARENT = re.compile(r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_KEY = r"[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13}"
_MEMBER = re.compile(rf"({_KEY})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{{0,255}}[\x21-\x2b\x2d-\x3c\x3e-\x7e]")


class Trace(NamedTuple):
    """A position in a trace: whoever is told of it is called by the span `span_id`. `flags` are those of the header,
    `state` is its companion `tracestate`."""

    trace_id: str
    span_id: str
    flags: int = 0
    state: str = ""

    def child(self) -> Trace:
        """A position in this trace with a span id of its own, for a call onwards."""
        return self._replace(span_id=secrets.token_hex(8))

    def headers(self) -> dict[str, str]:
        """The two headers that tell of it; `tracestate` is left out where it is empty."""
        parent = f"00-{self.trace_id}-{self.span_id}-{self.flags:02x}"
        return {"traceparent": parent, "tracestate": self.state} if self.state else {"traceparent": parent}

    def line(self) -> str:
        """The headers' values in one line, as it is stored."""
        return " ".join(self.headers().values())


def read(parents: Sequence[str], states: Sequence[str] = ()) -> Trace | None:
    """The trace that the headers of these values tell of; None where there is no `traceparent`, more than one, or one
    that is malformed."""
    found = _PARENT.fullmatch(parents[0]) if len(parents) == 1 else None
    # version 00 ends with its flags; later ones may go on, and what they add is ignored
    if found is None or (found[1] == "00" and found[5]):
        return None
    return Trace(found[2], found[3], int(found[4], 16) & SAMPLED, _state(states))


def stored(line: str | None) -> Trace | None:
    """The trace in what `Trace.line` gave; None where it was none."""
    parent, _, state = (line or "").partition(" ")
    return read([parent], [state])


def _state(values: Sequence[str]) -> str:
    """The header's members in their order, all values joined; nothing where one of them breaks the rules."""
    members = [member.strip(" \t") for value in values for member in value.split(",")]
    # empty members are allowed, and mean nothing
    members = [member for member in members if member]
    # a key that is there twice, or a member that is none, leaves fewer keys than members
    keys = {found[1] for member in members if (found := _MEMBER.fullmatch(member))}
    return _shortened(members) if len(keys) == len(members) <= MAX_MEMBERS else ""


def _shortened(members: list[str]) -> str:
    """Whole members only: the long ones go first, then the last."""
    if len(",".join(members)) > MAX_STATE:
        members = [member for member in members if len(member) <= LONG_MEMBER]
    while len(",".join(members)) > MAX_STATE:
        members.pop()
    return ",".join(members)
