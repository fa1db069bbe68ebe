"""Draws pages for a model that sees."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ix.errors import JobError
from ix.extraction.models import PICTURE_KIND, PICTURE_SIDE
from ix.extraction.page import Document, ReadPage
from ix.extraction.reader import Reader


async def drawn(
    reader: Reader, documents: Sequence[Document], pages: Sequence[ReadPage], wanted: Sequence[int]
) -> dict[int, bytes]:
    """Pictures of the pages wanted, upright, by the pages' index; without those that cannot be drawn, whose words are
    asked about all the same."""
    made = await asyncio.gather(*(_picture(reader, documents, pages[at]) for at in wanted))
    return {at: picture for at, picture in zip(wanted, made, strict=True) if picture}


async def _picture(reader: Reader, documents: Sequence[Document], page: ReadPage) -> bytes:
    try:
        return await reader.picture(
            documents[page.document],
            page.number,
            rotation=page.rotation,
            longest=PICTURE_SIDE,
            kind=PICTURE_KIND,
        )
    except JobError:
        return b""
