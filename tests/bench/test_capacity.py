"""What the load model says, and the tables of it and of seconds a page."""

from __future__ import annotations

import pytest

from bench import capacity, counting, pages
from bench.capacity import Load
from bench.pages import Times
from bench.papers import USE_CASES, of_kind

CPU = {"web": 0.001, "server": 0.0005, "client": 0.0005}


@pytest.mark.parametrize(
    ("number", "cores", "rate", "bound"),
    [
        (1, 8.0, 1000, "1 x web"),
        (2, 8.0, 2000, "2 x web"),
        (4, 2.0, 1000, "2.0 cores"),
        (1, 0.5, 250, "0.5 cores"),
    ],
)
def test_it_is_what_is_scarcest_that_decides(number: int, cores: float, rate: float, bound: str) -> None:
    found, said = capacity.predicted(Load(number, 0.0, CPU, cores), "web", CPU)
    assert (round(found), said) == (rate, bound)


def test_the_constants_are_those_of_one_process() -> None:
    slower = {role: 2 * seconds for role, seconds in CPU.items()}
    said = capacity.check("submissions", "web", [Load(1, 500, CPU, 2.0), Load(2, 900, slower, 2.0)])
    assert "web 1,000 µs, PostgreSQL 500 µs, client 500 µs" in said
    assert "| 2 | 1,000/s | 2.0 cores | 900/s | 0.90 |" in said


def test_processes_of_a_role_are_added_up() -> None:
    cost = counting.Cost(cpu={"web": 1.0, "web 2": 2.0, "server": 4.0})
    assert capacity.by_role(cost, 2) == dict.fromkeys(capacity.ROLES, 0.0) | {"web": 1.5, "server": 2.0}


def test_seconds_a_page_are_told_by_their_half_and_their_tail() -> None:
    said = pages.table([Times("pdf", [0.1] * 90 + [2.0] * 10, 0.04, 0.003, 0.005)])
    assert "| PDF with a text layer | 100 ms | 2,000 ms | 40 ms | 3 ms | 5 ms |" in said


@pytest.mark.parametrize("kind", sorted(USE_CASES))
def test_every_kind_of_document_can_be_made(kind: str) -> None:
    pytest.importorskip("reportlab")
    begins = {"pdf": b"%PDF", "scan": b"\xff\xd8", "workbook": b"PK", "mail": b"From: "}
    for paper in of_kind(kind, 2):
        assert paper.data.startswith(begins.get(kind, b""))
        assert paper.pages > 0
        assert kind in pages.KINDS
