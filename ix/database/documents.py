"""Where the bytes of documents are: in their rows, or as objects in a store.

    reserved ──put──▶ uploaded ──job and document committed──▶ named by a document ──the last job erased──▶ due
        └───────────────┴──web died, or the key was not needed: after a grace───────────────────────────────▲  │
                                                                      deleted, once the store has said so ◀──┘

A key is loose (`loose_objects`) until a document names it and from its end on: triggers see to both. So an object is
always known to PostgreSQL, and none has to be looked for in the bucket."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import timedelta
from time import monotonic

from ix.database.connect import Pool
from ix.database.objects import ObjectStore
from ix.database.repository import Repository
from ix.errors import StoreUnavailable
from ix.job import Stored

RESERVED = 32
"""Keys that are reserved at once: they cost a commit."""
GRACE_SECONDS = 3600.0
"""How long a key is reserved. What was uploaded under it and is named by no document then is deleted."""
BATCH = 100
"""Keys of one request to delete, which has the time of any other; S3's own limit is 1,000."""
LEASE_SECONDS = 300.0
"""How long a deletion may take before another engine tries it."""
NOT_STORED = "IX001"
"""SQLSTATE of a document whose object is gone, or was never there: see the trigger `hold_object`."""


class Documents(Repository):
    """The table of documents, and the store beside it. `least_bytes`: smaller documents stay in their rows, and all of
    them where there is no `store`."""

    def __init__(
        self, pool: Pool, acquire_timeout: float = 5.0, store: ObjectStore | None = None, least_bytes: int = 0
    ) -> None:
        super().__init__(pool, acquire_timeout)
        self._store = store
        self._least_bytes = least_bytes
        self._keys: deque[str] = deque()
        self._keys_until = float("-inf")
        self._reserving = asyncio.Lock()

    # Read

    _SELECT = "SELECT sha256, bytes, object, size FROM documents WHERE sha256 = ANY($1::bytea[])"

    async def read(self, hashes: Sequence[str]) -> dict[str, bytes]:
        """Stored bytes by their SHA-256 in hex, without those that are gone. Raises `StoreUnavailable`."""
        rows = await self._fetch(self._SELECT, [bytes.fromhex(sha) for sha in hashes])
        found = {row["sha256"].hex(): row["bytes"] for row in rows}
        for row in rows:
            # one after the other: a document comes in several pieces at once
            if row["object"] is not None:
                found[row["sha256"].hex()] = await self._asked().get(row["object"], row["size"])
        return {sha: data for sha, data in found.items() if data is not None}

    _SIZE = "SELECT coalesce(size, octet_length(bytes)) FROM documents WHERE sha256 = $1"

    async def size(self, sha256: bytes) -> int:
        """Bytes of a document; 0 for one that is gone."""
        found = await self._fetch(self._SIZE, sha256)
        return found[0][0] if found else 0

    async def probe(self) -> None:
        """Raises `StoreUnavailable` where the store does not answer."""
        await self._asked().probe()

    # Store

    _KNOWN = "SELECT encode(sha256, 'hex') AS sha256 FROM documents WHERE sha256 = ANY($1::bytea[])"

    def goes_to_store(self, data: bytes) -> bool:
        """Whether a document of these bytes becomes an object."""
        return self._store is not None and len(data) >= self._least_bytes

    async def upload(self, blobs: Mapping[str, bytes], anew: bool = False) -> dict[str, Stored]:
        """Stores documents as objects, by SHA-256, until a row names them; those that are known only if `anew`. Raises
        `StoreUnavailable`."""
        rows = [] if anew else await self._fetch(self._KNOWN, [bytes.fromhex(sha) for sha in blobs])
        known = {row["sha256"] for row in rows}
        stored = {sha: Stored(None if sha in known else await self._key(), len(data)) for sha, data in blobs.items()}
        await asyncio.gather(*(self._asked().put(one.key, blobs[sha]) for sha, one in stored.items() if one.key))
        return stored

    _RESERVE = """
        INSERT INTO loose_objects (key, due_at)
        SELECT substr(name, 1, 2) || '/' || name, clock_timestamp() + $2::interval
        FROM (SELECT gen_random_uuid()::text AS name FROM generate_series(1, $1)) AS drawn
        RETURNING key"""

    async def _key(self) -> str:
        """A key that nobody else has, and that is reserved for half of the grace at least."""
        async with self._reserving:
            if not self._keys or monotonic() > self._keys_until:
                self._keys_until = monotonic() + GRACE_SECONDS / 2
                rows = await self._fetch(self._RESERVE, RESERVED, timedelta(seconds=GRACE_SECONDS))
                self._keys = deque(row["key"] for row in rows)
            return self._keys.popleft()

    # Delete

    # 1. due: up to $1 of them, passing over those that another engine takes in this moment.
    # 2. Put off by the lease: an engine that dies, or a store that is away, is followed.
    _TAKE = """
        WITH due AS MATERIALIZED (
            SELECT key FROM loose_objects WHERE due_at <= clock_timestamp()
            ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED
        )
        UPDATE loose_objects SET attempts = attempts + 1, due_at = clock_timestamp() + $2::interval
        WHERE key = ANY (ARRAY(SELECT key FROM due)) RETURNING key"""
    _FORGET = "DELETE FROM loose_objects WHERE key = ANY($1::text[]) AND attempts > 0"

    async def delete_loose(self) -> int:
        """Deletes objects that no document names, up to `BATCH`; how many they were. Raises `StoreUnavailable`, and
        another try is due after the lease."""
        if self._store is None:
            return 0
        rows = await self._fetch(self._TAKE, BATCH, timedelta(seconds=LEASE_SECONDS))
        if keys := [row["key"] for row in rows]:
            await self._store.delete(keys)
            await self._fetch(self._FORGET, keys)
        return len(keys)

    _OBJECTS = """
        SELECT EXISTS (SELECT FROM documents WHERE object IS NOT NULL) AS used, (
            SELECT count(*) FROM loose_objects WHERE attempts > 1) AS stuck"""

    async def objects(self) -> tuple[bool, int]:
        """Whether any document is an object, and how many objects could not be deleted at once."""
        [row] = await self._fetch(self._OBJECTS)
        return row["used"], row["stuck"]

    def _asked(self) -> ObjectStore:
        if self._store is None:
            raise StoreUnavailable("documents stand in an object store, and this process knows none (IX_S3_BUCKET)")
        return self._store
