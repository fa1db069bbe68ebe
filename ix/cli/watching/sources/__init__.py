"""Where documents arrive. To add a kind of place, write a file with a class that has what `Source` asks for, and name
it in `SOURCES` under the scheme of its addresses."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from ix.errors import IxError

SOURCES = {
    "": "folder.Folder",
    "imap": "mailbox.Mailbox",
    "imaps": "mailbox.Mailbox",
    "s3": "bucket.Bucket",
}
"""The class for each scheme, as `module.Class` of this package. Only the module of the one asked for is imported."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A document that stands in a source. `key` names it there, as it is now: another content has another key. `read`
    gives its bytes; raises `Unreadable`."""

    key: str
    name: str
    read: Callable[[], bytes]


class SourceAway(IxError):
    """The source cannot be looked at now; later it may."""


class Unreadable(IxError):
    """One document cannot be read, such as one that is gone meanwhile; it is met again in the next look."""


class Source(Protocol):
    """A place where documents arrive."""

    name: str
    """What it is called in the ledger: the same place, the same name."""
    every: float
    """Seconds between two looks, unless the command says otherwise."""

    def look(self) -> Iterator[Arrival]:
        """What stands there now, also what was there before. Raises `SourceAway`."""

    def taken(self, arrival: Arrival) -> None:
        """Told of each arrival that the ledger has, after every look: it may be told twice."""


def source(address: str, secret: str, done: Path | None) -> Source:
    """The source at an address: a folder, or a URL. `secret` opens it, `done` is where files that were handed over are
    moved to. Raises `IxError` for what is no such address."""
    # a drive's letter is no scheme
    scheme = urlsplit(address).scheme if "://" in address else ""
    if scheme not in SOURCES:
        known = ", ".join(f"{one}://" for one in SOURCES if one)
        raise IxError(f"{scheme}://: cannot be watched; give a folder, or an address with {known}")
    module, _, kind = SOURCES[scheme].rpartition(".")
    made: Source = getattr(importlib.import_module(f"{__name__}.{module}"), kind)(address, secret, done)
    return made
