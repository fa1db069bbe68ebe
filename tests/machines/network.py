"""A network for the machines: a bridge of this machine, and a network namespace with one wire to it for each. The run
that made them is in their names, so that whoever waits for it can take them away."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from subprocess import CalledProcessError

from tests.chaos.netns import ip

HERE = "10.213.92.1"
"""This machine on the bridge: senders and those who count are here."""
ADDRESSES: Mapping[str, str] = {"a": "10.213.92.2", "b": "10.213.92.3"}
PREFIX = 29


def namespace(name: str, run: int) -> str:
    """The network namespace of a machine, and its control group; `run` is the process that made it."""
    return f"ix{run}{name}"


def build() -> None:
    """Makes the bridge and both namespaces. Raises `CalledProcessError` where the kernel refuses, and
    `AssertionError` where another run has them."""
    run = os.getpid()
    taken = subprocess.run(
        ["ip", "-br", "addr", "show", "to", f"{HERE}/32"], capture_output=True, check=True, text=True
    )
    assert not taken.stdout, f"another run is under way: {taken.stdout.split()[0]}"
    ip("link", "add", _bridge(run), "type", "bridge")
    ip("addr", "add", f"{HERE}/{PREFIX}", "dev", _bridge(run))
    ip("link", "set", _bridge(run), "up")
    for name, address in ADDRESSES.items():
        own, wire = namespace(name, run), f"ixw{run}{name}"
        ip("netns", "add", own)
        ip("link", "add", wire, "type", "veth", "peer", "name", "wire", "netns", own)
        ip("link", "set", wire, "master", _bridge(run), "up")
        for arguments in (
            ("addr", "add", f"{address}/{PREFIX}", "dev", "wire"),
            ("link", "set", "wire", "up"),
            ("link", "set", "lo", "up"),
        ):
            ip("-n", own, *arguments)


def clear(run: int) -> None:
    """Takes away what a run made, or as much of it as it came to make."""
    for arguments in (
        *(("netns", "del", namespace(name, run)) for name in ADDRESSES),
        ("link", "del", _bridge(run)),
    ):
        with suppress(CalledProcessError):
            ip(*arguments)


def _bridge(run: int) -> str:
    return f"ixbr{run}"
