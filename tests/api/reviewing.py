"""Answers to review, over HTTP in the test's own process: jobs that have ended, and people with keys of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx

from ix.api.app import create_app
from ix.config import Settings
from ix.database import Database
from ix.database.connect import Pool
from ix.database.jobs import Jobs
from ix.database.keys import Grant
from ix.job import Point, Response
from tests.api.conftest import client_of
from tests.extraction.review.answers import SCHEMA, answer, evidence_of, node
from tests.factories import submission

UNSURE = Point(
    path="number",
    kind="doubt",
    code="value_unsure",
    message="number was read with low confidence (0.30)",
    params={"field": "number", "confidence": 0.3, "bar": 0.6},
)
"""The only point of what `ended` makes unless told otherwise."""


async def ended(pool: Pool, client: str = "acme", result: Any = None, **more: Any) -> str:
    """The id of a job of `custom` that has ended with an answer to `SCHEMA`; its number is in doubt."""
    jobs, engine_id = Jobs(pool), uuid4()
    known = answer() if result is None else result
    response = Response(
        result=known,
        evidence=more.pop("evidence", None) or evidence_of(known, number=node(0.3)),
        points=more.pop("points", (UNSURE,)),
    )
    use_case, options = more.pop("use_case", "custom"), more.pop("options", {"schema": SCHEMA})
    await jobs.insert_many([submission(client=client, use_case=use_case, options=options, **more)])
    await pool.execute(
        "INSERT INTO engines (engine_id, lock_key, name) VALUES ($1, (SELECT coalesce(max(lock_key), 0) + 1 FROM "
        "engines), 'test')",
        engine_id,
    )
    [claim] = await jobs.claim(engine_id, 1)
    assert await jobs.mark_done(claim, response) == "stored"
    return claim.ix_id


class People:
    """People with keys of their own, and those of other clients."""

    def __init__(self, client: httpx.AsyncClient, headers: dict[str, dict[str, str]]) -> None:
        self._client = client
        self._headers = headers

    async def ask(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """What one of them is answered."""
        return await self._client.request(method, path, json=body, headers={**self._headers[who], **headers})

    async def send(self, who: str, method: str, path: str, content: bytes, **headers: str) -> httpx.Response:
        """The same of a body in bytes, against the first version of a review."""
        given = {"if-match": '"v0"', **self._headers[who], **headers}
        return await self._client.request(method, path, content=content, headers=given)

    async def change(self, who: str, ix_id: str, version: int, *changes: dict[str, Any]) -> httpx.Response:
        """What somebody is answered who puts an answer right."""
        seen = {"if-match": f'"v{version}"'}
        return await self.ask(who, "PATCH", f"/jobs/{ix_id}/review", {"changes": list(changes)}, **seen)

    async def decide(self, who: str, ix_id: str, version: int, state: str, note: str = "") -> httpx.Response:
        """What somebody is answered who decides about it."""
        seen = {"if-match": f'"v{version}"'}
        return await self.ask(who, "POST", f"/jobs/{ix_id}/review/decision", {"state": state, "note": note}, **seen)

    async def review(self, ix_id: str, who: str = "anna") -> dict[str, Any]:
        """The review as it is now."""
        found = await self.ask(who, "GET", f"/jobs/{ix_id}/review")
        assert found.status_code == 200, found.text
        review: dict[str, Any] = found.json()
        assert found.headers["etag"] == f'"v{review["version"]}"'
        return review


@asynccontextmanager
async def people(settings: Settings, pool: Pool) -> AsyncIterator[People]:
    """The service with its people: Anna and Ben review, Vera only looks, Otto is another client's."""
    keys = Database(pool).keys
    grants = {
        "anna": (None, Grant(name="Anna Weber", may=["view", "review", "operate", "submit"])),
        "ben": (None, Grant(name="Ben", may=["view", "review"])),
        "vera": (None, Grant(name="Vera", may=["view"])),
        "acme": ("acme", Grant(name="Acme's own")),
        "otto": ("other", Grant(name="Otto")),
        "receipts": ("acme", Grant(name="Receipts only", use_cases=["receipt"])),
    }
    headers = {name: {"authorization": f"Bearer {await keys.add(*grant)}"} for name, grant in grants.items()}
    async with client_of(create_app(settings=settings, pool=pool)) as client:
        yield People(client, headers)
