"""The documents of a job: limits of their bytes together, and the memory that all jobs of an engine share."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress

import asyncpg
import pytest

from ix.config import Settings
from ix.engine.documents import DocumentMemory, JobDocuments
from ix.errors import ConfigError, DocumentError, StoreUnavailable
from ix.job import DocumentRef
from ix.outbound import Outbound
from tests.receiver import receiver, status

SETTINGS = Settings(max_job_bytes=1000, engine_bytes=1500, max_document_bytes=900, allow_hosts=("127.0.0.1",))


class Stored:
    """The documents of a database, and how often they were asked for."""

    def __init__(self, *data: bytes) -> None:
        self.refs = [DocumentRef(sha256=hashlib.sha256(one).hexdigest(), size=len(one)) for one in data]
        self._data = {ref.sha256: one for ref, one in zip(self.refs, data, strict=True)}
        self.asked = 0
        self.secrets: list[str] = []

    async def passwords(self, ix_id: str) -> dict[int, str]:
        self.secrets.append(ix_id)
        return {1: "open sesame"}

    async def read(self, wanted: Sequence[str]) -> dict[str, bytes]:
        self.asked += 1
        return {sha256: self._data[sha256] for sha256 in wanted if sha256 in self._data}


@pytest.fixture
async def outbound() -> AsyncIterator[Outbound]:
    outbound = Outbound(SETTINGS)
    yield outbound
    await outbound.aclose()


def documents(stored: Stored, outbound: Outbound, memory: DocumentMemory | None = None) -> JobDocuments:
    return JobDocuments(memory or DocumentMemory(SETTINGS), stored, stored, outbound, SETTINGS)  # type: ignore[arg-type]


async def test_stored_documents_and_addresses_come_in_order(outbound: Outbound) -> None:
    stored = Stored(b"a" * 100, b"c" * 100)
    with receiver(status(200, b"b" * 100)) as there:
        refs = [stored.refs[0], DocumentRef(url=there.url, name="b"), stored.refs[1], stored.refs[0]]
        loaded = await documents(stored, outbound).load(refs)
    assert [one.data[:1] for one in loaded] == [b"a", b"b", b"c", b"a"]
    assert loaded[1].name == "b"


async def test_pages_and_passwords_go_with_their_documents(outbound: Outbound) -> None:
    stored = Stored(b"a" * 100)
    refs = [stored.refs[0].model_copy(update={"pages": "2-"}), stored.refs[0]]
    await documents(stored, outbound).load(refs, "00ff")
    assert stored.secrets == [], "most jobs have none, and ask for none"
    refs[1] = refs[1].model_copy(update={"with_password": True})
    loaded = await documents(stored, outbound).load(refs, "00ff")
    assert [(one.pages, one.password) for one in loaded] == [("2-", ""), ("", "open sesame")]
    assert stored.secrets == ["00ff"]


BREAKS = (
    asyncpg.InterfaceError("cannot call Connection.is_closed(): connection has been released back to the pool"),
    asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
    ConnectionResetError(),
)


@pytest.mark.parametrize("error", BREAKS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("method", ["read", "passwords"])
async def test_a_job_waits_for_a_database_that_breaks(
    outbound: Outbound, monkeypatch: pytest.MonkeyPatch, method: str, error: Exception
) -> None:
    stored = Stored(b"a" * 100)
    refs = [stored.refs[0].model_copy(update={"with_password": True})]

    async def breaks(*_: object) -> None:
        raise error

    monkeypatch.setattr(stored, method, breaks)
    job = documents(stored, outbound)
    with pytest.raises(StoreUnavailable) as waits:
        await job.load(refs)
    assert (waits.value.code, waits.value.retryable) == ("database_unavailable", True)
    job.release()


async def test_a_statement_that_is_wrong_is_no_reason_to_wait(
    outbound: Outbound, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = Stored(b"a" * 100)

    async def breaks(*_: object) -> None:
        raise asyncpg.DataError("invalid")

    monkeypatch.setattr(stored, "read", breaks)
    with pytest.raises(asyncpg.DataError):
        await documents(stored, outbound).load(stored.refs)


async def test_all_documents_of_a_job_have_a_limit_together(outbound: Outbound) -> None:
    stored = Stored(b"a" * 600, b"b" * 600)
    with pytest.raises(DocumentError, match="together") as stored_ones:
        await documents(stored, outbound).load(stored.refs)
    with receiver(status(200, b"b" * 600)) as there, pytest.raises(DocumentError, match="together") as fetched:
        await documents(stored, outbound).load([DocumentRef(url=there.url)] * 20)
    assert len(there.received) == 2
    assert {stored_ones.value.code, fetched.value.code} == {"document_too_large"}
    assert stored.asked == 0


async def test_jobs_wait_for_the_memory_of_others_in_turn(outbound: Outbound) -> None:
    memory, stored = DocumentMemory(SETTINGS), Stored(b"a" * 900, b"b" * 100)
    first, large, small = (documents(stored, outbound, memory) for _ in range(3))
    await first.load(stored.refs[:1])
    waiting = asyncio.create_task(large.load(stored.refs[:1]))
    behind = asyncio.create_task(small.load(stored.refs[1:]))
    await asyncio.sleep(0)
    assert not waiting.done()
    assert not behind.done()
    first.release()
    assert len(await waiting) == len(await behind) == 1


async def test_who_asks_twice_holds_it_once(outbound: Outbound) -> None:
    memory, stored = DocumentMemory(SETTINGS), Stored(b"a" * 900)
    job = documents(stored, outbound, memory)
    assert await job.load(stored.refs) is await job.load(stored.refs)
    job.release()
    await memory.take(1500)


@pytest.mark.parametrize("granted", [False, True])
async def test_a_cancelled_wait_takes_nothing(granted: bool) -> None:
    memory = DocumentMemory(SETTINGS)
    await memory.take(1000)
    waiting = asyncio.create_task(memory.take(1000))
    behind = asyncio.create_task(memory.take(500))
    await asyncio.sleep(0)
    if granted:
        memory.give(1000)
    waiting.cancel()
    with suppress(asyncio.CancelledError):
        await waiting
    await behind
    await asyncio.wait_for(memory.take(1000 if granted else 0), 1)


async def test_a_stored_document_that_is_gone_is_missed(outbound: Outbound) -> None:
    with pytest.raises(DocumentError) as raised:
        await documents(Stored(), outbound).load(Stored(b"a").refs)
    assert raised.value.code == "document_missing"


def test_an_engine_holds_the_largest_job() -> None:
    with pytest.raises(ConfigError, match="IX_ENGINE_BYTES"):
        Settings.from_env({"IX_MAX_JOB_BYTES": "1000", "IX_ENGINE_BYTES": "999"})
