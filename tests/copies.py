"""A copy of the package, to which a test adds a file, and processes in which that copy is `ix`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import ix

ROOT = Path(__file__).parents[1]


def copy_package(folder: Path) -> Path:
    """Copies the package into the folder, with its compiled files, and gives the copy."""
    return Path(shutil.copytree(Path(ix.__file__).parent, folder / "ix"))


def run_python(folder: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Runs Python where the folder's `ix` and this checkout's `tests` are found; `given` is what it reads."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(folder), str(ROOT)))}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
