"""Check of the store that large documents go to."""

from __future__ import annotations

import os

from ix.cli.doctor.patient import Finding, Patient, fail, off, ok, warn
from ix.database.documents import Documents
from ix.database.objects import ObjectStore, open_store
from ix.errors import IxError

SEE = "see IX_S3_BUCKET, IX_S3_ENDPOINT and the key, which must let ix put, get and delete objects and list the bucket"


async def store(patient: Patient) -> Finding:
    """An object goes in, comes back and goes; no document is where no store is named; none waits to be deleted."""
    used, stuck = await _counted(patient)
    bucket = patient.settings.s3_bucket
    if not bucket:
        if used:
            return fail("documents stand in an object store, and none is named", "set IX_S3_BUCKET as it was")
        return off("IX_S3_BUCKET is not set: documents stand in PostgreSQL")
    try:
        kept = open_store(patient.settings)
        assert kept is not None
        await _round_trip(kept)
    except IxError as error:
        return fail(str(error), SEE)
    found = f"objects go into {bucket}, come back and go"
    return (
        warn(f"{found}; {stuck} could not be deleted at once", "engines try again: see their log")
        if stuck
        else ok(found)
    )


async def _counted(patient: Patient) -> tuple[bool, int]:
    try:
        pool = await patient.pool()
    except Exception:
        # another check says why
        return False, 0
    return await Documents(pool, patient.settings.acquire_timeout).objects()


async def _round_trip(kept: ObjectStore) -> None:
    key, data = f"doctor/{os.urandom(8).hex()}", os.urandom(64)
    await kept.put(key, data)
    try:
        if await kept.get(key, len(data)) != data:
            raise IxError("the object store gives other bytes than it was given")
    finally:
        await kept.delete([key])
