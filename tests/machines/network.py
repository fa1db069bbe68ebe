"""A network for the machines: a bridge of this machine, and a network namespace with one wire to it for each."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from subprocess import CalledProcessError

from tests.chaos.netns import ip

HERE = "10.213.92.1"
"""This machine on the bridge: senders and those who count are here."""
ADDRESSES: Mapping[str, str] = {"a": "10.213.92.2", "b": "10.213.92.3"}
PREFIX = 29
BRIDGE = f"ixbr{os.getpid()}"


def namespace(name: str) -> str:
    """The network namespace of a machine."""
    return f"ix{os.getpid()}{name}"


@contextmanager
def network() -> Iterator[None]:
    """The bridge and both namespaces, for a while. Raises `CalledProcessError` where the kernel refuses."""
    with ExitStack() as at_end:
        at_end.callback(_gone, "link", "del", BRIDGE)
        ip("link", "add", BRIDGE, "type", "bridge")
        ip("addr", "add", f"{HERE}/{PREFIX}", "dev", BRIDGE)
        ip("link", "set", BRIDGE, "up")
        for name, address in ADDRESSES.items():
            own, wire = namespace(name), f"ixw{os.getpid()}{name}"
            at_end.callback(_gone, "netns", "del", own)
            ip("netns", "add", own)
            ip("link", "add", wire, "type", "veth", "peer", "name", "wire", "netns", own)
            ip("link", "set", wire, "master", BRIDGE, "up")
            for arguments in (
                ("addr", "add", f"{address}/{PREFIX}", "dev", "wire"),
                ("link", "set", "wire", "up"),
                ("link", "set", "lo", "up"),
            ):
                ip("-n", own, *arguments)
        yield


def _gone(*arguments: str) -> None:
    """Takes away what may never have been made."""
    with suppress(CalledProcessError):
        ip(*arguments)
