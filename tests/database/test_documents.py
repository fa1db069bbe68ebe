"""Documents in an object store: an object is named by a document, or due to go."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Mapping

import asyncpg
import obstore
import pytest

from ix.database import Database
from ix.database.connect import Pool
from ix.database.documents import NOT_STORED, RESERVED
from ix.database.objects import RANGE_BYTES
from ix.errors import ConfigError, StoreUnavailable
from ix.job import Stored, Submission
from tests.accounts import accounts
from tests.factories import submission
from tests.objects import S3Server

LATER = "UPDATE loose_objects SET due_at = due_at - interval '2 hours'"


@pytest.fixture
async def database(s3: S3Server, pool: Pool, database_url: str) -> Database:
    return await Database.open(s3.settings(postgres_url=database_url, s3_prefix=os.urandom(4).hex()), pool)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


async def uploaded(database: Database, one: Submission) -> Submission:
    return one._replace(blobs={}, objects=await database.documents.upload(one.blobs))


async def insert(database: Database, data: bytes) -> str:
    one = await uploaded(database, submission(document=data))
    return (await database.jobs.insert_pending(one)).job.ix_id


async def kept(database: Database, s3: S3Server) -> set[str]:
    """Keys of the test's own objects, without its prefix."""
    documents = database.documents
    assert documents._store is not None
    store = documents._store._store
    return {one["path"] for page in obstore.list(store) for one in page}


async def named(pool: Pool) -> Mapping[str, str]:
    return {row["sha256"].hex(): row["object"] for row in await pool.fetch("SELECT sha256, object FROM documents")}


class TestStoring:
    async def test_bytes_come_back_and_stand_in_no_row(self, database: Database, pool: Pool) -> None:
        data = os.urandom(2 * RANGE_BYTES + 17)
        await insert(database, data)
        assert await database.documents.read([digest(data)]) == {digest(data): data}
        assert await database.documents.size(bytes.fromhex(digest(data))) == len(data)
        assert await pool.fetchval("SELECT bytes FROM documents") is None

    async def test_content_that_is_known_is_not_uploaded_again(
        self, database: Database, pool: Pool, s3: S3Server
    ) -> None:
        for _ in range(3):
            await insert(database, b"the same")
        assert len(await kept(database, s3)) == 1
        assert await pool.fetchval("SELECT uses FROM documents") == 3

    async def test_the_same_content_at_once_leaves_one_object_in_the_end(
        self, database: Database, pool: Pool, s3: S3Server
    ) -> None:
        await asyncio.gather(*(insert(database, b"at once") for _ in range(8)))
        await pool.execute(LATER)
        await database.documents.delete_loose()
        assert await kept(database, s3) == set((await named(pool)).values())
        assert await database.documents.read([digest(b"at once")]) == {digest(b"at once"): b"at once"}

    async def test_what_is_gone_when_its_job_comes_is_refused(self, database: Database, pool: Pool) -> None:
        """Known when it was looked for, and erased since."""
        one = submission(document=b"erased meanwhile")
        claimed = one._replace(blobs={}, objects={sha: Stored(None, 16) for sha in one.blobs})
        with pytest.raises(asyncpg.PostgresError) as refused:
            await database.jobs.insert_pending(claimed)
        assert refused.value.sqlstate == NOT_STORED
        assert await pool.fetchval("SELECT count(*) FROM jobs") == 0

    async def test_a_key_that_is_being_deleted_cannot_be_named(
        self, database: Database, pool: Pool, s3: S3Server
    ) -> None:
        late = await uploaded(database, submission(document=b"late"))
        await pool.execute(LATER)
        assert await database.documents.delete_loose() == RESERVED
        with pytest.raises(asyncpg.PostgresError, match="not stored"):
            await database.jobs.insert_pending(late)
        assert await kept(database, s3) == set()

    async def test_one_bad_key_fails_no_neighbour_for_good(self, database: Database, pool: Pool) -> None:
        one = submission(document=b"x" * 20)
        good = await uploaded(database, submission(document=b"good"))
        bad = one._replace(blobs={}, objects={sha: Stored("ff/forged", 20) for sha in one.blobs})
        with pytest.raises(asyncpg.PostgresError):
            await database.jobs.insert_many([good, bad])
        assert (await database.jobs.insert_many([good]))[0].outcome == "inserted"


