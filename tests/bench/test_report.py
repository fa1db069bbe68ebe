"""Figures, targets, tables and the plot, from values made up."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from bench import plot, report
from bench.book import Book
from bench.targets import Target, targets


def book(**drains: float) -> Book:
    """A book that holds drains only."""
    made = Book()
    for name, rate in drains.items():
        for value in (rate, rate - 1, rate + 1):
            made.add("drain", name, "jobs/s", value, "jobs/s", "higher")
    return made


def verdict(found: Book, asks: str) -> str:
    return next(target.verdict for target in targets(found) if target.asks.startswith(asks))


@pytest.mark.parametrize(("rate", "expected"), [(1500, "met"), (1400, "missed")])
def test_a_target_is_met_or_missed(rate: float, expected: str) -> None:
    assert verdict(book(ix=rate, pgqueuer=1000, chancy=10), "drain: at least 1.5 x the best peer") == expected


def test_what_was_not_measured_is_not_met() -> None:
    assert {target.verdict for target in targets(Book())} == {"not measured"}


def test_at_most_is_the_other_way_round() -> None:
    assert (Target("", 1, 2).verdict, Target("", 3, 2).verdict) == ("met", "missed")


def test_median_and_range_are_of_the_repetitions() -> None:
    figure = book(ix=1000).figures["drain", "jobs/s", "ix"]
    assert report.cell(figure) == "1,000 [999, 1,001]"


def test_the_plot_is_svg_with_the_best_first() -> None:
    texts = [
        element.text
        for element in ElementTree.fromstring(plot.svg(book(chancy=10, ix=30, pgqueuer=20))).iter()
        if element.text
    ]
    assert [text for text in texts if text in ("ix", "chancy", "pgqueuer")] == ["ix", "pgqueuer", "chancy"]


def test_a_plot_of_nothing_is_still_svg() -> None:
    ElementTree.fromstring(plot.svg(Book()))


def test_tables_are_markdown() -> None:
    assert list(report.table(("", "a"), [("x", "1")])) == ["|   | a |", "|---|---|", "| x | 1 |"]
