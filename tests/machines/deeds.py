"""What is done to the two machines under load: a process of each kind dies by SIGKILL and comes back."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tests.chaos.fleet import patiently
from tests.machines import runbook
from tests.machines.machine import Machine, on

BACK_SECONDS = 120.0
_FOLLOWS = "cd /; runuser -u postgres -- psql -XtAc 'SELECT sync_state FROM pg_stat_replication'"


class Deed(NamedTuple):
    """What is done once a share of all documents is acknowledged; `do` gives when it was undone, in seconds."""

    share: float
    name: str
    do: Callable[[dict[str, Machine]], float]


def _killed(machine: str, unit: str) -> Callable[[dict[str, Machine]], float]:
    """Seconds until systemd has another process of the service."""

    def do(machines: dict[str, Machine]) -> float:
        one = machines[machine]
        before, began = one.pid(unit), time.monotonic()
        one.kill(unit)
        for _ in patiently(BACK_SECONDS, pause=0.05):
            if one.pid(unit) not in (0, before) and one.is_active(unit):
                break
        return time.monotonic() - began

    return do


def _child_killed(machine: str) -> Callable[[dict[str, Machine]], float]:
    """Seconds until the engine has one of its children in the dead one's place; it lives on itself."""

    def do(machines: dict[str, Machine]) -> float:
        one, unit = machines[machine], "ix-engine@1"
        before, children = one.pid(unit), set[str]()
        for _ in patiently(BACK_SECONDS, pause=0.1):
            if children := set(one.children(unit)):
                break
        began = time.monotonic()
        one.run(f"kill -KILL {max(children, key=int)}")
        for _ in patiently(BACK_SECONDS, pause=0.05):
            if set(one.children(unit)) - children:
                break
        assert one.pid(unit) == before
        return time.monotonic() - began

    return do


def fail_over(machines: dict[str, Machine]) -> float:
    """The PostgreSQL that takes writes dies, the other takes over: seconds from the death to that."""
    began = time.monotonic()
    machines["a"].run("kill -KILL $(head -1 /var/lib/postgresql/15/main/postmaster.pid)")
    on(machines, runbook.block("When a dies", "when its PostgreSQL has died"))
    on(machines, runbook.block("When a dies", "to take over"))
    return time.monotonic() - began


def rejoin(machines: dict[str, Machine]) -> float:
    """The one that died follows the other: seconds until every commit waits for it again."""
    began = time.monotonic()
    for when in ("before a comes back", "to follow b", "once a follows"):
        on(machines, runbook.block("When a dies", when))
    for _ in patiently(BACK_SECONDS, pause=0.1):
        if machines["b"].run(_FOLLOWS) == "sync":
            break
    return time.monotonic() - began


DEEDS: Sequence[Deed] = (
    Deed(0.10, "web of a", _killed("a", "ix-web@1")),
    Deed(0.20, "engine of b", _killed("b", "ix-engine@1")),
    Deed(0.30, "a child of the engine of a", _child_killed("a")),
    Deed(0.40, "proxy of a", _killed("a", "caddy")),
    Deed(0.50, "S3 server", _killed("b", "weed")),
    Deed(0.60, "PostgreSQL of a, which took writes", fail_over),
    Deed(0.80, "(PostgreSQL of a follows b)", rejoin),
)
