"""The report as a page: one file, which asks nobody for anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from ix.cli.evaluating.judging import ERRORS, Judged
from ix.cli.evaluating.labels import dumped
from ix.cli.evaluating.told import SHARES, plain, share, unmarked

CSS = Path(__file__).with_name("report.css")
MOST_ERRORS = 300
"""Errors that are shown, each with a picture."""
SIZE, EDGE = 320, 36
"""Pixels of a plot, and of the space around it."""

Crop = Callable[[Judged], str]
"""The picture of an error's place, as an address that holds it; empty for none."""


def page(found: Mapping[str, Any], values: Sequence[Judged], crop: Crop) -> str:
    """The whole page. Whatever comes from documents and labels is text in it, and nothing else."""
    errors = [one for one in values if not one.is_right]
    parts = [
        *_head(found),
        *_fields(found),
        *_lists(found),
        *_plots(found),
        *_errors(errors, crop),
        "</body></html>",
    ]
    return "\n".join(parts)


def _head(found: Mapping[str, Any]) -> Iterator[str]:
    title = f"{found['use_case']}: {found['documents']} documents"
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    # a page that was made of others' texts runs nothing and fetches nothing, even where an escape was forgotten
    yield '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
    yield 'style-src \'unsafe-inline\'"><meta name="viewport" content="width=device-width">'
    yield f"<title>{escape(title)}</title><style>\n{CSS.read_text('utf-8')}</style></head><body>"
    yield f"<h1>{escape(title)}</h1>"
    failed = ", ".join(f"{name} {count}" for name, count in sorted(found["failed"].items()))
    yield (
        f"<p>{share(found['wholly_right'])} of the documents wholly right, {share(found['all']['exact'])} of the "
        f"values; {share(found['placed'])} of the answers have a place; failed: {escape(failed or 'none')}</p>"
    )


def _fields(found: Mapping[str, Any]) -> Iterator[str]:
    yield "<h2>Fields</h2>"
    names = [*SHARES, *ERRORS]
    rows = [
        [name, str(group["labelled"]), *_shares(group), *(str(group[one] or "") for one in ERRORS)]
        for name, group in {**found["fields"], "all": found["all"]}.items()
    ]
    yield from _table(["field", "labelled", *(name.replace("_", " ") for name in names)], rows)
    yield (
        "<p>misread: the page has the label in other letters; mistaken: another value of the page; fabricated: stands "
        "nowhere on the page; invented: the labels say that there is none</p>"
    )


def _shares(group: Mapping[str, Any]) -> list[str]:
    return [share(group[one]) for one in SHARES]


def _lists(found: Mapping[str, Any]) -> Iterator[str]:
    if found["lists"]:
        yield "<h2>Lists</h2>"
        titles = ["list", "labelled", "answered", "matched", "F1", "cells"]
        yield from _table(titles, [_list(name, group) for name, group in found["lists"].items()])


def _list(name: str, group: Mapping[str, Any]) -> list[str]:
    cells = ", ".join(f"{column or 'value'} {share(part)}" for column, part in group["cells"].items())
    counts = (str(group[part]) for part in ("labelled", "answered", "matched"))
    return [name, *counts, share(group["f1"]), cells]


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield '<div class="wide"><table><tr>' + "".join(f"<th>{escape(one)}</th>" for one in titles) + "</tr>"
    for row in rows:
        yield "<tr>" + "".join(f"<td>{escape(one)}</td>" for one in row) + "</tr>"
    yield "</table></div>"


# Plots


def _plots(whole: Mapping[str, Any]) -> Iterator[str]:
    found = whole["confidence"]
    if not found["values"]:
        return
    yield "<h2>Confidence</h2>"
    yield (
        f"<p>AUROC {plain(found['auroc'])}, calibration error {plain(found['ece'])}; right among the surest 80 %: "
        f"{share(found['precision_at_80'])}; coverage at 97 %: {share(found['coverage_at_97'])}, at 99 %: "
        f"{share(found['coverage_at_99'])}</p>"
    )
    yield f"<p>{escape(unmarked(whole['unmarked']))}</p>"
    yield '<div class="plots">'
    dots = [(sure, right, count) for count, sure, right in found["calibration"]]
    largest = max(count for *_, count in dots)
    marks = "".join(
        f'<circle class="dot" cx="{_x(sure):.1f}" cy="{_y(right):.1f}" r="{3 + 7 * count / largest:.1f}">'
        f"<title>{count} values: {sure:.2f} sure, {right:.2f} right</title></circle>"
        for sure, right, count in dots
    )
    even = f'<line class="even" x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}"/>'
    yield _plot(even + marks, "confidence", "right", 1.0, "Where a dot lies on the line, confidence is what it says.")
    # a curve that is flat at 0 has a scale, too
    most = max([risk for _, risk in found["risk_coverage"]] + [0.01])
    curve = " ".join(f"{_x(taken):.1f},{_y(risk / most):.1f}" for taken, risk in found["risk_coverage"])
    caption = f"Wrong values among the surest ones; the area under it is {plain(found['aurc'])}."
    yield _plot(f'<polyline class="curve" points="{curve}"/>', "coverage", "wrong", most, caption)
    yield "</div>"


def _x(share: float) -> float:
    return EDGE + share * (SIZE - 2 * EDGE)


def _y(share: float) -> float:
    return SIZE - EDGE - share * (SIZE - 2 * EDGE)


def _plot(inside: str, across: str, up: str, most: float, caption: str) -> str:
    steps = (0.0, 0.25, 0.5, 0.75, 1.0)
    grid = "".join(
        f'<line class="grid" x1="{_x(0)}" x2="{_x(1)}" y1="{_y(step)}" y2="{_y(step)}"/>'
        f'<text x="{_x(0) - 4}" y="{_y(step) + 4}" text-anchor="end">{100 * most * step:.3g}</text>'
        f'<text x="{_x(step)}" y="{_y(0) + 16}" text-anchor="middle">{100 * step:.0f}</text>'
        for step in steps
    )
    names = f'<text x="{_x(0.5)}" y="{SIZE - 4}" text-anchor="middle">{across}, %</text>'
    names += f'<text x="{_x(0)}" y="{_y(1) - 12}" text-anchor="middle">{up}, %</text>'
    drawn = f'<svg width="{SIZE}" height="{SIZE}" role="img" aria-label="{across} and {up}">{grid}{names}{inside}</svg>'
    return f"<figure>{drawn}<figcaption>{escape(caption)}</figcaption></figure>"


# Errors


def _errors(errors: Sequence[Judged], crop: Crop) -> Iterator[str]:
    more = f", of which {MOST_ERRORS} are shown" if len(errors) > MOST_ERRORS else ""
    yield f"<h2>{len(errors)} errors{more}</h2>"
    for one in errors[:MOST_ERRORS]:
        sure = "" if one.confidence is None else f"<span>confidence {one.confidence:.2f}</span>"
        shown = crop(one)
        yield f'<article class="error"><header><b>{escape(one.field)}</b><span class="kind">'
        yield f"{one.verdict.replace('_', ' ')}</span>{sure}<span>{escape(one.file)}</span></header>"
        if shown:
            yield f'<img alt="where it stands on the page" src="{escape(shown)}">'
        yield f'<dl><dt>label</dt><dd class="label">{_said(one.label)}</dd>'
        yield f'<dt>answer</dt><dd class="answer">{_said(one.answer)}</dd></dl></article>'


def _said(value: Any) -> str:
    if isinstance(value, list):
        return escape(" | ".join("none" if one is None else dumped(one) for one in value))
    return "none" if value in (None, "") else escape(dumped(value))
