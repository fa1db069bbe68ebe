"""`ix doctor` on the object store: what is well, what is wrong, and what is where no store is named."""

from __future__ import annotations

import pytest

from ix.cli.doctor.patient import Patient, State
from ix.cli.doctor.storage import store
from ix.config import Settings
from ix.database import Database
from ix.database.connect import Pool
from tests.factories import submission
from tests.objects import S3Server


async def look(settings: Settings) -> tuple[State, str]:
    patient = Patient(settings)
    try:
        found = await store(patient)
    finally:
        await patient.close()
    return found.state, found.found


async def test_a_store_that_works_is_well_and_nothing_is_left_in_it(s3: S3Server) -> None:
    settings = s3.settings(s3_prefix="doctors")
    assert (await look(settings))[0] is State.OK
    assert not s3.keys("doctors/")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"s3_bucket": "nowhere"}, "nowhere"),
        ({"s3_secret_access_key": "wrong"}, "403"),
        ({"s3_endpoint": "http://127.0.0.1:9", "s3_timeout": 1.0}, "does not answer"),
    ],
)
async def test_what_is_wrong_is_told(s3: S3Server, change: dict[str, object], words: str) -> None:
    state, found = await look(s3.settings(**change))
    assert state is State.FAIL
    assert words in found


async def test_documents_in_a_store_that_is_not_named(s3: S3Server, settings: Settings, pool: Pool) -> None:
    assert (await look(settings))[0] is State.OFF
    database = await Database.open(s3.settings(postgres_url=settings.postgres_url), pool)
    one = submission(document=b"there")
    await database.jobs.insert_pending(one._replace(blobs={}, objects=await database.documents.upload(one.blobs)))
    assert await look(settings) == (State.FAIL, "documents stand in an object store, and none is named")
