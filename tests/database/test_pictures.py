"""Pictures: clients take turns, an engine that dies is followed, what is kept has a limit, and erasing erases."""

from __future__ import annotations

from collections import Counter

import pytest

from ix.database.connect import Pool
from ix.database.pictures import MOST_ATTEMPTS, MOST_ORDERS, Drawn, Order, Pictures

DIGEST = b"\1" * 32
LEASE = 60.0


@pytest.fixture
async def pictures(pool: Pool) -> Pictures:
    await pool.execute("INSERT INTO documents (sha256, bytes) VALUES ($1, 'a document')", DIGEST)
    return Pictures(pool)


async def order(pictures: Pictures, page: int = 1, client_id: str = "acme", width: int = 480) -> tuple[bool, bool]:
    return await pictures.order(DIGEST, page, 0, width, 700, client_id)


async def claimed(pictures: Pictures) -> Order:
    found = await pictures.claim(LEASE)
    assert found is not None
    return found


async def test_what_is_ordered_is_drawn_once_and_found(pictures: Pictures) -> None:
    assert await pictures.find(DIGEST, 1, 0, 480) is None
    assert [await order(pictures) for _ in range(2)] == [(True, True)] * 2
    assert await pictures.find(DIGEST, 1, 0, 480) == Drawn(None, None)
    taken = await claimed(pictures)
    assert taken == Order(DIGEST, 1, 0, 480, 700, 1)
    assert await pictures.claim(LEASE) is None
    await pictures.finish(taken, Drawn(b"picture", None))
    assert await pictures.find(DIGEST, 1, 0, 480) == Drawn(b"picture", None)
    assert await pictures.seconds_to_next() is None


async def test_a_document_that_is_not_kept_cannot_be_ordered(pictures: Pictures) -> None:
    assert await pictures.order(b"\2" * 32, 1, 0, 480, 700, "acme") == (False, True)


async def test_an_engine_that_dies_is_followed_and_then_no_more(pictures: Pictures, pool: Pool) -> None:
    await order(pictures)
    first = await claimed(pictures)
    for number in range(2, MOST_ATTEMPTS + 1):
        await pool.execute("UPDATE pictures SET due_at = clock_timestamp()")
        assert (await claimed(pictures)).attempts == number
    # the first one comes back from the dead
    await pictures.finish(first, Drawn(b"late", None))
    assert await pictures.find(DIGEST, 1, 0, 480) == Drawn(None, None)
    await pool.execute("UPDATE pictures SET due_at = clock_timestamp()")
    assert await pictures.claim(LEASE) is None
    assert await pictures.find(DIGEST, 1, 0, 480) == Drawn(None, "engines ended over it")


async def test_many_orders_of_one_client_delay_no_other(pictures: Pictures) -> None:
    """Each claim chooses among clients, not among orders."""
    for page in range(1, MOST_ORDERS + 1):
        await order(pictures, page, "greedy")
    assert await order(pictures, MOST_ORDERS + 1, "greedy") == (True, False)
    for page in range(101, 111):
        assert await order(pictures, page, "modest") == (True, True)
    served = Counter([(await claimed(pictures)).page > 100 for _ in range(20)])
    assert served[True] >= 2


async def test_those_that_nobody_saw_for_longest_make_room(pictures: Pictures, pool: Pool) -> None:
    for page in (1, 2, 3):
        await order(pictures, page)
        await pictures.finish(await claimed(pictures), Drawn(b"x" * 100, None))
    await pool.execute("UPDATE pictures SET seen_at = clock_timestamp() - page * interval '1 day'")
    await pictures.seen(DIGEST, 3, 0, 480)
    assert await pictures.prune(200) == 1
    assert await pictures.find(DIGEST, 2, 0, 480) is None
    assert await pictures.prune(200) == 0


async def test_pictures_go_with_their_document(pictures: Pictures, pool: Pool) -> None:
    await order(pictures)
    await pool.execute("DELETE FROM documents")
    assert await pool.fetchval("SELECT count(*) FROM pictures") == 0
