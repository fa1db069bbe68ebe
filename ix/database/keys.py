"""API keys: who calls. A key is printed once, when it is made; the database holds its SHA-256.

A key reads `ix_<key_id>_<secret>`: the id, 12 hex digits, finds the row and names the key to people; the secret is 256
random bits."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from ix.database.repository import Repository
from ix.errors import IxError

_KEY = re.compile(r"ix_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")
_NOBODY = bytes(32)
"""No key is known that hashes to this."""


class Caller(NamedTuple):
    """Who calls. `client_id` is whose jobs there are for the caller; None sees and acts for every client."""

    client_id: str | None

    @property
    def precedes(self) -> bool:
        """Whether a priority of the caller's counts before other clients' jobs."""
        return False


EVERYBODY = Caller(None)
"""An admin, and whoever calls a service that has no keys."""


class KeyHead(BaseModel):
    """What can be said of a key. `client_id` is None for an admin's."""

    model_config = ConfigDict(frozen=True)

    key_id: str
    client_id: str | None
    created_at: datetime
    revoked_at: datetime | None


class Keyring(NamedTuple):
    """Every valid key's owner and SHA-256 by its id. `open`: no key was ever made."""

    keys: Mapping[str, tuple[Caller, bytes]]
    open: bool

    def caller(self, key: str) -> Caller | None:
        """Whose key it is, or None. Takes the same time for a wrong secret, an unknown id and a revoked key."""
        found = _KEY.fullmatch(key)
        caller, expected = self.keys.get(found[1] if found else "", (EVERYBODY, _NOBODY))
        return caller if hmac.compare_digest(hashlib.sha256(key.encode()).digest(), expected) else None


class Keys(Repository):
    """The table of keys. Web processes, which hold the keyring in memory, are told of each change."""

    _ADD = """
        WITH made AS (INSERT INTO api_keys (key_id, client_id, sha256) VALUES ($1, $2, $3) RETURNING key_id)
        SELECT pg_notify('ix_keys', '') FROM made"""

    async def add(self, client_id: str | None) -> str:
        """Makes a key of a client, or an admin's, and returns it: it cannot be had again."""
        key_id = secrets.token_hex(6)
        key = f"ix_{key_id}_{secrets.token_urlsafe(32)}"
        await self._fetch(self._ADD, key_id, client_id, hashlib.sha256(key.encode()).digest())
        return key

    _LIST = "SELECT key_id, client_id, created_at, revoked_at FROM api_keys ORDER BY created_at, key_id"

    async def list(self) -> Sequence[KeyHead]:
        """Every key, the oldest first."""
        return [KeyHead.model_validate(dict(row)) for row in await self._fetch(self._LIST)]

    _REVOKE = """
        WITH revoked AS (
            UPDATE api_keys SET revoked_at = coalesce(revoked_at, clock_timestamp()) WHERE key_id = $1 RETURNING key_id
        )
        SELECT pg_notify('ix_keys', '') FROM revoked"""

    async def revoke(self, key_id: str) -> None:
        """Makes a key worthless. Raises `IxError` where there is none of this id."""
        if not await self._fetch(self._REVOKE, key_id):
            raise IxError(f"there is no key {key_id}; `ix keys list` shows them")

    _RING = "SELECT key_id, client_id, sha256, revoked_at IS NULL AS valid FROM api_keys"

    async def ring(self) -> Keyring:
        """The valid keys, for a web process to hold in memory."""
        rows = await self._fetch(self._RING)
        return Keyring(
            {row["key_id"]: (Caller(row["client_id"]), row["sha256"]) for row in rows if row["valid"]}, not rows
        )
