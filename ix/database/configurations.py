"""Saved configurations: what a client would otherwise send with each submission, under a name, version after version.

A version never changes. Whoever changes a configuration adds one; whoever deletes it leaves an empty one, so that no
number is given twice. One without a client is everybody's; where a client has its own of the same name, that counts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pydantic_core import to_json

from ix.database.audit import entry_of
from ix.database.keys import Caller
from ix.database.repository import Repository
from ix.job import Configured, Json
from ix.job.ordered import plain, stamped

EVERYBODY = ""
"""The client of a configuration that is everybody's."""
LONGEST = 64
"""Characters of a name."""
MOST_NAMES = 200
"""Names of one client, those of deleted configurations too. Who save at the same moment may overshoot it by one
each."""
MOST_VERSIONS = 1_000
"""Versions of one configuration."""
NAME = rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{LONGEST - 1}}}"
"""What may be a name, as a regular expression: it stands in paths, and before an @."""
_REFERENCE = re.compile(rf"({NAME})(?:@([1-9][0-9]{{0,8}}))?")


class Reference(NamedTuple):
    """What a submission names, `name@version`; without a version the newest one."""

    name: str
    version: int | None = None

    @classmethod
    def of(cls, text: str) -> Reference | None:
        """The reference that a text is; None where it is none."""
        found = _REFERENCE.fullmatch(text)
        if found is None:
            return None
        return cls(found[1], int(found[2]) if found[2] else None)


class Saved(NamedTuple):
    """One version of a configuration. `client_id` is whose it is, `EVERYBODY` where it is everybody's."""

    client_id: str
    name: str
    version: int
    use_case: str
    options: Mapping[str, Json]
    callback_url: str | None
    priority: int
    made_at: datetime
    made_by: str

    @property
    def configured(self) -> Configured:
        """What a job says of it."""
        return Configured(name=self.name, version=self.version, shared=self.client_id == EVERYBODY)


class Newest(NamedTuple):
    """The newest version of a configuration, what it says as it is stored, None where it was deleted."""

    version: int
    body: Mapping[str, Any] | None


