"""Versions that went before: where their code is in the history, and what their processes left in a database.

`python -m tests.versions` makes `NAME.rows` for each: the rows of a database in which a version's own web and engine
have worked, with jobs in every state, its engine killed. Its tables are made by the migrations that it had, which stay
as they were (`released.txt`). Whoever releases a version adds a line to `VERSIONS` and runs it."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ix.database.embedded import candidates
from ix.database.migrate import migrate, migrations_folder
from tests.accounts import connected
from tests.processes import Process

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent
RELEASED = FOLDER / "released.txt"
VERSIONS: Mapping[str, str] = {
    "0.1.0": "87286e2db596b9c5de82aa3e3a560cb3f048992b",
    "shares": "22910cf4da0b7771d8be6355a21116b037fdb70e",
    "reading": "5d9d5739adeb2efba79fb4c7e8016322d5cb95de",
    "console": "4f5f7ae2ca879d4deca4c8a63968e95d038e8ccb",
    "values": "77c7f8d9768999eda0e3203a2e6c00993246fb1d",
    "tools": "21dc6d3accb5c0dc3af994ff269e4e0e004e5ede",
}
"""Commits of versions, the oldest first: the release 0.1.0, then what came to an end since, by what it brought."""
NOWHERE = "127.0.0.1:9"
"""Where the callbacks in `NAME.rows` lead: nobody listens (the port of discard)."""


def last_migration(name: str) -> str:
    """The last one that a version had."""
    lines = [line.split() for line in RELEASED.read_text().splitlines()]
    return next(reversed([file for version, file, _ in lines if version == name]))


@contextmanager
def code_of(name: str, folder: Path) -> Iterator[Path]:
    """The checkout of a version in `folder`; skips where the history is not here."""
    packed = subprocess.run(["git", "-C", ROOT, "archive", VERSIONS[name], "ix", "db"], capture_output=True)
    if packed.returncode:
        pytest.skip(f"the history of this checkout does not have {name}")
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def process_of(code: Path, command: str, url: str, **settings: str) -> Process:
    """A process of a checkout."""
    # `-m` looks into the working directory first
    within = ("sh", "-c", 'cd "$0" && exec "$@"', str(code))
    return Process(command, url, by=within, **{"PYTHONPATH": str(code), "IX_ALLOW_HOSTS": "127.0.0.1", **settings})


@contextmanager
def migrations_up_to(last: str, folder: Path) -> Iterator[None]:
    """`ix migrate` knows those of a version alone."""
    folder.mkdir()
    for file in migrations_folder().glob("*.sql"):
        if file.name <= last:
            shutil.copy(file, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ix.database.migrate.migrations_folder", lambda: folder)
        yield


async def load(name: str, url: str, callbacks: str, folder: Path) -> None:
    """Makes an empty database into one that a version left two hours ago, whose callbacks lead to a host."""
    with migrations_up_to(last_migration(name), folder):
        await migrate(url)
    text = (FOLDER / f"{name}.rows").read_text().replace(NOWHERE, callbacks)
    made = datetime.fromisoformat(text.splitlines()[0].removeprefix(MADE))
    passed = datetime.now(UTC) - timedelta(hours=2) - made
    rows = _MOMENT.sub(lambda found: f"'{datetime.fromisoformat(found[1]) + passed}'", text)
    async with connected(url) as owner:
        # what the migrations put into tables is among the rows
        for table in sorted(set(re.findall(r"INTO (public\.\w+)", rows))):
            await owner.execute(f"DELETE FROM {table}")
        await owner.execute(rows)


MADE = "-- made at "
_MOMENT = re.compile(r"'(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?\+00)'")


def dump(url: str) -> str:
    """The rows of a database as statements, and when that was; skips where PostgreSQL brings no program for it."""
    options = ("--data-only", "--column-inserts", "--no-owner", "--exclude-table=schema_migrations")
    for folder in candidates():
        done = subprocess.run([str(folder / "pg_dump"), *options, "-d", url], capture_output=True, text=True)
        if done.returncode == 0:
            # without comments, and what is about the session or the program
            rows = [
                line for line in done.stdout.splitlines() if line.startswith(("INSERT", "SELECT pg_catalog.setval"))
            ]
            return "\n".join([f"{MADE}{datetime.now(UTC)}", *rows, ""])
    pytest.skip("no pg_dump of this server's version")
