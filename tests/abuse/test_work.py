"""What finding, placing and checking values may cost, whoever brings what makes it expensive: its own job, and no other
client's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest
from pydantic import BaseModel

from ix.config import MIB, Settings
from ix.errors import JobError
from ix.extraction.page import Document
from ix.extraction.pipeline import Extractor
from ix.use_cases.receipt import USE_CASE as RECEIPT
from tests.abuse import hostile_results as hostile
from tests.abuse.serving import service
from tests.rows import Row, Size

NOTE = Document(b"Blue Kettle Ltd\nDate 05/03/2024\nTotal 12.50\n")
TOO_MUCH, FAILED, RAISED = ("work_too_much", False), ("work_failed", True), ("use_case_failed", False)
DEEDS: Mapping[str, tuple[type[BaseModel], tuple[str, bool]]] = {
    "memory": (hostile.Hoards, TOO_MUCH),
    "SIGKILL": (hostile.Killed, FAILED),
    "a regular expression": (hostile.Backtracks, TOO_MUCH),
    "an exception": (hostile.Fails, RAISED),
    "an endless loop": (hostile.Counts, TOO_MUCH),
    "threads": (hostile.StartsThreads, TOO_MUCH),
    "a crash": (hostile.Crashes, FAILED),
    "an exit": (hostile.Exits, FAILED),
    "sys.exit": (hostile.Leaves, RAISED),
    "recursion": (hostile.Recurses, RAISED),
    "a sleep": (hostile.Sleeps, ("time_limit", True)),
}
"""What a model of the result does, and what its job ends in: the code, and whether it is tried again."""
QUICK = 2
"""So many of them are met in the short form; those that spin take a second each, and are in `test_children`."""
SECONDS = 1


@asynccontextmanager
async def extracting(**settings: object) -> AsyncIterator[Extractor]:
    extractor = Extractor.create(Settings.model_validate({"ocr": "off", "answer_seconds": SECONDS, **settings}))
    await extractor.start()
    try:
        yield extractor
    finally:
        await extractor.stop()


async def harmed(extractor: Extractor, result: type[BaseModel]) -> tuple[str, bool]:
    """The code that a job with this model ends in, and whether it is tried again."""
    with pytest.raises(JobError) as ended:
        await extractor.extract([NOTE], RECEIPT.schema, result_model=result)
    assert "words of the document" not in ended.value.message
    return ended.value.code, ended.value.retryable


async def read_meanwhile(extractor: Extractor, over: asyncio.Event) -> list[float]:
    """Seconds of each receipt that another client had read until all was over."""
    seconds: list[float] = []
    while not (seconds and over.is_set()):
        began = time.monotonic()
        response = await extractor.extract([NOTE], RECEIPT.schema, result_model=RECEIPT.result)
        assert isinstance(response.result, dict)
        assert response.result["total"] == 12.5
        seconds.append(time.monotonic() - began)
    return seconds


async def test_what_a_result_is_checked_by_harms_its_own_job_only(size: Size, row: Row) -> None:
    deeds = dict(list(DEEDS.items())[: size(len(DEEDS), QUICK)])
    row.did(
        f"models of results: {', '.join(deeds)}; {hostile.FIELDS} fields",
        "receipts of another client, without a pause, 2 processes",
    )
    async with extracting(answer_memory=384 * MIB) as extractor:
        over = asyncio.Event()
        others = asyncio.create_task(read_meanwhile(extractor, over))
        # one after the other, so that there is a process for the other client: `Turns` sees to it in an engine
        ends = {name: await harmed(extractor, result) for name, (result, _) in deeds.items()}
        over.set()
        seconds = await others
        huge = await extractor.extract([NOTE], RECEIPT.schema, result_model=hostile.Huge)
        left = [child for child in extractor.children._living if not child.is_alive()]
    row.found(f"{len(ends)} ended as they should", f"{len(seconds)} receipts, at most {max(seconds):.1f} s each")
    assert ends == {name: expected for name, (_, expected) in deeds.items()}
    assert len([each for each in huge.warnings if each.code == "shape"]) == hostile.FIELDS
    assert not left


LINES = 1_200
LINE = "Total amount due 12.50 EUR invoice no 123 date 01.02.2024 tax 19 % 3 x Item 4.50"
MANY = {
    f"total_{number}": {"type": "number", "x-ix": {"kind": "money", "labels": ["total", "sum", "amount"]}}
    for number in range(200)
}


@pytest.mark.long
def test_jobs_that_cost_much_are_ended_and_others_done(service_database: str, row: Row) -> None:
    row.did(f"2 x `custom`, 2 texts of {LINES} lines, 200 fields each", "receipts of another client")
    text = "\n".join([LINE] * LINES)
    with service(service_database, IX_ANSWER_SECONDS="3", IX_ANSWER_MEMORY=str(512 * MIB)) as running:
        jobs = [
            running.submit(
                use_case="custom",
                documents=[{"text": f"{text}{job}{number}"} for number in range(2)],
                options={"schema": {"type": "object", "properties": MANY}},
            ).json()
            for job in range(2)
        ]
        seconds = []
        for _ in range(3):
            began = time.monotonic()
            small = running.submit(client_id="bob", use_case="receipt", documents=[{"text": NOTE.data.decode()}]).json()
            assert running.ended(small)["status"] == "done"
            seconds.append(time.monotonic() - began)
        ended = [running.ended(job) for job in jobs]
        healthy = running.client.get("/healthz").json()
    codes = [((job["response"] or {}).get("error") or {}).get("code", "done") for job in ended]
    row.found(f"they ended: {', '.join(codes)}", f"receipts took {max(seconds):.1f} s at most")
    assert set(codes) <= {"work_too_much", "done"}
    assert max(seconds) < 30
    assert "fail" not in healthy.values()
