"""`python -m bench.pages`: how long a page takes by its kind, from the request to the answer, one document after the
other through a service of its own; the table of docs/promises.md. `--write` puts it there.

Documents are made up (`bench.papers`), so that anybody's machine can be measured by the same ones."""

from __future__ import annotations

import argparse
import base64
import os
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import httpx

from bench import counting, servers
from bench.papers import Paper, of_kind
from bench.servers import Postgres
from ix.client.operations import ENDED
from tests import processes
from tests.deploy.programs import ROOT

PAGE = ROOT / "docs" / "promises.md"
BEGIN, END = "<!-- python -m bench.pages -->\n", "<!-- until here -->\n"
KINDS = {
    "text": "plain text",
    "mail": "e-mail",
    "workbook": "workbook (XLSX)",
    "pdf": "PDF with a text layer",
    "scan": "scan, A4 at 150 dpi (JPEG)",
}
WARM_UP = 2
"""Documents of each kind that are not counted: what is loaded when first used is no page's."""


class Times(NamedTuple):
    """Of the pages of a kind: seconds of each, and processor seconds that a page takes of the engine and its children,
    of web, and of PostgreSQL."""

    kind: str
    seconds: Sequence[float]
    engine: float
    web: float
    server: float

    @property
    def p95(self) -> float:
        """Of the seconds."""
        return statistics.quantiles(self.seconds, n=20, method="inclusive")[-1]


class Reading(NamedTuple):
    """A service that reads: where it is, and what counts its processor time."""

    address: str
    meter: counting.Meter


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description="Seconds a page, by kind.")
    parser.add_argument("--documents", type=int, default=60, help="of each kind; a third of them of scans")
    parser.add_argument("--write", action="store_true", help=f"puts the table into {PAGE.relative_to(ROOT)}")
    given = parser.parse_args()
    with servers.postgres() as postgres:
        found = measured(postgres, given.documents)
    said = table(found)
    print(said, end="")
    if given.write:
        before, _, rest = PAGE.read_text().partition(BEGIN)
        PAGE.write_text(before + BEGIN + said + END + rest.partition(END)[2])


def measured(postgres: Postgres, documents: int) -> list[Times]:
    """Every kind, by one web process and one engine at their defaults."""
    with reading(postgres) as service, httpx.Client(base_url=service.address, timeout=120, trust_env=False) as http:
        return [timed(http, service.meter, kind, documents // (3 if kind == "scan" else 1)) for kind in KINDS]


@contextmanager
def reading(postgres: Postgres) -> Iterator[Reading]:
    """A service for a while, over a database of its own."""
    settings = {"IX_OCR": "ppocr", "IX_LOG_LEVEL": "INFO"}
    with postgres.database(postgres.template) as url:
        engine, web = processes.Process("engine", url, **settings), processes.Process("web", url, **settings)
        try:
            engine.until("listener connected")
            address = web.until(r"web listens address=(\S+)")[1]
            yield Reading(address, counting.Meter(postgres, {"engine": engine.pid, "web": web.pid}))
        finally:
            web.stop()
            engine.stop()


def timed(http: httpx.Client, meter: counting.Meter, kind: str, documents: int) -> Times:
    """All documents of a kind, one after the other."""
    print(f"{KINDS[kind]}: {documents} documents", file=sys.stderr, flush=True)
    papers = list(of_kind(kind, documents + WARM_UP))
    for paper in papers[:WARM_UP]:
        answered(http, paper)
    seconds, pages = list[float](), 0
    meter.start()
    for paper in papers[WARM_UP:]:
        began = time.monotonic()
        answered(http, paper)
        seconds += [(time.monotonic() - began) / paper.pages] * paper.pages
        pages += paper.pages
    cpu = meter.stop().cpu
    return Times(kind, seconds, cpu["engine"] / pages, cpu["web"] / pages, cpu["server"] / pages)


def answered(http: httpx.Client, paper: Paper) -> None:
    """Returns when the job of a document has ended. Raises `AssertionError` where it did not end well."""
    document = {"name": paper.name, "data": base64.b64encode(paper.data).decode()}
    body = {"client_id": "pages", "request_id": paper.request_id, "use_case": paper.use_case, "documents": [document]}
    job = http.post("/jobs?wait=30", json=body).raise_for_status().json()
    while job["status"] not in ENDED:
        job = http.get(f"/jobs/{job['ix_id']}?wait=30").raise_for_status().json()
    assert job["status"] == "done", job


def table(found: Sequence[Times]) -> str:
    """As Markdown."""
    lines = [
        "| a page of | p50 | p95 | processor time of an engine | of web | of PostgreSQL |\n",
        "|---|---|---|---|---|---|\n",
    ]
    for one in found:
        cells = (statistics.median(one.seconds), one.p95, one.engine, one.web, one.server)
        lines.append(f"| {KINDS[one.kind]} | {' | '.join(f'{cell * 1000:,.0f} ms' for cell in cells)} |\n")
    return "".join([*lines, f"\n{os.cpu_count()} cores; one document after the other, made up by `bench.papers`.\n"])


if __name__ == "__main__":
    main()
