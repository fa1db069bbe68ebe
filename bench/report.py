"""The report: a table for the terminal and Markdown, JSON beside it, and a plot."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil

from bench import plot
from bench.book import Bench, Book, Figure
from bench.servers import REDIS_SETTINGS
from bench.targets import targets
from ix.config import DISTRIBUTION

FOLDER = Path(__file__).parent / "results"
TITLES = {
    "pickup": "Idle pick-up",
    "submit": "Submissions a second",
    "drain": "Drain",
    "end_to_end": "End to end over HTTP",
    "growth": "Growth",
    "recovery": "Recovery from SIGKILL",
    "idle": "Idle",
    "reading": "Reading",
}
Row = Sequence[str]


def write(bench: Bench, quick: bool) -> None:
    """Prints the tables and writes `bench/results/` (`quick.*` for a quick run)."""
    FOLDER.mkdir(exist_ok=True)
    name = "quick" if quick else "latest"
    about = environment(bench)
    text = markdown(bench, about, quick)
    (FOLDER / f"{name}.md").write_text(text)
    (FOLDER / f"{name}.json").write_text(json.dumps(as_json(bench, about), indent=1) + "\n")
    (FOLDER / f"{name}.svg").write_text(plot.svg(bench.book))
    print(text)
    folder = FOLDER.relative_to(Path.cwd()) if FOLDER.is_relative_to(Path.cwd()) else FOLDER
    bench.log(f"written: {folder}/{name}.md, .json, .svg")


def environment(bench: Bench) -> dict[str, Any]:
    """What ran on what, and how."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "cores": os.cpu_count(),
        "load": round(psutil.getloadavg()[0], 1),
        "python": platform.python_version(),
        "postgresql": bench.postgres.version,
        "redis": bench.redis.version if bench.redis else None,
        "ix": metadata.version(DISTRIBUTION),
        "repetitions": bench.sizes.repetitions,
        "sizes": asdict(bench.sizes),
        "contestants": {
            one.name: {"on": one.needs, "version": one.version, "settings": one.settings} for one in bench.contestants
        },
    }


def as_json(bench: Bench, about: dict[str, Any]) -> dict[str, Any]:
    """Everything, each repetition's value included."""
    book = bench.book
    return {
        "environment": about,
        "targets": [dict(zip(("target", "found", "verdict"), target.line)) for target in targets(book)],
        "figures": [figure.as_json() for figure in book.figures.values()],
        "failures": [asdict(failure) for failure in book.failures],
        "notes": [{"section": section, "note": note} for section, note in book.notes],
    }


def markdown(bench: Bench, about: dict[str, Any], quick: bool = False) -> str:
    """The whole report."""
    return (
        "\n".join([*_heading(about, quick), *_targets(bench.book), *_sections(bench.book), *_contestants(bench)]) + "\n"
    )


def _heading(about: dict[str, Any], quick: bool) -> Iterator[str]:
    if quick:
        yield (
            "A quick run, to see whether it works: its figures mean little, "
            "and what the tables call 1M or 100k is less.\n"
        )
    yield (
        f"{about['date']}, {about['cores']} cores (load {about['load']} at the end), Python {about['python']}, "
        f"PostgreSQL {about['postgresql']} with fsync and synchronous_commit on, Redis {about['redis'] or 'none'}. "
        f"Medians of {about['repetitions']} interleaved repetitions [min, max]."
    )


def _targets(book: Book) -> Iterator[str]:
    yield "\n### Targets\n"
    yield from table(("target", "found", ""), [target.line for target in targets(book)])


def _sections(book: Book) -> Iterator[str]:
    for section, title in TITLES.items():
        figures = [figure for figure in book.figures.values() if figure.section == section]
        failures = [failure for failure in book.failures if failure.section == section]
        notes = [note for at, note in book.notes if at == section]
        if figures or failures or notes:
            yield f"\n### {title}\n"
            yield from _section(figures)
            yield from (f"- {failure.contestant} failed: {failure.reason}" for failure in failures)
            yield from (f"- {note}" for note in notes)


def _section(figures: Sequence[Figure]) -> Iterator[str]:
    """Contestants down, metrics across; where that would be too wide, and there is one contestant, metrics down."""
    metrics = list(dict.fromkeys((figure.metric, figure.unit) for figure in figures))
    names = list(dict.fromkeys(figure.contestant for figure in figures))
    cells = {(figure.contestant, figure.metric): cell(figure) for figure in figures}
    if len(names) < len(metrics) and len(metrics) > 10:
        rows = [(f"{metric}, {unit}", *(cells.get((name, metric), "") for name in names)) for metric, unit in metrics]
        yield from table(("", *names), rows)
    else:
        rows = [(name, *(cells.get((name, metric), "") for metric, _ in metrics)) for name in names]
        yield from table(
            ("", *(f"{metric}, {unit}" if unit not in metric else metric for metric, unit in metrics)), rows
        )
    yield ""


def _contestants(bench: Bench) -> Iterator[str]:
    yield "\n### Contestants\n"
    rows = [(one.name, one.version, one.needs, one.settings) for one in bench.contestants]
    yield from table(("", "version", "on", "settings"), rows)
    yield ""
    if bench.redis:
        lost = "A job accepted in the last second may be lost: its peers are not durable as the others are."
        yield f"- Redis: {REDIS_SETTINGS}. {lost}"
    yield from (
        f"- {failure.contestant} left out: {failure.reason}"
        for failure in bench.book.failures
        if failure.section == "all"
    )


def cell(figure: Figure) -> str:
    """The median, and the range where there is one."""
    if len(figure.values) == 1:
        return number(figure.median)
    return f"{number(figure.median)} [{number(min(figure.values))}, {number(max(figure.values))}]"


def number(value: float) -> str:
    """Three digits that say something."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table(head: Row, rows: Iterable[Row]) -> Iterator[str]:
    """Markdown that reads well in a terminal too."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for at, line in enumerate(lines):
        yield "| " + " | ".join(text.ljust(width) for text, width in zip(line, widths)) + " |"
        if at == 0:
            yield "|" + "|".join("-" * (width + 2) for width in widths) + "|"
