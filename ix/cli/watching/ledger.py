"""What was handed over, in an SQLite file: documents by where they stood, and by their content."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from ix.errors import IxError

# `asked` is how documents of this ledger were asked: the same file for another use case is another job
SCHEMA = """
CREATE TABLE IF NOT EXISTS handed_over (
    source TEXT NOT NULL, asked TEXT NOT NULL, key TEXT NOT NULL,
    sha256 TEXT NOT NULL, name TEXT NOT NULL, ix_id TEXT, refused TEXT, duplicate INTEGER NOT NULL, at TEXT NOT NULL,
    answered INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (source, asked, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_content ON handed_over (asked, sha256) WHERE ix_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS owed ON handed_over (source, asked)
    WHERE answered = 0 AND ix_id IS NOT NULL AND duplicate = 0;
"""
KNOWN = "SELECT key FROM handed_over WHERE source = ? AND asked = ?"
SAME = "SELECT ix_id, name FROM handed_over WHERE asked = ? AND sha256 = ? AND ix_id IS NOT NULL ORDER BY at LIMIT 1"
NOTE = """INSERT OR REPLACE INTO handed_over (source, asked, key, sha256, name, ix_id, refused, duplicate, at)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))"""
OWED = """SELECT key, name, ix_id FROM handed_over
          WHERE source = ? AND asked = ? AND answered = 0 AND ix_id IS NOT NULL AND duplicate = 0 ORDER BY at LIMIT ?"""
ANSWERED = "UPDATE handed_over SET answered = 1 WHERE source = ? AND asked = ? AND key = ?"
BUSY_SECONDS = 10.0
"""How long another process may hold the file."""


class Owed(NamedTuple):
    """A document whose answer is still to be written."""

    key: str
    name: str
    ix_id: str


class Ledger:
    """The ledger of one source that is asked one way. What a method has written is on the disk when it returns. Raises
    `IxError` where the file cannot be used, in every method."""

    def __init__(self, file: Path, source: str, asked: str) -> None:
        self._file, self._whose = file, (source, asked)
        with self._told():
            file.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(file, timeout=BUSY_SECONDS, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            # the default of WAL may lose the last commits with the power
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(SCHEMA)
            self._known = {key for (key,) in self._db.execute(KNOWN, self._whose)}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def __contains__(self, key: str) -> bool:
        return key in self._known

    def same(self, sha256: str) -> tuple[str, str] | None:
        """The job, and the name then, of a document with this content, wherever it stood."""
        with self._told():
            found: tuple[str, str] | None = self._db.execute(SAME, (self._whose[1], sha256)).fetchone()
        return found

    def note(
        self, key: str, sha256: str, name: str, ix_id: str | None, refused: str = "", duplicate: bool = False
    ) -> None:
        """Writes down that a document was handed over as a job, or `refused` for good."""
        with self._told():
            self._db.execute(NOTE, (*self._whose, key, sha256, name, ix_id, refused, int(duplicate)))
        self._known.add(key)

    def owed(self, most: int) -> list[Owed]:
        """Documents whose answers are still to be written, oldest first."""
        with self._told():
            return [Owed(*row) for row in self._db.execute(OWED, (*self._whose, most))]

    def answered(self, key: str) -> None:
        """Writes down that there is nothing more to do for a document."""
        with self._told():
            self._db.execute(ANSWERED, (*self._whose, key))

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise IxError(f"--ledger: {self._file} cannot be used ({error})") from None
