"""Hostile documents in real jobs: each ends in a named error, soon and in little memory, and the next job is
unharmed."""

from __future__ import annotations

import base64
import time
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests import databases
from tests.abuse.bombs import Bomb, bombs
from tests.abuse.pdf_bombs import page
from tests.abuse.serving import Service, Watch, service
from tests.rows import Limit, Row, Size

MB = 1_000_000
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

    def held(self, seconds: float) -> bool:
        in_time = self.seconds < seconds and self.growth < MOST_MEMORY
        return in_time and self.code in (self.bomb.codes or ("",)) and self.next_is_done


@pytest.mark.parametrize("kind", KINDS)
def test_a_bomb_harms_nobody(running: Service, row: Row, size: Size, limit: Limit, kind: str) -> None:
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
    assert [each for each in outcomes if not each.held(limit(MOST_SECONDS))] == []


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
