"""The commands of pages for operators, as they stand there, against a running service."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from ix.database.embedded import candidates
from tests import databases, processes

ROOT = Path(__file__).parents[2]
PAGES = ("incidents.md", "promises.md")
RECIPES = [
    pytest.param(recipe, id=f"{page}-{number}")
    for page in PAGES
    for number, recipe in enumerate(re.findall(r"^```sh\n(.*?)^```$", (ROOT / "docs" / page).read_text(), re.M | re.S))
]
OF_POSTGRES = ("pg_dump", "pg_restore")


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `ix`, and with PostgreSQL's programs of the embedded server's version."""
    folder = tmp_path_factory.mktemp("bin")
    ix = folder / "ix"
    ix.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ix "$@"\n')
    ix.chmod(0o755)
    for name in OF_POSTGRES:
        if found := next((place / name for place in candidates() if (place / name).exists()), None):
            (folder / name).symlink_to(found)
    return folder


@pytest.fixture(scope="module")
def environment(server_url: str, template_name: str, programs: Path) -> Iterator[Mapping[str, str]]:
    with databases.clone(server_url, template_name) as url, databases.clone(server_url, None) as restored:
        given = {name: value for name, value in os.environ.items() if not name.startswith("IX_")}
        with processes.web(url) as address, processes.engine(url):
            key = processes.run_ix(url, "keys", "add", "--admin").split()[-1]
            yield given | {
                "IX_KEY": key,
                "IX_POSTGRES_URL": url,
                "IX_URL": address,
                "RESTORED_URL": restored,
                "PATH": f"{programs}{os.pathsep}{given['PATH']}",
                "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [given.get("PYTHONPATH")])]),
            }


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_does_what_it_says(
    recipe: str, environment: Mapping[str, str], programs: Path, tmp_path: Path
) -> None:
    for name in ("curl", *OF_POSTGRES):
        if name in recipe and not shutil.which(name, path=environment["PATH"]):
            pytest.skip(f"no {name} on this machine")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", recipe], env=environment, cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{recipe}\n{done.stdout}\n{done.stderr}"
    assert done.stdout
