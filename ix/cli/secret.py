"""`ix secret`: the secrets that sign a client's callbacks."""

from __future__ import annotations

from ix.callbacks import new_secret
from ix.config import Settings
from ix.db import open_pool
from ix.deliveries import DeliveriesRepo

OVERLAP_SECONDS = 86_400.0
"""How long an older secret stays valid beside a new one, so that receivers can change over."""


async def add(settings: Settings, client_id: str) -> str:
    """Makes a secret, stores it and returns it as receivers write it (`whsec_…`)."""
    key, written = new_secret()
    pool = await open_pool(settings)
    try:
        await DeliveriesRepo(pool).add_secret(client_id, key, OVERLAP_SECONDS)
    finally:
        await pool.close()
    return written
