"""`python -m bench.extract FOLDER`: extraction measured through the whole service, on labelled documents.

FOLDER holds `gold.jsonl`, one line a document: `{"file": "documents/001.pdf", "gold": {field: value, …}, "printed":
{field: true, …}}`; `printed`, where it is given, says which values stand on the page, and only those are scored. The
use case is the one that has the fields. With `boxes/` beside it, the lines that are printed on each page, also how well
values are grounded is printed (`bench.grounding`).

Web and engine run as real processes on a database of their own; every document goes in over HTTP and its answer comes
back the same way. The engine runs one job at a time, so that a job's timings are its own. `IX_*` variables reach both
processes (`IX_EXTRACTOR=ollama IX_MODEL=… python -m bench.extract FOLDER`); without any, `rules` and `ppocr` are
measured."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium

from bench import grounding, scoring
from ix.client import Client
from ix.errors import IxError
from ix.job import Job
from tests import databases, processes

SETTINGS = {"IX_EXTRACTOR": "rules", "IX_OCR": "ppocr", "IX_LOG_LEVEL": "INFO"}
USE_CASES = {"receipt": scoring.RECEIPT_FIELDS, "invoice": scoring.INVOICE_FIELDS}
OWN = frozenset(("IX_POSTGRES_URL", "IX_TEST_DATABASE_URL", "IX_HOST", "IX_PORT"))
"""Settings that the benchmark chooses itself: it never touches a database that holds anything."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One document's labels and the service's answer. `response` is empty and `problem` says why where the job
    failed."""

    label: Mapping[str, Any]
    response: Mapping[str, Any]
    problem: str = ""

    @property
    def gold(self) -> Mapping[str, Any]:
        """The labelled values."""
        found: Mapping[str, Any] = self.label["gold"]
        return found

    @property
    def answer(self) -> Mapping[str, Any]:
        """The answered values; a failed job answered none."""
        return self.response.get("result") or {}

    def scores(self, fields: Mapping[str, str]) -> list[scoring.Score]:
        """How each labelled and printed field compares."""
        return scoring.score(self.gold, self.answer, fields, self.label.get("printed"))


def main() -> None:
    parsed = arguments()
    labels = labelled(parsed.folder)[: parsed.limit]
    use_case = use_case_of(labels)
    began = time.monotonic()
    outcomes = list(progress(answers(parsed.folder, labels, use_case, parsed.pages), len(labels)))
    found = {
        "use_case": use_case,
        **measured(outcomes, USE_CASES[use_case]),
        "grounding": grounded(parsed.folder, outcomes, USE_CASES[use_case]),
        "total_seconds": round(time.monotonic() - began, 1),
    }
    print(report(found))
    if parsed.failures:
        print("\n".join(failures(outcomes, USE_CASES[use_case])))
    if parsed.json:
        parsed.json.write_text(json.dumps(found, indent=2) + "\n")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.extract", description="Extraction measured on labelled documents."
    )
    parser.add_argument("folder", type=Path, help="holds gold.jsonl and the documents it names")
    parser.add_argument("--pages", action="store_true", help="takes the electronic invoices out of PDFs before")
    parser.add_argument("--limit", type=int, help="only the first so many documents")
    parser.add_argument("--json", type=Path, metavar="FILE", help="writes the figures there as well")
    parser.add_argument("--failures", action="store_true", help="lists every value that was missed, with its label")
    return parser.parse_args()


def labelled(folder: Path) -> list[dict[str, Any]]:
    """The lines of the folder's `gold.jsonl`. Exits with a message where there is none."""
    path = folder / "gold.jsonl"
    if not path.is_file():
        sys.exit(f"{path} does not exist: name a folder of labelled documents, see `python -m bench.extract --help`")
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def use_case_of(labels: Sequence[Mapping[str, Any]]) -> str:
    """The use case that shares the most fields with the labels."""
    names = {name for label in labels for name in label["gold"]}
    return max(USE_CASES, key=lambda use_case: len(names & USE_CASES[use_case].keys()))


def answers(folder: Path, labels: Sequence[Mapping[str, Any]], use_case: str, pages: bool = False) -> Iterator[Outcome]:
    """Starts the service, submits every document, and yields each answer as it comes, in order. With `pages`, PDFs
    leave without the files attached to them."""
    settings = {
        **SETTINGS,
        **{name: value for name, value in os.environ.items() if name.startswith("IX_") and name not in OWN},
    }
    with (
        databases.cloned() as database,
        processes.web(database, **settings) as web,
        processes.engine(database, **{**settings, "IX_ENGINE_SLOTS": "1"}),
        Client(web, "bench") as client,
    ):
        files = [folder / label["file"] for label in labels]
        jobs = [
            submitted(client, bare(file) if pages else file, use_case, str(number)) for number, file in enumerate(files)
        ]
        for label, job in zip(labels, jobs, strict=True):
            yield outcome_of(client, label, job)


def bare(file: Path) -> Path | tuple[str, bytes]:
    """A PDF without the files attached to it; any other document as it is."""
    if file.suffix.lower() != ".pdf":
        return file
    document, saved = pdfium.PdfDocument(file), io.BytesIO()
    for number in reversed(range(document.count_attachments())):
        document.del_attachment(number)
    document.save(saved)
    return file.name, saved.getvalue()


def submitted(client: Client, file: Path | tuple[str, bytes], use_case: str, request_id: str) -> Job | IxError:
    """The job, or why it was refused."""
    try:
        return client.submit([file], use_case, request_id=request_id)
    except IxError as error:
        return error


