"""What the README and its companions say exists, exists."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route

import ix
from ix import use_cases
from ix.api.app import ROUTES
from ix.cli.up import PROCESSES
from ix.config import Settings, variable
from ix.extraction.findings import MESSAGES
from ix.telemetry.log import Event

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")])
README = (ROOT / "README.md").read_text()
CHANGELOG = (ROOT / "CHANGELOG.md").read_text()
FAILURES = (ROOT / "docs" / "failures.md").read_text()
# a language's code is none of an error
FILES = sorted(path for path in (ROOT / "ix").rglob("*.py") if path.parent.name != "languages")
SOURCES = "\n".join(path.read_text() for path in FILES)
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
VARIABLES = {variable(name) for name in Settings.model_fields}
# of the tests, of an example's own, and of deploy/postgres/roles.sql
OTHERS = {"IX_TEST_DATABASE_URL", "IX_TEST_PATRONI", "IX_SECRET", "IX_SECRETS"}
of_every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@of_every_page
def test_every_variable_is_a_setting(page: Path) -> None:
    named = {name.removesuffix("_FILE") for name in re.findall(r"\bIX_[A-Z0-9_]+[A-Z]", page.read_text())}
    assert named <= VARIABLES | OTHERS


def test_defaults_are_what_the_table_says() -> None:
    rows = re.findall(r"^\| (`IX_[^|]+) \| ([^|]*) \|", README, re.MULTILINE)
    said = [pair for names, values in rows for pair in zip(_quoted(names), _quoted(values), strict=False)]
    assert len(said) > 15
    assert said == [(name, _default(name)) for name, _ in said]


def _quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def _default(name: str) -> str:
    default = Settings.model_fields[name.removeprefix("IX_").lower()].default
    return f"{default:g}" if isinstance(default, float) else str(default).lower()


@of_every_page
def test_every_make_target_is_in_the_makefile(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text(), re.MULTILINE)) <= targets


@of_every_page
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#\s]*)(#[^)\s]+)?\)", page.read_text())
    assert [link for link in links if not _leads(page, *link)] == []


def _leads(page: Path, path: str, anchor: str) -> bool:
    there = (page.parent / path) if path else page
    return there.exists() and (not anchor or anchor[1:] in set(_anchors(there.read_text())))


def _anchors(text: str) -> Iterator[str]:
    """Headings as GitHub turns them into anchors."""
    for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@of_every_page
def test_every_file_that_is_named_exists(page: Path) -> None:
    named = re.findall(r"`((?:ix|db|tests|examples|docs|requirements)/[\w./-]*)`", page.read_text())
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_route_is_in_the_table_and_no_other() -> None:
    served = {
        (method, route.path.replace("ix_id", "id"))
        for route in ROUTES
        if isinstance(route, Route)
        for method in route.methods or ()
    }
    calls = re.findall(r"^\| (`[A-Z]+ /[^|]+) \|", README.split("## HTTP")[1].split("\n## ")[0], re.MULTILINE)
    named = (call.split(" ", 1) for cell in calls for call in re.findall(r"`([^`]+)`", cell))
    described = {(method, path.split("?")[0]) for method, path in named}
    assert described == {(method, path) for method, path in served if method != "HEAD"}


def test_every_use_case_is_in_the_table() -> None:
    table = README.split("### Use cases")[1].split("###")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(use_cases.load(drill=True))


def test_the_procfile_is_what_ix_up_runs() -> None:
    lines = (ROOT / "Procfile").read_text().splitlines()
    assert dict(line.split(": ", 1) for line in lines) == {name: f"ix {command}" for name, command in PROCESSES.items()}


def test_the_version_is_in_the_changelog() -> None:
    headings = re.findall(r"^## (.+)$", CHANGELOG, re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert re.fullmatch(rf"{re.escape(PROJECT['project']['version'])} - \d{{4}}-\d\d-\d\d", headings[1])


def test_every_package_is_in_the_drawing_where_the_contract_has_it() -> None:
    lines = re.findall(r"^ {4}([a-z_]+(?: \| [a-z_]+)*)(?: {2}|$)", str(ix.__doc__), re.MULTILINE)
    drawn = [set(line.split(" | ")) for line in lines]
    layers = [set(layer.split(" | ")) for layer in PROJECT["tool"]["importlinter"]["contracts"][0]["layers"]]
    assert drawn == [layer - {"__main__"} for layer in layers if layer != {"__main__"}]


def _codes_of_jobs() -> set[str]:
    said = re.findall(r'\bcode="(\w+)"|default_code = "(\w+)"', SOURCES)
    in_sql = re.findall(r"'code',\s*'(\w+)'", SOURCES)
    return {code for pair in said for code in pair if code} | set(in_sql)


def _codes_of_findings() -> set[str]:
    of_rules = re.findall(r'_finding\("(einvoice_\w+)"', SOURCES)
    readers = "".join(path.read_text() for path in (ROOT / "ix" / "extraction").rglob("*.py"))
    of_pages = re.findall(r'"([a-z]+(?:_[a-z]+)+): ', readers)
    return {*of_rules, *of_pages, *(key.partition(".")[0] for key in MESSAGES)}


def test_every_code_is_among_the_failures() -> None:
    assert "engine_lost" in (jobs := _codes_of_jobs())
    assert "value_not_found" in (findings := _codes_of_findings())
    assert {code for code in jobs | findings if f"`{code}`" not in FAILURES} == set()


def test_every_code_among_the_failures_exists() -> None:
    tables = FAILURES.split("## Error codes of jobs")[1]
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", tables, re.MULTILINE)
    codes = {code for row in rows for code in re.findall(r"`(\w+)`", row)}
    assert codes == _codes_of_jobs() | _codes_of_findings()


def test_every_operation_is_among_the_failures() -> None:
    rows = set(re.findall(r"^\| \*\*([\w ]+)\*\*", FAILURES, re.MULTILINE))
    over_http = {"submit", "batch", "wait", "read", "list", "cancel", "erase", "retry", "stream", "resend"}
    in_an_engine = {"claim", "run", "read document", "OCR", "model", "finish"}
    of_all = {"heartbeat", "sweep", "promote", "deliver", "prune", "migrate", "keys", "limits", "start", "drain"}
    assert over_http | in_an_engine | of_all <= rows


def test_every_event_that_a_page_names_is_logged() -> None:
    named = re.findall(r"logs? `(\w+)`", "".join(page.read_text() for page in PAGES))
    assert set(named) <= {event.name.lower() for event in Event}


DECISIONS = ROOT / "docs" / "decisions"
PARTS = ["Context", "Decision", "What it costs", "What would change it", "Where it stands"]


@pytest.mark.parametrize("page", sorted(set(DECISIONS.glob("*.md")) - {DECISIONS / "README.md"}), ids=lambda p: p.stem)
def test_a_decision_is_a_page_that_the_index_names(page: Path) -> None:
    text = page.read_text()
    assert f"[{text.splitlines()[0][2:]}]({page.name})" in (DECISIONS / "README.md").read_text()
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == PARTS
    assert 20 <= len(text.splitlines()) <= 60
