"""The command `ix eval`: what it is told, and what it does."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from ix import untrusted
from ix.cli import service
from ix.cli.evaluating import grounding, thresholds, told
from ix.cli.evaluating.asking import Outcome, outcomes
from ix.cli.evaluating.comparison import differences
from ix.cli.evaluating.crops import Pages
from ix.cli.evaluating.figures import figures
from ix.cli.evaluating.judging import Judged, judged, listed
from ix.cli.evaluating.labels import Questions, read
from ix.cli.evaluating.page import page
from ix.cli.evaluating.serving import running
from ix.cli.output import positive, remark, risk, say
from ix.cli.status_line import StatusLine, bar
from ix.errors import InvalidInput, IxError

MISSED = 1
"""Exit code where a threshold was not reached."""


def declare(command: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command `ix eval`."""
    add = command.add_argument
    add("folder", type=Path, metavar="FOLDER", help="holds gold.jsonl, as `ix export --what labelled` writes it")
    add("--use-case", default="", metavar="NAME", help="what is asked (default: what the labels say, or fit best)")
    add("--schema", type=Path, metavar="FILE", help="asks custom, with this JSON Schema")
    add("--pages", action="store_true", help="takes electronic invoices and other attachments out of PDFs before")
    add("--limit", type=positive, metavar="N", help="only the first so many documents")
    add("--json", type=Path, metavar="FILE", help="writes the figures and every value there; --compare reads it")
    add("--html", type=Path, metavar="FILE", help="writes a page: tables, plots, and each error with its place")
    add("--risk", type=risk, metavar="SHARE", help="asks with this risk, as `ix submit --risk` does")
    add("--failures", action="store_true", help="lists every value that is not right")
    add("--compare", type=Path, metavar="FILE", help="what --json wrote of another run over these documents")
    add(
        "--at-least",
        action="append",
        default=[],
        type=thresholds.threshold,
        metavar="NAME=SHARE",
        help="ends with 1 below it: total=0.95, total.precision=0.99, all=0.9, documents=0.6, placed=0.98, auroc=0.86",
    )
    service.add_address(command)
    command.set_defaults(run=_run)


def _run(parsed: argparse.Namespace) -> int:
    labels = read(parsed.folder)[: parsed.limit]
    other = _other(parsed.compare) if parsed.compare else None
    with running(parsed) as address:
        # from here on every call is to this one
        parsed.url = address
        with service.client(parsed, None if service.has_key(parsed) else "cli") as client:
            questions = Questions(client, labels, parsed.use_case, parsed.schema, parsed.risk)
            found = _asked(outcomes(client, parsed.folder, labels, questions, parsed.pages), len(labels))
            pages = Pages(client)
            values = [[*judged(one, lambda one=one: pages.text(one))] for one in found]  # type: ignore[misc]
            # while the service runs: pictures are drawn when they are asked for
            report = _figures(parsed.folder, found, values)
            if parsed.html:
                _write(parsed.html, _page(report, found, values, pages))
    say("\n".join(told.table(report)))
    if parsed.failures:
        say("\n".join(told.failures(report["values"])))
    if parsed.json:
        _write(parsed.json, json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    if other is not None:
        say("\n".join(told.compared(differences(report, other))))
    missed = list(thresholds.missed(report, parsed.at_least))
    for one in missed:
        remark(f"ix eval: {one}")
    return MISSED if missed else 0


def _asked(found: Any, count: int) -> list[Outcome]:
    """Every outcome; how far it is stands on a terminal meanwhile."""
    done: list[Outcome] = []
    with StatusLine() as line:
        for one in found:
            done.append(one)
            line.draw(bar(len(done), count))
    return done


def _figures(folder: Path, found: Sequence[Outcome], values: Sequence[Sequence[Judged]]) -> dict[str, Any]:
    lists = [one for outcome in found for one in listed(outcome)]
    report = figures(found, list(chain.from_iterable(values)), lists)
    known = [(one, at) for one in found if (at := grounding.labelled_lines(folder, one.label.file))]
    placed = [grounding.grounded(at, one.label.gold, one.response, one.asked.fields) for one, at in known]
    return {**report, "grounding": grounding.summary(chain.from_iterable(placed))}


def _page(report: Mapping[str, Any], found: Sequence[Outcome], values: Sequence[Sequence[Judged]], pages: Pages) -> str:
    # two values of a run may be equal, and yet of two documents
    of_value = {id(one): outcome for outcome, own in zip(found, values, strict=True) for one in own}
    return page(report, list(chain.from_iterable(values)), lambda one: pages.crop(of_value[id(one)], one))


def _other(path: Path) -> Mapping[str, Any]:
    try:
        found: Any = untrusted.parse(path.read_bytes())
    except (OSError, InvalidInput):
        raise IxError(f"--compare: {path} is no file that `ix eval --json` wrote") from None
    return found if isinstance(found, Mapping) else {}


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise IxError(f"{path} cannot be written ({error.strerror})") from None
