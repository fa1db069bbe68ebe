"""The blocks of `docs/two-machines.md`: what an operator would paste, and where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tests.deploy.programs import ROOT

PAGE = ROOT / "docs" / "two-machines.md"
BOTH = ("a", "b")
_BLOCK = re.compile(r"^## ([^\n]+)$|^```sh\n# on (both|a|b)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A script, the machines that it runs on, and what its first line says besides: `when a comes back`."""

    machines: Sequence[str]
    when: str
    script: str


def blocks(heading: str) -> list[Block]:
    """The blocks under a heading, in their order. Raises `AssertionError` where there are none."""
    found = [block for title, block in _all() if title == heading]
    assert found, f"no block for a machine under {heading} in {PAGE}"
    return found


def block(heading: str, when: str) -> Block:
    """The one block under a heading whose first line says so."""
    [found] = [one for one in blocks(heading) if one.when == when]
    return found


def _all() -> Iterator[tuple[str, Block]]:
    title = ""
    for found in _BLOCK.finditer(PAGE.read_text()):
        if found[1]:
            title = found[1]
        else:
            yield title, Block(BOTH if found[2] == "both" else (found[2],), found[3].strip(), found[4])
