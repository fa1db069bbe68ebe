"""`ix secret`: the secrets that sign a client's callbacks."""

from __future__ import annotations

from functools import partial

from ix.callbacks import new_secret
from ix.cli.database import with_pool
from ix.db import Pool
from ix.deliveries import DeliveriesRepo

OVERLAP_SECONDS = 86_400.0
"""How long an older secret stays valid beside a new one, so that receivers can change over."""


def add(client_id: str) -> str:
    """Makes a secret, stores it and returns it as receivers write it (`whsec_…`)."""
    return with_pool(partial(made, client_id=client_id))


async def made(pool: Pool, client_id: str) -> str:
    """The same over a pool that is open."""
    key, written = new_secret()
    await DeliveriesRepo(pool).add_secret(client_id, key, OVERLAP_SECONDS)
    return written
