"""Hostile documents in real jobs: each ends in a named error, soon and in little memory, and the next job is
unharmed."""

from __future__ import annotations

import base64
import time
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from ix.engine.stacks import MOST_PARTS
from tests import databases
from tests.abuse.bombs import Bomb, bombs
from tests.abuse.pdf_bombs import page
from tests.abuse.serving import Service, Watch, service
from tests.extraction.pdfs import Sheet, lines, pdf
from tests.rows import Row, Size

MB = 1_000_000
FILE = 100
"""Pages of a file: the most that one may have."""
MOST_SECONDS, MOST_MEMORY = 5.0, 50 * MB
BOMBS = list(bombs())
KINDS = list(dict.fromkeys(bomb.kind for bomb in BOMBS))


@pytest.fixture(scope="module")
def running(server_url: str, template_name: str) -> Iterator[Service]:
    """A service that would give images to OCR; none that is here gets so far."""
    with databases.clone(server_url, template_name) as url, service(url, IX_OCR="tesseract") as running:
        yield running


class Outcome(NamedTuple):
    """What became of a bomb and of the job after it. `code` is empty for a job that is done."""

    bomb: Bomb
    code: str
    seconds: float
    growth: int
    next_is_done: bool

    @property
    def held(self) -> bool:
        in_time = self.seconds < MOST_SECONDS and self.growth < MOST_MEMORY
        return in_time and self.code in (self.bomb.codes or ("",)) and self.next_is_done


@pytest.mark.parametrize("kind", KINDS)
def test_a_bomb_harms_nobody(running: Service, row: Row, size: Size, kind: str) -> None:
    of_kind = [bomb for bomb in BOMBS if bomb.kind == kind]
    chosen = of_kind[: min(size(len(of_kind), 1), len(of_kind))]
    row.did(f"documents: {kind}", f"{len(chosen)} bombs")
    outcomes = [_outcome(running, bomb) for bomb in chosen]
    codes = ", ".join(f"{count} {code or 'done'}" for code, count in Counter(each.code for each in outcomes).items())
    slowest, largest = max(each.seconds for each in outcomes), max(each.growth for each in outcomes)
    row.found(
        codes,
        f"at most {slowest:.1f} s",
        f"at most +{max(largest, 0) / MB:.0f} MB",
        f"{sum(each.next_is_done for each in outcomes)} next jobs done",
    )
    assert [each for each in outcomes if not each.held] == []


def test_a_stack_of_very_many_makes_no_jobs_without_end(running: Service, row: Row, size: Size) -> None:
    count = size(500, 3)
    row.did("documents: stack", f"{count} receipts in a job that is to be split")
    files = [stack(range(at, min(at + FILE, count))) for at in range(0, count, FILE)]
    job = running.read(*files, options={"split": True})
    error, parts = job["response"]["error"], job["response"].get("parts") or []
    listed = running.client.get("/jobs", params={"parent": job["ix_id"]}).json()["jobs"]
    row.found(error["code"] if error else "done", f"{len(parts)} parts")
    expected = ("too_many_parts", 0) if count > MOST_PARTS else ("", count)
    assert ((error or {"code": ""})["code"], len(parts)) == expected
    assert [each for each in listed if each["parent"] != job["ix_id"]] == []
    assert all(running.ended({"ix_id": part["ix_id"]})["response"].get("parts") is None for part in parts)


def stack(numbers: range) -> bytes:
    """A PDF of till receipts, each on a page of its own."""
    texts = (("SHOP LTD", f"Receipt no A-{n:05}", "Page 1 of 1", f"TOTAL {n}.50", "CASH 900.00") for n in numbers)
    return pdf(*(Sheet(lines(*text), size=(250, 800)) for text in texts))


def _outcome(running: Service, bomb: Bomb) -> Outcome:
    data = bomb.make()
    _sound(running)
    started = time.monotonic()
    with Watch(running) as watch:
        job = running.read(documents=[{"data": base64.b64encode(data).decode(), **bomb.said}])
    seconds = time.monotonic() - started
    error = job["response"]["error"]
    return Outcome(bomb, error["code"] if error else "", seconds, watch.growth, _sound(running))


def _sound(running: Service) -> bool:
    """Whether sound documents are read. They are two, so that both processes that open documents are warm then."""
    job = running.read(page(), page())
    return bool(job["status"] == "done" and job["response"]["usage"]["pages"] == 2)
