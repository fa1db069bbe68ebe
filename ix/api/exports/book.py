"""A workbook on its way: a sheet of jobs and one of the rows of their lists, and further ones where those are full."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ix.api.exports.tables import Title
from ix.api.exports.workbook import MOST_ROWS, Archive, Sheet, Waiting
from ix.config import MIB

MOST_WAITING = 1024 * MIB
"""Bytes, packed, that the rows of lists may take while those of the jobs are written."""


class Book:
    """The archive and its sheets. The rows of lists wait on the disk: an archive holds one part after the other. What
    the methods return is the next piece of the file."""

    def __init__(self, name: str, titles: Sequence[Title], of_lists: Sequence[Title] = ()) -> None:
        self._archive = Archive()
        self._name, self._titles, self._of_lists = name, titles, of_lists
        self._sheet = Sheet(name, titles)
        self._sheets = 0
        self._waiting: list[tuple[Sheet, Waiting]] = []

    @property
    def next_rows(self) -> list[int]:
        """The numbers of the rows that come next, of jobs and of lists."""
        return [self._sheet.next_row, self._waiting[-1][0].next_row if self._waiting else 0]

    def begin(self) -> bytes:
        """What comes before the rows."""
        if self._of_lists:
            self._begin_list()
        return self._archive.begin() + self._begin_sheet()

    def make_room(self, counts: Sequence[int]) -> bytes | None:
        """None where so many rows more, of jobs and of lists, have room on their sheets; else others are begun, and the
        rows have other numbers."""
        piece = None
        if self._sheet.next_row + counts[0] > MOST_ROWS + 1:
            # the numbers of rows go on to the end of a sheet, and begin anew on the next
            piece = self._archive.write(self._sheet.closing()) + self._begin_sheet()
        if self._waiting and self._waiting[-1][0].next_row + counts[1] > MOST_ROWS + 1:
            self._begin_list()
            piece = piece or b""
        return piece

    def add(self, tables: Sequence[bytes], counts: Sequence[int]) -> bytes:
        """Adds rows. Raises `OSError` where there is no room for those that wait. Takes milliseconds, most of them
        without the lock of the interpreter."""
        self._sheet.next_row += counts[0]
        if self._waiting:
            # not into the archive: that of the jobs is not whole yet
            sheet, waiting = self._waiting[-1]
            waiting.write(tables[1])
            sheet.next_row += counts[1]
        return self._archive.write(tables[0])

    def end(self) -> Iterator[bytes]:
        """All that comes behind the rows of jobs, piece by piece."""
        yield self._archive.write(self._sheet.closing())
        for sheet, waiting in self._waiting:
            yield self._archive.open(sheet.name) + self._archive.write(sheet.opening())
            yield from map(self._archive.write, waiting.pieces())
            yield self._archive.write(sheet.closing())
        yield self._archive.end()

    def close(self) -> None:
        """Gives back the room on the disk."""
        for _, waiting in self._waiting:
            waiting.close()

    def _begin_sheet(self) -> bytes:
        self._sheets += 1
        self._sheet = Sheet(_numbered(self._name, self._sheets), self._titles)
        return self._archive.open(self._sheet.name) + self._archive.write(self._sheet.opening())

    def _begin_list(self) -> None:
        name = _numbered("Lines", len(self._waiting) + 1)
        self._waiting.append((Sheet(name, self._of_lists), Waiting(MOST_WAITING)))


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name} {number}"
