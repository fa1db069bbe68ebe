"""Actions on many jobs, and use cases that stand still, through the Python client."""

from __future__ import annotations

import pytest

from ix.client import AsyncClient, Client, ClientError, Conflict, NotFound
from ix.job import BatchStatus, Job, Status

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


def test_a_batch_and_the_tags_of_its_jobs(ix: Client) -> None:
    assert ix.declare_batch("october") == ix.declare_batch("october")
    tags = {"place": "Köln", "case": "4711"}
    with_file = ix.submit([("a.txt", b"a")], "drill", tags=tags, batch_id="october")
    assert ix.submit([("a.txt", b"a")], "drill", tags=tags, batch_id="october").ix_id == with_file.ix_id
    without = ix.submit([], "drill", tags={"place": "Bonn"}, batch_id="october")
    apart = ix.submit([], "drill", options=SLEEPS)
    [many] = ix.submit_many([{"use_case": "drill", "options": SLEEPS, "tags": tags, "batch_id": "october"}])
    assert isinstance(many, Job)
    assert (with_file.tags, with_file.batch_id) == (tags, "october")
    assert {one.ix_id for one in ix.jobs(client_id=apart.client_id, tag="place:Köln")} == {with_file.ix_id, many.ix_id}
    listed = {one.ix_id for one in ix.jobs(client_id=apart.client_id, batch_id="october")}
    assert listed == {with_file.ix_id, without.ix_id, many.ix_id}
    assert ix.close_batch("october").status is BatchStatus.CLOSED
    with pytest.raises(ClientError, match="batch_id: is closed"):
        ix.submit([("late.txt", b"b")], "drill", batch_id="october")
    ix.cancel_batch("october")
    while (batch := ix.batch("october")).status is not BatchStatus.ENDED:
        pass
    assert (batch.jobs.total, batch.jobs.status["cancelled"]) == (3, 1)
    assert ix.get(apart.ix_id).status is not Status.CANCELLED
    ix.cancel(apart)
    with pytest.raises(NotFound):
        ix.batch("nonsense")


async def test_the_same_awaited(service_url: str, ix: Client) -> None:
    job = ix.submit([("a.txt", b"a")], "drill", options=SLEEPS)
    async with AsyncClient(service_url) as other:
        action = await other.act("erase", [job.ix_id])
        while action.state != "done":
            action = await other.action(action.id)
        assert action.done == 1
        await other.declare_batch("awaited", "https://hooks.example.com/")
        tagged = await other.submit([], "drill", tags={"a": "b"}, batch_id="awaited")
        assert (tagged.tags, tagged.batch_id) == ({"a": "b"}, "awaited")
        await other.cancel_batch("awaited")
        assert (await other.close_batch("awaited")).callback_url == (await other.batch("awaited")).callback_url
        await other.pause("custom")
        await other.resume("custom")
