"""Jobs that were answered, put into the table at once: what the tests of exports are about."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import asyncpg

RECEIPT = {
    "company": "Harbour Lane Grocers",
    "date": "2026-11-02",
    "address": None,
    "total": 20.21,
    "currency": "GBP",
    "tax": -8.79,
    "items": [
        {"description": "Bread", "quantity": 2, "amount": 3.5},
        {"description": '=HYPERLINK("http://evil.example")', "quantity": None, "amount": 16.71},
    ],
}
_INSERT = """
    INSERT INTO jobs (client_id, request_id, use_case, fingerprint, max_attempts, request, status, attempts, started_at,
        finished_at, position, review, response)
    SELECT $1, $2 || number, $3, sha256('x'), 3, $4::jsonb, $5, 1, now(), now(), 0, $8, $6::jsonb
    FROM generate_series(1, $7) AS number RETURNING ix_id"""


def answered(
    database: str,
    result: Any,
    *,
    client: str,
    use_case: str = "receipt",
    document: str = "receipt.pdf",
    request_id: str = "r",
    count: int = 1,
    options: Any = None,
    review: str | None = None,
    **response: Any,
) -> str:
    """So many jobs with this result, or in error where one is told; the id of the last one."""
    status = "error" if response.get("error") else "done"
    request = {"documents": [{"name": document, "sha256": "ab" * 32}], "options": options or {}}
    whole = {"result": result, "evidence": None, "error": None, "warnings": [], **response}
    arguments = (client, request_id, use_case, json.dumps(request), status, json.dumps(whole), count, review)
    return str(asyncio.run(_inserted(database, arguments)))


async def _inserted(database: str, arguments: Sequence[Any]) -> str:
    connection = await asyncpg.connect(database)
    try:
        rows = await connection.fetch(_INSERT, *arguments)
        return str(rows[-1]["ix_id"])
    finally:
        await connection.close()
