"""`make test-all`: what is skipped fails, unless it is listed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.skips import MAY_SKIP

ROOT = Path(__file__).parents[1]
SKIPPED = """
import pytest

@pytest.mark.skipif(True, reason="by its mark")
def test_by_a_mark(): ...

@pytest.fixture
def absent(): pytest.skip("by its fixture")

def test_by_a_fixture(absent): ...

def test_by_itself(): pytest.skip("by itself")

@pytest.mark.xfail
def test_that_is_expected_to_fail(): assert False
"""


@pytest.mark.parametrize(("asked", "outcome"), [("1", "1 failed, 1 xfailed, 2 errors"), ("", "3 skipped, 1 xfailed")])
def test_a_skip_fails_where_that_is_asked_for(tmp_path: Path, asked: str, outcome: str) -> None:
    (tmp_path / "test_skipped.py").write_text(SKIPPED)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.skips", "-c", os.devnull, str(tmp_path)]
    env = {**os.environ, "IX_FAIL_ON_SKIP": asked, "PYTHONPATH": str(ROOT)}
    out = subprocess.run(command, capture_output=True, text=True, env=env, cwd=ROOT).stdout
    assert outcome in out
    assert not asked or all(f"this test was skipped: Skipped: {why}" in out for why in ("by its mark", "by itself"))


def test_what_may_be_skipped_is_there() -> None:
    for name in MAY_SKIP:
        file, *members = name.split("::")
        assert all(
            f" {member}(" in (ROOT / file).read_text() or f" {member}:" in (ROOT / file).read_text()
            for member in members
        )
