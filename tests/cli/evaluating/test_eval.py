"""`ix eval`, end to end: documents of examples/ through a service of other processes, and its report."""

from __future__ import annotations

import json
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from ix.cli.evaluating.figures import figures
from ix.cli.evaluating.judging import Judged
from ix.cli.evaluating.page import page
from tests.cli.conftest import Ix

EXAMPLES = Path(__file__).parents[3] / "examples"
INVOICE = {"invoice_number": "RE-2024-0318", "grand_total": "3.575,95 EUR"}
NOTE = "CORNER SHOP LTD\nDate 02/11/2026\nBread 3.50\nMilk 2.10\nTOTAL 5.60\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two labelled documents; of one a label is wrong."""
    (tmp_path / "documents").mkdir()
    shutil.copy(EXAMPLES / "invoice.pdf", tmp_path / "documents")
    (tmp_path / "documents" / "note.txt").write_text(NOTE)
    labels = [
        {"file": "documents/invoice.pdf", "gold": INVOICE},
        {"file": "documents/note.txt", "gold": {"total": "5.60", "date": "2026-11-03"}, "use_case": "receipt"},
    ]
    (tmp_path / "gold.jsonl").write_text("".join(json.dumps(label) + "\n" for label in labels))
    return tmp_path


def test_a_folder_is_measured_and_a_threshold_that_is_missed_fails(ix: Ix, service_url: str, folder: Path) -> None:
    report, run = folder / "report.html", folder / "run.json"
    asked = ("eval", folder, "--url", service_url, "--json", run, "--html", report, "--risk", "0.05", "--failures")
    done = ix(*asked, "--at-least", "total=1", "--at-least", "invoice_number.precision=0.9", "--at-least", "date=0.9")
    assert done.code == 1, done.err
    assert done.err.splitlines() == ["ix eval: date: 0.0000, at least 0.9 was asked for"]
    found = json.loads(run.read_text())
    verdicts = {(one["file"], one["field"]): one["verdict"] for one in found["values"]}
    assert verdicts[("documents/invoice.pdf", "invoice_number")] == "right"
    assert verdicts[("documents/invoice.pdf", "grand_total")] == "right"
    assert verdicts[("documents/note.txt", "total")] == "right"
    # one digit beside it, and the label stands nowhere
    assert verdicts[("documents/note.txt", "date")] == "misread"
    assert (found["documents"], found["failed"], found["pages"]) == (2, {}, 2)
    assert "documents/note.txt  date  misread  label='2026-11-03'  answer='2026-11-02'" in done.out
    # the error is shown where it stands
    seen = Seen(report.read_text())
    [picture] = [image for image in seen.images if image.startswith("data:image/webp;base64,")]
    assert len(picture) > 100
    assert seen.links == []

    # the same run again: nothing differs, and all thresholds are reached
    again = ix("eval", folder, "--url", service_url, "--limit", 1, "--compare", run, "--at-least", "all=0.5")
    assert again.code == 0, again.err
    assert "+0.0%   +0.0% to +0.0%" in again.out


def test_what_cannot_be_measured_is_told(ix: Ix, service_url: str, folder: Path) -> None:
    assert "does not exist" in ix("eval", folder / "documents").err
    assert "use case none is unknown" in ix("eval", folder, "--url", service_url, "--use-case", "none").err
    assert "has no schema of its own" in ix("eval", folder, "--url", service_url, "--use-case", "custom").err
    assert "is not such as total=0.95" in ix("eval", folder, "--at-least", "total").err
    assert "is no file that" in ix("eval", folder, "--compare", folder / "gold").err
    named = ix("eval", folder, "--url", service_url, "--limit", 1, "--at-least", "grand=1")
    assert (named.code, "no figure grand;" in named.err) == (1, True)


def test_own_schemas_are_asked_by_custom(ix: Ix, service_url: str, folder: Path) -> None:
    schema = {"type": "object", "properties": {"to_pay": {"type": "number", "x-ix": {"labels": ["total"]}}}}
    (folder / "schema.json").write_text(json.dumps(schema))
    (folder / "gold.jsonl").write_text(json.dumps({"file": "documents/note.txt", "gold": {"to_pay": 5.6}}))
    done = ix("eval", folder, "--url", service_url, "--schema", folder / "schema.json", "--at-least", "documents=1")
    assert done.code == 0, done.err
    assert done.out.startswith("custom: 1 documents, 1 pages; failed: none")


class Seen(HTMLParser):
    """What a page refers to, and what it says."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.images: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if tag == "img" and name == "src":
                self.images.append(str(value))
            elif name in ("src", "href", "srcset", "data", "action", "poster") or name.startswith("on"):
                self.links.append(f"{tag} {name}={value}")

    def handle_data(self, data: str) -> None:
        self.text += data


def test_what_documents_say_is_text_in_the_report() -> None:
    hostile = '"><script>alert(1)</script><img src=http://evil.example/x onerror=alert(1)>'
    values = [Judged(hostile, hostile, "text", "mistaken", [hostile, None], hostile, 0.9, True)]
    report: dict[str, Any] = {**figures([], values, []), "use_case": hostile, "failed": {hostile: 1}}
    written = page(report, values, lambda _: "data:image/webp;base64,AAAA")
    seen = Seen(written)
    assert seen.tags.count("script") == 0
    assert seen.images == ["data:image/webp;base64,AAAA"]
    assert seen.links == []
    # as it was written, everywhere: title, heading, counts, table, label and answer
    assert seen.text.count(hostile) >= 6
    assert "url(" not in written
    assert "@import" not in written
    assert "default-src 'none'" in written
