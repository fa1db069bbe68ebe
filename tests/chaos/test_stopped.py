"""`ix migrate` is ended in the middle of a long migration."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.database.test_stopped_migrations import AT_WORK, LONG, NAME, nothing_is_left, until
from tests.rows import Row

SIGNALS = {signal.SIGTERM: 143, signal.SIGINT: 130, signal.SIGKILL: -signal.SIGKILL}
COMMAND = """
import sys
from pathlib import Path
from ix.database import migrate
migrate.migrations_folder = lambda: Path(sys.argv.pop())
from ix.cli import main
sys.exit(main(["migrate"]))"""


@contextmanager
def command(folder: Path, url: str) -> Iterator[subprocess.Popen[bytes]]:
    """`ix migrate` with migrations of our own."""
    arguments = [sys.executable, "-c", COMMAND, str(folder)]
    with subprocess.Popen(arguments, env={"IX_POSTGRES_URL": url, "PYTHONPATH": ":".join(sys.path)}) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.long
async def test_stopped_migrations(empty_database_url: str, tmp_path: Path, row: Row) -> None:
    row.did("ix migrate: SIGTERM, SIGINT, SIGKILL", "a migration of 10 minutes")
    (tmp_path / NAME).write_text(LONG)
    took, codes = [], []
    for number in SIGNALS:
        with command(tmp_path, empty_database_url) as process:
            await until(empty_database_url, AT_WORK, 1)
            process.send_signal(number)
            began = time.monotonic()
            codes.append(await asyncio.to_thread(process.wait, 15))
            await nothing_is_left(empty_database_url)
            took.append(time.monotonic() - began)
    row.found(f"no session, lock or table left after {max(took):.2f} s at most")
    assert codes == list(SIGNALS.values())
    assert max(took) < 5
