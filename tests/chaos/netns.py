"""A network of a process's own (Linux network namespaces), tied to this machine by one wire that a test can cut so that
nobody is told."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

HERE, THERE = "10.213.91.1", "10.213.91.2"
"""The two ends of the wire. They exist on this machine only, and only while a test runs."""


class Island:
    """A network namespace. `by` starts a command in it."""

    def __init__(self) -> None:
        self.name = self._device = f"ix{os.getpid()}"
        self.by: Sequence[str] = ("ip", "netns", "exec", self.name)

    def cut(self) -> None:
        """What is sent is lost from now on: no reset, no end."""
        ip("link", "set", self._device, "down")

    def mend(self) -> None:
        """It arrives again."""
        ip("link", "set", self._device, "up")

    def build(self) -> None:
        ip("netns", "add", self.name)
        ip("link", "add", self._device, "type", "veth", "peer", "name", "wire", "netns", self.name)
        ip("addr", "add", f"{HERE}/30", "dev", self._device)
        ip("link", "set", self._device, "up")
        for arguments in (
            ("addr", "add", f"{THERE}/30", "dev", "wire"),
            ("link", "set", "wire", "up"),
            ("link", "set", "lo", "up"),
        ):
            ip("-n", self.name, *arguments)

    def clear(self) -> None:
        """The wire goes with the network that it leads to."""
        ip("netns", "del", self.name)


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


@contextmanager
def island() -> Iterator[Island]:
    """A network for a while; skips the test where none can be made."""
    made = Island()
    try:
        made.build()
    except FileNotFoundError:
        pytest.skip("no network namespace without the command ip (apt-get install iproute2)")
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no network namespace can be made, which takes root: {error.stderr.decode().strip()}")
    try:
        yield made
    finally:
        made.clear()
