"""Checks of the database, and of what only the database knows."""

from __future__ import annotations

import asyncio
import time
import uuid

import asyncpg

from ix.cli.doctor.patient import Finding, Patient, fail, off, ok, warn
from ix.database.connect import UNMIGRATED, Pool, open_connection, require_url
from ix.database.migrate import migrations_folder
from ix.telemetry.log import describe

OLDEST_MAJOR = 15
PING_SECONDS = 3.0
QUEUE_LIMIT = 0.5
"""Share of the notification queue that may be in use; when it is full, submissions lose their notification."""
LONG_SECONDS = 300.0
"""A transaction older than this keeps dead rows of the queue from being cleaned up, and claims slow down."""
CLOCK_SECONDS = 5.0
"""Difference of clocks that goes unnoticed; receivers of callbacks refuse one of 300 s (Standard Webhooks)."""

_VERSION = (
    "SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int / 10000 AS major"
)


async def database(patient: Patient) -> Finding:
    """It answers, soon, and is new enough."""
    settings = patient.settings
    if not settings.postgres_url:
        return off("none is named and the embedded one is not running; `ix up` starts it")
    try:
        require_url(settings)
        pool = await patient.pool()
    except Exception as error:
        return fail(f"does not answer ({describe(error)})", "start PostgreSQL, or correct IX_POSTGRES_URL")
    row = (await pool.fetch(_VERSION))[0]
    found = f"PostgreSQL {row['version'].split()[0]}, {1000 * min([await _round_trip(pool) for _ in range(3)]):.1f} ms a round trip"
    return ok(found) if row["major"] >= OLDEST_MAJOR else fail(found, f"ix needs PostgreSQL {OLDEST_MAJOR} or newer")


async def _round_trip(pool: Pool) -> float:
    began = time.perf_counter()
    await pool.fetchval("SELECT 1")
    return time.perf_counter() - began


_APPLIED = "SELECT version FROM schema_migrations"


async def migrations(patient: Patient) -> Finding:
    """All are applied, and no others."""
    known = {path.name.partition("_")[0]: path.stem for path in migrations_folder().glob("*.sql")}
    try:
        applied = {row["version"] for row in await patient.fetch(_APPLIED)}
    except UNMIGRATED:
        applied = set()
    if pending := [name for version, name in sorted(known.items()) if version not in applied]:
        return fail(f"{len(pending)} pending: {', '.join(pending)}", "run `ix migrate`")
    if unknown := sorted(applied - known.keys()):
        return warn(
            f"the database has {', '.join(unknown)}, which this ix does not know",
            "it was migrated by a newer ix: update this one",
        )
    return ok(f"{len(known)} applied")


_RIGHTS = """
    SELECT current_user::text AS account, pg_has_role(relowner, 'USAGE') AS is_owner,
        has_column_privilege(oid, 'request', 'INSERT') AND has_table_privilege('api_keys', 'SELECT') AS is_web,
        has_column_privilege(oid, 'response', 'UPDATE') AND has_table_privilege('callback_secrets', 'SELECT') AS is_engine
    FROM pg_class WHERE oid = 'jobs'::regclass"""


async def rights(patient: Patient) -> Finding:
    """The account may do the work of web, of engine, or of both."""
    row = (await patient.fetch(_RIGHTS))[0]
    if row["is_owner"]:
        return ok(f"{row['account']} owns the tables; `ix roles` prepares accounts that may do less")
    may = [name for name in ("web", "engine") if row[f"is_{name}"]]
    if may:
        return ok(f"{row['account']} may do the work of {' and '.join(may)}")
    return fail(
        f"{row['account']} may do neither web's nor engine's work",
        "let the owner run `ix roles` and grant it ix_web or ix_engine",
    )


_NOTIFY = "SELECT pg_notify($1, '')"


async def notifications(patient: Patient) -> Finding:
    """A notification reaches a connection such as listeners have."""
    async with patient.connection():
        pass  # a database that does not answer is another check's finding
    channel, heard = f"ix_doctor_{uuid.uuid4().hex[:8]}", asyncio.Event()
    connection = await open_connection(patient.settings, "ix doctor")
    try:
        await connection.add_listener(channel, lambda *_: heard.set())
        began = time.perf_counter()
        await patient.fetch(_NOTIFY, channel)
        async with asyncio.timeout(PING_SECONDS):
            await heard.wait()
        return ok(f"arrive after {1000 * (time.perf_counter() - began):.1f} ms")
    except TimeoutError:
        return fail(
            f"none arrived within {PING_SECONDS:g} s, so that jobs wait for the next look",
            "is PgBouncer in between, in transaction mode? Name the server itself",
        )
    finally:
        connection.terminate()


_QUEUE = "SELECT pg_notification_queue_usage() AS used"


