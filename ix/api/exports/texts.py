"""The text of one job, page by page."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from ix.api.exports.processes import ExportProcesses
from ix.database import Database
from ix.database.pages import PageHead

AT_ONCE = 16
"""Pages whose words are read at once."""


async def chunks(
    database: Database, processes: ExportProcesses, ix_id: str, pages: Sequence[PageHead], owner: str
) -> AsyncGenerator[bytes, None]:
    """The lines of these pages in UTF-8, a form feed behind each page but the last."""
    for start in range(0, len(pages), AT_ONCE):
        heads, words = [], []
        for page in pages[start : start + AT_ONCE]:
            # one that was dropped in this moment has no words
            if (packed := await database.pages.words(ix_id, page.document, page.page)) is not None:
                heads.append(page.model_dump(mode="json"))
                words.append(packed)
        _, texts = await processes.ask({"do": "text", "pages": heads}, words, owner)
        last = start + AT_ONCE >= len(pages)
        yield b"\f".join(texts) + (b"" if last else b"\f")
