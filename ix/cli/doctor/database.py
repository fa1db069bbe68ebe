"""Checks of the database, and of what only the database knows."""

from __future__ import annotations

import asyncio
import time
import uuid

import asyncpg

from ix.cli.doctor.patient import Finding, Patient, fail, off, ok, warn
from ix.database import diagnostics
from ix.database.connect import UNMIGRATED, open_connection, require_url
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


async def database(patient: Patient) -> Finding:
    """It answers, soon, and is new enough."""
    settings = patient.settings
    if not settings.postgres_url:
        return off("none is named and the embedded one is not running; `ix up` starts it")
    try:
        require_url(settings)
        await patient.pool()
    except Exception as error:
        return fail(f"does not answer ({describe(error)})", "start PostgreSQL, or correct IX_POSTGRES_URL")
    version = await patient.ask(diagnostics.version)
    found = f"PostgreSQL {version.text}, {1000 * await _round_trip(patient):.1f} ms a round trip"
    if version.major < OLDEST_MAJOR:
        return fail(found, f"ix needs PostgreSQL {OLDEST_MAJOR} or newer")
    return ok(found)


async def _round_trip(patient: Patient) -> float:
    """Seconds; the best of three, since other checks use the same processor at the same time."""
    times = []
    async with patient.connection() as connection:
        for _ in range(3):
            began = time.perf_counter()
            await diagnostics.ping(connection)
            times.append(time.perf_counter() - began)
    return min(times)


async def migrations(patient: Patient) -> Finding:
    """All are applied, and no others."""
    known = {path.name.partition("_")[0]: path.stem for path in migrations_folder().glob("*.sql")}
    try:
        applied = await patient.ask(diagnostics.applied_migrations)
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


async def rights(patient: Patient) -> Finding:
    """The account may do the work of web, of engine, or of both."""
    account, is_owner, is_web, is_engine = await patient.ask(diagnostics.rights)
    if is_owner:
        return ok(f"{account} owns the tables; `ix roles` prepares accounts that may do less")
    if may := [name for name, is_allowed in (("web", is_web), ("engine", is_engine)) if is_allowed]:
        return ok(f"{account} may do the work of {' and '.join(may)}")
    return fail(
        f"{account} may do neither web's nor engine's work",
        "let the owner run `ix roles` and grant it ix_web or ix_engine",
    )


async def notifications(patient: Patient) -> Finding:
    """A notification reaches a connection such as listeners have."""
    async with patient.connection():
        pass  # a database that does not answer is another check's finding
    channel, heard = f"ix_doctor_{uuid.uuid4().hex[:8]}", asyncio.Event()
    connection = await open_connection(patient.settings, "ix doctor")
    try:
        await connection.add_listener(channel, lambda *_: heard.set())
        began = time.perf_counter()
        await patient.ask(lambda sender: diagnostics.notify(sender, channel))
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


async def queue(patient: Patient) -> Finding:
    """Notifications are taken away by all who listen."""
    used = await patient.ask(diagnostics.queue_usage)
    found = f"{100 * used:.0f} % of the notification queue in use"
    return ok(found) if used < QUEUE_LIMIT else warn(found, "end the session that listens within an old transaction")


async def durability(patient: Patient) -> Finding:
    """What a 201 promises is on disk."""
    if lax := await patient.ask(diagnostics.lax_settings):
        return fail(f"{', '.join(lax)} off: a crash loses jobs that were accepted", "turn it on in postgresql.conf")
    return ok("fsync, full_page_writes and synchronous_commit on")


async def transactions(patient: Patient) -> Finding:
    """Nothing is held open for so long that it keeps the queue from being cleaned up."""
    held = [one for one in await patient.ask(diagnostics.open_transactions) if one.seconds > LONG_SECONDS]
    age = await patient.ask(diagnostics.oldest_snapshot)
    if held:
        names = ", ".join(f"{one.who} ({one.seconds / 60:.0f} min)" for one in held[:3])
        return warn(
            f"held open: {names}; oldest snapshot {age} transactions old",
            "end them: SELECT pg_terminate_backend(…), ROLLBACK PREPARED …",
        )
    sees_all = await patient.ask(diagnostics.sees_all_sessions)
    unseen = "" if sees_all else "; other accounts' are not seen without pg_read_all_stats"
    return ok(f"none held open; oldest snapshot {age} transactions old{unseen}")


async def engines(patient: Patient) -> Finding:
    """At least one lives, and all parts of those that do are well."""
    known = await patient.ask(diagnostics.engines)
    living = [one for one in known if one.age < patient.settings.liveness_limit and not one.is_missing]
    if not living:
        gave_up = f", {len(known)} gave up" if known else ""
        return fail(f"none lives{gave_up}; jobs stay pending", "start one: `ix engine`")
    found = ", ".join(f"{one.name} ({one.age:.1f} s ago)" for one in living)
    if unwell := [problem for one in living for problem in _problems(one)]:
        advice = "see that engine's log; just after its start it is still loading models"
        return warn(f"{found}; {', '.join(unwell)}", advice)
    return ok(found)


def _problems(engine: diagnostics.EngineState) -> list[str]:
    return [f"{engine.name}: {part} {state}" for part, state in engine.health.items() if state not in ("ok", "off")]


async def clock(patient: Patient) -> Finding:
    """This machine and the database agree on the time."""
    before = time.time()
    theirs = await patient.ask(diagnostics.clock)
    # the server read its clock somewhere between our two readings; the middle errs by half a round trip at most
    apart = abs(theirs - (before + time.time()) / 2)
    found = f"this machine and the database are {apart:.3f} s apart"
    if apart < CLOCK_SECONDS:
        return ok(found)
    return warn(found, "synchronise both (NTP): receivers refuse callbacks that are 300 s off")


async def keys(patient: Patient) -> Finding:
    """Whoever reaches web needs a key, unless only this machine does."""
    from ix.api.middleware.auth import is_loopback  # an engine's machine need not have the packages of web

    try:
        made, valid = await patient.ask(diagnostics.key_counts)
    except asyncpg.InsufficientPrivilegeError:
        return off("this account may not see them")
    host, advice = patient.settings.host, "make one: `ix keys add CLIENT`"
    if valid:
        return ok(f"{valid} valid, {made - valid} revoked")
    if made:
        return fail("all are revoked: web refuses every call", advice)
    if not is_loopback(host):
        return fail(f"there are none, and web listens on {host}: it refuses every call", advice)
    return ok(f"none was made: whoever reaches {host} may call")
