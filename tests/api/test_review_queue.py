"""The queue of reviews: who gets what, and what reviews say of the bar."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ix.config import Settings
from ix.database import Database
from ix.database.connect import Pool
from ix.database.keys import Caller
from ix.database.reviews import Where
from tests.api.reviewing import People, ended, people
from tests.extraction.review.answers import SCHEMA, answer, evidence_of, node


@pytest.fixture
async def them(settings: Settings, pool: Pool) -> AsyncIterator[People]:
    async with people(settings, pool) as them:
        yield them


async def taken(them: People, who: str, **asked: Any) -> str | None:
    found = await them.ask(who, "POST", "/reviews/next", asked)
    assert found.status_code in (200, 204), found.text
    return str(found.json()["ix_id"]) if found.status_code == 200 else None


async def test_the_oldest_first_and_none_twice(them: People, pool: Pool) -> None:
    ids = [await ended(pool) for _ in range(3)]
    await ended(pool, points=())
    assert [await taken(them, who) for who in ("anna", "ben", "anna", "ben")] == [*ids, None]
    await them.ask("ben", "DELETE", f"/reviews/{ids[1]}/lease")
    await them.decide("anna", ids[0], 0, "approved")
    assert [await taken(them, "anna") for _ in range(2)] == [ids[1], None]


async def test_two_who_ask_at_once_never_get_the_same(them: People, pool: Pool) -> None:
    ids = [await ended(pool) for _ in range(8)]
    found = await asyncio.gather(*(taken(them, who) for who in ("anna", "ben") * 4))
    assert sorted(map(str, found)) == ids
    assert await taken(them, "anna") is None


async def test_what_is_asked_for(them: People, pool: Pool) -> None:
    first, second = await ended(pool), await ended(pool, client="other", options={"schema": SCHEMA})
    assert await taken(them, "anna", where={"client_id": "third"}) is None
    assert await taken(them, "anna", where={"use_case": "receipt"}) is None
    assert await taken(them, "anna", where={"created_before": "2020-01-01T00:00:00Z"}) is None
    assert await taken(them, "anna", where={"client_id": "other"}) == second
    assert await taken(them, "ben", skip=[first]) is None
    assert await taken(them, "otto", where={"client_id": "acme"}) is None
    assert await taken(them, "ben") == first


UNASKABLE: list[Any] = [
    {"where": {"status": "done"}},
    {"skip": ["x"]},
    {"where": {"use_case": "a\0b"}},
    {"skip": [1] * 5},
    [],
    "x",
]


async def test_what_cannot_be_asked(them: People) -> None:
    for asked in UNASKABLE:
        refused = await them.ask("anna", "POST", "/reviews/next", asked)
        assert refused.status_code == 422, (asked, refused.text)


async def test_an_index_leads_to_what_waits(pool: Pool) -> None:
    """However many jobs have ended: no table is read whole, and no more than what waits is looked at."""
    reviews = Database(pool).reviews
    for client_id, statement in ((None, reviews._NEXT_OF_ANY), ("acme", reviews._NEXT_OF_CLIENT)):
        arguments: tuple[Any, ...] = client_id, None, None, None, None, [], "Anna", "anna", None, False
        plan = "\n".join(row[0] for row in await pool.fetch(f"EXPLAIN {statement}", *arguments))
        assert f"jobs_in_review{'_of_client' if client_id else ''}" in plan
        assert "Seq Scan on jobs" not in plan
        assert await reviews.next(Where(client_id=client_id), [], Caller(None)) is None


async def test_reviews_say_where_to_set_the_bar(them: People, pool: Pool) -> None:
    for confidence, right in ((0.9, True), (0.9, False), (0.55, False), (0.4, True)):
        result = answer()
        ix_id = await ended(pool, evidence=evidence_of(result, number=node(confidence)))
        if not right:
            await them.change("anna", ix_id, 0, {"path": "number", "value": "another"})
        await them.decide("anna", ix_id, int(not right), "approved")
    # neither what is rejected nor what is not decided counts
    await them.decide("anna", await ended(pool), 0, "rejected")
    await ended(pool)
    found = (await them.ask("vera", "GET", "/reviews/bar?use_case=custom")).json()
    assert found["of"] == 4
    curves = {field["path"]: field["points"] for field in found["fields"]}
    assert "lines.amount" in curves
    number = {point["bar"]: (point["passed"], point["wrong"], point["of"]) for point in curves["number"]}
    assert (number[0.5], number[0.55], number[0.6], number[0.9], number[0.95]) == (
        *((3, 2, 4), (3, 2, 4)),
        *((2, 1, 4), (2, 1, 4)),
        (0, 0, 4),
    )
    assert [point["passed"] for point in curves["net"]] == [4] * 10
    assert (await them.ask("vera", "GET", "/reviews/bar")).status_code == 422
    assert (await them.ask("vera", "GET", "/reviews/bar?use_case=invoice")).json() == {"fields": [], "of": 0}
