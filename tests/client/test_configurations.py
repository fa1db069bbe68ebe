"""Saved configurations through the Python client."""

from __future__ import annotations

import pytest

from ix.client import AsyncClient, Client, ClientError, Conflict, NotFound


def test_a_configuration_is_saved_named_and_deleted(ix: Client) -> None:
    first = ix.save_configuration("drills", "drill", options={"action": "succeed"}, priority=3, seen=0)
    assert (first.name, first.version, first.shared, first.options) == ("drills", 1, False, {"action": "succeed"})
    with pytest.raises(Conflict):
        ix.save_configuration("drills", "drill", seen=0)
    assert ix.save_configuration("drills", "drill", seen=1).version == 2
    with pytest.raises(Conflict):
        ix.save_configuration("drills", "drill", priority=1, seen=1)
    job = ix.submit([("a.txt", b"a")], configuration="drills@1")
    assert (job.use_case, job.priority, job.request.options) == ("drill", 3, {"action": "succeed"})
    assert job.configuration is not None
    assert job.configuration.version == 1
    # made from the content, so that a repetition finds the job, by whatever name
    assert ix.submit([("a.txt", b"a")], configuration="drills@1").ix_id == job.ix_id
    assert ix.submit([("a.txt", b"a")], configuration="drills").ix_id != job.ix_id
    assert [(one.name, one.version) for one in ix.configurations(limit=1)] == [("drills", 2)]
    assert ix.configuration("drills", 1) == first
    with pytest.raises(ClientError) as refused:
        ix.save_configuration("drills", "drill", options={"action": "nonsense"})
    assert refused.value.errors[0]["field"] == "options.action"
    ix.delete_configuration("drills", seen=2)
    with pytest.raises(NotFound):
        ix.configuration("drills")
    assert list(ix.configurations()) == []


async def test_the_same_awaited(service_url: str, ix: Client) -> None:
    async with AsyncClient(service_url, client_id="somebody") as other:
        shared = await other.save_configuration("everybodys-drills", "drill", shared=True)
        assert shared.shared
        assert [one.name async for one in other.configurations()] == ["everybodys-drills"]
        assert (await other.configuration("everybodys-drills")).version == 1
        job = await other.submit([], configuration="everybodys-drills")
        assert job.configuration is not None
        assert job.configuration.shared
        await other.delete_configuration("everybodys-drills", shared=True)
        with pytest.raises(NotFound):
            await other.configuration("everybodys-drills")
