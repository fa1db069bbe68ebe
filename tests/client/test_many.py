"""Actions on many jobs, and use cases that stand still, through the Python client."""

from __future__ import annotations

import pytest

from ix.client import AsyncClient, Client, Conflict, NotFound
from ix.job import Status

SLEEPS = {"action": "sleep", "seconds": 3600}


def test_many_jobs_at_once_and_a_use_case_that_stands_still(ix: Client) -> None:
    jobs = [ix.submit([("a.txt", b"%d" % n)], "drill", options=SLEEPS) for n in range(3)]
    with pytest.raises(Conflict):
        ix.act("cancel", where={"client_id": jobs[0].client_id}, expect=9)
    action = ix.act("cancel", where={"client_id": jobs[0].client_id}, expect=3)
    while action.state != "done":
        action = ix.action(action.id)
    assert (action.done, action.failed, action.of) == (3, 0, 3)
    assert [ix.get(job.ix_id).status for job in jobs] == [Status.CANCELLED] * 3
    ix.pause("drill")
    assert [one.name for one in ix.use_cases() if one.paused] == ["drill"]
    ix.resume("drill")
    with pytest.raises(NotFound):
        ix.pause("nonsense/x")


async def test_the_same_awaited(service_url: str, ix: Client) -> None:
    job = ix.submit([("a.txt", b"a")], "drill", options=SLEEPS)
    async with AsyncClient(service_url) as other:
        action = await other.act("erase", [job.ix_id])
        while action.state != "done":
            action = await other.action(action.id)
        assert action.done == 1
        await other.pause("custom")
        await other.resume("custom")
