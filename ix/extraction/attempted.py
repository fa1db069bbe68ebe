"""What earlier attempts of a job have read of its pages, by the very documents and the very reader."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib import metadata
from typing import Protocol

from ix.config import DISTRIBUTION, Settings
from ix.extraction import ocr
from ix.extraction.page import Document, ReadPage


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A page that was read, of the document with this `sha256` (hex), and by which `reader`: another may read it
    otherwise. `confidence` is that of OCR, where it gave one."""

    page: ReadPage
    sha256: str
    reader: str
    confidence: float | None = None


class Keeper(Protocol):
    """Keeps what is read of a job for its next attempt, which reads only what is missing."""

    async def kept(self) -> Sequence[KeptPage]:
        """What earlier attempts of the job have read."""

    def keep(self, pages: Sequence[KeptPage]) -> None:
        """Keeps pages, in its own time."""


class Attempted:
    """What is known of the pages of one job: those that were `kept`, by document and number."""

    def __init__(
        self, documents: Sequence[Document], keeper: Keeper | None, digests: Sequence[str], reader: str
    ) -> None:
        self.documents = documents
        self.kept: dict[tuple[int, int], ReadPage] = {}
        self._keeper, self._digests, self._reader = keeper, digests, reader

    async def find_kept(self) -> None:
        """Finds what OCR has read of these very documents."""
        for kept in await self._keeper.kept() if self._keeper is not None else ():
            page = kept.page
            of_the_same = self._digests[page.document : page.document + 1] == [kept.sha256]
            if page.source != "text" and kept.reader == self._reader and of_the_same:
                # the table has it in half the digits
                sure = round(kept.confidence or 1.0, 4)
                self.kept[page.document, page.number] = replace(page, confidence=sure)

    def keep(self, *pages: ReadPage, confidence: float | None = None) -> None:
        if self._keeper is not None and pages:
            self._keeper.keep(
                [KeptPage(page, self._digests[page.document], self._reader, confidence) for page in pages]
            )


async def digests(documents: Sequence[Document]) -> list[str]:
    """The SHA-256 of each document, hexadecimal."""
    # in a thread, where the lock of the interpreter is free meanwhile
    return [one.sha256 or (await asyncio.to_thread(hashlib.sha256, one.data)).hexdigest() for one in documents]


def reader_name(settings: Settings) -> str:
    """What reads the pages, with the settings that change what is read."""
    return (
        f"ix {_version(DISTRIBUTION)}, {settings.ocr} {_version(ocr.package(settings.ocr))} at {settings.ocr_dpi} dpi"
    )


def _version(distribution: str) -> str:
    """The version of what is installed; empty for a checkout, and for an engine that is no package of Python."""
    with suppress(metadata.PackageNotFoundError):
        return metadata.version(distribution)
    return ""
