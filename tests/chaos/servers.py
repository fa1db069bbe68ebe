"""A PostgreSQL server of a test's own, which it may configure, stop and hurt. It is durable."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from ix.database.embedded import LocalPostgres
from ix.database.migrate import migrate
from ix.errors import LocalPostgresError
from tests import databases


class Server:
    """One server, embedded. `url` leads to the database in use."""

    def __init__(self, local: LocalPostgres) -> None:
        self._local = local
        self.url = local.start()

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Server]:
        """A server for a while. Skips the test where none can be started."""
        home = Path(tempfile.mkdtemp(prefix="ix-chaos-"))
        local = LocalPostgres(home)
        try:
            try:
                server = cls(local)
            except LocalPostgresError as error:
                pytest.skip(str(error))
            yield server
        finally:
            local.stop("immediate")
            shutil.rmtree(home, ignore_errors=True)

    @contextmanager
    def database(self) -> Iterator[str]:
        """A migrated database for a while, the one that `sql` asks."""
        before = self.url
        with databases.clone(before, None) as self.url:
            asyncio.run(migrate(self.url))
            yield self.url
            self.url = before

    def stop(self, mode: str) -> None:
        """Stops it: `fast` ends sessions, `immediate` lets it crash."""
        self._local.started = True
        self._local.stop(mode)

    def start(self) -> None:
        self._local.start()

    def configure(self, name: str, value: str) -> bool:
        """Sets a parameter that needs a restart. False where the server does not know it."""
        known = bool(self.sql("SELECT count(*) FROM pg_settings WHERE name = $1", name))
        if known and not self.sql("SELECT count(*) FROM pg_settings WHERE name = $1 AND setting = $2", name, value):
            self.sql(f"ALTER SYSTEM SET {name} = {value}")
            self.stop("fast")
            self.start()
        return known

    def kill_a_backend(self, name: str) -> None:
        """SIGKILLs a session of this application name: the server ends all others and recovers. Returns when it answers
        again."""
        asyncio.run(self._kill(name))

    async def _kill(self, name: str) -> None:
        witness, gone = await asyncpg.connect(self.url), asyncio.Event()
        witness.add_termination_listener(lambda _: gone.set())
        pid = await witness.fetchval(
            "SELECT pid FROM pg_stat_activity WHERE application_name = $1 ORDER BY pid LIMIT 1", name
        )
        os.kill(pid, signal.SIGKILL)
        await gone.wait()
        async with asyncio.timeout(30):
            while not await self._answers():
                await asyncio.sleep(0.01)

    async def _answers(self) -> bool:
        try:
            await (await asyncpg.connect(self.url)).close()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        return True

    def sql(self, statement: str, *arguments: object) -> int | None:
        async def run() -> int | None:
            connection = await asyncpg.connect(self.url)
            try:
                found: int | None = await connection.fetchval(statement, *arguments)
                return found
            finally:
                await connection.close()

        return asyncio.run(run())
