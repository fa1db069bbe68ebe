"""Two machines out of a bare Debian (`docs/two-machines.md`): a small run of them, what the page says, and what is
submitted."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from bench.papers import papers
from tests.deploy.programs import ROOT, program
from tests.machines import machine, roots, runbook
from tests.machines.deeds import DEEDS

DOCUMENTS = 200
SECONDS = 1500


def test_every_block_of_the_page_is_run() -> None:
    said = re.findall(r"^# on .*$", runbook.PAGE.read_text(), re.MULTILINE)
    headings = ("Packages", "Secrets", "PostgreSQL", "Documents", "ix", "Proxies", "When a dies")
    assert len(said) == sum(len(runbook.blocks(one)) for one in headings)


def test_an_index_of_packages_is_stood_in_for() -> None:
    scripts = [one.script for one in runbook.blocks("Packages")]
    assert "ix-documents" in scripts[1]
    assert "ix-documents" not in roots.here(scripts[1])
    with pytest.raises(AssertionError):
        roots.here(scripts[0])


def test_documents_are_mixed_and_each_is_another_one() -> None:
    pytest.importorskip("reportlab")
    made = list(papers(200))
    assert Counter(one.kind for one in made) == {"text": 180, "pdf": 18, "scan": 2}
    assert len({one.data for one in made}) == len({one.request_id for one in made}) == 200
    # kinds are spread: no half has all of one
    assert {one.kind for one in made[:100]} == {one.kind for one in made[100:]} == {"text", "pdf", "scan"}
    assert [one.data for one in papers(200)] == [one.data for one in made]


def test_nothing_is_lost_where_a_process_of_each_kind_dies() -> None:
    pytest.importorskip("reportlab")
    if os.environ.get("IX_BUILD_IMAGE") != "1":
        pytest.skip("two machines take minutes to build: IX_BUILD_IMAGE=1, or make test-all")
    if os.geteuid() != 0:
        pytest.skip("only root can make a Debian root")
    for name, package in {"debootstrap": "", "bwrap": "bubblewrap", "ip": "iproute2"}.items():
        program(name, package)
    try:
        machine.groups()
    except AssertionError as error:
        pytest.skip(str(error))
    command = [sys.executable, "-m", "tests.machines", f"--documents={DOCUMENTS}"]
    before = left()
    kept = ["--keep", given] if (given := os.environ.get("IX_TEST_MACHINES")) else []
    done = subprocess.run([*command, *kept], cwd=ROOT, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    assert done.stdout.count("killed: ") == len(DEEDS)
    assert re.search(r"^lost +0$", done.stdout, re.MULTILINE)
    assert left() == before


def left() -> set[str]:
    """Networks and folders of runs."""
    folders = {path.name for path in Path("/var/tmp").glob("ix-machines-*")}
    return folders | {path.name for path in Path("/run/netns").glob("ix*")}
