"""Programs that Debian brings: a test that needs one is skipped where it is missing, and says so."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
_BESIDE = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))


def program(name: str, package: str = "") -> str:
    """Where a program is; skips the test where it is not installed."""
    found = shutil.which(name, path=_BESIDE)
    if found is None:
        pytest.skip(f"{name} is not installed (`apt-get install {package or name}`)")
    return found


def said_by(*command: str | Path, seconds: float = 60, **given: str) -> str:
    """What a command that must succeed prints, to both streams."""
    done = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=seconds,
        env={**os.environ, **given},
    )
    assert done.returncode == 0, done.stdout[-4000:]
    return done.stdout


def refused_by(command: Sequence[str | Path], seconds: float = 60) -> str:
    """What a command that must fail prints."""
    done = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=seconds,
    )
    assert done.returncode != 0
    return done.stdout
