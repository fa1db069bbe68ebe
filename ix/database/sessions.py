"""Sessions of browsers. A cookie is 256 random bits; the database holds its SHA-256.

A session is a key's, with the rights that the key has at each moment, or a person's whom an OpenID provider knows. It
ends when it was not used for `IDLE`, and after `LONGEST` in any case. Web processes hold all of them in memory, as they
do keys, and are told of each that begins or ends."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import asyncpg
from pydantic import BaseModel, ConfigDict

from ix.database.audit import entry_of
from ix.database.keys import Caller
from ix.database.repository import Repository

IDLE = timedelta(hours=12)
"""How long a session stays without a request."""
LONGEST = timedelta(days=7)
"""How long it stays however much it is used."""
MOST = 20
"""Sessions of one key or person; with another one the one that was not used for the longest time ends."""


class Person(NamedTuple):
    """Somebody whom an OpenID provider knows: `subject` at `issuer`. `roles` are those that the settings name;
    `client_id` is whose jobs there are for the person, None is everybody's."""

    issuer: str
    subject: str
    name: str
    roles: tuple[str, ...]
    client_id: str | None


class Session(NamedTuple):
    """A session of a key, by its id, or of a person, whose `key_id` is empty. `seconds_left`: until it ends, when it
    was read; `digest`: its cookie's."""

    digest: bytes
    key_id: str
    person: Person | None
    seconds_left: float


class SessionHead(BaseModel):
    """What can be said of a session. `key_id` is null for a person's, which has the `subject` at its provider."""

    model_config = ConfigDict(frozen=True)

    session_id: str
    key_id: str | None
    subject: str | None
    name: str
    created_at: datetime
    seen_at: datetime


Book = Mapping[bytes, Session]
"""Sessions by their digest."""


class Sessions(Repository):
    """The table of sessions: one begins, ends or is used, and all that there are."""

    # 1. over: sessions that have ended, the one that this one takes the place of ($7), and the oldest of the same key
    #    or person where there are too many.
    # 2. made, noted, and web processes are told.
    _START = """
        WITH over AS (
            DELETE FROM sessions WHERE sha256 = $7 OR seen_at < clock_timestamp() - $8::interval
                OR created_at < clock_timestamp() - $9::interval
                OR sha256 = ANY (ARRAY(
                    SELECT sha256 FROM sessions WHERE key_id = $2 OR issuer = $3 AND subject = $4
                    ORDER BY seen_at DESC OFFSET $10))
        ), made AS (
            INSERT INTO sessions (sha256, key_id, issuer, subject, name, roles, client_id)
            VALUES ($1, $2, $3, $4, coalesce($5, ''), $6, $11) RETURNING sha256
        )
        SELECT pg_notify('ix_keys', ''), note_audit($12, NULL) FROM made"""

    async def start(self, digest: bytes, whose: str | Person, by: Caller, replaced: bytes | None = None) -> None:
        """A session begins, of a key by its id or of a person; the `replaced` one ends. `by`: for the audit log."""
        # either of the two, as the table demands
        key_id = whose if isinstance(whose, str) else None
        person = [None] * 4 if isinstance(whose, str) else [whose.issuer, whose.subject, whose.name, list(whose.roles)]
        client_id = None if isinstance(whose, str) else whose.client_id
        detail = {} if isinstance(whose, str) else {"issuer": whose.issuer, "subject": whose.subject}
        entry = entry_of("session.start", by, detail)
        limits = IDLE, LONGEST, MOST - 1
        await self._fetch(self._START, digest, key_id, *person, replaced, *limits, client_id, entry)

    _END = """
        WITH ended AS (
            DELETE FROM sessions WHERE sha256 = $1 RETURNING sha256
        )
        SELECT pg_notify('ix_keys', ''), note_audit($2, NULL) FROM ended"""

    async def end(self, digest: bytes, by: Caller) -> None:
        """A session ends, if it has not yet. `by`: for the audit log."""
        await self._fetch(self._END, digest, entry_of("session.end", by))

    _ALL = """
        SELECT sha256, key_id, issuer, subject, name, roles, client_id, extract(
            epoch FROM least(seen_at + $1::interval, created_at + $2::interval) - clock_timestamp())::float8 AS left
        FROM sessions WHERE seen_at > clock_timestamp() - $1 AND created_at > clock_timestamp() - $2"""

    async def book(self) -> Book:
        """Every session that has not ended, for a web process to hold in memory."""
        return {row["sha256"]: _session(row) for row in await self._fetch(self._ALL, IDLE, LONGEST)}

    # for people, who need not see those that have ended, or any digest as a whole
    _LIST = """
        SELECT left(encode(sessions.sha256, 'hex'), 12) AS session_id, sessions.key_id, subject,
            coalesce(api_keys.name, sessions.name) AS name, sessions.created_at, seen_at
        FROM sessions LEFT JOIN api_keys ON api_keys.key_id = sessions.key_id
        WHERE seen_at > clock_timestamp() - $1::interval AND sessions.created_at > clock_timestamp() - $2::interval
        ORDER BY seen_at DESC, sessions.sha256"""

    async def list(self) -> Sequence[SessionHead]:
        """Every session that has not ended, the one that was used last first."""
        return [SessionHead.model_validate(dict(row)) for row in await self._fetch(self._LIST, IDLE, LONGEST)]

    _END_THESE = """
        WITH ended AS (
            DELETE FROM sessions WHERE left(encode(sha256, 'hex'), 12) = ANY ($1::text[])
            RETURNING left(encode(sha256, 'hex'), 12) AS session_id
        )
        SELECT session_id, pg_notify('ix_keys', ''), note_audit($2, NULL) FROM ended"""

    async def end_these(self, session_ids: Sequence[str], by: Caller) -> Collection[str]:
        """Ends sessions by their ids in a list; those that there were. `by`: for the audit log."""
        rows = await self._fetch(self._END_THESE, session_ids, entry_of("session.end", by, {"of_others": True}))
        return {row["session_id"] for row in rows}

    # as `Keys.mark_used`; a session that has ended does not come to life again
    _MARK_SEEN = """
        WITH stale AS (
            SELECT sha256 FROM sessions
            WHERE sha256 = ANY($1::bytea[]) AND seen_at < clock_timestamp() - make_interval(secs => $2)
                AND seen_at > clock_timestamp() - $3::interval
            ORDER BY sha256 FOR UPDATE SKIP LOCKED
        )
        UPDATE sessions SET seen_at = clock_timestamp() FROM stale WHERE sessions.sha256 = stale.sha256"""

    async def mark_seen(self, digests: Sequence[str], at_most_every: float) -> None:
        """Notes that requests came with these sessions, by their digests in hex, unless that was noted within so many
        seconds."""
        await self._fetch(self._MARK_SEEN, [bytes.fromhex(digest) for digest in digests], at_most_every, IDLE)


def _session(row: asyncpg.Record) -> Session:
    person = None
    if row["subject"] is not None:
        person = Person(row["issuer"], row["subject"], row["name"], tuple(row["roles"]), row["client_id"])
    return Session(row["sha256"], row["key_id"] or "", person, row["left"])
