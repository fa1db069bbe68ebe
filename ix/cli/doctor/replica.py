"""Check of the standby that lists are asked of."""

from __future__ import annotations

from datetime import UTC, datetime

from ix.cli.doctor.patient import Finding, Patient, off, ok, warn
from ix.database.connect import DATABASE_ERRORS
from ix.database.replica import Replica
from ix.telemetry.log import describe


async def replica(patient: Patient) -> Finding:
    """It answers, and is not too far behind. Where it is neither lists come from the database, which is no fault."""
    settings = patient.settings
    if not settings.replica_url:
        return off("IX_REPLICA_URL is not set: lists come from the database itself")
    standby = await Replica.open(settings)
    try:
        as_of = await standby.as_of(settings.replica_age)
    except DATABASE_ERRORS as error:
        return warn(f"lists come from the database: the replica does not answer ({describe(error)})", "start it")
    finally:
        standby.pool.terminate()
    if as_of is None:
        behind = f"is no standby, or has applied nothing for {settings.replica_age:g} s"
        return warn(f"lists come from the database: the replica {behind}", "see pg_stat_wal_receiver there")
    return ok(f"lists come from it, {max(0.0, (datetime.now(UTC) - as_of).total_seconds()):.1f} s old now")
