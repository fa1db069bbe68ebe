"""What is steadier than time: statements, commits, bytes of WAL, CPU microseconds.

Statements and commits are counted in the server's log, under `log_statement = all`, in runs whose times are not used,
since the log costs time of its own. WAL and CPU are read before and after the timed runs."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psutil

from bench.servers import Postgres, database_name, execute, fetch

_LINE = re.compile(r"^(\d+) (\S+) LOG:  (?:statement|execute [^:]+): (.*)$")
_ENDS = re.compile(r"(?:COMMIT|END)\b", re.IGNORECASE)
_BEGINS = re.compile(r"(?:BEGIN|START TRANSACTION)\b", re.IGNORECASE)
_ROLLS_BACK = re.compile(r"(?:ROLLBACK|ABORT)\b", re.IGNORECASE)


@dataclass(slots=True)
class Counts:
    """`statements`: what clients asked the server to run, BEGIN and COMMIT among them. `commits`: transactions that
    ended well, those that only read included."""

    statements: int = 0
    commits: int = 0


def log_statements(postgres: Postgres, database_url: str) -> None:
    """Sessions that begin from now on in this database have all their statements logged."""
    name = database_name(database_url)
    asyncio.run(execute(postgres.url, f"ALTER DATABASE \"{name}\" SET log_statement = 'all'"))


@contextmanager
def statements(postgres: Postgres, database_url: str) -> Iterator[Counts]:
    """Counts what is logged of this database meanwhile; the result is filled at the end. Zero where the log cannot be
    read."""
    found = Counts()
    if postgres.log is None:
        yield found
        return
    begin = postgres.log.stat().st_size
    yield found
    with postgres.log.open(errors="replace") as log:
        log.seek(begin)
        counted = count(log, database_name(database_url))
    found.statements, found.commits = counted.statements, counted.commits


def count(lines: Iterator[str], database: str) -> Counts:
    """The statements and commits of one database in log lines that begin with `servers.LOG_PREFIX`."""
    found, inside = Counts(), set[str]()
    for line in lines:
        matched = _LINE.match(line)
        if matched is None or matched[2] != database:
            continue
        process, text = matched[1], matched[3].lstrip()
        found.statements += 1
        if _BEGINS.match(text):
            inside.add(process)
        elif _ENDS.match(text):
            found.commits += 1
            inside.discard(process)
        elif _ROLLS_BACK.match(text):
            inside.discard(process)
        elif process not in inside:
            found.commits += 1
    return found


@dataclass(slots=True)
class Cost:
    """What a span of work cost: bytes of WAL, and seconds of CPU by role."""

    wal_bytes: int = 0
    cpu: dict[str, float] = field(default_factory=dict)


class Meter:
    """Counts between `start` and `stop`, for processes named by their role and their children. `server` is PostgreSQL's
    unless named."""

    def __init__(self, postgres: Postgres, processes: Mapping[str, int | None]) -> None:
        self._postgres = postgres
        self._roles = {"server": postgres.pid, **processes}
        self._before: dict[str, float] = {}
        self._wal = 0

    def start(self) -> None:
        """From here."""
        self._wal = _wal(self._postgres)
        self._before = {role: cpu_seconds(pid) for role, pid in self._roles.items() if pid}

    def stop(self) -> Cost:
        """To here."""
        cpu = {role: cpu_seconds(self._roles[role]) - seconds for role, seconds in self._before.items()}
        return Cost(_wal(self._postgres) - self._wal, cpu)


def cpu_seconds(pid: int | None) -> float:
    """User and system time of a process, its living children and those that it has waited for; 0 when it is gone. Of
    the benchmark itself, whose children are the contestants, its own."""
    if pid is None:
        return 0.0
    total = 0.0
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        if pid == os.getpid():
            return float(sum(process.cpu_times()[:2]))
        for one in (process, *process.children(recursive=True)):
            with suppress(psutil.Error):
                total += sum(one.cpu_times()[:4])
    return total


def _wal(postgres: Postgres) -> int:
    row = asyncio.run(fetch(postgres.url, "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint AS bytes"))[0]
    return int(row["bytes"])
