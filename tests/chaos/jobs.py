"""Many jobs in the table, and what became of them. Times are the database's."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, NamedTuple, TypeVar

from ix.config import Settings
from ix.database.connect import Pool
from ix.database.jobs import Jobs
from ix.database.pool import open_pool
from ix.job import Submission
from tests.chaos.fleet import patiently

T = TypeVar("T")


class Fates(NamedTuple):
    """Counts over all jobs. `crossed`: answered by another attempt than the one that was the job's when it ended."""

    number: int
    final: int
    done: int
    most_attempts: int
    crossed: int


class Table:
    """The jobs of one database, put in and looked at without a web process."""

    def __init__(self, url: str) -> None:
        self._runner = asyncio.Runner()
        self.pool: Pool = self.do(open_pool(Settings(postgres_url=url, statement_timeout=60)))

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def insert(self, submissions: Sequence[Submission]) -> None:
        jobs = Jobs(self.pool)
        for at in range(0, len(submissions), 200):
            self.do(jobs.insert_many(submissions[at : at + 200]))

    def value(self, sql: str, *arguments: Any) -> Any:
        return self.do(self.pool.fetchval(sql, *arguments))

    def rows(self, sql: str, *arguments: Any) -> list[Any]:
        return self.do(self.pool.fetch(sql, *arguments))

    def fates(self) -> Fates:
        sql = """
            SELECT count(*), count(finished_at), count(*) FILTER (WHERE status = 'done'), coalesce(max(attempts), 0),
                count(*) FILTER (WHERE status = 'done' AND (response -> 'result' ->> 'attempt')::int <> attempts)
            FROM jobs"""
        return Fates(*self.do(self.pool.fetchrow(sql)))

    def now(self) -> Any:
        return self.value("SELECT clock_timestamp()")

    def await_final(self, number: int, seconds: float = 120) -> None:
        """Returns once so many jobs have ended."""
        for _ in patiently(seconds):
            if self.value("SELECT count(*) FROM jobs WHERE finished_at IS NOT NULL") >= number:
                return

    def await_busy(self, pids: Sequence[int], seconds: float = 60) -> list[int]:
        """Those of these engines that run a job now, once there is one. An engine's name is `host:pid`."""
        sql = """
            SELECT DISTINCT split_part(name, ':', 2)::int FROM jobs JOIN engines USING (engine_id)
            WHERE jobs.status = 'running'"""
        for _ in patiently(seconds):
            if busy := {row[0] for row in self.rows(sql)} & set(pids):
                return sorted(busy, key=list(pids).index)
        raise AssertionError

    def seconds_after(self, moment: Any) -> float:
        """From a moment until the last job's end."""
        return float(self.value("SELECT extract(epoch FROM max(finished_at) - $1)::float8 FROM jobs", moment))

    def close(self) -> None:
        self.do(self.pool.close())
        self._runner.close()