def outcome_of(client: Client, label: Mapping[str, Any], job: Job | IxError) -> Outcome:
    """Waits until the job is done, and says what came of it."""
    if isinstance(job, IxError):
        return Outcome(label, {}, str(job))
    response = client.wait(job).model_dump(mode="json")["response"]
    return Outcome(label, {}, response["error"]["code"]) if response["error"] else Outcome(label, response)


def progress(outcomes: Iterator[Outcome], count: int) -> Iterator[Outcome]:
    """Passes the outcomes on and counts them on standard error."""
    began = time.monotonic()
    for number, outcome in enumerate(outcomes, 1):
        end = "\r" if sys.stderr.isatty() and number < count else "\n"
        if end == "\r" or number % 10 == 0 or number == count:
            print(f"{number}/{count}  {time.monotonic() - began:.0f} s", end=end, file=sys.stderr, flush=True)
        yield outcome


def measured(outcomes: Sequence[Outcome], fields: Mapping[str, str]) -> dict[str, Any]:
    """Every figure of the report, as plain JSON."""
    rows = Counter[str]()
    for one in outcomes:
        if one.gold.get("lines"):
            rows.update(scoring.score_rows(one.gold["lines"], one.answer.get("lines") or []))
    return {
        "documents": len(outcomes),
        "failed": dict(Counter(one.problem for one in outcomes if one.problem)),
        "fields": scoring.summary(score for one in outcomes for score in one.scores(fields)),
        "invented": dict(Counter(name for one in outcomes for name in scoring.invented(one.gold, one.answer, fields))),
        "rows": dict(rows),
        "evidence": dict(Counter(match for one in outcomes for match in matches(one.response.get("evidence")))),
        **timed(outcomes),
    }


def grounded(folder: Path, outcomes: Sequence[Outcome], fields: Mapping[str, str]) -> dict[str, float]:
    """How well the values' boxes are the labelled ones, as `bench.grounding` defines it; empty for a folder without
    `boxes/`."""
    pages = [(one, page) for one in outcomes if (page := grounding.labelled_lines(folder, one.label["file"]))]
    return grounding.summary(
        value for one, page in pages for value in grounding.grounded(page, one.gold, one.response, fields)
    )


def matches(evidence: object) -> Iterator[str]:
    """How each answered value was found on the page: `exact`, `normalised`, `fuzzy`, `none`."""
    if isinstance(evidence, Mapping) and "match" in evidence:
        yield evidence["match"]
    elif isinstance(evidence, Mapping | list):
        for node in evidence.values() if isinstance(evidence, Mapping) else evidence:
            yield from matches(node)


def timed(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Pages read, and the seconds that each step took for one, by the jobs' own timings."""
    pages = sum(one.response.get("usage", {}).get("pages", 0) for one in outcomes)
    steps = Counter[str]()
    for one in outcomes:
        steps.update(one.response.get("timings", {}))
    by_step = {step: round(seconds / max(pages, 1), 4) for step, seconds in steps.items()}
    return {"pages": pages, "seconds_a_page": round(sum(by_step.values()), 3), "seconds_a_page_by_step": by_step}


def report(found: Mapping[str, Any]) -> str:
    """The figures as a table to read."""
    lines = [
        f"{found['use_case']}: {found['documents']} documents, {found['pages']} pages, "
        f"{found['total_seconds']} s in all",
        f"failed: {counted(found['failed'])}",
        f"\n{'field':16}{'labelled':>10}{'exact':>10}{'close':>10}{'missing':>10}{'invented':>10}",
        *(field_line(name, shares, found["invented"]) for name, shares in found["fields"].items() if name != "all"),
        field_line("all", found["fields"]["all"], {"all": sum(found["invented"].values())}) if found["fields"] else "",
    ]
    if rows := found["rows"]:
        lines.append(
            f"\nrows: {rows['matched']} of {rows['labelled']} labelled ones matched, {rows['answered']} answered"
        )
        lines += [
            f"  {part}: {rows[part]} of {rows[f'{part}_labelled']} right in these"
            for part in ("quantity", "name")
            if rows.get(part)
        ]
    placed, values = found["evidence"], sum(found["evidence"].values())
    share = (values - placed.get("none", 0)) / values if values else 0.0
    lines.append(f"\nevidence: {share:.1%} of {values} values placed; {counted(placed)}")
    if at := found["grounding"]:
        lines.append(
            f"grounding: F1 {at['f1']:.3f} (value right, box right at IoU {grounding.ENOUGH}), "
            f"{at['f1_overlapping']:.3f} (box overlaps); {at['missed']} of {at['right']} right values miss their box"
        )
    lines.append(f"seconds a page: {found['seconds_a_page']}; {counted(found['seconds_a_page_by_step'])}")
    return "\n".join(lines)


def field_line(name: str, shares: Mapping[str, float], invented: Mapping[str, int]) -> str:
    percentages = "".join(f"{shares[part]:>10.1%}" for part in ("exact", "close", "missing"))
    return f"{name:16}{shares['labelled']:>10.0f}{percentages}{invented.get(name, 0) or '':>10}"


def counted(counts: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"


def failures(outcomes: Sequence[Outcome], fields: Mapping[str, str]) -> Iterator[str]:
    """Every value that is not exactly the labelled one, and every value that the labels do not have."""
    for one in outcomes:
        missed = [score.field for score in one.scores(fields) if not score.exact]
        for name in [*missed, *scoring.invented(one.gold, one.answer, fields)]:
            yield f"{one.label['file']}  {name}  gold={one.gold.get(name)!r}  answer={one.answer.get(name)!r}"


if __name__ == "__main__":
    main()
