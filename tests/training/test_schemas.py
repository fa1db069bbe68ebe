"""The rules over made documents, each with a schema of its own: floors that a change must not fall below."""

from __future__ import annotations

from collections import Counter

from training.schemas.by_hand import read, written
from training.schemas.papers import made
from training.schemas.trials import cells_f1, precision, trial


def test_of_layouts_that_nobody_looked_at_most_is_right_and_little_is_wrong() -> None:
    found = trial(range(16), unseen=True)
    assert precision(found) >= 0.95, found
    assert found["right"] >= 0.7 * (found["right"] + found["missing"] + found["wrong"]), found
    assert cells_f1(found) >= 0.85, found
    assert found["tables empty"] <= 0.1 * found["tables"], found


def test_a_seed_makes_the_same_document_each_time() -> None:
    assert made(7) == made(7)
    assert made(7).schema != made(8).schema


def test_papers_that_were_written_by_hand_keep_what_they_have() -> None:
    found = sum((read(paper)[0] for paper in written()), Counter[str]())
    assert precision(found) >= 0.95, found
    assert found["right"] >= 0.85 * (found["right"] + found["missing"] + found["wrong"]), found
    assert cells_f1(found) >= 0.97, found
