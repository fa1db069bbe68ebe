"""Passwords of documents, in a table of their own that only the engine reads. They come with a job and in the same
transaction; triggers delete them in the statement that ends or erases it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import asyncpg
from pydantic import SecretStr

from ix.database.pool import acquire
from ix.database.repository import Repository, raise_if_full

Passwords = Mapping[int, SecretStr]
"""By the document's index in the job."""


class KeepPasswords(Repository):
    """What is written and read of passwords. Web may not read them: it inserts, and sees which jobs have any."""

    _KEY = "SELECT key FROM password_key"

    async def password_key(self) -> bytes:
        """With what passwords are digested for fingerprints. Made at random with the table, and never kept here: a
        repetition is the same in every process, and after a restore."""
        [row] = await self._fetch(self._KEY)
        return bytes(row["key"])

    _OF_JOB = "SELECT document, password FROM job_passwords WHERE ix_id = $1"

    async def passwords(self, ix_id: str) -> dict[int, str]:
        """The passwords of a job's documents, by index, for its engine."""
        return {row["document"]: row["password"] for row in await self._fetch(self._OF_JOB, ix_id)}

    _PROTECTED = """
        SELECT coalesce(document -> 'with_password' = 'true', false) AS protected
        FROM jobs, jsonb_array_elements(request -> 'documents') WITH ORDINALITY AS given (document, n)
        WHERE ix_id = $1 AND has_passwords ORDER BY n"""

    async def protected(self, ix_id: str) -> list[bool]:
        """For each document of a job whether a password came with it; nothing where none did."""
        return [row["protected"] for row in await self._fetch(self._PROTECTED, ix_id)]

    # 1. kept: the passwords.
    # 2. The triggers that will delete them look at the job's own row.
    _KEEP = """
        WITH kept AS (
            INSERT INTO job_passwords (ix_id, document, password)
            SELECT * FROM unnest($1::text[], $2::int[], $3::text[])
        )
        UPDATE jobs SET has_passwords = true WHERE ix_id = ANY ($1::text[]) AND NOT has_passwords"""

    async def _fetch_keeping(
        self, sql: str, *arguments: Any, of: Callable[[asyncpg.Record], Passwords]
    ) -> list[asyncpg.Record]:
        """`_fetch` for a statement whose rows name jobs, with the passwords of each stored in the same transaction."""
        async with acquire(self._pool, self._acquire_timeout) as connection:
            try:
                async with connection.transaction():
                    rows: list[asyncpg.Record] = await connection.fetch(sql, *arguments)
                    if kept := _columns((row["ix_id"], of(row)) for row in rows):
                        await connection.execute(self._KEEP, *kept)
                    return rows
            except asyncpg.ProgramLimitExceededError:
                await raise_if_full(connection)
                raise


def _columns(jobs: Iterable[tuple[str, Passwords]]) -> Sequence[list[Any]]:
    rows = [(ix_id, at, secret.get_secret_value()) for ix_id, secrets in jobs for at, secret in secrets.items()]
    return [list(column) for column in zip(*rows, strict=True)]
