"""API keys: who calls. A key is printed once, when it is made; the database holds its SHA-256.

A key reads `ix_<key_id>_<secret>`: the id, 12 hex digits, finds the row and names the key to people; the secret is 256
random bits."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg
from pydantic import BaseModel, ConfigDict

from ix.config.first_key import FORM
from ix.config.roles import RIGHTS as RIGHTS
from ix.database.audit import entry_of
from ix.database.pool import acquire
from ix.database.repository import Repository
from ix.errors import IxError

_NOBODY = bytes(32)
"""No key is known that hashes to this."""


EVERY_RIGHT = frozenset(RIGHTS)
CLIENTS_RIGHTS = frozenset({"submit", "view", "review", "export"})
"""What a client's key may do of which nothing else was said; an admin's may do everything."""


class Caller(NamedTuple):
    """Who calls. `client_id` is whose jobs there are for the caller; None sees and acts for every client. `key_id` is
    empty where no key is asked for. `use_cases` are those that it may ask for, and whose jobs it sees; None is all.
    `name` is what people call the key, or the person who signed in through an OpenID provider, whose id there is
    `person`."""

    client_id: str | None
    key_id: str = ""
    may: frozenset[str] = EVERY_RIGHT
    use_cases: frozenset[str] | None = None
    name: str = ""
    person: str = ""

    @property
    def who(self) -> str:
        """The caller in words, for other people: who approved this?"""
        return self.name or (f"key {self.key_id}" if self.key_id else self.person or "anybody")

    @property
    def identity(self) -> str:
        """Tells callers apart, whatever they are called; empty where nobody is known."""
        if self.key_id:
            return f"key {self.key_id}"
        return f"person {self.person}" if self.person else ""

    def allows(self, right: str) -> bool:
        """Whether the caller has one of the `RIGHTS`."""
        return right in self.may

    def knows(self, use_case: str) -> bool:
        """Whether the use case is there for the caller."""
        return self.use_cases is None or use_case in self.use_cases

    @property
    def precedes(self) -> bool:
        """Whether the caller's jobs may go before other clients': a right of keys alone, which somebody has granted."""
        return bool(self.identity) and "operate" in self.may


EVERYBODY = Caller(None)
"""Whoever calls a service that has no keys."""


class Grant(BaseModel):
    """What a key is given. No `may` gives the rights of its kind, no `use_cases` allows them all; without `seconds` it
    is valid until it is revoked."""

    model_config = ConfigDict(frozen=True)

    name: str = ""
    may: Sequence[str] | None = None
    use_cases: Sequence[str] | None = None
    seconds: float | None = None


class Change(BaseModel):
    """What a key is given in place of what it has. None leaves a thing as it is; no use cases allow all of them, and 0
    seconds let it be valid until it is revoked."""

    model_config = ConfigDict(frozen=True)

    name: str | None = None
    may: Sequence[str] | None = None
    use_cases: Sequence[str] | None = None
    seconds: float | None = None


PLAIN = Grant()
"""What a key is given of which nothing is said."""


class KeyHead(BaseModel):
    """What can be said of a key. `client_id` is None for an admin's, `use_cases` where it may ask for all of them."""

    model_config = ConfigDict(frozen=True)

    key_id: str
    client_id: str | None
    name: str
    may: Sequence[str]
    use_cases: Sequence[str] | None
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None


def reads_as_key(text: str) -> bool:
    """Whether it has the form of a key."""
    return FORM.fullmatch(text) is not None


class Keyring(NamedTuple):
    """The owner and SHA-256 of every key that is not revoked, by its id. `open`: no key was ever made. `left`: the
    seconds that keys which expire were still valid for when they were read."""

    keys: Mapping[str, tuple[Caller, bytes]]
    open: bool
    left: Mapping[str, float] = {}

    def caller(self, key: str) -> Caller | None:
        """Whose key it is, or None. Takes the same time for a wrong secret, an unknown id and a revoked key."""
        found = FORM.fullmatch(key)
        caller, expected = self.keys.get(found[1] if found else "", (EVERYBODY, _NOBODY))
        return caller if hmac.compare_digest(_digest(key), expected) else None


