"""The load model of docs/capacity.md on two machines: 1, 2 and 4 web processes and engines, in network namespaces of
their machines, and what control groups say that they computed."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterator

from bench.capacity import NUMBERS, Cores, Load, check
from bench.papers import Paper, of_kind
from tests.chaos.fleet import patiently
from tests.machines import counting
from tests.machines.machine import Machine
from tests.machines.senders import Senders
from tests.machines.setting_up import Service

ROLES = {"ix-web": "web", "ix-engine": "worker", "postgresql": "server", "caddy": "proxy", "weed": "store"}
"""By the names of units."""
SECONDS = 600.0
WARM_UP = 20


def measured(service: Service, documents: int, log: Callable[[str], None]) -> str:
    """Predicted beside measured, as Markdown; so many texts for each number of processes."""
    # each another one, so that none is stored already
    papers, loads = of_kind("text", (documents + WARM_UP) * len(NUMBERS)), list[Load]()
    for number in NUMBERS:
        log(f"{number} web processes and engines")
        spread(service.machines, number)
        worked(service, itertools.islice(papers, WARM_UP))
        before, began, cores = computed(service.machines), time.monotonic(), Cores()
        worked(service, itertools.islice(papers, documents))
        took, after = time.monotonic() - began, computed(service.machines)
        spent = {role: after[role] - before[role] for role in before}
        each = {role: seconds / documents for role, seconds in spent.items()}
        loads.append(Load(number, documents / took, each, cores.left(sum(spent.values()))))
    return check("texts through both proxies, by web processes and as many engines", "web", loads)


def spread(machines: dict[str, Machine], number: int) -> None:
    """Has so many web processes and engines run, evenly on both machines, and no others."""
    units = [(f"ix-web@{at}", f"ix-engine@{at}") for at in (1, 2)]
    places = [(name, pair) for pair in units for name in machines]
    for at, (name, pair) in enumerate(places):
        machines[name].run(f"systemctl {'start' if at < number else 'stop'} {' '.join(pair)}")


def worked(service: Service, papers: Iterator[Paper]) -> None:
    """Submits documents; returns when all have ended."""
    senders = Senders(service.urls, service.key, papers)
    senders.start()
    for _ in patiently(SECONDS, pause=0.1):
        if senders.are_done:
            [row] = counting.ask(service, counting.ENDED)
            if row["jobs"] == row["ended"]:
                return


def computed(machines: dict[str, Machine]) -> dict[str, float]:
    """Processor seconds by role since the start, of both machines; `client` is this process."""
    found = dict.fromkeys(ROLES.values(), 0.0) | {"client": sum(os.times()[:2])}
    for one in machines.values():
        for name, seconds in one.computed([*ROLES]).items():
            found[ROLES[name]] += seconds
    return found
