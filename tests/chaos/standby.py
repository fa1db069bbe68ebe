"""Two PostgreSQL servers, the second a standby of the first that every commit waits for."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ix.database.embedded import LocalPostgres
from ix.errors import LocalPostgresError

CONFIGURE = [
    "ALTER SYSTEM SET synchronous_standby_names = 'standby'",
    "SELECT pg_reload_conf()",
]


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
                _copy(primary, standby)
                standby.start()
            except LocalPostgresError as error:
                pytest.skip(str(error))
            for statement in CONFIGURE:
                _psql(primary, statement)
            yield cls(primary, standby)
        finally:
            for server in (standby, primary):
                server.stop("immediate")
            shutil.rmtree(home, ignore_errors=True)

    def lose_primary(self) -> None:
        """It crashes, and stays away."""
        self._primary.stop("immediate")

    def promote(self) -> None:
        """Returns when the standby takes writes."""
        self._standby._run("pg_ctl", "-D", self._standby.data, "-w", "promote")


def _copy(primary: LocalPostgres, standby: LocalPostgres) -> None:
    standby._make_home()
    source = f"host={primary.sockets} user=postgres application_name=standby"
    primary._run("pg_basebackup", "-d", source, "-D", standby.data, "-R", "-X", "stream", "-c", "fast")


def _psql(server: LocalPostgres, statement: str) -> None:
    server._run("psql", "-Xq", "-h", server.sockets, "-U", "postgres", "-c", statement)
