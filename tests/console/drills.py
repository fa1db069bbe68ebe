"""Jobs for tests of the pages: of the drill, which obeys, each test's under a client of its own."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
import httpx

_CROWD = """
    INSERT INTO jobs (client_id, request_id, use_case, fingerprint, max_attempts, request, status, started_at,
        finished_at, attempts, response, error_code, document_name, document_count, page_count, headline)
    SELECT $1, 'r-' || n, 'drill', sha256(''), 3, '{"documents": [], "options": {}}',
        CASE WHEN fails THEN 'error' ELSE 'done' END,
        clock_timestamp(), clock_timestamp(), 1,
        jsonb_build_object('result', NULL, 'evidence', NULL, 'warnings', '[]'::jsonb, 'timings', '{}'::jsonb,
            'usage', '{}'::jsonb,
            'error', CASE WHEN fails THEN '{"code": "drill_failed", "message": "told"}'::jsonb END),
        CASE WHEN fails THEN 'drill_failed' END, 'invoice ' || n || '.pdf', 1, 2, 'Harbour Lane Grocers · 20.21 GBP'
    FROM generate_series(1, $2::int) AS n, LATERAL (SELECT n % 50 = 1 AS fails) AS each
    RETURNING ix_id"""


def new_client() -> str:
    """The name of a client that has no jobs yet."""
    return f"c-{uuid.uuid4().hex[:8]}"


def crowd(database_url: str, client_id: str, number: int) -> Sequence[str]:
    """Puts jobs that have ended into the table, one in fifty of them in error. Returns their ids, newest first."""

    async def insert() -> list[str]:
        connection = await asyncpg.connect(database_url)
        try:
            return [row["ix_id"] for row in await connection.fetch(_CROWD, client_id, number)]
        finally:
            await connection.close()

    return sorted(asyncio.run(insert()), reverse=True)


def drills(api: httpx.Client, client_id: str, *options: Mapping[str, Any], **more: Any) -> Sequence[str]:
    """Submits a job for each of some options. Returns their ids, oldest first."""
    jobs = [
        {"client_id": client_id, "request_id": f"r-{uuid.uuid4().hex[:8]}", "use_case": "drill", "options": one, **more}
        for one in options
    ]
    answer = api.post("/jobs/batch", json={"jobs": jobs})
    answer.raise_for_status()
    return sorted(one["job"]["ix_id"] for one in answer.json()["jobs"])


def ended(api: httpx.Client, ids: Sequence[str]) -> None:
    """Waits until the jobs have ended."""
    for ix_id in ids:
        assert api.get(f"/jobs/{ix_id}", params={"wait": 20}).json()["finished_at"]


def file(api: httpx.Client, client_id: str, name: str, content: bytes = b"%PDF-1.4 broken") -> str:
    """Submits a document under a name. Returns the job's id."""
    data = {"client_id": client_id, "request_id": uuid.uuid4().hex[:8], "use_case": "invoice"}
    answer = api.post("/jobs", data=data, files={"documents": (name, content, "application/pdf")})
    answer.raise_for_status()
    return str(answer.json()["ix_id"])
