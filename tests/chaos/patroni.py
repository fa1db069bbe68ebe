"""A Patroni cluster: etcd, and nodes that each have a PostgreSQL, of the configuration that `deploy/` ships."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from ix.database.embedded import LocalPostgres
from ix.errors import LocalPostgresError
from tests.chaos.fleet import patiently
from tests.ports import free_port

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "postgres" / "patroni.yml"
PROGRAM = os.environ.get("IX_TEST_PATRONI") or "patroni"
"""Patroni's program: one that the account may run that PostgreSQL runs under, which is not root."""
PASSWORD = "of this test alone"
BOOT_SECONDS = 120.0


class Node:
    """A machine of the cluster: its PostgreSQL and the Patroni that looks after it."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self.name, self._cluster = name, cluster
        self.port, self._control = free_port(), free_port()
        self.data = cluster.home / f"data-{name}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts Patroni, which does all else."""
        address, account = f"127.0.0.1:{self.port}", self._cluster.local
        own = {
            "NAME": self.name,
            "ETCD3_HOSTS": f"127.0.0.1:{self._cluster.etcd_port}",
            "RESTAPI_LISTEN": f"127.0.0.1:{self._control}",
            "RESTAPI_CONNECT_ADDRESS": f"127.0.0.1:{self._control}",
            "POSTGRESQL_LISTEN": address,
            "POSTGRESQL_CONNECT_ADDRESS": address,
            "POSTGRESQL_DATA_DIR": str(self.data),
            "POSTGRESQL_BIN_DIR": str(account._bin),
            "POSTGRESQL_PGPASS": str(self._cluster.home / f"pgpass-{self.name}"),
            **{f"{who}_PASSWORD": PASSWORD for who in ("SUPERUSER", "REPLICATION", "REWIND")},
            "SUPERUSER_USERNAME": "postgres",
            "REPLICATION_USERNAME": "replicator",
            "REWIND_USERNAME": "rewinder",
        }
        command = [PROGRAM, str(self._cluster.home / "patroni.yml")]
        self._process = self._cluster.spawn(self.name, command, {f"PATRONI_{key}": it for key, it in own.items()})

    def is_(self, role: str) -> bool:
        """Whether Patroni says that it is the `leader`, a `replica` that is up, or the `sync` one."""
        with suppress(httpx.HTTPError):
            return httpx.get(f"http://127.0.0.1:{self._control}/{role}", trust_env=False).status_code == 200
        return False

    def lose(self) -> None:
        """SIGKILL for Patroni and for PostgreSQL, as when the power fails."""
        pid = int((self.data / "postmaster.pid").read_text().split()[0])
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        """Ends both, politely first."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(30)
            self._process.kill()
            self._process.wait()
        with suppress(OSError, ValueError, IndexError):
            os.kill(int((self.data / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)


class Cluster:
    """Three nodes. `url` names them all."""

    def __init__(self, home: Path) -> None:
        self.home, self.local, self.etcd_port = home, LocalPostgres(home), free_port()
        self.nodes = [Node(self, name) for name in "abc"]
        addresses = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)
        secret = PASSWORD.replace(" ", "%20")
        self.url = f"postgres://postgres:{secret}@{addresses}/ix?target_session_attrs=read-write"
        self._etcd: subprocess.Popen[bytes] | None = None

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Cluster]:
        """All of it for a while. Skips the test where a part is missing."""
        if shutil.which("etcd") is None:
            pytest.skip("etcd is not installed (Debian: etcd-server)")
        home = Path(tempfile.mkdtemp(prefix="ix-patroni-"))
        home.chmod(0o755)
        cluster = cls(home)
        try:
            cluster._prepare()
            cluster._start()
            yield cluster
        finally:
            for node in cluster.nodes:
                node.stop()
            if cluster._etcd is not None:
                cluster._etcd.kill()
                cluster._etcd.wait()
            shutil.rmtree(home, ignore_errors=True)

    def leader(self) -> Node:
        """The node that takes writes."""
        for _ in patiently(BOOT_SECONDS, pause=0.1):
            for node in self.nodes:
                if node.is_("leader"):
                    return node
        raise AssertionError("unreachable")

    def wait_for_a_synchronous_one(self) -> None:
        """Returns when there is a standby that every commit waits for."""
        for _ in patiently(BOOT_SECONDS, pause=0.1):
            if any(node.is_("sync") for node in self.nodes):
                return

    def spawn(self, name: str, command: list[str], env: dict[str, str]) -> subprocess.Popen[bytes]:
        """A process under PostgreSQL's account, whose output goes to a file."""
        identity: dict[str, Any] = self.local._identity()
        with (self.home / f"{name}.log").open("ab") as log:
            own = identity.pop("env") | env
            return subprocess.Popen(command, env=own, cwd=self.home, stdout=log, stderr=log, **identity)

    def _prepare(self) -> None:
        try:
            self.local._make_home()
            self.local._bin  # noqa: B018 - copied where the account may not read it
        except LocalPostgresError as error:
            pytest.skip(str(error))
        self.home.chmod(0o755)
        shutil.copy(CONFIGURATION, self.home / "patroni.yml")
        try:
            found = self.local._spawn([PROGRAM, "--version"])
        except OSError as error:
            pytest.skip(f"Patroni is not there for PostgreSQL's account ({error.strerror}): see docs/operating.md")
        if found.returncode != 0:
            pytest.skip("Patroni cannot be run by PostgreSQL's account: see docs/operating.md")

    def _start(self) -> None:
        client, peer = (f"http://127.0.0.1:{port}" for port in (self.etcd_port, free_port()))
        options = {
            "name": "e",
            "data-dir": str(self.home / "etcd"),
            "listen-client-urls": client,
            "advertise-client-urls": client,
            "listen-peer-urls": peer,
            "initial-advertise-peer-urls": peer,
            "initial-cluster": f"e={peer}",
        }
        self._etcd = self.spawn("etcd", ["etcd", *(f"--{name}={it}" for name, it in options.items())], {})
        for node in self.nodes:
            node.start()
        self.leader()
        self.wait_for_a_synchronous_one()
