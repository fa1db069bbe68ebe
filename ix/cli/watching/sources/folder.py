"""A folder, with all folders in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from ix.cli.watching.sources import Arrival, SourceAway, Unreadable
from ix.errors import IxError

UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".tmp", ".swp", "~")
"""Endings under which programs write a file that is not whole yet."""
HIDDEN = (".", "~$")
"""Beginnings of names that are not a person's documents: hidden files, and locks of office programs."""


class Folder:
    """Files of a folder. One counts once two looks in a row saw the same size and time of change: whoever copies a file
    into it need do nothing about it. Links are left alone."""

    every = 2.0

    def __init__(self, address: str, secret: str, done: Path | None) -> None:
        self._root = Path(address).resolve()
        if not self._root.is_dir():
            raise IxError(f"{address} is not a folder")
        self._done = done.resolve() if done else None
        if self._done and not self._done.is_dir():
            raise IxError(f"--done: {done} is not a folder")
        self.name = str(self._root)
        self._seen: dict[str, str] = {}

    def look(self) -> Iterator[Arrival]:
        seen: dict[str, str] = {}
        for path, stat in self._files():
            place = str(path.relative_to(self._root))
            state = f"{stat.st_size}/{stat.st_mtime_ns}"
            seen[place] = state
            if self._seen.get(place) == state:
                yield Arrival(f"{place}\n{state}", path.name, partial(_read, path))
        self._seen = seen

    def taken(self, arrival: Arrival) -> None:
        if self._done is None:
            return
        path = self._root / arrival.key.partition("\n")[0]
        try:
            path.rename(_free(self._done / arrival.name))
        except FileNotFoundError:
            pass
        except OSError as error:
            raise IxError(f"--done: {path} cannot be moved there ({error.strerror})") from None

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        def away(error: OSError) -> None:
            raise SourceAway(f"{error.filename} cannot be looked at ({error.strerror})")

        for folder, folders, files in os.walk(self._root, onerror=away):
            folders[:] = [name for name in sorted(folders) if self._is_looked_into(Path(folder, name))]
            for name in sorted(files):
                path = Path(folder, name)
                if name.startswith(HIDDEN) or name.lower().endswith(UNFINISHED) or path.is_symlink():
                    continue
                try:
                    stat = path.stat()
                except FileNotFoundError:
                    continue
                # a pipe would be waited for, and an empty file is mostly one that is about to be written
                if path.is_file() and stat.st_size:
                    yield path, stat

    def _is_looked_into(self, folder: Path) -> bool:
        return not folder.name.startswith(HIDDEN) and folder != self._done


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read ({error.strerror})") from None


def _free(path: Path) -> Path:
    """A name that nothing has yet: the path itself, or one with a number."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_stem(f"{path.stem}-{number}")
    return free
