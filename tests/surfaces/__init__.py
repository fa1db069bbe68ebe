"""What others rely on, written down: a text file for each public surface, sorted, one fact a line.

A change of a surface shows in the diff of its file. `make surfaces` (`python -m tests.surfaces`) writes the files anew;
whoever does so says in CHANGELOG.md what is new, and what is gone or renamed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from tests.surfaces import command_line, events, http, python, settings

SURFACES: Mapping[str, Callable[[], Iterable[str]]] = {
    "http": http.facts,
    "command_line": command_line.facts,
    "settings": settings.facts,
    "events": events.facts,
    "python": python.facts,
}
"""The facts of each surface; those of `sql` need a migrated database, see `tests.surfaces.sql`."""


def file_of(surface: str) -> Path:
    """Where a surface is written down."""
    return Path(__file__).with_name(f"{surface}.txt")


def text_of(facts: Iterable[str]) -> str:
    """Facts as a file holds them."""
    return "".join(f"{fact}\n" for fact in sorted(set(facts)))
