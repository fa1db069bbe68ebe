"""The audit log: what was done is noted in the transaction that does it, and stays."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from ix.database.audit import Asked, Audit, Entry
from ix.database.connect import Pool
from ix.database.jobs import Jobs
from ix.database.keys import CLIENTS_RIGHTS, Caller, Change, Grant, Keys
from ix.errors import IxError
from ix.telemetry.log import bound
from tests.factories import answer, submission

ANNA = Caller("acme", "0123456789ab", CLIENTS_RIGHTS, name="Anna Weber")


@pytest.fixture
def audit(pool: Pool) -> Audit:
    return Audit(pool)


async def entries(audit: Audit, **asked: Any) -> list[Entry]:
    return list(await audit.page(Asked(**asked)))


async def test_an_entry_says_who_did_what_and_under_which_request(audit: Audit) -> None:
    with bound(http_request="abc"):
        await audit.note("use_case.pause", ANNA, detail={"use_case": "receipt"})
    [entry] = await entries(audit)
    assert (entry.who, entry.key_id, entry.client_id) == ("Anna Weber", "0123456789ab", "acme")
    assert (entry.what, entry.ix_id, entry.request) == ("use_case.pause", None, "abc")
    assert entry.detail == {"use_case": "receipt"}


@pytest.mark.parametrize(
    ("caller", "who"),
    [
        (Caller(None, "0123456789ab"), "key 0123456789ab"),
        (Caller(None, person="https://idp.example 7", name="anna@example.org"), "anna@example.org"),
        (Caller(None), "anybody"),
    ],
)
async def test_whoever_has_no_name_is_called_something(audit: Audit, caller: Caller, who: str) -> None:
    await audit.note("session.start", caller)
    assert [entry.who for entry in await entries(audit)] == [who]


async def test_cancel_retry_and_erase_are_noted_where_they_happen_and_only_there(audit: Audit, jobs: Jobs) -> None:
    ix_id = (await jobs.insert_pending(submission(client="acme"))).job.ix_id
    assert await jobs.cancel(ix_id, "other", ANNA) is None
    assert not await jobs.erase(ix_id, "other", ANNA)
    assert await jobs.retry(ix_id, "acme", by=ANNA) is None
    assert await entries(audit) == []
    for _ in range(2):
        await jobs.cancel(ix_id, "acme", ANNA)
    assert await jobs.retry(ix_id, "acme", by=ANNA)
    assert await jobs.erase(ix_id, "acme", ANNA)
    found = await entries(audit)
    assert [entry.what for entry in found] == ["job.erase", "job.retry", "job.cancel"]
    assert {(entry.who, entry.ix_id) for entry in found} == {("Anna Weber", ix_id)}


async def test_what_the_service_does_by_itself_is_nobodys_doing(audit: Audit, jobs: Jobs) -> None:
    await jobs.insert_pending(submission())
    claim = await jobs.claim_next_pending(uuid4())
    assert claim
    await jobs.mark_done(claim, answer())
    assert await jobs.prune(0) == 1
    assert await entries(audit) == []


async def test_keys_are_noted_without_what_would_open_a_door(audit: Audit, pool: Pool) -> None:
    keys, by = Keys(pool), Caller(None, name="root@host")
    key = await keys.add("acme", Grant(name="scanner", may=["view"]), by)
    key_id = key.split("_")[1]
    await keys.change(key_id, Change(may=["view", "submit"], seconds=60), by)
    await keys.revoke(key_id, by)
    with pytest.raises(IxError):
        await keys.revoke("000000000000", by)
    found = await entries(audit)
    assert [(entry.what, entry.detail) for entry in found] == [
        ("key.revoke", {"key": key_id}),
        ("key.change", {"key": key_id, "may": ["view", "submit"], "seconds": 60}),
        ("key.add", {"key": key_id, "of": "acme", "name": "scanner", "may": ["view"]}),
    ]
    assert {entry.who for entry in found} == {"root@host"}
    assert key.split("_", 2)[2] not in str(found)


async def test_pages_are_newest_first_and_each_filter_narrows_them(audit: Audit) -> None:
    for number in range(5):
        await audit.note("job.erase" if number % 2 else "job.cancel", ANNA, ix_id=f"{number:016x}")
    await audit.note("job.erase", Caller(None, name="Ben"), ix_id=f"{1:016x}")
    first = await entries(audit, limit=4)
    rest = await entries(audit, limit=4, before=first[-1].number)
    numbers = [entry.number for entry in (*first, *rest)]
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) == 6
    assert len(await entries(audit, who="Ben")) == 1
    assert len(await entries(audit, what="job.erase")) == 3
    assert len(await entries(audit, ix_id=f"{1:016x}")) == 2
    assert len(await entries(audit, ix_id=f"{1:016x}", who="Anna Weber", what="job.erase")) == 1


@pytest.mark.parametrize(("name", "value"), [("who", "Ben"), ("what", "job.erase"), ("ix_id", f"{1:016x}")])
async def test_an_index_leads_to_what_is_asked_for(pool: Pool, name: str, value: str) -> None:
    filled = "SELECT 'Ben ' || n % 50, 'job.' || n % 50, lpad(to_hex(n % 50), 16, '0') FROM generate_series(1, 5000) n"
    await pool.execute(f"INSERT INTO audit (who, what, ix_id) {filled}")
    await pool.execute("ANALYZE audit")
    wanted = {"ix_id": None, "who": None, "what": None, name: value}
    plan = await pool.fetch("EXPLAIN " + Audit._PAGES[name], None, 50, *wanted.values())
    shown = "\n".join(row[0] for row in plan)
    index = {"ix_id": "audit_job", "who": "audit_who", "what": "audit_what"}[name]
    assert f" {index} " in shown