class TestDeleting:
    async def test_an_object_goes_with_the_last_job_that_names_it(
        self, database: Database, pool: Pool, s3: S3Server
    ) -> None:
        first, second = await insert(database, b"shared"), await insert(database, b"shared")
        other = await insert(database, b"another's")
        await database.jobs.erase(first)
        await database.documents.delete_loose()
        assert len(await kept(database, s3)) == 2
        await database.jobs.erase(second)
        assert await database.documents.delete_loose() == 1
        assert await kept(database, s3) == set((await named(pool)).values())
        assert await database.documents.read([digest(b"another's")]) == {digest(b"another's"): b"another's"}
        await database.jobs.erase(other)

    async def test_retention_reaches_it(self, database: Database, pool: Pool, s3: S3Server) -> None:
        ix_id = await insert(database, b"old")
        await database.jobs.cancel(ix_id)
        await pool.execute("UPDATE jobs SET finished_at = now() - interval '8 days'")
        assert await database.jobs.prune(7) == 1
        await database.documents.delete_loose()
        assert await kept(database, s3) == set()

    async def test_submitted_and_erased_at_once_it_is_there_or_gone(
        self, database: Database, pool: Pool, s3: S3Server
    ) -> None:
        left = await insert(database, b"hot")
        for _ in range(20):
            results = await asyncio.gather(insert(database, b"hot"), database.jobs.erase(left), return_exceptions=True)
            # what was known and is gone has to be uploaded anew, which web does
            left = await insert(database, b"hot") if isinstance(results[0], BaseException) else str(results[0])
            await database.documents.delete_loose()
            assert await database.documents.read([digest(b"hot")]) == {digest(b"hot"): b"hot"}

    async def test_what_nobody_named_goes_after_the_grace(self, database: Database, pool: Pool, s3: S3Server) -> None:
        await database.documents.upload({digest(b"orphan"): b"orphan"})
        assert await database.documents.delete_loose() == 0
        assert len(await kept(database, s3)) == 1
        await pool.execute(LATER)
        assert await database.documents.delete_loose() == RESERVED
        assert await kept(database, s3) == set()
        assert await pool.fetchval("SELECT count(*) FROM loose_objects") == 0


def test_web_and_engine_need_no_more_than_their_roles(
    s3: S3Server, server_url: str, database_url: str, template_name: str
) -> None:
    async def stored_and_erased(logins: Mapping[str, str]) -> tuple[dict[str, bytes], int]:
        settings = s3.settings(postgres_url=logins["ix_web"], s3_prefix=os.urandom(4).hex())
        web = await Database.open(settings)
        engine = await Database.open(settings.model_copy(update={"postgres_url": logins["ix_engine"]}))
        ix_id = await insert(web, b"of two accounts")
        found = await engine.documents.read([digest(b"of two accounts")])
        await web.jobs.erase(ix_id)
        deleted = await engine.documents.delete_loose()
        await web.close()
        await engine.close()
        return found, deleted

    with accounts(server_url, database_url) as logins:
        found, deleted = asyncio.run(stored_and_erased(logins))
    assert found == {digest(b"of two accounts"): b"of two accounts"}
    assert deleted == 1


class TestFaults:
    async def test_a_missing_object_is_missing(self, database: Database, s3: S3Server) -> None:
        await insert(database, b"to be lost")
        assert database.documents._store is not None
        await database.documents._store.delete(list(await kept(database, s3)))
        assert await database.documents.read([digest(b"to be lost")]) == {}

    async def test_a_missing_bucket_is_no_missing_document(self, s3: S3Server, pool: Pool, database: Database) -> None:
        await insert(database, b"there")
        elsewhere = await Database.open(s3.settings(postgres_url="postgres://x", s3_bucket="nowhere"), pool)
        with pytest.raises(StoreUnavailable, match="nowhere"):
            await elsewhere.documents.read([digest(b"there")])

    async def test_a_wrong_secret_is_no_missing_document_and_is_not_told(
        self, s3: S3Server, pool: Pool, database: Database
    ) -> None:
        await insert(database, b"there")
        wrong = s3.settings(postgres_url="postgres://x", s3_secret_access_key="guess-me")
        elsewhere = await Database.open(wrong, pool)
        with pytest.raises(StoreUnavailable, match="403") as refused:
            await elsewhere.documents.read([digest(b"there")])
        assert "guess-me" not in str(refused.value)
        assert "\n" not in str(refused.value)

    async def test_a_process_without_a_store_says_so(self, database: Database, pool: Pool) -> None:
        await insert(database, b"there")
        with pytest.raises(StoreUnavailable, match="IX_S3_BUCKET"):
            await Database(pool).documents.read([digest(b"there")])


def test_settings_that_do_not_go_together(s3: S3Server) -> None:
    for variable, value, named_one in (
        ("IX_S3_BUCKET", "", "IX_S3_BUCKET"),
        ("IX_S3_SECRET_ACCESS_KEY", "", "IX_S3_ACCESS_KEY_ID"),
        ("IX_S3_ENDPOINT", "nonsense", "IX_S3_ENDPOINT"),
    ):
        with pytest.raises(ConfigError, match=named_one):
            type(s3.settings()).from_env({**s3.env, variable: value})