class Keys(Repository):
    """The table of keys. Web processes, which hold the keyring in memory, are told of each change."""

    _ADD = """
        WITH made AS (
            INSERT INTO api_keys (key_id, client_id, sha256, name, may, use_cases, expires_at)
            VALUES ($1, $2, $3, $4, $5::text[], $6::text[], clock_timestamp() + make_interval(secs => $7))
            RETURNING key_id
        )
        SELECT pg_notify('ix_keys', ''), note_audit($8, NULL) FROM made"""

    async def add(self, client_id: str | None, grant: Grant = PLAIN, by: Caller | None = None) -> str:
        """Makes a key of a client, or an admin's, and returns it: it cannot be had again. `by`: whose doing it is, for
        the audit log."""
        key_id = secrets.token_hex(6)
        key = f"ix_{key_id}_{secrets.token_urlsafe(32)}"
        given = grant.name, grant.may, grant.use_cases, grant.seconds
        detail = {"key": key_id, "of": client_id, **_said(grant)}
        await self._fetch(self._ADD, key_id, client_id, _digest(key), *given, entry_of("key.add", by, detail))
        return key

    _ANY = "SELECT FROM api_keys LIMIT 1"
    # in a statement of its own, so that the next one sees what others committed meanwhile
    _LOCK = "LOCK TABLE api_keys IN SHARE ROW EXCLUSIVE MODE"
    _ADD_FIRST = """
        WITH made AS (
            INSERT INTO api_keys (key_id, client_id, sha256, name)
            SELECT $1, NULL, $2, 'first key' WHERE NOT EXISTS (SELECT FROM api_keys)
            RETURNING key_id
        )
        SELECT pg_notify('ix_keys', ''), note_audit($3, NULL) FROM made"""

    async def add_first(self, key: str, by: Caller | None = None) -> bool:
        """Makes an admin's key of one that was chosen elsewhere, unless a key was ever made, be it one that is revoked;
        says whether it did. `by`: whose doing it is, for the audit log."""
        # nearly always: then it waits for no lock, and nobody for it
        if await self._fetch(self._ANY):
            return False
        _, key_id, _ = key.split("_", 2)
        entry = entry_of("key.add", by, {"key": key_id, "of": None})
        async with acquire(self._pool, self._acquire_timeout) as connection, connection.transaction():
            await connection.execute(self._LOCK)
            return bool(await connection.fetch(self._ADD_FIRST, key_id, _digest(key), entry))

    _LIST = """
        SELECT key_id, client_id, name, may, use_cases, created_at, expires_at, used_at, revoked_at FROM api_keys
        ORDER BY created_at, key_id LIMIT $1"""

    async def list(self, limit: int | None = None) -> Sequence[KeyHead]:
        """Every key, or so many, the oldest first."""
        return [
            KeyHead.model_validate({**row, "may": _in_order(_rights(row["may"], row["client_id"]))})
            for row in await self._fetch(self._LIST, limit)
        ]

    _CHANGE = """
        WITH changed AS (
            UPDATE api_keys SET name = coalesce($2, name), may = coalesce($3::text[], may),
                use_cases = CASE WHEN $4::text[] IS NULL THEN use_cases WHEN cardinality($4) > 0 THEN $4 END,
                expires_at = CASE WHEN $5::float8 IS NULL THEN expires_at
                    WHEN $5 > 0 THEN clock_timestamp() + make_interval(secs => $5) END
            WHERE key_id = $1 RETURNING key_id
        )
        SELECT pg_notify('ix_keys', ''), note_audit($6, NULL) FROM changed"""

    async def change(self, key_id: str, change: Change, by: Caller | None = None) -> None:
        """Gives a key other rights, at once; `by`: whose doing it is, for the audit log. Raises `IxError` where there
        is none of this id, or where the right is not for a client's key."""
        given = change.name, change.may, change.use_cases, change.seconds
        entry = entry_of("key.change", by, {"key": key_id, **_said(change)})
        try:
            found = await self._fetch(self._CHANGE, key_id, *given, entry)
        except asyncpg.CheckViolationError:
            raise IxError(f"key {key_id} is a client's, which cannot administer; make an admin's") from None
        if not found:
            raise _no_key(key_id)

    _REVOKE = """
        WITH revoked AS (
            UPDATE api_keys SET revoked_at = coalesce(revoked_at, clock_timestamp()) WHERE key_id = $1 RETURNING key_id
        )
        SELECT pg_notify('ix_keys', ''), note_audit($2, NULL) FROM revoked"""

    async def revoke(self, key_id: str, by: Caller | None = None) -> None:
        """Makes a key worthless; `by`: whose doing it is, for the audit log. Raises `IxError` where there is none of
        this id."""
        if not await self._fetch(self._REVOKE, key_id, entry_of("key.revoke", by, {"key": key_id})):
            raise _no_key(key_id)

    # the database's clock: that of a machine may be wrong
    _RING = """
        SELECT key_id, client_id, sha256, name, may, use_cases, revoked_at IS NULL AS valid,
            extract(epoch FROM expires_at - clock_timestamp())::float8 AS seconds_left
        FROM api_keys"""

    async def ring(self) -> Keyring:
        """The keys that are not revoked, for a web process to hold in memory."""
        rows = await self._fetch(self._RING)
        valid = [row for row in rows if row["valid"]]
        return Keyring(
            {row["key_id"]: (_caller(row), row["sha256"]) for row in valid},
            not rows,
            {row["key_id"]: row["seconds_left"] for row in valid if row["seconds_left"] is not None},
        )

    # in one order, and past rows that another process is at: they wait for nothing and cannot block each other
    _MARK_USED = """
        WITH stale AS (
            SELECT key_id FROM api_keys
            WHERE key_id = ANY($1::text[])
                AND (used_at IS NULL OR used_at < clock_timestamp() - make_interval(secs => $2))
            ORDER BY key_id FOR UPDATE SKIP LOCKED
        )
        UPDATE api_keys SET used_at = clock_timestamp() FROM stale WHERE api_keys.key_id = stale.key_id"""

    async def mark_used(self, key_ids: Sequence[str], at_most_every: float) -> None:
        """Notes that requests came with these keys, unless that was noted within so many seconds."""
        await self._fetch(self._MARK_USED, key_ids, at_most_every)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _said(given: Grant | Change) -> dict[str, Any]:
    """What was said of a key, for the audit log."""
    return given.model_dump(exclude_none=True, exclude_defaults=True)


def _no_key(key_id: str) -> IxError:
    return IxError(f"there is no key {key_id}; `ix keys list` shows them")


def _rights(may: Sequence[str] | None, client_id: str | None) -> frozenset[str]:
    if client_id is None:
        return EVERY_RIGHT if may is None else frozenset(may)
    # what is everybody's is no client's, whatever stands in the table
    return CLIENTS_RIGHTS if may is None else frozenset(may) - {"administer"}


def _in_order(rights: frozenset[str]) -> list[str]:
    return [right for right in RIGHTS if right in rights]


def _caller(row: asyncpg.Record) -> Caller:
    use_cases = None if row["use_cases"] is None else frozenset(row["use_cases"])
    return Caller(row["client_id"], row["key_id"], _rights(row["may"], row["client_id"]), use_cases, row["name"])
