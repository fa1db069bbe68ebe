"""The workflow files are YAML, run what is promised, and name each action by its commit."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from ix.cli.doctor.database import OLDEST_MAJOR

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / ".github").rglob("*.yml"))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
NEWEST_PYTHON, NEWEST_POSTGRES = 13, 18


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def jobs(name: str) -> dict[str, Any]:
    found: dict[str, Any] = read(ROOT / ".github" / "workflows" / f"{name}.yml")["jobs"]
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_is_yaml(path: Path) -> None:
    assert isinstance(read(path), dict)


def test_the_matrix_covers_every_version_that_is_promised() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    oldest = int(project["requires-python"].removeprefix(">=3."))
    matrix = jobs("ci")["test"]["strategy"]["matrix"]
    assert matrix["python"] == [f"3.{minor}" for minor in range(oldest, NEWEST_PYTHON + 1)]
    assert matrix["postgres"] == [str(major) for major in range(OLDEST_MAJOR, NEWEST_POSTGRES + 1)]
    for page in ("README.md", "SECURITY.md"):
        text = (ROOT / page).read_text()
        assert re.search(rf"3\.{oldest} to 3\.{NEWEST_PYTHON}\b", text)
        assert re.search(rf"PostgreSQL {OLDEST_MAJOR} to {NEWEST_POSTGRES}\b", text)


def test_the_matrix_runs_make_test_against_its_own_server() -> None:
    test = jobs("ci")["test"]
    assert test["services"]["postgres"]["image"] == "postgres:${{ matrix.postgres }}"
    last = test["steps"][-1]
    assert last["run"].startswith("make test ")
    assert last["env"].keys() == {"IX_TEST_DATABASE_URL"}


def test_a_release_is_described_attested_and_published_without_a_token() -> None:
    release = jobs("release")
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text()
    assert "cyclonedx-py environment" in text
    assert "secrets." not in text
    assert release["publish"]["permissions"] == {"id-token": "write"}
    assert release["attest"]["permissions"]["attestations"] == "write"
    used = [step["uses"].partition("@")[0] for job in release.values() for step in job["steps"] if "uses" in step]
    assert {"pypa/gh-action-pypi-publish", "actions/attest-build-provenance", "actions/attest-sbom"} <= set(used)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_and_rights_are_said(path: Path) -> None:
    used = re.findall(r"uses: (.+)$", path.read_text(), re.MULTILINE)
    assert [line for line in used if not re.fullmatch(r"[\w-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)] == []
    assert read(path)["permissions"] == {"contents": "read"}


def test_every_make_target_that_a_workflow_runs_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    used = set(re.findall(r"run: .*\bmake ([a-z-]+)", "".join(path.read_text() for path in WORKFLOWS)))
    assert used
    assert used <= targets
