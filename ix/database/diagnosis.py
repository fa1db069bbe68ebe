"""What only the database knows of its own state: asked by `ix doctor`, one method, one statement."""

from __future__ import annotations

from typing import NamedTuple

import asyncpg

from ix.database.repository import Repository


class Version(NamedTuple):
    """The server's version as it says it, and its major number."""

    text: str
    major: int


class Rights(NamedTuple):
    """Whose work an account may do."""

    account: str
    is_owner: bool
    is_web: bool
    is_engine: bool


class OpenTransaction(NamedTuple):
    """A session or prepared transaction, in words, and for how many seconds it has been open."""

    who: str
    seconds: float


class EngineState(NamedTuple):
    """An engine's row: seconds since its heartbeat, whether its session lock is missed, what it says of its parts."""

    name: str
    age: float
    is_missing: bool
    health: dict[str, str]


class KeyCount(NamedTuple):
    """API keys that were ever made, and those of them that are not revoked."""

    made: int
    valid: int


class Diagnosis(Repository):
    """Looks at the server, the account and the tables, and changes nothing."""

    _VERSION = """
        SELECT current_setting('server_version') AS text, current_setting('server_version_num')::int / 10000 AS major"""

    async def version(self) -> Version:
        """The server's version."""
        return Version(*(await self._fetch(self._VERSION))[0])

    _NOTHING = "SELECT 1"

    async def round_trip(self) -> None:
        """Returns when the server has answered a statement that does nothing."""
        await self._fetch(self._NOTHING)

    _APPLIED = "SELECT version FROM schema_migrations"

    async def applied_migrations(self) -> set[str]:
        """Versions of the migrations that were applied. Raises one of `UNMIGRATED` where none ever was."""
        return {row["version"] for row in await self._fetch(self._APPLIED)}

    # a column that only web may write and a table that only web may read stand for all of its rights; likewise for
    # engines
    _RIGHTS = """
        SELECT current_user::text AS account, pg_has_role(relowner, 'USAGE') AS is_owner,
            has_column_privilege(oid, 'request', 'INSERT') AND has_table_privilege('api_keys', 'SELECT') AS is_web,
            has_column_privilege(oid, 'response', 'UPDATE')
                AND has_table_privilege('callback_secrets', 'SELECT') AS is_engine
        FROM pg_class WHERE oid = 'jobs'::regclass"""

    async def rights(self) -> Rights:
        """What the account may do."""
        return Rights(*(await self._fetch(self._RIGHTS))[0])

    _NOTIFY = "SELECT pg_notify($1, '')"

    async def notify(self, channel: str) -> None:
        """Sends an empty notification."""
        await self._fetch(self._NOTIFY, channel)

    _QUEUE_USAGE = "SELECT pg_notification_queue_usage() AS used"

    async def notification_queue_usage(self) -> float:
        """The share of the notification queue that is in use, 0 to 1."""
        return float((await self._fetch(self._QUEUE_USAGE))[0]["used"])

    _LAX = """
        SELECT name FROM pg_settings
        WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes') AND setting = 'off' ORDER BY name"""

    async def lax_settings(self) -> list[str]:
        """Settings that are off and without which a crash loses what was committed."""
        return [row["name"] for row in await self._fetch(self._LAX)]

    # a prepared transaction belongs to no session, and holds its snapshot all the same
    _OPEN = """
        SELECT 'session ' || pid || ' of ' || usename AS who,
            extract(epoch FROM clock_timestamp() - xact_start)::float8 AS seconds
        FROM pg_stat_activity
        WHERE xact_start IS NOT NULL AND backend_type = 'client backend' AND pid <> pg_backend_pid()
            AND datname = current_database()
        UNION ALL
        SELECT 'prepared transaction ' || quote_literal(gid), extract(epoch FROM clock_timestamp() - prepared)::float8
        FROM pg_prepared_xacts WHERE database = current_database()
        ORDER BY seconds DESC"""

    async def open_transactions(self) -> list[OpenTransaction]:
        """Those of this database, the longest open first; without pg_read_all_stats only the account's own."""
        return [OpenTransaction(*row) for row in await self._fetch(self._OPEN)]

    _OLDEST = """
        SELECT coalesce(max(age(backend_xmin)), 0) AS age FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()"""

    async def oldest_snapshot(self) -> int:
        """Transactions that have begun since the oldest snapshot that somebody holds."""
        age: int = (await self._fetch(self._OLDEST))[0]["age"]
        return age

    _SEES_ALL = "SELECT pg_has_role('pg_read_all_stats', 'USAGE') AS all"

    async def sees_all_sessions(self) -> bool:
        """Whether the account may see what other accounts' sessions do."""
        return bool((await self._fetch(self._SEES_ALL))[0]["all"])

    _ENGINES = """
        SELECT name, extract(epoch FROM clock_timestamp() - heartbeat_at)::float8 AS age,
            missing_since IS NOT NULL AS is_missing, health
        FROM engines ORDER BY started_at"""

    async def engines(self) -> list[EngineState]:
        """Every engine that has a row, in the order in which they started."""
        return [EngineState(*row) for row in await self._fetch(self._ENGINES)]

    _NOW = "SELECT extract(epoch FROM clock_timestamp())::float8 AS now"

    async def now(self) -> float:
        """The database's clock, seconds since 1970."""
        return float((await self._fetch(self._NOW))[0]["now"])

    _KEYS = "SELECT count(*) AS made, count(*) FILTER (WHERE revoked_at IS NULL) AS valid FROM api_keys"

    async def keys(self) -> KeyCount | None:
        """How many keys there are; None where the account may not see them."""
        try:
            return KeyCount(*(await self._fetch(self._KEYS))[0])
        except asyncpg.InsufficientPrivilegeError:
            return None
