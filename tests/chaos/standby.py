"""Two PostgreSQL servers, the second a standby of the first that every commit waits for."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ix.database.embedded import LocalPostgres
from ix.errors import LocalPostgresError
from tests.chaos.fleet import patiently

KEEP_LOG = ["ALTER SYSTEM SET wal_keep_size = '512MB'", "SELECT pg_reload_conf()"]
"""Whoever rejoins asks for what was written since the last checkpoint that both have."""
CONFIGURE = [
    "ALTER SYSTEM SET synchronous_standby_names = 'standby'",
    "SELECT pg_reload_conf()",
]
IN_STEP = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = 'sync'"


class Pair:
    """`url` names both, the standby first."""

    def __init__(self, primary: LocalPostgres, standby: LocalPostgres) -> None:
        self._primary, self._standby = primary, standby
        self.url = f"postgres://postgres@/ix?host={standby.sockets},{primary.sockets}&target_session_attrs=read-write"

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Pair]:
        """Both for a while. Skips the test where they cannot be started."""
        home = Path(tempfile.mkdtemp(prefix="ix-pair-"))
        home.chmod(0o755)
        primary, standby = LocalPostgres(home / "a"), LocalPostgres(home / "b")
        try:
            try:
                primary.start()
                for statement in KEEP_LOG:
                    ask(primary, statement)
                _copy(primary, standby)
                standby.start()
            except LocalPostgresError as error:
                pytest.skip(str(error))
            pair = cls(primary, standby)
            pair.wait_for_the_standby()
            yield pair
        finally:
            for server in (standby, primary):
                server.stop("immediate")
            shutil.rmtree(home, ignore_errors=True)

    @property
    def replica_url(self) -> str:
        """The address of the standby alone."""
        return self._standby.url("ix")

    def wait_for_the_standby(self) -> None:
        """From now on every commit waits until the standby has it on its disk; returns when it follows."""
        for statement in CONFIGURE:
            ask(self._primary, statement)
        for _ in patiently(20, pause=0.05):
            if ask(self._primary, IN_STEP) == "1":
                break

    def lose_primary(self) -> None:
        """SIGKILL, without a word to anybody; it stays away."""
        os.kill(int((self._primary.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)

    def promote(self) -> None:
        """Returns when the standby takes writes."""
        self._standby._run("pg_ctl", "-D", self._standby.data, "-w", "promote")

    def rejoin(self) -> None:
        """The lost primary forgets what only it had, and is the standby of the other from now on."""
        self._primary, self._standby = self._standby, self._primary
        ask(self._primary, "CHECKPOINT")
        source = f"host={self._primary.sockets} user=postgres dbname=postgres application_name=standby"
        # it recovers from the crash first, which must have ended: who shares its memory may outlive it by a moment
        for _ in patiently(20, pause=0.1):
            done = self._standby._run(
                *("pg_rewind", "-D", self._standby.data, "-R", "--source-server", source), check=False
            )
            if done.returncode == 0:
                break
        self._standby.start()
        self.wait_for_the_standby()


def ask(server: LocalPostgres, statement: str) -> str:
    """What one server answers, whatever its role."""
    return server._run(
        "psql", "-XqtA", "-h", server.sockets, "-U", "postgres", "-d", "ix", "-c", statement
    ).stdout.strip()


def _copy(primary: LocalPostgres, standby: LocalPostgres) -> None:
    standby._make_home()
    source = f"host={primary.sockets} user=postgres application_name=standby"
    primary._run("pg_basebackup", "-d", source, "-D", standby.data, "-R", "-X", "stream", "-c", "fast")
