"""What an address gives, as bytes."""

from __future__ import annotations

import io

from ix.outbound import Outbound


async def fetched(outbound: Outbound, url: str) -> bytes:
    """The bytes at an address, as `Outbound.fetch_into` writes them."""
    into = io.BytesIO()
    size = await outbound.fetch_into(url, into)
    assert size == len(into.getvalue())
    return into.getvalue()
