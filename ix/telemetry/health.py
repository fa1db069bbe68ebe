"""How a part of ix is, as `/healthz` and the engines' heartbeats report it."""

from __future__ import annotations

from typing import Literal, NamedTuple

Health = Literal["ok", "degraded", "fail", "off"]
"""Works; works in part, or not yet; does not work; is not in use."""


class Queue(NamedTuple):
    """How many wait for a place of a part, and for how long the first of them has, seconds; 0 where none does."""

    waiting: int = 0
    oldest_seconds: float = 0.0
