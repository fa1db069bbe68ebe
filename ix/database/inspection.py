"""What the database says of itself and of its users: for `ix doctor`, which judges it."""

from __future__ import annotations

from typing import Any, NamedTuple

from ix.database.repository import Repository


class Version(NamedTuple):
    """A server's version, such as `17.2`, and its major number."""

    text: str
    major: int


class Rights(NamedTuple):
    """Which process's work this account may do. `is_owner`: it owns the tables and may do everything."""

    account: str
    is_owner: bool
    is_web: bool
    is_engine: bool


class HeldTransaction(NamedTuple):
    """A transaction that is open for so long, and who holds it."""

    who: str
    seconds: float


class EngineState(NamedTuple):
    """An engine's row: `age` seconds since its last heartbeat; `is_missing`: its session lock is free."""

    name: str
    age: float
    is_missing: bool
    health: dict[str, Any]


class KeyCount(NamedTuple):
    """How many API keys there are: ever made, and not revoked."""

    made: int
    valid: int


class Inspection(Repository):
    """Reads of PostgreSQL's own tables and, in few words, of ours."""

    _VERSION = """
        SELECT current_setting('server_version') AS text, current_setting('server_version_num')::int / 10000 AS major"""

    async def version(self) -> Version:
        """The version of the server that answers."""
        text, major = (await self._fetch(self._VERSION))[0]
        return Version(text.split()[0], major)

    _APPLIED = "SELECT version FROM schema_migrations"

    async def applied_migrations(self) -> set[str]:
        """The versions of the migrations that were applied. Raises `UNMIGRATED` where none ever was."""
        return {row["version"] for row in await self._fetch(self._APPLIED)}

    # the rights of a column or table that only the one role has
    _RIGHTS = """
        SELECT current_user::text, pg_has_role(relowner, 'USAGE'),
            has_column_privilege(oid, 'request', 'INSERT') AND has_table_privilege('api_keys', 'SELECT'),
            has_column_privilege(oid, 'response', 'UPDATE') AND has_table_privilege('callback_secrets', 'SELECT')
        FROM pg_class WHERE oid = 'jobs'::regclass"""

    async def rights(self) -> Rights:
        """What this account may do."""
        return Rights(*(await self._fetch(self._RIGHTS))[0])

    _NOTIFY = "SELECT pg_notify($1, '')"

    async def notify(self, channel: str) -> None:
        """Sends an empty notification, for a listener to hear."""
        await self._fetch(self._NOTIFY, channel)

    _QUEUE = "SELECT pg_notification_queue_usage() AS used"

    async def notification_queue(self) -> float:
        """The share of the notification queue that is in use."""
        return float((await self._fetch(self._QUEUE))[0]["used"])

    _LAX = """
        SELECT name FROM pg_settings
        WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes') AND setting = 'off' ORDER BY name"""

    async def lax_settings(self) -> list[str]:
        """The settings of durability that are off."""
        return [row["name"] for row in await self._fetch(self._LAX)]

    _HELD = """
        SELECT 'session ' || pid || ' of ' || usename AS who,
            extract(epoch FROM clock_timestamp() - xact_start)::float8 AS seconds
        FROM pg_stat_activity WHERE xact_start IS NOT NULL AND backend_type = 'client backend'
            AND pid <> pg_backend_pid() AND datname = current_database()
        UNION ALL
        SELECT 'prepared transaction ' || quote_literal(gid),
            extract(epoch FROM clock_timestamp() - prepared)::float8
        FROM pg_prepared_xacts WHERE database = current_database()
        ORDER BY seconds DESC"""

    async def held_transactions(self) -> list[HeldTransaction]:
        """Transactions of others that are open in this database, oldest first; without pg_read_all_stats only those of
        this account."""
        return [HeldTransaction(*row) for row in await self._fetch(self._HELD)]

    _OLDEST = """
        SELECT coalesce(max(age(backend_xmin)), 0) AS age FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()"""

    async def oldest_snapshot(self) -> int:
        """How many transactions old the oldest snapshot is, behind which nothing can be cleaned up."""
        return int((await self._fetch(self._OLDEST))[0]["age"])

    _SEES_ALL = "SELECT pg_has_role('pg_read_all_stats', 'USAGE') AS all"

    async def sees_all(self) -> bool:
        """Whether this account sees other accounts' transactions."""
        return bool((await self._fetch(self._SEES_ALL))[0]["all"])

    _ENGINES = """
        SELECT name, extract(epoch FROM clock_timestamp() - heartbeat_at)::float8, missing_since IS NOT NULL, health
        FROM engines ORDER BY started_at"""

    async def engines(self) -> list[EngineState]:
        """Every engine's row, the oldest engine first."""
        return [EngineState(*row) for row in await self._fetch(self._ENGINES)]

    _NOW = "SELECT extract(epoch FROM clock_timestamp())::float8 AS now"

    async def now(self) -> float:
        """The database's clock, in seconds since 1970."""
        return float((await self._fetch(self._NOW))[0]["now"])

    _KEYS = """
        SELECT count(*) AS made, count(*) FILTER (
            WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())
        ) AS valid
        FROM api_keys"""

    async def keys(self) -> KeyCount:
        """How many API keys there are."""
        return KeyCount(*(await self._fetch(self._KEYS))[0])
