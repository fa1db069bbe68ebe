"""Checks of the database, and of what only the database knows."""

from __future__ import annotations

import asyncio
import time
import uuid

import asyncpg

from ix.cli.doctor.patient import Finding, Patient, fail, off, ok, warn
from ix.database.connect import UNMIGRATED, open_connection, require_url
from ix.database.inspection import Inspection
from ix.database.migrate import UNRELEASED, UNRELEASED_ADVICE, is_unreleased, migrations_folder
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
        inspection = Inspection(await patient.pool(), settings.acquire_timeout)
    except Exception as error:
        return fail(f"does not answer ({describe(error)})", "start PostgreSQL, or correct IX_POSTGRES_URL")
    version = await inspection.version()
    # the first is really two: asyncpg prepares a statement when a connection runs it for the first time
    quickest = min([await _round_trip(inspection) for _ in range(3)])
    found = f"PostgreSQL {version.text}, {1000 * quickest:.1f} ms a round trip"
    return ok(found) if version.major >= OLDEST_MAJOR else fail(found, f"ix needs PostgreSQL {OLDEST_MAJOR} or newer")


async def _round_trip(inspection: Inspection) -> float:
    began = time.perf_counter()
    await inspection.now()
    return time.perf_counter() - began


async def migrations(patient: Patient) -> Finding:
    """All are applied, and no others."""
    known = {path.name.partition("_")[0]: path.stem for path in migrations_folder().glob("*.sql")}
    try:
        applied = await (await patient.inspection()).applied_migrations()
    # not even dbmate's own table is there: all are pending
    except UNMIGRATED:
        applied = set()
    if is_unreleased(applied):
        return fail(UNRELEASED, UNRELEASED_ADVICE)
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
    its = await (await patient.inspection()).rights()
    if its.is_owner:
        return ok(f"{its.account} owns the tables; `ix roles` prepares accounts that may do less")
    may = [name for name, is_so in (("web", its.is_web), ("engine", its.is_engine)) if is_so]
    if may:
        return ok(f"{its.account} may do the work of {' and '.join(may)}")
    return fail(
        f"{its.account} may do neither web's nor engine's work",
        "let the owner run `ix roles` and grant it ix_web or ix_engine",
    )


async def notifications(patient: Patient) -> Finding:
    """A notification reaches a connection such as listeners have."""
    inspection = await patient.inspection()
    channel, heard = f"ix_doctor_{uuid.uuid4().hex[:8]}", asyncio.Event()
    connection = await open_connection(patient.settings, "ix doctor")
    try:
        # before the notification: LISTEN hears nothing that was sent earlier
        await connection.add_listener(channel, lambda *_: heard.set())
        began = time.perf_counter()
        # sent over the pool, the way that all notifications take: a pooler in between is found out
        await inspection.notify(channel)
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
    used = await (await patient.inspection()).notification_queue()
    if used < QUEUE_LIMIT:
        return ok(f"{100 * used:.0f} % of the notification queue in use")
    return warn(
        f"{100 * used:.0f} % of the notification queue in use", "end the session that listens within an old transaction"
    )


async def durability(patient: Patient) -> Finding:
    """What a 201 promises is on disk."""
    if lax := await (await patient.inspection()).lax_settings():
        return fail(f"{', '.join(lax)} off: a crash loses jobs that were accepted", "turn it on in postgresql.conf")
    return ok("fsync, full_page_writes and synchronous_commit on")


async def transactions(patient: Patient) -> Finding:
    """Nothing is held open for so long that it keeps the queue from being cleaned up."""
    inspection = await patient.inspection()
    held = [one for one in await inspection.held_transactions() if one.seconds > LONG_SECONDS]
    age = await inspection.oldest_snapshot()
    if held:
        names = ", ".join(f"{one.who} ({one.seconds / 60:.0f} min)" for one in held[:3])
        return warn(
            f"held open: {names}; oldest snapshot {age} transactions old",
            "end them: SELECT pg_terminate_backend(…), ROLLBACK PREPARED …",
        )
    seen = "" if await inspection.sees_all() else "; other accounts' are not seen without pg_read_all_stats"
    return ok(f"none held open; oldest snapshot {age} transactions old{seen}")


async def engines(patient: Patient) -> Finding:
    """At least one lives, and none of them is unwell."""
    known = await (await patient.inspection()).engines()
    living = [one for one in known if one.age < patient.settings.liveness_limit and not one.is_missing]
    if not living:
        gave_up = f", {len(known)} gave up" if known else ""
        return fail(f"none lives{gave_up}; jobs stay pending", "start one: `ix engine`")
    unwell = [
        f"{one.name}: {part} {state}"
        for one in living
        for part, state in one.health.items()
        if state not in ("ok", "off")
    ]
    found = ", ".join(f"{one.name} ({one.age:.1f} s ago)" for one in living)
    if unwell:
        return warn(
            f"{found}; {', '.join(unwell)}", "see that engine's log; just after its start it is still loading models"
        )
    return ok(found)


async def clock(patient: Patient) -> Finding:
    """This machine and the database agree on the time."""
    inspection = await patient.inspection()
    before = time.time()
    theirs = await inspection.now()
    # the server read its clock somewhere between our two readings; the middle errs by half a round trip at most
    apart = theirs - (before + time.time()) / 2
    found = f"this machine and the database are {abs(apart):.3f} s apart"
    if abs(apart) < CLOCK_SECONDS:
        return ok(found)
    return warn(found, "synchronise both (NTP): receivers refuse callbacks that are 300 s off")


async def keys(patient: Patient) -> Finding:
    """Whoever reaches web needs a key, unless only this machine does."""
    try:
        count = await (await patient.inspection()).keys()
    except asyncpg.InsufficientPrivilegeError:
        return off("this account may not see them")
    host, advice = patient.settings.host, "make one: `ix keys add CLIENT`"
    if count.valid:
        return ok(f"{count.valid} valid, {count.made - count.valid} revoked or expired")
    if count.made:
        return fail("all are revoked or expired: web refuses every call", advice)
    if not patient.settings.serves_loopback_only:
        return fail(f"there are none, and web listens on {host}: it refuses every call", advice)
    if patient.settings.trusted_proxies or patient.settings.cors_origins:
        return warn(
            "there are none: what comes through proxies, and pages of other sites, are refused all the same", advice
        )
    return ok(f"none was made: {host} answers this machine's own calls, and no others")
