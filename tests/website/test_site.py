"""The documentation as a site: it is built without a warning, tells all that there is, and its commands work."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.routing import Route

from ix.api.app import ROUTES
from ix.cli import COMMANDS
from ix.config import Settings, variable
from tests import databases, processes
from tests.examples.conftest import ROOT
from website import reference

STARTS = "ix up\n"
"""A block that the test's own service stands for."""
BLOCKS = [
    pytest.param(block, id=f"{page}-{number}")
    for page in ("index.md", "tools.md", "batches.md", "configurations.md")
    for number, block in enumerate(re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / page).read_text(), re.DOTALL))
    if block != STARTS
]


@pytest.fixture(scope="module")
def service_url(server_url: str, template_name: str) -> Iterator[str]:
    with databases.clone(server_url, template_name) as url, processes.service(url) as address:
        yield address


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("zensical", reason="zensical is not installed")
    from website.building import build

    build(tmp_path / "site")
    pages = {str(page.parent.relative_to(tmp_path / "site")) for page in (tmp_path / "site").rglob("index.html")}
    assert {"concepts", "failures", "tools", "reference/http", "reference/settings", "decisions/no-broker"} <= pages
    # what a browser would fetch from elsewhere
    start = (tmp_path / "site" / "index.html").read_text()
    assert not re.search(r'<(script|img|link rel="(stylesheet|preconnect)")[^>]*(src|href)="https?:', start)


def test_a_link_that_leads_nowhere_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("zensical", reason="zensical is not installed")
    from website.building import build

    monkeypatch.setattr(reference, "pages", lambda: {"broken": "# Broken\n\n[a page](nowhere.md)\n"})
    with pytest.raises(RuntimeError, match="page does not exist"):
        build(tmp_path / "site")


def test_the_reference_is_complete() -> None:
    pages = reference.pages()
    assert all(f"`{variable(name)}`" in pages["settings"] for name in Settings.model_fields)
    assert all(f"## ix {name}\n" in pages["commands"] for name in COMMANDS)
    paths = {route.path_format for route in ROUTES if isinstance(route, Route)}
    assert {*re.findall(r"^\| `[A-Z]+ ([^`]+)`", pages["http"], re.MULTILINE)} == paths
    assert "`items.amount`" in pages["use-cases"]


@pytest.mark.parametrize("block", BLOCKS)
def test_each_command_works(block: str, service_url: str, tmp_path: Path) -> None:
    if "curl" in block and shutil.which("curl") is None:
        pytest.skip("there is no curl: apt-get install curl")
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    for folder in ("scans/done", "answers", "bin", "state"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(ROOT / "examples" / "invoice.pdf", tmp_path / "scans")
    program = tmp_path / "bin" / "ix"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m ix "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    env = {name: value for name, value in os.environ.items() if not name.startswith("IX_")}
    env |= {"IX_URL": service_url, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(tmp_path / "state")}
    env["PATH"] = f"{program.parent}:{env['PATH']}"
    # -e: no line may fail behind another one
    done = subprocess.run(["sh", "-e"], input=block, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"detail"' not in done.stdout
    if "--into" in block:
        assert list((tmp_path / "answers").glob("*.json"))
