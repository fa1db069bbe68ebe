"""The examples are run as a user runs them: as commands, beside a real service with their use cases installed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import databases, processes

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder into which pip has installed the package of the examples, for the path that modules are found on."""
    folder = tmp_path_factory.mktemp("site-packages")
    package = str(EXAMPLES / "use_case_package")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run([*pip, "--target", str(folder), package], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return os.pathsep.join([str(folder), str(ROOT)])


@pytest.fixture(scope="session")
def service_database(server_url: str, template_name: str) -> Iterator[str]:
    with databases.clone(server_url, template_name) as url:
        yield url


@pytest.fixture(scope="session")
def service_url(service_database: str, installed: str) -> Iterator[str]:
    """The address of a running service that knows the use cases of the examples, and may call this machine."""
    with processes.service(
        service_database,
        PYTHONPATH=installed,
        IX_USE_CASE_DIR=str(EXAMPLES / "use_case_folder"),
        IX_ALLOW_HOSTS="127.0.0.1",
    ) as url:
        yield url