class Configurations(Repository):
    """The table of configurations. Web processes, which remember some, are told of each change."""

    # 1. asked: whose configuration of which name and version, by number.
    # 2. newest: that client's newest version and everybody's, each by one look into the primary key.
    # 3. The client's own counts before everybody's, unless it was deleted; of that one the version that is asked for.
    _RESOLVE = """
        SELECT n, found.* FROM unnest($1::text[], $2::text[], $3::int[])
            WITH ORDINALITY AS asked (client_id, name, version, n)
        CROSS JOIN LATERAL (
            SELECT owner.client_id FROM unnest(ARRAY[asked.client_id, '']) WITH ORDINALITY AS owner (client_id, place)
            CROSS JOIN LATERAL (
                SELECT body FROM configurations AS each
                WHERE each.client_id = owner.client_id AND each.name = asked.name ORDER BY version DESC LIMIT 1
            ) AS newest
            WHERE newest.body IS NOT NULL ORDER BY place LIMIT 1
        ) AS whose
        CROSS JOIN LATERAL (
            SELECT client_id, name, version, body, made_at, made_by FROM configurations AS each
            WHERE each.client_id = whose.client_id AND each.name = asked.name AND body IS NOT NULL
              AND (asked.version IS NULL OR each.version = asked.version)
            ORDER BY version DESC LIMIT 1
        ) AS found"""

    async def resolve(self, asked: Sequence[tuple[str, Reference]]) -> list[Saved | None]:
        """What clients mean by references, in their order; None where there is no such configuration or version."""
        columns = [one[0] for one in asked], [one[1].name for one in asked], [one[1].version for one in asked]
        found: list[Saved | None] = [None] * len(asked)
        for row in await self._fetch(self._RESOLVE, *columns):
            found[row["n"] - 1] = _saved(row)
        return found

    # 1. names: those of the client and of everybody behind $2, in their order, each by one look into the primary key,
    #    however many versions there are.
    # 2. As _RESOLVE does, for each of them.
    _PAGE = """
        WITH RECURSIVE names AS (
            SELECT least(
                (SELECT name FROM configurations WHERE client_id = $1 AND name > $2 ORDER BY name LIMIT 1),
                (SELECT name FROM configurations WHERE client_id = '' AND name > $2 ORDER BY name LIMIT 1)) AS name
            UNION ALL
            SELECT least(
                (SELECT name FROM configurations WHERE client_id = $1 AND name > names.name ORDER BY name LIMIT 1),
                (SELECT name FROM configurations WHERE client_id = '' AND name > names.name ORDER BY name LIMIT 1))
            FROM names WHERE names.name IS NOT NULL
        )
        SELECT client_id, found.name, version, body - 'options' AS body, made_at, made_by
        FROM names CROSS JOIN LATERAL (
            SELECT newest.* FROM unnest(ARRAY[$1, '']) WITH ORDINALITY AS owner (client_id, place)
            CROSS JOIN LATERAL (
                SELECT client_id, name, version, body, made_at, made_by FROM configurations AS each
                WHERE each.client_id = owner.client_id AND each.name = names.name ORDER BY version DESC LIMIT 1
            ) AS newest
            WHERE newest.body IS NOT NULL ORDER BY place LIMIT 1
        ) AS found
        WHERE $4::text[] IS NULL OR body ->> 'use_case' = ANY ($4)
        ORDER BY names.name LIMIT $3"""

    async def page(
        self, client_id: str, after: str, limit: int, use_cases: Sequence[str] | None = None
    ) -> Sequence[Saved]:
        """What a client may name, without options, by name, from the one `after` on; of these use cases alone where any
        are given."""
        return [_saved(row) for row in await self._fetch(self._PAGE, client_id, after, limit, use_cases)]

    _VERSIONS = """
        SELECT client_id, name, version, body - 'options' AS body, made_at, made_by FROM configurations
        WHERE client_id = $1 AND name = $2 AND version < $3 AND body IS NOT NULL ORDER BY version DESC LIMIT $4"""

    async def versions(self, client_id: str, name: str, before: int, limit: int) -> Sequence[Saved]:
        """Versions of a client's own configuration, without options, the newest first."""
        return [_saved(row) for row in await self._fetch(self._VERSIONS, client_id, name, before, limit)]

    _NEWEST = """
        SELECT version, body FROM configurations WHERE client_id = $1 AND name = $2 ORDER BY version DESC LIMIT 1"""

    async def newest(self, client_id: str, name: str) -> Newest:
        """The newest version of a client's own; version 0 where there never was one."""
        rows = await self._fetch(self._NEWEST, client_id, name)
        return Newest(rows[0]["version"], rows[0]["body"]) if rows else Newest(0, None)

    # Each by one look, as in _PAGE.
    _NAMES = """
        WITH RECURSIVE names AS (
            (SELECT name, 1 AS n FROM configurations WHERE client_id = $1 ORDER BY name LIMIT 1)
            UNION ALL
            SELECT next.name, n + 1 FROM names CROSS JOIN LATERAL (
                SELECT name FROM configurations WHERE client_id = $1 AND name > names.name ORDER BY name LIMIT 1
            ) AS next
            WHERE n < $2
        )
        SELECT count(*) AS names FROM names"""

    async def names(self, client_id: str) -> int:
        """How many names a client has ever saved configurations under, its own; at most `MOST_NAMES` are counted."""
        return int((await self._fetch(self._NAMES, client_id, MOST_NAMES))[0]["names"])

    _ADD = """
        WITH added AS (
            INSERT INTO configurations (client_id, name, version, body, made_by) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT DO NOTHING RETURNING version
        )
        SELECT pg_notify('ix_configurations', ''), note_audit($6, NULL) FROM added"""

    async def add(self, client_id: str, name: str, version: int, body: Mapping[str, Any], caller: Caller) -> bool:
        """Adds a version; False where somebody else has added it."""
        noted = entry_of("configuration.save", caller, {"name": name, "version": version, "client": client_id})
        stored = to_json({**body, "options": stamped(body["options"])})
        return bool(await self._fetch(self._ADD, client_id, name, version, stored, caller.who, noted))

    # 1. emptied: the newest version, if it is still the one that was seen.
    # 2. gone: those before it.
    _DELETE = """
        WITH emptied AS (
            UPDATE configurations SET body = NULL
            WHERE client_id = $1 AND name = $2 AND version = $3 AND body IS NOT NULL
              AND NOT EXISTS (SELECT FROM configurations AS later
                  WHERE later.client_id = $1 AND later.name = $2 AND later.version > $3)
            RETURNING version
        ), gone AS (
            DELETE FROM configurations USING emptied
            WHERE client_id = $1 AND name = $2 AND configurations.version < emptied.version
        )
        SELECT pg_notify('ix_configurations', ''), note_audit($4, NULL) FROM emptied"""

    async def delete(self, client_id: str, name: str, version: int, caller: Caller) -> bool:
        """Deletes a configuration whose newest version this is; False where it is another."""
        noted = entry_of("configuration.delete", caller, {"name": name, "version": version, "client": client_id})
        return bool(await self._fetch(self._DELETE, client_id, name, version, noted))


def _saved(row: Mapping[str, Any]) -> Saved:
    body = row["body"]
    return Saved(
        row["client_id"],
        row["name"],
        row["version"],
        body["use_case"],
        plain(body.get("options", {})),
        body["callback_url"],
        body["priority"],
        row["made_at"],
        row["made_by"],
    )
