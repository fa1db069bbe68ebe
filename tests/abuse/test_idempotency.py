"""One key, one job: however many submit it at once, however often, and by whichever call."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest

from tests.abuse.conftest import Service
from tests.accounts import connected
from tests.rows import Row, Size

RETRY_SECONDS = 10.0


class Submitter:
    """A client of one service: what it is answered, as status and id of the job."""

    def __init__(self, client: httpx.AsyncClient, service: Service) -> None:
        self._client = client
        self._service = service
        self.name = f"abuse-{uuid.uuid4().hex[:12]}"

    def body(self, request_id: str, mark: str = "same") -> dict[str, Any]:
        return {
            "client_id": self.name,
            "request_id": request_id,
            "use_case": "drill",
            "options": {"result": {"mark": mark}},
        }

    async def single(self, request_id: str, mark: str = "same") -> tuple[int, str]:
        answered = await self._client.post("/jobs", json=self.body(request_id, mark))
        return answered.status_code, answered.json().get("ix_id", "")

    async def batch(self, request_ids: Sequence[str], mark: str = "same") -> list[tuple[int, str]]:
        answered = await self._client.post(
            "/jobs/batch", json={"jobs": [self.body(each, mark) for each in request_ids]}
        )
        assert answered.status_code == 200, answered.text
        return [(one["status"], one.get("job", {}).get("ix_id", "")) for one in answered.json()["jobs"]]

    async def rows(self) -> list[tuple[str, str, str]]:
        """Request id, id and mark of what the table holds of this client."""
        sql = "SELECT request_id, ix_id, request #>> '{options,result,mark}' FROM jobs WHERE client_id = $1"
        async with connected(self._service.database) as connection:
            return [(row[0], row[1], row[2]) for row in await connection.fetch(sql, self.name)]


@pytest.fixture
async def submitter(service: Service) -> AsyncIterator[Submitter]:
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=service.url, timeout=60, trust_env=False, limits=limits) as client:
        yield Submitter(client, service)


class ProgressNews:
    """What was answered for each key."""

    def __init__(self) -> None:
        self.answers: dict[str, Counter[int]] = {}
        self.ids: dict[str, set[str]] = {}

    def note(self, key: str, status: int, ix_id: str) -> None:
        self.answers.setdefault(key, Counter())[status] += 1
        self.ids.setdefault(key, set()).add(ix_id)

    @property
    def sum(self) -> Counter[int]:
        return sum(self.answers.values(), Counter())

    def __str__(self) -> str:
        return ", ".join(f"{count} x {status}" for status, count in sorted(self.sum.items()))


async def _check(row: Row, told: ProgressNews, submitter: Submitter, keys: Sequence[str], times: int) -> None:
    rows = await submitter.rows()
    ids = sum(len(ids) for ids in told.ids.values())
    row.found(f"answers {told}", f"{ids} ids for {len(keys)} keys", f"{len(rows)} rows")
    assert all(answers == Counter({201: 1, 200: times - 1}) for answers in told.answers.values()), told.answers
    assert sorted((key, *ids) for key, ids in told.ids.items()) == sorted((key, ix_id) for key, ix_id, _ in rows)
    assert sorted(told.ids) == sorted(keys)


async def test_all_at_once(row: Row, size: Size, submitter: Submitter) -> None:
    times, keys = size(40, 8), [f"k{number}" for number in range(size(50, 5))]
    row.did("the same submission many times at once", f"{times} concurrent x {len(keys)} keys")
    told = ProgressNews()

    async def submit(key: str) -> None:
        told.note(key, *await submitter.single(key))

    for key in keys:
        await asyncio.gather(*[submit(key) for _ in range(times)])
    await _check(row, told, submitter, keys, times)


async def test_all_at_once_in_batches(row: Row, size: Size, submitter: Submitter) -> None:
    """Batches in different orders, so that each meets the keys of the others half-way."""
    times, keys = size(40, 8), [f"k{number}" for number in range(size(50, 5))]
    row.did("the same batch many times at once, turned each time", f"{times} concurrent x {len(keys)} keys")
    told = ProgressNews()

    async def submit(turn: int) -> None:
        order = keys[turn % len(keys) :] + keys[: turn % len(keys)]
        for key, answer in zip(order, await submitter.batch(order), strict=True):
            told.note(key, *answer)

    await asyncio.gather(*[submit(turn) for turn in range(times)])
    await _check(row, told, submitter, keys, times)


async def test_a_batch_that_repeats_itself(row: Row, size: Size, submitter: Submitter) -> None:
    times, keys = size(20, 8), [f"k{number}" for number in range(size(50, 5))]
    row.did("one batch that names each key many times", f"{times} x {len(keys)} keys")
    told = ProgressNews()
    for key, answer in zip(keys * times, await submitter.batch(keys * times), strict=True):
        told.note(key, *answer)
    await _check(row, told, submitter, keys, times)


async def test_single_beside_batch(row: Row, size: Size, submitter: Submitter) -> None:
    times, keys = size(40, 8), [f"k{number}" for number in range(size(50, 5))]
    row.did("singles beside batches of the same keys", f"{times} of each at once x {len(keys)} keys")
    told = ProgressNews()

    async def single(key: str) -> None:
        told.note(key, *await submitter.single(key))

    async def batch(some: Sequence[str]) -> None:
        for key, answer in zip(some, await submitter.batch(some), strict=True):
            told.note(key, *answer)

    for start in range(0, len(keys), 5):
        some = keys[start : start + 5]
        await asyncio.gather(*[work for _ in range(times) for work in (batch(some), *map(single, some))])
    await _check(row, told, submitter, keys, 2 * times)


async def test_other_content(row: Row, size: Size, submitter: Submitter) -> None:
    """Both contents race for each key: one of them wins, and the other is refused every time."""
    times, keys = size(20, 4), [f"k{number}" for number in range(size(50, 5))]
    row.did("one key with two contents at once", f"{times} of each x {len(keys)} keys, by both calls")
    answers: dict[tuple[str, str], Counter[int]] = {(key, mark): Counter() for key in keys for mark in ("one", "two")}

    async def submit(key: str, mark: str, turn: int) -> None:
        status, _ = await submitter.single(key, mark) if turn % 2 else (await submitter.batch([key], mark))[0]
        answers[key, mark][status] += 1

    for key in keys:
        await asyncio.gather(*[submit(key, mark, turn) for turn in range(times) for mark in ("one", "two")])
    stored = {key: mark for key, _, mark in await submitter.rows()}
    row.found(
        f"{sum(each[422] for each in answers.values())} x 422",
        f"{len(stored)} rows",
        "each with the content of its 201",
    )
    for (key, mark), counted in answers.items():
        assert counted == (Counter({201: 1, 200: times - 1}) if stored[key] == mark else Counter({422: times})), (
            key,
            mark,
        )


async def test_a_storm_of_retries(row: Row, size: Size, submitter: Submitter) -> None:
    count = size(1_000, 50)
    row.did("retries of one key, steadily for 10 s", f"{count} in {RETRY_SECONDS * count / 1_000:g} s")
    told = ProgressNews()

    async def retry(number: int) -> None:
        await asyncio.sleep(number * RETRY_SECONDS / 1_000)
        told.note("k", *await submitter.single("k"))

    await asyncio.gather(*[retry(number) for number in range(count)])
    await _check(row, told, submitter, ["k"], count)
