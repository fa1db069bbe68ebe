"""Grounding: which boxes are right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ix.cli.evaluating.grounding import Grounded, grounded, labelled_lines, summary

FIELDS = {"company": "organisation", "date": "date", "address": "address", "total": "money"}
GOLD = {"company": "Blue Kettle Ltd", "date": "05/03/2024", "address": "12 Long Lane, Johor", "total": "11.40"}
RIGHT = {"company": "Blue Kettle Ltd", "date": "2024-03-05", "address": "12 Long Lane Johor", "total": 11.4}
CSV = """0,0,150,0,150,10,0,10,BLUE KETTLE LTD
0,20,120,20,120,30,0,30,12 LONG LANE,
0,40,50,40,50,50,0,50,JOHOR
0,60,160,60,160,70,0,70,05/03/2024 14:11
0,80,100,80,100,90,0,90,TOTAL 11.4
0,95,110,95,110,100,0,100,Cash RM 11.40
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "boxes").mkdir()
    (tmp_path / "documents").mkdir()
    (tmp_path / "boxes" / "1.csv").write_text(CSV)
    Image.new("L", (200, 100)).save(tmp_path / "documents" / "1.png")
    return tmp_path


def found(folder: Path, boxes: dict[str, list[list[float]]], result: dict[str, Any]) -> list[Grounded]:
    page = labelled_lines(folder, "documents/1.png")
    assert page is not None
    response = {"result": result, "evidence": {name: {"boxes": own} for name, own in boxes.items()}}
    return list(grounded(page, GOLD, response, FIELDS))


def test_boxes_that_are_the_labelled_ones_cover_them(folder: Path) -> None:
    boxes = {
        "company": [[0.0, 0.0, 0.75, 0.1]],
        "date": [[0.0, 0.6, 0.5, 0.7]],
        "address": [[0.0, 0.2, 0.6, 0.3], [0.0, 0.4, 0.25, 0.5]],
        "total": [[0.3, 0.8, 0.5, 0.9]],
    }
    assert summary(found(folder, boxes, RIGHT)) == {
        "labelled": 4,
        "right": 4,
        "missed": 0,
        "f1": 1.0,
        "f1_overlapping": 1.0,
    }


def test_a_box_of_the_whole_line_overlaps_and_is_not_right(folder: Path) -> None:
    _, _, _, total = found(folder, {"total": [[0.0, 0.8, 0.5, 0.9]]}, RIGHT)
    assert total.right
    assert 0 < total.covered < 0.5


def test_each_place_of_a_value_is_right(folder: Path) -> None:
    _, _, _, total = found(folder, {"total": [[0.35, 0.95, 0.55, 1.0]]}, RIGHT)
    assert total.covered > 0.5


def test_a_wrong_value_counts_in_no_place(folder: Path) -> None:
    one = found(folder, {"total": [[0.3, 0.8, 0.5, 0.9]]}, {"total": 11.5})
    assert summary(one) == {"labelled": 4, "right": 0, "missed": 0, "f1": 0.0, "f1_overlapping": 0.0}


def test_what_is_not_in_the_lines_is_left_out(folder: Path) -> None:
    page = labelled_lines(folder, "documents/1.png")
    assert page is not None
    assert list(grounded(page, {"total": "99.00"}, {}, FIELDS)) == []


def test_a_folder_without_boxes_has_no_figure(tmp_path: Path) -> None:
    assert labelled_lines(tmp_path, "documents/1.png") is None
    assert summary([]) == {}
