"""The database, for commands: the one that is named, else the embedded one, started for as long unless it runs."""

from __future__ import annotations

import asyncio
import getpass
import os
import platform
import signal
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import asyncpg

from ix.cli.output import remark
from ix.config import Settings
from ix.database import Database
from ix.database.connect import DATABASE_ERRORS, UNMIGRATED, direct_url
from ix.database.embedded import LocalPostgres, home_folder
from ix.database.faults import kind_of
from ix.database.keys import Caller
from ix.database.migrate import migrate
from ix.errors import IxError
from ix.telemetry.log import describe

T = TypeVar("T")
_UNUSABLE: tuple[type[BaseException], ...] = (*DATABASE_ERRORS, ValueError)
"""What connecting may raise; `ValueError` is asyncpg's for what is no address."""


@contextmanager
def migrated_database(settings: Settings) -> Iterator[str]:
    """The address of a migrated database: the one that is named, else an embedded one, stopped at the end if this call
    started it. Raises `IxError` that tells what to do."""
    if settings.postgres_url:
        set_up(settings, direct_url(settings))
        yield settings.postgres_url
        return
    local = LocalPostgres(home_folder(settings.home))
    try:
        # within the `try`: a start that is broken off may leave a server behind
        url = local.start()
        set_up(settings, url)
        yield url
    finally:
        local.stop()


def set_up(settings: Settings, url: str) -> str:
    """Migrates, and makes the first key valid where one is set. This is whoever owns the tables: web may make no key.
    What dbmate said. Raises as `run_migrations` does."""
    said = run_migrations(url)
    if key := settings.bootstrap_key.get_secret_value():
        here = settings.model_copy(update={"postgres_url": url})
        made = asyncio.run(_with_database(here, lambda database: database.keys.add_first(key, operator())))
        # the id alone: the rest is the secret
        about = f"key {key.split('_')[1]} is valid from now on" if made else "not used, since a key was made before"
        remark(f"IX_BOOTSTRAP_KEY: {about}")
    return said


def run_migrations(url: str, action: str = "up") -> str:
    """What dbmate said; how far it is is told meanwhile. Raises `IxError` that tells what to do where the database
    cannot be reached or migrated, and `SystemExit` at a SIGTERM, when nothing of it is left in the database."""
    try:
        return asyncio.run(_stopped_by_sigterm(migrate(url, action, tell=remark)))
    except asyncio.CancelledError:
        raise SystemExit(128 + signal.SIGTERM) from None
    except _UNUSABLE as error:
        raise unreachable(error) from None


async def _stopped_by_sigterm(work: Coroutine[Any, Any, T]) -> T:
    """What `work` gives. A SIGTERM cancels it, as Python lets Ctrl-C do."""
    task = asyncio.current_task()
    # only the main thread hears signals
    if task is None or threading.current_thread() is not threading.main_thread():
        return await work
    before = signal.getsignal(signal.SIGTERM)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        return await work
    finally:
        asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)
        signal.signal(signal.SIGTERM, before)


def with_database(act: Callable[[Database], Awaitable[T]]) -> T:
    """What `act` gives. Raises `IxError` that tells what to do where the database cannot be used."""
    settings = Settings.from_env()
    if settings.postgres_url:
        return asyncio.run(_with_database(settings, act))
    with migrated_database(settings) as url:
        return asyncio.run(_with_database(settings.model_copy(update={"postgres_url": url}), act))


async def _with_database(settings: Settings, act: Callable[[Database], Awaitable[T]]) -> T:
    database = await Database.open(settings)
    try:
        return await act(database)
    # first: these are among DATABASE_ERRORS too
    except UNMIGRATED:
        raise IxError("the database lacks tables of this ix: run `ix migrate`") from None
    except DATABASE_ERRORS as error:
        raise unreachable(error) from None
    finally:
        await database.close()


def operator() -> Caller:
    """Whoever runs a command, for the audit log: the machine's account, as the machine calls it. Nobody has proved who
    they are but to the database."""
    try:
        account = getpass.getuser()
    # an id that has no name here, as in many containers
    except (KeyError, OSError):
        account = f"uid {os.getuid()}"
    return Caller(None, name=f"{account}@{platform.node()}, by command"[:300])


def unreachable(error: BaseException) -> IxError:
    """A database that does not answer, or not this account, in words that tell what to do."""
    if isinstance(error, asyncpg.InsufficientPrivilegeError):
        return IxError(
            f"IX_POSTGRES_URL: the account lacks a right ({describe(error)}); use the one that owns the tables"
        )
    if kind_of(error) == "read_only":
        return IxError(f"IX_POSTGRES_URL: the database takes no writes ({describe(error)}); is it a standby?")
    return IxError(
        f"IX_POSTGRES_URL: the database does not answer ({describe(error)}); is it running, and is the address right?"
    )
