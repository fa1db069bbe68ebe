"""What ix depends on outside fails in every way, over real sockets and pipes and under a real engine: model servers,
OCR, receivers of callbacks. Their short forms: `tests/extraction/models`, `tests/extraction/test_children.py`,
`tests/engine/maintenance/test_deliverer.py`."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from typing import NamedTuple

import pytest

from ix.callbacks import SCHEDULE
from ix.config import Settings
from ix.database.connect import Pool
from ix.database.jobs import Jobs
from ix.engine.engine import Engine
from ix.engine.maintenance import deliverer
from ix.extraction.pipeline import Extractor
from ix.extraction.processes.children import Children
from tests import logs
from tests.chaos.test_wakeups import all_ended
from tests.extraction.models.serving import dead_address
from tests.extraction.test_documents import marked, saved
from tests.factories import submission
from tests.receiver import Answer, half, hang, huge, receiver, status
from tests.rows import Row, Size

pytestmark = pytest.mark.long

PATIENCE = 3.0
"""Seconds after which an outsider is given up."""
DELAY = 0.1
"""Seconds before a second attempt: `IX_RETRY_DELAY`."""
ATTEMPTS = 3
BUSY_FAULT = "429 with Retry-After"
RETRY_AFTER, SOON = 3600, 1
"""Seconds that a busy receiver of callbacks, and a busy model server, ask for."""


def faults(retry_after: int) -> Mapping[str, Answer | None]:
    """How an HTTP server fails; one that refuses connections is not there."""
    return {
        "refuse": None,
        "hang": hang,
        "500": status(500),
        "half a body": half,
        "huge answer": huge,
        "invalid JSON": status(200, b'{"message": nothing'),
        BUSY_FAULT: status(429, b"", **{"retry-after": str(retry_after)}),
        "410": status(410),
    }


FAULTS = faults(RETRY_AFTER)


@contextmanager
def failing(fault: Answer | None) -> Iterator[str]:
    """The address of a server that fails so."""
    if fault is None:
        yield dead_address()
        return
    with receiver(fault) as there:
        yield f"http://{there.host}"


class Expected(NamedTuple):
    """The error of a job, and whether it was tried again."""

    code: str
    again: bool


DOWN, REFUSED, BUSY = (
    Expected("model_unavailable", True),
    Expected("model_unavailable", False),
    Expected("model_overloaded", True),
)
OF_MODELS = dict(zip(FAULTS, (DOWN, DOWN, DOWN, DOWN, REFUSED, DOWN, BUSY, REFUSED), strict=True))
OF_OCR = {
    "cannot start": Expected("ocr_failed", False),
    "hang": Expected("time_limit", True),
    **dict.fromkeys(("fails", "dies", "half an answer", "huge answer", "no JSON"), Expected("ocr_failed", False)),
}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    limits = {"model_timeout": PATIENCE, "ocr_timeout": PATIENCE, "callback_timeout": PATIENCE, "retry_delay": DELAY}
    return settings.model_copy(update={**limits, "model": "m", "engine_slots": 8, "allow_hosts": ("127.0.0.1",)})


@asynccontextmanager
async def running(engine: Engine) -> AsyncIterator[logs.Log]:
    """An engine for a while, and what it says."""
    with logs.heard() as log:
        await engine.start()
        try:
            yield log
        finally:
            await engine.stop()


ENDS = """
    SELECT response -> 'error' ->> 'code' AS code, attempts, count(*)::int AS number,
        max(extract(epoch FROM finished_at - started_at))::float8 AS seconds
    FROM jobs GROUP BY 1, 2"""


async def ends(
    engine: Engine, pool: Pool, number: int, document: bytes, expected: Expected, least: float = 0.0
) -> float:
    """Has jobs meet a fault; how long an attempt took at most, seconds. They must end as expected, and be tried again
    by schedule, after `least` seconds where that is longer."""
    await pool.execute("DELETE FROM jobs")
    async with running(engine) as log:
        await Jobs(pool).insert_many(
            [
                submission(use_case="receipt", document=document, options={}, max_attempts=ATTEMPTS)
                for _ in range(number)
            ]
        )
        await all_ended(pool, number, 120)
    (end,) = await pool.fetch(ENDS)
    attempts = ATTEMPTS if expected.again else 1
    assert (end["code"], end["attempts"], end["number"]) == (expected.code, attempts, number)
    assert_schedule([line for line in log.lines if "failed in a way that may pass" in line], number, attempts, least)
    return float(end["seconds"])


def assert_schedule(lines: list[str], number: int, attempts: int, least: float) -> None:
    """Pauses grow fourfold, and vary by half; one that is asked for is never shortened."""
    pauses = sorted(float(found[1]) for line in lines if (found := re.search(r"seconds=([\d.]+)", line)))
    expected = [DELAY * 4.0**again for again in range(attempts - 1) for _ in range(number)]
    assert len(pauses) == len(expected)
    for pause, about in zip(pauses, expected, strict=True):
        assert max(0.49 * about, least) <= pause <= 1.51 * max(about, least), (
            f"{pause} s is not about {about} s, or {least} s"
        )


@pytest.mark.parametrize("extractor", ["ollama", "openai"])
async def test_model_servers_fail(settings: Settings, pool: Pool, extractor: str, size: Size, row: Row) -> None:
    times = size(20, 2)
    row.did(f"{extractor}: {', '.join(FAULTS)}", f"each x {times} jobs of {ATTEMPTS} attempts")
    seconds = {}
    for name, fault in faults(SOON).items():
        with failing(fault) as url:
            asked = settings.model_copy(update={"extractor": extractor, f"{extractor}_url": url})
            least = SOON if name == BUSY_FAULT else 0
            seconds[name] = await ends(Engine(asked), pool, times, b"TOTAL 3.70", OF_MODELS[name], least)
    row.found(said(OF_MODELS), f"no attempt over {max(seconds.values()):.1f} s (limit of a question {PATIENCE:.0f} s)")
    # eight jobs ask at once, of whom one is asked at least: an attempt may wait for seven others, outside its own limit
    assert max(seconds.values()) < 8 * PATIENCE + 3


async def test_ocr_fails(settings: Settings, pool: Pool, size: Size, row: Row) -> None:
    times = size(20, 2)
    row.did(f"OCR: {', '.join(OF_OCR)}", f"each x {times} jobs of {ATTEMPTS} attempts")
    seconds, scan = {}, saved(marked(), "PNG")
    for name, expected in OF_OCR.items():
        extractor = Extractor.create(settings.model_copy(update={"ocr": "rapidocr"}))
        task = "tests.chaos.no_such_task" if name == "cannot start" else "tests.chaos.sick_ocr"
        extractor.reader._ocr = Children(task, 4, extra={"SICKNESS": name})
        seconds[name] = await ends(Engine(settings, extractor=extractor), pool, times, scan, expected)
    row.found(said(OF_OCR), f"no attempt over {max(seconds.values()):.1f} s (limit of a page {PATIENCE:.0f} s)")
    assert max(seconds.values()) < 10 * PATIENCE


def said(expected: Mapping[str, Expected]) -> str:
    """The classes of error, and how many faults came to each."""
    counts = Counter(expected.values())
    return ", ".join(
        f"{number} x {one.code} ({'tried again' if one.again else 'final'})" for one, number in counts.items()
    )


DELIVERED = ("half a body", "huge answer", "invalid JSON")
"""What is behind a 200 is not read."""
OUTCOMES = {
    "refuse": "ConnectError",
    "hang": f"no answer within {PATIENCE:g} s",
    "500": "answered 500",
    BUSY_FAULT: "answered 429",
    "410": "answered 410",
    **dict.fromkeys(DELIVERED, "answered 200"),
}
DUE = "UPDATE deliveries SET due_at = clock_timestamp(), outcome = NULL WHERE status = 'pending'"
UNTRIED = "SELECT count(*) FROM deliveries WHERE status = 'pending' AND outcome IS NULL"
OFF_SCHEDULE = """
    WITH tried AS (
        SELECT *, ($2::float8[])[attempts] AS pause, CASE WHEN url = $3 THEN $4::float8 ELSE 0 END AS asked
        FROM deliveries WHERE status = 'pending' AND attempts >= $1 AND ($1 > 1 OR attempts = 1)
    )
    SELECT url, attempts, due_at FROM tried
    WHERE due_at < $5::timestamptz + make_interval(secs => greatest(0.9 * pause, asked))
       OR due_at > $6::timestamptz + make_interval(secs => greatest(1.2 * pause, asked))"""
"""Deliveries whose next try is not due when the schedule $2 says, after their try number $1, or one more, was made
between $5 and $6. The first pause is so short that the second try may have begun. $3 asks for $4 seconds at least."""


async def test_receivers_of_callbacks_fail(
    settings: Settings, pool: Pool, size: Size, row: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    times, off = size(20, 2), []
    # how long a failing host is left in peace is another test's: here each try comes when its schedule says so
    monkeypatch.setattr(deliverer, "LONGEST_PAUSE_SECONDS", DELAY)
    row.did(f"receivers of callbacks: {', '.join(FAULTS)}", f"each x {times} jobs, all {len(SCHEDULE) + 1} tries")
    with ExitStack() as stack:
        urls = {name: f"{stack.enter_context(failing(fault))}/hook" for name, fault in FAULTS.items()}
        async with running(Engine(settings)):
            began = await pool.fetchval("SELECT clock_timestamp()")
            # of a client's calls to a host that fails one goes at a time
            owed = [(f"client {number}", url) for number in range(times) for url in urls.values()]
            await Jobs(pool).insert_many([submission(client=client, callback_url=url) for client, url in owed])
            await all_ended(pool, times * len(urls), 60)
            for number in range(1, len(SCHEDULE) + 1):
                await all_tried(pool)
                now, patient = await pool.fetchval("SELECT clock_timestamp()"), urls[BUSY_FAULT]
                off += await pool.fetch(OFF_SCHEDULE, number, SCHEDULE, patient, float(RETRY_AFTER), began, now)
                began = now
                await pool.execute(DUE)
                await pool.execute("NOTIFY ix_deliveries")
            await all_tried(pool)
    found = await pool.fetch(
        "SELECT url, status, attempts, outcome, count(*)::int AS number FROM deliveries GROUP BY 1, 2, 3, 4"
    )
    undone = await pool.fetchval("SELECT count(*) FROM jobs WHERE status <> 'done'")
    by_name = {name: [tuple(one)[1:] for one in found if one["url"] == url] for name, url in urls.items()}
    row.found(
        "; ".join(f"{name}: {status} after {tries} tries" for name, ((status, tries, *_), *_) in by_name.items()),
        f"{len(off)} tries off the schedule",
        f"{undone} jobs not done",
    )
    assert not off, off
    assert undone == 0
    assert by_name == {name: [(*end_of(name), OUTCOMES[name], times)] for name in FAULTS}


def end_of(name: str) -> tuple[str, int]:
    """How a delivery ends, and after how many tries."""
    if name in DELIVERED:
        return "delivered", 1
    return ("failed", 1) if name == "410" else ("failed", len(SCHEDULE) + 1)


async def all_tried(pool: Pool) -> None:
    """Returns when each delivery that is owed has been tried since it became due."""
    async with asyncio.timeout(120):
        while await pool.fetchval(UNTRIED):
            await asyncio.sleep(0.02)