async def queue(patient: Patient) -> Finding:
    """Notifications are taken away by all who listen."""
    used = float((await patient.fetch(_QUEUE))[0]["used"])
    if used < QUEUE_LIMIT:
        return ok(f"{100 * used:.0f} % of the notification queue in use")
    return warn(
        f"{100 * used:.0f} % of the notification queue in use", "end the session that listens within an old transaction"
    )


_DURABILITY = "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes') AND setting = 'off'"


async def durability(patient: Patient) -> Finding:
    """What a 201 promises is on disk."""
    if lax := [row["name"] for row in await patient.fetch(_DURABILITY)]:
        return fail(
            f"{', '.join(sorted(lax))} off: a crash loses jobs that were accepted", "turn it on in postgresql.conf"
        )
    return ok("fsync, full_page_writes and synchronous_commit on")


_HELD = """
    SELECT 'session ' || pid || ' of ' || usename AS who, extract(epoch FROM clock_timestamp() - xact_start)::float8 AS seconds
    FROM pg_stat_activity WHERE xact_start IS NOT NULL AND backend_type = 'client backend' AND pid <> pg_backend_pid()
        AND datname = current_database()
    UNION ALL
    SELECT 'prepared transaction ' || quote_literal(gid), extract(epoch FROM clock_timestamp() - prepared)::float8
    FROM pg_prepared_xacts WHERE database = current_database()
    ORDER BY seconds DESC"""
_OLDEST = """
    SELECT coalesce(max(age(backend_xmin)), 0) AS age FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""
_SEES_ALL = "SELECT pg_has_role('pg_read_all_stats', 'USAGE') AS all"


async def transactions(patient: Patient) -> Finding:
    """Nothing is held open for so long that it keeps the queue from being cleaned up."""
    held = [row for row in await patient.fetch(_HELD) if row["seconds"] > LONG_SECONDS]
    age = (await patient.fetch(_OLDEST))[0]["age"]
    if held:
        names = ", ".join(f"{row['who']} ({row['seconds'] / 60:.0f} min)" for row in held[:3])
        return warn(
            f"held open: {names}; oldest snapshot {age} transactions old",
            "end them: SELECT pg_terminate_backend(…), ROLLBACK PREPARED …",
        )
    seen = (
        "" if (await patient.fetch(_SEES_ALL))[0]["all"] else "; other accounts' are not seen without pg_read_all_stats"
    )
    return ok(f"none held open; oldest snapshot {age} transactions old{seen}")


_ENGINES = """
    SELECT name, extract(epoch FROM clock_timestamp() - heartbeat_at)::float8 AS age, missing_since IS NOT NULL AS is_missing, health
    FROM engines ORDER BY started_at"""


async def engines(patient: Patient) -> Finding:
    """At least one lives, and none of them is unwell."""
    rows = await patient.fetch(_ENGINES)
    living = [row for row in rows if row["age"] < patient.settings.liveness_limit and not row["is_missing"]]
    if not living:
        return fail(
            f"none lives{f', {len(rows)} gave up' if rows else ''}; jobs stay pending", "start one: `ix engine`"
        )
    unwell = [
        f"{row['name']}: {part} {state}"
        for row in living
        for part, state in row["health"].items()
        if state not in ("ok", "off")
    ]
    found = ", ".join(f"{row['name']} ({row['age']:.1f} s ago)" for row in living)
    if unwell:
        return warn(
            f"{found}; {', '.join(unwell)}", "see that engine's log; just after its start it is still loading models"
        )
    return ok(found)


_NOW = "SELECT extract(epoch FROM clock_timestamp())::float8 AS now"


async def clock(patient: Patient) -> Finding:
    """This machine and the database agree on the time."""
    before = time.time()
    theirs = float((await patient.fetch(_NOW))[0]["now"])
    apart = theirs - (before + time.time()) / 2
    found = f"this machine and the database are {abs(apart):.3f} s apart"
    return (
        ok(found)
        if abs(apart) < CLOCK_SECONDS
        else warn(found, "synchronise both (NTP): receivers refuse callbacks that are 300 s off")
    )


_KEYS = "SELECT count(*) AS made, count(*) FILTER (WHERE revoked_at IS NULL) AS valid FROM api_keys"


async def keys(patient: Patient) -> Finding:
    """Who may call."""
    from ix.api.middleware.auth import is_loopback  # an engine's machine need not have the packages of web

    try:
        row = (await patient.fetch(_KEYS))[0]
    except asyncpg.InsufficientPrivilegeError:
        return off("this account may not see them")
    host = patient.settings.host
    if row["valid"]:
        return ok(f"{row['valid']} valid, {row['made'] - row['valid']} revoked")
    if row["made"]:
        return fail("all are revoked: web refuses every call", "make one: `ix keys add CLIENT`")
    if not is_loopback(host):
        return fail(
            f"there are none, and web listens on {host}: it refuses every call", "make one: `ix keys add CLIENT`"
        )
    return ok(f"none was made: whoever reaches {host} may call")
