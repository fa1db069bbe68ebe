"""What exports read of jobs: their answers, a few at once, without the rest of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from ix.database.repository import Repository
from ix.database.reviews.find import CORRECTIONS

MOST_SCHEMAS = 8
"""Different schemas of clients' own whose columns one export has."""


class StoredAnswer(NamedTuple):
    """A job's answer as it was read, JSON in bytes, and what else of the job stands with it: its first document's name
    and digest (hex); the use case that answered; what people did to it (`ix.database.reviews.find.CORRECTIONS`), and
    for these the schema where the job brought its own; who approved it, and when."""

    ix_id: str
    answer: bytes
    document: str | None
    sha256: str | None
    answered_by: str
    corrections: bytes | None = None
    schema: bytes | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None


class Exports(Repository):
    """Reads of the table of jobs; each is about a page of them, by their ids."""

    # as it is stored: to measure what it unpacks to would unpack it
    _SIZES = """
        SELECT ix_id, pg_column_size(response) AS size FROM jobs
        WHERE ix_id = ANY ($1::text[]) AND response IS NOT NULL ORDER BY ix_id DESC"""

    async def sizes(self, ix_ids: Sequence[str]) -> list[tuple[str, int]]:
        """The jobs that have an answer, newest first, with its size as it is stored, bytes."""
        return [(row["ix_id"], row["size"]) for row in await self._fetch(self._SIZES, ix_ids)]

    # What was put right has evidence, too: where there is no need for it, it is left out of the others alone.
    _ANSWERS = f"""
        SELECT ix_id, convert_to((CASE WHEN $2 OR version > 0 THEN response - '{{error,parts,timings,usage}}'::text[]
                ELSE response - '{{error,evidence,parts,timings,usage}}'::text[] END)::text, 'UTF8') AS answer,
            request #>> '{{documents,0,name}}' AS document, request #>> '{{documents,0,sha256}}' AS sha256,
            coalesce(response #>> '{{usage,use_case}}', jobs.use_case) AS answered_by,
            CASE WHEN version > 0 THEN convert_to({CORRECTIONS}::text, 'UTF8') END AS corrections,
            CASE WHEN version > 0 THEN convert_to((request #> '{{options,schema}}')::text, 'UTF8') END AS schema,
            CASE WHEN state = 'approved' THEN decided_by END AS approved_by,
            CASE WHEN state = 'approved' THEN decided_at END AS approved_at
        FROM jobs LEFT JOIN reviews USING (ix_id)
        WHERE ix_id = ANY ($1::text[]) AND response IS NOT NULL ORDER BY ix_id DESC"""

    async def answers(self, ix_ids: Sequence[str], with_evidence: bool) -> list[StoredAnswer]:
        """Those of the jobs that have an answer, newest first."""
        return [StoredAnswer(*row) for row in await self._fetch(self._ANSWERS, ix_ids, with_evidence)]

    _VERSION = "SELECT version FROM reviews WHERE ix_id = $1"

    async def version(self, ix_id: str) -> int:
        """Counts what people did to the job's answer; 0 where nobody did anything."""
        found = await self._fetch(self._VERSION, ix_id)
        return found[0]["version"] if found else 0

    _SCHEMAS = f"""
        SELECT convert_to(min((request #> '{{options,schema}}')::text), 'UTF8') AS schema FROM jobs
        WHERE ix_id = ANY ($1::text[]) AND jsonb_typeof(request #> '{{options,schema}}') = 'object'
        GROUP BY md5((request #> '{{options,schema}}')::text) ORDER BY max(ix_id) DESC LIMIT {MOST_SCHEMAS}"""

    async def schemas(self, ix_ids: Sequence[str]) -> list[bytes]:
        """The schemas that clients brought with these jobs, each once, as JSON; that of the newest job first."""
        return [row["schema"] for row in await self._fetch(self._SCHEMAS, ix_ids)]
