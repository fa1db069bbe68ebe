"""Which files an agent may hand over: those in the folders that the command was given."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ix.errors import IxError


class Folders:
    """Folders with all that is in them. Raises `IxError` where one is not there."""

    def __init__(self, folders: Sequence[Path]) -> None:
        for folder in folders:
            if not folder.is_dir():
                raise IxError(f"--folder: {folder} is not a folder")
        self._roots = [folder.resolve() for folder in folders]

    def __str__(self) -> str:
        return ", ".join(map(str, self._roots))

    def file(self, name: str) -> Path:
        """The file of that name; a relative one is sought in each folder. Raises `IxError` for one that is elsewhere,
        or not there."""
        for root in self._roots:
            try:
                # resolved first: a link, or `..`, may lead out
                path = (root / name).resolve()
                if path.is_relative_to(root) and path.is_file():
                    return path
            except (OSError, ValueError):
                continue
        raise IxError(f"{name}: there is no such file in {self}; `ix mcp --folder` says which folders are open")
