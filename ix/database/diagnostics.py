"""What `ix doctor` asks a database about itself. One function, one statement, on a connection that is given; each
raises asyncpg's errors as they are."""

from __future__ import annotations

from typing import Any, NamedTuple

from ix.database.connect import Connection


async def ping(connection: Connection) -> None:
    """One round trip."""
    await connection.fetchval("SELECT 1")


class Version(NamedTuple):
    """A server's version as it is written, and the number before the point."""

    text: str
    major: int


_VERSION = """
    SELECT split_part(current_setting('server_version'), ' ', 1) AS text,
        current_setting('server_version_num')::int / 10000 AS major"""


async def version(connection: Connection) -> Version:
    return Version(**await _row(connection, _VERSION))


_APPLIED = "SELECT version FROM schema_migrations"


async def applied_migrations(connection: Connection) -> set[str]:
    """The versions of all migrations that were applied."""
    return {row["version"] for row in await connection.fetch(_APPLIED)}


class Rights(NamedTuple):
    """What the account of the connection may do: all as the owner of the tables, web's work, the engine's."""

    account: str
    is_owner: bool
    is_web: bool
    is_engine: bool


# two rights that only one of the roles has stand for all of its rights, see `ix.database.roles`
_RIGHTS = """
    SELECT current_user::text AS account, pg_has_role(relowner, 'USAGE') AS is_owner,
        has_column_privilege(oid, 'request', 'INSERT')
            AND has_table_privilege('api_keys', 'SELECT') AS is_web,
        has_column_privilege(oid, 'response', 'UPDATE')
            AND has_table_privilege('callback_secrets', 'SELECT') AS is_engine
    FROM pg_class WHERE oid = 'jobs'::regclass"""


async def rights(connection: Connection) -> Rights:
    return Rights(**await _row(connection, _RIGHTS))


_NOTIFY = "SELECT pg_notify($1, '')"


async def notify(connection: Connection, channel: str) -> None:
    """Sends an empty notification."""
    await connection.execute(_NOTIFY, channel)


_QUEUE_USAGE = "SELECT pg_notification_queue_usage()"


async def queue_usage(connection: Connection) -> float:
    """The share of the notification queue that is in use, 0 to 1."""
    return float(await connection.fetchval(_QUEUE_USAGE))


_SWITCHED_OFF = """
    SELECT name FROM pg_settings
    WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes') AND setting = 'off' ORDER BY name"""


async def lax_settings(connection: Connection) -> list[str]:
    """The settings that are off and without which a commit may be lost."""
    return [row["name"] for row in await connection.fetch(_SWITCHED_OFF)]


class Held(NamedTuple):
    """A transaction that is open: whose it is, and since how many seconds."""

    who: str
    seconds: float


_HELD = """
    SELECT 'session ' || pid || ' of ' || usename AS who,
        extract(epoch FROM clock_timestamp() - xact_start)::float8 AS seconds
    FROM pg_stat_activity
    WHERE xact_start IS NOT NULL AND backend_type = 'client backend' AND pid <> pg_backend_pid()
        AND datname = current_database()
    UNION ALL
    SELECT 'prepared transaction ' || quote_literal(gid), extract(epoch FROM clock_timestamp() - prepared)::float8
    FROM pg_prepared_xacts WHERE database = current_database()
    ORDER BY seconds DESC"""


async def open_transactions(connection: Connection) -> list[Held]:
    """Every transaction in this database but the connection's own, the oldest first."""
    return [Held(**row) for row in await connection.fetch(_HELD)]


_OLDEST = """
    SELECT coalesce(max(age(backend_xmin)), 0) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""


async def oldest_snapshot(connection: Connection) -> int:
    """How many transactions ago the oldest snapshot was taken that somebody still holds."""
    return int(await connection.fetchval(_OLDEST))


_SEES_ALL = "SELECT pg_has_role('pg_read_all_stats', 'USAGE')"


async def sees_all_sessions(connection: Connection) -> bool:
    """Whether other accounts' sessions show what they do."""
    return bool(await connection.fetchval(_SEES_ALL))


class EngineState(NamedTuple):
    """An engine's last sign of life, `age` seconds ago, and what it said of its parts."""

    name: str
    age: float
    is_missing: bool
    health: dict[str, str]


_ENGINES = """
    SELECT name, extract(epoch FROM clock_timestamp() - heartbeat_at)::float8 AS age,
        missing_since IS NOT NULL AS is_missing, health
    FROM engines ORDER BY started_at"""


async def engines(connection: Connection) -> list[EngineState]:
    """Every engine that is registered, living or not."""
    return [EngineState(**row) for row in await connection.fetch(_ENGINES)]


_NOW = "SELECT extract(epoch FROM clock_timestamp())::float8"


async def clock(connection: Connection) -> float:
    """The server's time, seconds since 1970."""
    return float(await connection.fetchval(_NOW))


class KeyCounts(NamedTuple):
    """How many API keys were made, and how many of them are not revoked."""

    made: int
    valid: int


_KEYS = "SELECT count(*) AS made, count(*) FILTER (WHERE revoked_at IS NULL) AS valid FROM api_keys"


async def key_counts(connection: Connection) -> KeyCounts:
    return KeyCounts(**await _row(connection, _KEYS))


async def _row(connection: Connection, sql: str) -> Any:
    return await connection.fetchrow(sql)
