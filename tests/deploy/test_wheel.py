"""What `pip install` gets: the wheel, its extras, and their commands in an environment that has nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest

from tests.deploy.programs import ROOT, program, said_by

EXTRAS = {"web": ["settings", "keys", "migrate", "roles", "web"], "": ["use-cases", "jobs"]}
"""By extra, commands that are asked for their arguments; what engines need is installed where the image is built."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT, check=True,
        capture_output=True,
    )  # fmt: skip
    [built] = folder.iterdir()
    return built


@pytest.fixture
def online() -> None:
    """Skips the test where nothing may be fetched."""
    if os.environ.get("IX_BUILD_IMAGE") != "1":
        pytest.skip("fetches packages from an index: IX_BUILD_IMAGE=1, or make test-all")


def test_it_holds_the_package_the_migrations_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0] for name in names} == {"ix", f"ix_documents-{version()}.dist-info"}
    migrations = {Path(name).name for name in names if name.startswith("ix/_migrations/")}
    assert migrations == {path.name for path in (ROOT / "db" / "migrations").iterdir()}
    assert {"ix/py.typed", "ix/languages/en.py"} <= set(names)
    assert [name for name in names if name.endswith((".pyc", ".orig")) or "__pycache__" in name] == []


def test_it_names_its_extras_and_its_command(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    folder = f"ix_documents-{version()}.dist-info"
    about = HeaderParser().parsestr(archive.read(f"{folder}/METADATA").decode())
    assert about["Name"] == "ix-documents"
    documented = re.findall(r"^\| `([a-z0-9-]+)`(?:, `([a-z-]+)`)? \|", deploying(), re.MULTILINE)
    named = {extra for pair in documented for extra in pair if extra}
    assert named == set(about.get_all("Provides-Extra", []))
    assert "ix = ix.cli:main" in archive.read(f"{folder}/entry_points.txt").decode()


@pytest.mark.usefixtures("online")
@pytest.mark.parametrize("extra", EXTRAS)
def test_in_a_fresh_environment_its_commands_work(wheel: Path, tmp_path: Path, extra: str) -> None:
    said_by(sys.executable, "-m", "venv", tmp_path / "venv", seconds=120)
    bin_ = tmp_path / "venv" / "bin"
    wanted = f"ix-documents[{extra}] @ {wheel.as_uri()}" if extra else str(wheel)
    said_by(bin_ / "pip", "install", "-q", wanted, seconds=600)
    assert said_by(bin_ / "ix", "--version").strip() == f"ix {version()}"
    for command in EXTRAS[extra]:
        assert f"usage: ix {command}" in said_by(bin_ / "ix", command, "--help")
    if not extra:
        refused = subprocess.run([bin_ / "ix", "web"], capture_output=True, text=True)
        assert (refused.returncode, "pip install 'ix-documents[web]'" in refused.stderr) == (2, True)


@pytest.mark.usefixtures("online")
def test_without_an_installation_uv_runs_it(wheel: Path) -> None:
    uv = program("uv", "python3-pip and `pip install uv`")
    said = said_by(uv, "tool", "run", "--from", f"ix-documents[web] @ {wheel.as_uri()}", "ix", "--version", seconds=300)
    assert f"ix {version()}" in said


def version() -> str:
    found: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    return found


def deploying() -> str:
    return (ROOT / "docs" / "deploying.md").read_text()
