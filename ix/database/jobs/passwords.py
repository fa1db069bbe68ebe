"""Passwords of documents, in a table of their own that only the engine reads. The statement that inserts a job stores
them, and triggers delete them in the one that ends or erases it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from ix.database.repository import Repository

Passwords = Mapping[int, SecretStr]
"""By the document's index in the job."""


def columns(passwords: Passwords) -> list[list[Any]]:
    """The two arrays in which a statement takes passwords: of documents, and the texts."""
    return [list(passwords), [secret.get_secret_value() for secret in passwords.values()]]


class ReadPasswords(Repository):
    """What is read of passwords: by engines themselves, by web only which jobs and documents came with any."""

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
