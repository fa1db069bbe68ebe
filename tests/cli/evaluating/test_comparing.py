"""When two values are the same, and which row is which."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Mapping

import pytest

from ix.cli.evaluating.comparing import compare
from ix.cli.evaluating.pairing import assigned
from ix.cli.evaluating.rows import paired

KINDS: dict[str, str] = {"name": "text", "quantity": "number", "amount": "money"}


@pytest.mark.parametrize(
    ("kind", "label", "answer"),
    [
        ("organisation", "BLUE KETTLE SDN. BHD.", "Blue Kettle Sdn Bhd"),
        ("address", "NO.12, JALAN MERAK 3", "no 12 Jalan Merak, 3"),
        ("organisation", "Bäckerei", "BACKEREI"),
        ("money", "RM9.00", 9.0),
        ("money", "1.234,50 €", 1234.5),
        ("number", "2", 2),
        ("percentage", "19", 19.0),
        ("date", "25/12/2018", "2018-12-25"),
        ("date", "5 MAR 2018", "2018-03-05"),
        ("iban", "DE02 1203 0000", "de0212030000"),
        ("boolean", True, "true"),
        ("text", "-", "-"),
        # any of several labels
        ("organisation", ["Free", "Free SAS"], "FREE SAS"),
        ("money", [None, "9"], 9),
    ],
)
def test_notation_makes_no_difference(kind: str, label: object, answer: object) -> None:
    assert compare(kind, label, answer) == (True, True)


@pytest.mark.parametrize(
    ("kind", "label", "answer", "close"),
    [
        ("organisation", "BLUE KETTLE TRADING", "BLUE KETTIE TRADING", True),
        # another letter is another number
        ("identifier", "RE-2024-0318-ABCDEF", "RE-2024-0319-ABCDEF", False),
        ("organisation", "Blue Kettle", "Blue Kettle Ltd", False),
        ("money", "9.00", 9.01, False),
        ("money", "9.00", -9.0, False),
        ("money", "1", True, False),
        ("date", "25/12/2018", "2018-12-24", False),
        ("text", "-", "+", False),
        ("text", "Kettle", None, False),
        ("text", None, "Kettle", False),
    ],
)
def test_another_value_is_not_exact(kind: str, label: object, answer: object, close: bool) -> None:
    assert compare(kind, label, answer) == (False, close)


def test_pairs_are_those_that_are_best_together() -> None:
    # one by one the first row would take the first column, and leave nothing to the second
    assert assigned([[3.0, 2.0], [2.0, 0.0]]) == [(0, 1), (1, 0)]
    # three rows, two columns: what gains nothing is in no pair
    assert assigned([[0.0, 0.0], [0.0, 1.0], [2.0, 2.5]]) == [(1, 1), (2, 0)]
    assert assigned([]) == assigned([[]]) == []


def test_no_other_pairs_gain_more() -> None:
    chance = random.Random(7)
    for _ in range(300):
        height, width = chance.randint(1, 5), chance.randint(1, 5)
        gains = [[chance.choice([0.0, 0.5, 1.0, chance.random()]) for _ in range(width)] for _ in range(height)]
        found = sum(gains[row][column] for row, column in assigned(gains))
        turned = gains if height <= width else list(zip(*gains, strict=True))
        best = max(
            sum(turned[row][column] for row, column in enumerate(order))
            for order in itertools.permutations(range(len(turned[0])), len(turned))
        )
        assert found == pytest.approx(best)


def test_many_rows_are_paired_in_time() -> None:
    rows: list[Mapping[str, object]] = [{"name": f"Article {at}", "amount": at} for at in range(5_000)]
    began = time.process_time()
    assert len(paired(rows, rows, KINDS)) == 5_000
    assert time.process_time() - began < 2


def test_rows_are_paired_by_what_most_of_their_cells_say() -> None:
    labels: list[Mapping[str, object]] = [
        {"name": "Lid", "amount": "5.00"},
        {"name": "Kettle", "amount": "5.00"},
        {"name": "Cup", "quantity": "2", "amount": "7"},
        {"name": "Spoon", "quantity": "1", "amount": "3"},
    ]
    answers: list[Mapping[str, object]] = [
        {"name": "Kettle, red", "amount": 5.0},
        {"name": "Lid", "amount": 5.0},
        {"name": "Mug", "quantity": 3, "amount": 7.0},
        {"name": None, "quantity": 1, "amount": 3.0},
    ]
    # of the cup only the amount agrees, one of three
    assert paired(labels, answers, KINDS) == [(0, 1), (1, 0), (3, 3)]
