"""What exports read of jobs: their answers, a few at once, without the rest of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ix.database.repository import Repository

MOST_SCHEMAS = 8
"""Different schemas of clients' own whose columns one export has."""


class StoredAnswer(NamedTuple):
    """A job's answer as JSON in bytes, and what else of the job stands with it: its first document's name and digest
    (hex), and the use case that answered."""

    ix_id: str
    answer: bytes
    document: str | None
    sha256: str | None
    answered_by: str


class Exports(Repository):
    """Reads of the table of jobs; each is about a page of them, by their ids."""

    # as it is stored: to measure what it unpacks to would unpack it
    _SIZES = """
        SELECT ix_id, pg_column_size(response) AS size FROM jobs
        WHERE ix_id = ANY ($1::text[]) AND response IS NOT NULL ORDER BY ix_id DESC"""

    async def sizes(self, ix_ids: Sequence[str]) -> list[tuple[str, int]]:
        """The jobs that have an answer, newest first, with its size as it is stored, bytes."""
        return [(row["ix_id"], row["size"]) for row in await self._fetch(self._SIZES, ix_ids)]

    _ANSWERS = """
        SELECT ix_id, convert_to((CASE WHEN $2 THEN response - '{error,parts,timings,usage}'::text[]
                ELSE response - '{error,evidence,parts,timings,usage}'::text[] END)::text, 'UTF8') AS answer,
            request #>> '{documents,0,name}' AS document, request #>> '{documents,0,sha256}' AS sha256,
            coalesce(response #>> '{usage,use_case}', use_case) AS answered_by
        FROM jobs WHERE ix_id = ANY ($1::text[]) AND response IS NOT NULL ORDER BY ix_id DESC"""

    async def answers(self, ix_ids: Sequence[str], with_evidence: bool) -> list[StoredAnswer]:
        """Those of the jobs that have an answer, newest first."""
        return [StoredAnswer(*row) for row in await self._fetch(self._ANSWERS, ix_ids, with_evidence)]

    _SCHEMAS = f"""
        SELECT convert_to(min((request #> '{{options,schema}}')::text), 'UTF8') AS schema FROM jobs
        WHERE ix_id = ANY ($1::text[]) AND jsonb_typeof(request #> '{{options,schema}}') = 'object'
        GROUP BY md5((request #> '{{options,schema}}')::text) ORDER BY max(ix_id) DESC LIMIT {MOST_SCHEMAS}"""

    async def schemas(self, ix_ids: Sequence[str]) -> list[bytes]:
        """The schemas that clients brought with these jobs, each once, as JSON; that of the newest job first."""
        return [row["schema"] for row in await self._fetch(self._SCHEMAS, ix_ids)]
