"""How readings are scored against labelled scans."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import ocr
from bench.ocr import Label, Tally

LINE = Label("TOTAL RM 12.50", (10.0, 10.0, 110.0, 30.0))


def test_labels_are_lines_with_commas_and_the_box_around_four_corners(tmp_path: Path) -> None:
    (tmp_path / "boxes").mkdir()
    (tmp_path / "boxes" / "1.csv").write_text('10,20,60,22,60,42,10,40,5, "JALAN" 7\n')
    assert ocr.labels(tmp_path, Path("documents/1.jpg")) == [Label('5, "JALAN" 7', (10, 20, 60, 42))]


def test_words_count_as_often_as_they_are_printed_whatever_their_case() -> None:
    tally = Tally()
    words = [
        ("Total", (10, 10, 50, 30)),
        ("rm", (55, 10, 70, 30)),
        ("rm", (70, 10, 80, 30)),
        ("12.50", (80, 10, 110, 30)),
    ]
    tally.add({"words": words, "cpu": 1.0, "wall": 0.5, "memory": 100.0}, [LINE])
    assert tally.counts == {"right": 3, "read": 4, "labelled": 3, "lines": 1}
    assert tally.row("x").split()[:2] == ["x", f"{2 * 3 / 7:.4f}"]


def test_a_line_that_its_words_spell_is_compared_by_the_box_around_them() -> None:
    words = [
        ("12.50", (60.0, 10.0, 110.0, 30.0)),
        ("Total RM", (10.0, 10.0, 60.0, 20.0)),
        ("else", (10.0, 60.0, 60.0, 70.0)),
    ]
    assert list(ocr.overlaps(words, [LINE])) == [1.0]
    assert list(ocr.overlaps(words[:1], [LINE])) == []


def test_boxes_that_share_half_of_each_overlap_by_a_third() -> None:
    assert ocr.overlap((0, 0, 10, 10), (5, 0, 15, 10)) == pytest.approx(1 / 3)
    assert ocr.overlap((0, 0, 10, 10), (20, 0, 30, 10)) == 0
