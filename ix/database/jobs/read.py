"""What is read of jobs: one by its ids, how many wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from ix.database import jsonb
from ix.database.envelopes import STORED, UNREADABLE, job_of
from ix.database.repository import Repository
from ix.job import Job, JobHead, LargeJob

_SEEN = {
    "status": "CASE status WHEN 'split' THEN 'running' ELSE status END AS status",
    "document": "document_name AS document",
    "documents": "coalesce(document_count, 0) AS documents",
    "pages": "page_count AS pages",
    "points": "coalesce(points, 0) AS points",
    # a lease ends by itself, and is no state of the row; a look by primary key, for those alone that wait
    "review": "CASE WHEN review = 'needed' AND EXISTS (SELECT FROM reviews WHERE reviews.ix_id = jobs.ix_id "
    "AND leased_until > clock_timestamp()) THEN 'leased' ELSE review END AS review",
}
HEAD_COLUMNS = ", ".join(_SEEN.get(name, name) for name in STORED)
"""What `JobHead` takes of a row: its members are columns of the table. A job that waits for its parts runs, for its
client: that no engine has it is the table's own affair."""
ENVELOPE_COLUMNS = f"""{HEAD_COLUMNS},
    convert_to(request::text, 'UTF8') AS request, convert_to(response::text, 'UTF8') AS response"""
"""What an envelope is made of: the JSON in bytes, so that what is large need not be read."""
LARGE = 64 * 1024
"""Bytes of JSON from which on it is passed on unread: to read and write as much holds the event loop for
milliseconds."""


class ReadJobs(Repository):
    """Reads: one job by its ids, a page of a list, counts."""

    _SELECT = f"""
        SELECT {ENVELOPE_COLUMNS} FROM jobs
        WHERE ix_id = $1 AND ($2::text IS NULL OR client_id = $2)"""

    async def get(self, ix_id: str, client_id: str | None = None) -> Job | None:
        """The job, or None; with a `client_id`, None where it is another client's."""
        return await self._first(await self._fetch(self._SELECT, ix_id, client_id))

    _SELECT_HEAD = f"""
        SELECT {HEAD_COLUMNS} FROM jobs
        WHERE ix_id = $1 AND ($2::text IS NULL OR client_id = $2)"""

    async def head(self, ix_id: str, client_id: str | None = None) -> JobHead | None:
        """The job without what was asked and answered, or None; with a `client_id`, None where it is another
        client's."""
        rows = await self._fetch(self._SELECT_HEAD, ix_id, client_id)
        return JobHead.model_validate(dict(rows[0])) if rows else None

    _SELECT_BY_KEY = f"""
        SELECT {ENVELOPE_COLUMNS}, fingerprint FROM jobs
        WHERE client_id = $1 AND request_id = $2"""

    async def get_by_correlation(self, client_id: str, request_id: str) -> Job | None:
        """The job that a client submitted under its own request id, or None."""
        return await self._first(await self._fetch(self._SELECT_BY_KEY, client_id, request_id))

    async def _first(self, rows: Sequence[asyncpg.Record]) -> Job | None:
        return await self._envelope(rows[0]) if rows else None

    # What `ix.job` says of a request and of an answer, without a look at options and results: which members they have,
    # of which types, and the members of those that are small. A path that cannot be followed finds nothing (`@?`).
    _READABLE = """
        SELECT
            CASE WHEN jsonb_typeof(request) = 'object' THEN
                ARRAY(SELECT jsonb_object_keys(request)) <@ ARRAY['documents', 'options']
                AND coalesce(jsonb_typeof(request -> 'options'), 'object') = 'object'
                AND coalesce(jsonb_typeof(request -> 'documents'), 'array') = 'array'
                AND NOT coalesce((request -> 'documents') @? '$[*] ? (@.type() != "object")', false)
                AND NOT coalesce((request -> 'documents') @? '$[*].keyvalue() ? (!(@.key like_regex
                    "^(name|media_type|sha256|size|url|pages|with_password)$"))', false)
            ELSE false END AS request,
            CASE WHEN jsonb_typeof(response) = 'object' THEN
                ARRAY(SELECT jsonb_object_keys(response))
                    <@ ARRAY['result', 'evidence', 'error', 'warnings', 'timings', 'usage', 'points', 'parts']
                AND coalesce(jsonb_typeof(response -> 'parts'), 'array') IN ('array', 'null')
                AND coalesce(jsonb_typeof(response -> 'warnings'), 'array') = 'array'
                AND NOT coalesce((response -> 'warnings') @? '$[*] ? (@.type() != "object")', false)
                AND NOT coalesce((response -> 'warnings') @? '$[*].keyvalue() ? (!(@.key like_regex
                    "^(code|message|path|params)$"))', false)
                AND coalesce(jsonb_typeof(response -> 'points'), 'array') = 'array'
                AND NOT coalesce((response -> 'points') @? '$[*] ? (@.type() != "object")', false)
                AND NOT coalesce((response -> 'points') @? '$[*].keyvalue() ? (!(@.key like_regex
                    "^(code|message|path|params|kind)$"))', false)
                AND coalesce(jsonb_typeof(response -> 'error'), 'null') IN ('object', 'null')
                AND NOT coalesce((response -> 'error') @? '$.keyvalue() ? (!(@.key like_regex
                    "^(code|message)$"))', false)
            ELSE false END AS response
        FROM jobs WHERE ix_id = $1"""

    async def _envelope(self, row: Mapping[str, Any]) -> Job:
        """The job in a row with `ENVELOPE_COLUMNS`. What is large in it is not read: PostgreSQL itself looks whether
        this ix could."""
        texts = {name: row[name] for name in UNREADABLE}
        if sum(len(text) for text in texts.values() if text) <= LARGE:
            return job_of({**row, **{name: text and jsonb.read(text) for name, text in texts.items()}})
        [known] = await self._fetch(self._READABLE, row["ix_id"]) or [dict.fromkeys(UNREADABLE, True)]
        for name, text in texts.items():
            if text and not known[name]:
                texts[name] = UNREADABLE[name].model_dump_json().encode()
        head = {name: row[name] for name in STORED}
        return LargeJob(**head, **{f"{name}_json": text for name, text in texts.items()})

    _ENDED = "SELECT ix_id FROM jobs WHERE ix_id = ANY($1::text[]) AND finished_at IS NOT NULL"

    async def ended(self, ix_ids: Sequence[str]) -> list[str]:
        """Those of the jobs that have ended."""
        return [row["ix_id"] for row in await self._fetch(self._ENDED, ix_ids)]

    # Each state is counted apart, since each has a partial index of its own; one for both would be a further index that
    # every insert has to write. `|| ''` is how the index of pending ones is asked for.
    _WAITING = """
        SELECT
            (SELECT count(*) FROM (
                SELECT FROM jobs WHERE client_id = $1 AND status || '' = 'pending' LIMIT $2) AS pending)
          + (SELECT count(*) FROM (
                SELECT FROM jobs WHERE client_id = $1 AND status = 'scheduled' LIMIT $2) AS scheduled) AS waiting"""

    async def waiting(self, client_id: str, limit: int) -> int:
        """How many jobs a client has pending or scheduled; `limit` bounds what is counted of each."""
        return int((await self._fetch(self._WAITING, client_id, limit))[0]["waiting"])
