"""A service as the compose file sets it up, of real processes: accounts made by `roles.sql`, secrets by `secrets.sh`,
tables and the first key by `ix migrate`, then web and an engine, each under its own account."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from ix.database.embedded import LocalPostgres
from tests import processes
from tests.deploy.programs import DEPLOY, said_by
from tests.processes import Process

ACCOUNTS = ("owner", "web", "engine")


class Production(NamedTuple):
    """A running service. `key` is the first key; `addresses` are the databases' by account."""

    url: str
    key: str
    addresses: dict[str, str]
    secrets: Path
    migrated: str


def secrets(folder: Path) -> Path:
    """What `secrets.sh` makes, beside a copy of it; skips the test of whoever is not root."""
    if os.geteuid() != 0:
        pytest.skip("secrets.sh gives files away, which only root can")
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(DEPLOY / "compose" / "secrets.sh", folder)
    said_by(folder / "secrets.sh")
    return folder / "secrets"


@contextmanager
def running(folder: Path, *commands: str, **settings: str) -> Iterator[Production]:
    """The service, its secrets in `folder`, and those of the processes that are named."""
    made = secrets(folder)
    # a server of its own: roles belong to a whole one
    home = Path(tempfile.mkdtemp(prefix="ix-home-"))
    local = LocalPostgres(home, durable=False)
    with ExitStack() as at_end:
        at_end.callback(shutil.rmtree, home, ignore_errors=True)
        at_end.callback(local.stop, "immediate")
        url = local.start()
        roles(local, made)
        addresses = {account: url.replace("postgres@", f"{account}@") for account in ACCOUNTS}
        migrated = migrate(addresses["owner"], made)
        given = {"IX_OCR": "off", **settings}
        started = {one: at_end.enter_context(process(one, addresses[one], **given)) for one in commands}
        if "engine" in started:
            started["engine"].until("listener connected")
        address = started["web"].until(r"web listens address=(\S+)")[1] if "web" in started else ""
        yield Production(address, (made / "bootstrap_key").read_text(), addresses, made, migrated)


def roles(local: LocalPostgres, made: Path) -> str:
    """Runs `roles.sql` as PostgreSQL's image would, its secrets readable for whoever runs psql."""
    psql = local._bin / "psql"
    return said_by(
        psql, "-X", "-h", local.sockets, "-U", "postgres", "-d", "ix", "-f", DEPLOY / "postgres" / "roles.sql",
        IX_SECRETS=str(made), LD_LIBRARY_PATH=str(psql.parents[1] / "lib"),
    )  # fmt: skip


def migrate(owner: str, made: Path) -> str:
    """What `ix migrate` says, run as the compose file has it."""
    (made / "here").write_text(owner)
    env = {k: v for k, v in os.environ.items() if not k.startswith("IX_")}
    given = {"IX_POSTGRES_URL_FILE": str(made / "here"), "IX_BOOTSTRAP_KEY_FILE": str(made / "bootstrap_key")}
    done = subprocess.run(
        [sys.executable, "-m", "ix", "migrate"], env={**env, **given}, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@contextmanager
def process(command: str, url: str, **settings: str) -> Iterator[Process]:
    """One process, stopped at the end."""
    started = processes.Process(command, url, **settings)
    try:
        yield started
    finally:
        started.stop()
