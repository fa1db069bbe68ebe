"""dbmate, the command that applies migrations: how it is run, and how nothing of it is left when it is stopped.

PostgreSQL does not notice that a client has gone while it works for it. So a session of dbmate bears a name, by which
it is ended; and where that cannot be done, because we were killed ourselves, dbmate dies with us (prctl(2)), and its
session looks every second whether it is still wanted."""

from __future__ import annotations

import asyncio
import ctypes
import secrets
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

import asyncpg

from ix.database.address import ROLE, with_parameters
from ix.database.connect import DATABASE_ERRORS, Connection, open_plain, owns_session
from ix.errors import IxError

NAME = "ix migrate"
"""What sessions of dbmate are called, followed by something that no other has."""
LOOK_SECONDS = 1.0
"""Time between two looks at what dbmate's session does."""
TELL_SECONDS = 5.0
"""Time between two words to whoever waits."""
END_SECONDS = 10.0
"""Time in which a session that is told to end has rolled back, at most."""
PR_SET_PDEATHSIG = 1
"""Option of prctl(2) that names the signal which the death of the parent sends (linux/prctl.h)."""

Tell = Callable[[str], None]
"""Is told how far the migrations are."""

_CHECK = {"client_connection_check_interval": "1000"}
"""Has a session look, every so many milliseconds, whether its client is still there; from PostgreSQL 14 on."""
_SET_CHECK = "SET client_connection_check_interval = 1000"
# `ix migrate%`: also those of another process. Not what waits for a lock.
WORKS = """
    SELECT WHERE EXISTS (
        SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND application_name LIKE 'ix migrate%'
          AND state = 'active' AND wait_event_type IS DISTINCT FROM 'Lock')"""
_END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1"
_LIVES = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = $1)"


class Address(NamedTuple):
    """The address of a server, `plain` and as dbmate is to be given it; and the `name` that its session has there."""

    plain: str
    named: str
    name: str


async def address_for(address: str, sslmode: str, connection: Connection) -> Address:
    """The address as dbmate is to be given it; `sslmode` where it names none. `connection` leads to the same server."""
    name = f"{NAME} {secrets.token_hex(6)}"
    parameters = {"sslmode": sslmode, "application_name": name}
    if await owns_session(connection) and await _can_check(connection):
        parameters |= _CHECK
    return Address(address, with_parameters(address, parameters, without=(ROLE, "application_name")), name)


async def _can_check(connection: Connection) -> bool:
    """Whether a session can look for its client: not every version and platform can."""
    try:
        await connection.execute(_SET_CHECK)
    except asyncpg.PostgresError:
        return False
    return True


async def run(program: str, env: Mapping[str, str], folder: Path, command: str) -> str:
    """What `dbmate COMMAND` prints. Raises `IxError` with its words when it fails. When this is cancelled it is killed,
    see `watched` for its session."""
    process = await asyncio.create_subprocess_exec(
        program,
        "--no-dump-schema",
        "--migrations-dir",
        str(folder),
        command,
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        # Ctrl-C is ours to answer
        start_new_session=True,
        preexec_fn=_dying_with_parent(),
    )
    try:
        output = (await process.communicate())[0].decode(errors="replace").strip()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise IxError(f"dbmate {command} failed: {output[-500:]}")
    return output


@cache
def _dying_with_parent() -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, signal.SIGKILL) and None


@asynccontextmanager
async def watched(address: str, name: str, limit: float, tell: Tell) -> AsyncIterator[None]:
    """While its block runs, a session of this name is watched. Raises `IxError` when it has made no progress for
    `limit` seconds. A block that does not succeed leaves no session of it behind."""
    stall = Stall(limit)
    try:
        async with asyncio.timeout(None) as alarm:
            watching = asyncio.create_task(_watch(address, name, stall, alarm, tell))
            try:
                yield
            finally:
                watching.cancel()
                await asyncio.wait([watching])
    except BaseException as error:
        await asyncio.shield(asyncio.create_task(_end(address, name)))
        if isinstance(error, TimeoutError) and alarm.expired():
            raise stall.error() from None
        raise


class Stall:
    """How long nothing has moved. `limit`: seconds that this may last."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._moved_at = time.monotonic()

    def is_over(self, moves: bool) -> bool:
        """Notes whether something moves; True when nothing has for too long."""
        if moves:
            self._moved_at = time.monotonic()
        return time.monotonic() - self._moved_at > self._limit

    def error(self) -> IxError:
        """What to tell then, and why it may be so."""
        return IxError(
            f"migrations made no progress for {self._limit:.0f} s: another process holds their lock, or a long "
            "transaction a table's"
        )


async def _watch(address: str, name: str, stall: Stall, alarm: asyncio.Timeout, tell: Tell) -> None:
    began = told = time.monotonic()
    connection: Connection | None = None
    try:
        while True:
            # a migration that is quick is not looked at
            await asyncio.sleep(min(LOOK_SECONDS, stall._limit))
            # a fault of the database ends dbmate by itself
            with suppress(*DATABASE_ERRORS):
                if connection is None or connection.is_closed():
                    connection = await open_plain(address, END_SECONDS)
                works = await connection.execute(WORKS) == "SELECT 1"
                if stall.is_over(works):
                    alarm.reschedule(0)
                if time.monotonic() - told > TELL_SECONDS:
                    told = time.monotonic()
                    tell(f"migrating for {told - began:.0f} s: " + ("at work" if works else "waiting for a lock"))
    finally:
        if connection is not None:
            connection.terminate()


async def _end(address: str, name: str) -> None:
    """Ends every session of this name, and returns when it has rolled back."""
    with suppress(*DATABASE_ERRORS):
        connection = await open_plain(address, END_SECONDS)
        try:
            async with asyncio.timeout(END_SECONDS):
                await connection.fetch(_END, name)
                while await connection.fetchval(_LIVES, name):  # noqa: ASYNC110 - no event says that it has ended
                    await asyncio.sleep(LOOK_SECONDS / 20)
        finally:
            connection.terminate()
