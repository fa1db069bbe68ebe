"""The report."""

from __future__ import annotations

from bench.book import Bench


def write(bench: Bench) -> None:
    """Prints."""
    for figure in bench.book.figures.values():
        print(f"{figure.section:10}{figure.contestant:16}{figure.metric:14}{figure.median:12.2f} [{min(figure.values):.2f}, {max(figure.values):.2f}] {figure.unit}")
