"""The plot: one SVG of bars, written by hand, since three panels of bars need no library."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

from bench.book import Book, Figure

WIDTH, BAR, GAP, LABEL, VALUE = 760, 16, 5, 190, 190
"""Pixels: the whole, a bar, the space after it, the columns of names and of values."""
COLOURS = {"ix": "#0b7a75", "floor": "#8d99ae"}
PEER = "#d9a441"


class Panel(NamedTuple):
    """One section's metric."""

    section: str
    metric: str
    title: str


PANELS = (
    Panel("pickup", "p50", "Idle pick-up, p50, ms: shorter is better"),
    Panel("submit", "64 clients", "Durable submissions a second, 64 clients: longer is better"),
    Panel("drain", "jobs/s", "Drain with one worker process, jobs a second: longer is better"),
    Panel("recovery", "seconds", "SIGKILL of a worker to its job's start elsewhere, s: shorter is better"),
)


def svg(book: Book) -> str:
    """All panels that have figures, one below the other, best first. Whiskers are minimum and maximum."""
    parts, top = list[str](), 10
    for panel in PANELS:
        figures = [
            figure
            for figure in book.figures.values()
            if (figure.section, figure.metric) == (panel.section, panel.metric)
        ]
        if figures:
            parts += _panel(
                panel.title, sorted(figures, key=lambda one: one.median, reverse=figures[0].better == "higher"), top
            )
            top += 34 + len(figures) * (BAR + GAP)
    size = f'width="{WIDTH}" height="{top}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">'
    return "\n".join([head, f'<rect width="{WIDTH}" height="{top}" fill="white"/>', *parts, "</svg>"]) + "\n"


def _panel(title: str, figures: Sequence[Figure], top: int) -> Iterator[str]:
    yield f'<text x="10" y="{top + 14}" font-weight="bold">{escape(title)}</text>'
    scale = (WIDTH - LABEL - VALUE) / max(max(figure.values) for figure in figures)
    for row, figure in enumerate(figures):
        yield from _bar(figure, top + 24 + row * (BAR + GAP), scale)


def _bar(figure: Figure, y: int, scale: float) -> Iterator[str]:
    middle, low, high = y + BAR / 2, LABEL + min(figure.values) * scale, LABEL + max(figure.values) * scale
    colour = COLOURS.get(figure.contestant, PEER)
    yield f'<text x="{LABEL - 8}" y="{y + 12}" text-anchor="end">{escape(figure.contestant)}</text>'
    yield f'<rect x="{LABEL}" y="{y}" width="{figure.median * scale:.1f}" height="{BAR}" fill="{colour}"/>'
    yield f'<path d="M{low:.1f} {middle} H{high:.1f}" stroke="black"/>'
    yield f'<text x="{max(high, LABEL + figure.median * scale) + 6:.1f}" y="{y + 12}">{figure.median:,.4g}</text>'
